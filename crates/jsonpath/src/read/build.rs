//! Builds values without recursion, within limits.

use super::{DEPTH_MAX, Limits, Problem};
use crate::{List, ListKind, Map, Members, Text, Value};

/// The lists and maps that are open at a place in the text.
pub(super) struct Builder {
    open: Vec<Open>,
    depth_max: usize,
    memory_left: usize,
    keys: Keys,
}

pub(super) enum Open {
    List(Vec<Value>),
    Map { members: Members, key: Option<Text> },
}

/// What a list or a map takes beside its items, roughly.
const CONTAINER_BYTES: usize = 80;

impl Builder {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            open: Vec::new(),
            depth_max: limits.depth.min(DEPTH_MAX),
            memory_left: limits.memory_bytes,
            keys: Keys::default(),
        }
    }

    /// The innermost open container.
    pub(super) fn innermost(&self) -> Option<&Open> {
        self.open.last()
    }

    pub(super) fn open(&mut self, container: Open) -> Result<(), Problem> {
        if self.open.len() >= self.depth_max {
            return Err(Problem::Depth);
        }
        self.charge(CONTAINER_BYTES)?;
        self.open.push(container);
        Ok(())
    }

    /// Ends the innermost container, which becomes a value.
    pub(super) fn close(&mut self) -> Value {
        match self.open.pop() {
            Some(Open::List(items)) => Value::List(List::new(ListKind::Json, items)),
            Some(Open::Map { members, .. }) => Value::Map(Map::new(members)),
            None => Value::Null,
        }
    }

    pub(super) fn key(&mut self, name: &str) -> Result<(), Problem> {
        self.charge(size_of::<Text>() + TEXT_BYTES + name.len())?;
        if let Some(Open::Map { key, .. }) = self.open.last_mut() {
            *key = Some(self.keys.text(name));
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<Value, Problem> {
        self.charge(TEXT_BYTES + text.len())?;
        Ok(Value::from(text))
    }

    /// Puts a value where it belongs; gives it back where nothing is open, for then it is the document.
    pub(super) fn put(&mut self, value: Value) -> Result<Option<Value>, Problem> {
        self.charge(size_of::<Value>())?;
        match self.open.last_mut() {
            None => return Ok(Some(value)),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map { members, key }) => {
                if let Some(key) = key.take() {
                    members.insert(key, value);
                }
            }
        }
        Ok(None)
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Problem> {
        self.memory_left = self.memory_left.checked_sub(bytes).ok_or(Problem::Memory)?;
        Ok(())
    }
}

/// What a text takes beside its bytes, roughly.
const TEXT_BYTES: usize = 32;

/// The keys that came last. The maps of a list mostly have the same ones in the same order, and so share their texts.
#[derive(Default)]
struct Keys {
    known: Vec<Text>,
    /// Where the key that follows is looked for first, and where the next unknown one goes.
    next: usize,
}

/// To look for a key among more of them takes as long as to make its text.
const KEYS_MAX: usize = 16;

impl Keys {
    fn text(&mut self, name: &str) -> Text {
        let is_next = |known: &&Text| ***known == *name;
        let place = match self.known.get(self.next).filter(is_next) {
            Some(_) => Some(self.next),
            None => self.known.iter().position(|known| **known == *name),
        };
        let place = place.unwrap_or_else(|| self.learn(name));
        self.next = (place + 1) % self.known.len();
        self.known[place].clone()
    }

    fn learn(&mut self, name: &str) -> usize {
        let text = Text::from(name);
        if self.known.len() < KEYS_MAX {
            self.known.push(text);
            return self.known.len() - 1;
        }
        self.known[self.next] = text;
        self.next
    }
}
