//! Follows the steps of a path through a document.

use super::{Kind, Path, Step};
use crate::{Map, Value};

/// Why a read ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// Something the path needs is not there: Jayway's library throws what filters and wildcards catch.
    Missing,
    /// A function asks for an item behind the end of its list: Java throws what the step to an item of a list catches.
    Outside,
    /// Jayway's library throws what nothing catches, so that the whole read finds nothing.
    Refused,
    /// The budget is used up.
    Steps,
}

/// Where results go: a definite path keeps the last one.
pub(super) enum Sink {
    One(Option<Value>),
    Many(Vec<Value>),
}

pub(super) struct Reader<'d> {
    document: &'d Value,
    steps_left: &'d mut u64,
    /// Members that a path names have to be there, as filters ask that only test for existence.
    requires: bool,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Value, steps_left: &'d mut u64) -> Self {
        Self {
            document,
            steps_left,
            requires: false,
        }
    }

    pub(super) fn spend(&mut self, steps: u64) -> Result<(), Halt> {
        *self.steps_left = self.steps_left.checked_sub(steps).ok_or(Halt::Steps)?;
        Ok(())
    }

    pub(super) fn steps_left(&mut self) -> &mut u64 {
        self.steps_left
    }

    /// Runs `work` with members required, as they are not otherwise.
    pub(super) fn requiring<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.requires, true);
        let done = work(self);
        self.requires = before;
        done
    }

    /// Reads a path of a filter: from the document or from the item.
    pub(super) fn of_item(&mut self, path: &Path, item: &Value) -> Result<Option<Value>, Halt> {
        let before = std::mem::replace(&mut self.requires, false);
        let found = if path.rooted {
            self.of_document(path)
        } else {
            self.path(path, item)
        };
        self.requires = before;
        found
    }

    pub(super) fn of_document(&mut self, path: &Path) -> Result<Option<Value>, Halt> {
        let document = self.document;
        self.path(path, document)
    }

    /// Reads a path from a value.
    pub(super) fn path(&mut self, path: &Path, from: &Value) -> Result<Option<Value>, Halt> {
        let mut found = path.sink();
        self.follow(&path.steps, from.clone(), &mut found)?;
        Ok(found.into_value())
    }

    /// Follows steps to their end. What a function finds outside of its list ends with the step to an item before it, if there is one.
    fn follow(&mut self, steps: &[Step], here: Value, found: &mut Sink) -> Result<(), Halt> {
        let mut in_item = false;
        match self.follow_on(steps, here, found, &mut in_item) {
            Err(Halt::Outside) if in_item => Ok(()),
            done => done,
        }
    }

    /// Follows steps that lead to one value as long as there are any; the first other one tries each of its values.
    fn follow_on(
        &mut self,
        mut steps: &[Step],
        mut here: Value,
        found: &mut Sink,
        in_item: &mut bool,
    ) -> Result<(), Halt> {
        while let Some((step, rest)) = steps.split_first() {
            self.spend(1)?;
            let next = match &step.kind {
                Kind::Member(name) => self.member(step, name, &here, rest.is_empty())?,
                Kind::Index(index) => {
                    *in_item = true;
                    self.index(step, *index, &here)?
                }
                Kind::Function(call) => Some(call.value(&here, self)?),
                Kind::Members(names) => return self.members(step, names, &here, rest, found),
                Kind::Indexes(indexes) => return self.indexes(step, indexes, &here, rest, found),
                Kind::Slice(from, to) => return self.slice(step, (*from, *to), &here, rest, found),
                Kind::Wildcard => return self.wildcard(&here, rest, found),
                Kind::Scan => return self.scan(here, rest, found),
                Kind::Filter(_) => return self.filter(step, &here, rest, found),
            };
            let Some(next) = next else { return Ok(()) };
            here = next;
            steps = rest;
        }
        self.put(here, found)
    }

    fn put(&mut self, value: Value, found: &mut Sink) -> Result<(), Halt> {
        match found {
            Sink::One(found) => *found = Some(value),
            Sink::Many(found) => {
                self.spend(1)?;
                found.push(value);
            }
        }
        Ok(())
    }

    /// What it means that a step meets a value of the wrong kind.
    fn wrong_kind<T>(step: &Step) -> Result<Option<T>, Halt> {
        if step.settled {
            Err(Halt::Missing)
        } else {
            Ok(None)
        }
    }

    fn member(
        &self,
        step: &Step,
        name: &str,
        here: &Value,
        last: bool,
    ) -> Result<Option<Value>, Halt> {
        let Value::Map(map) = here else {
            return Self::wrong_kind(step);
        };
        match map.borrow().get(name) {
            Some(value) => Ok(Some(value.clone())),
            None if self.requires || (step.settled && !last) => Err(Halt::Missing),
            None => Ok(None),
        }
    }

    fn index(&self, step: &Step, index: i32, here: &Value) -> Result<Option<Value>, Halt> {
        let Value::List(list) = here else {
            return Self::wrong_kind(step);
        };
        let items = list.borrow();
        Ok(place(index, items.len()).and_then(|place| items.get(place).cloned()))
    }

    fn members(
        &mut self,
        step: &Step,
        names: &[Box<str>],
        here: &Value,
        rest: &[Step],
        found: &mut Sink,
    ) -> Result<(), Halt> {
        let Value::Map(map) = here else {
            return Self::wrong_kind::<()>(step).map(|_| ());
        };
        self.spend(names.len() as u64)?;
        let present: Vec<_> = names
            .iter()
            .filter_map(|name| {
                map.borrow()
                    .get(name)
                    .cloned()
                    .map(|value| (&**name, value))
            })
            .collect();
        if self.requires && present.len() < names.len() {
            return Err(Halt::Missing);
        }
        if rest.is_empty() {
            return self.put(Value::Map(present.into_iter().collect::<Map>()), found);
        }
        for (_, value) in present {
            self.follow(rest, value, found)?;
        }
        Ok(())
    }

    fn indexes(
        &mut self,
        step: &Step,
        indexes: &[i32],
        here: &Value,
        rest: &[Step],
        found: &mut Sink,
    ) -> Result<(), Halt> {
        let Value::List(list) = here else {
            return Self::wrong_kind::<()>(step).map(|_| ());
        };
        let items = list.borrow();
        for index in indexes {
            self.spend(1)?;
            if let Some(item) = place(*index, items.len()).and_then(|place| items.get(place)) {
                self.listed(rest, item, found)?;
            }
        }
        Ok(())
    }

    fn slice(
        &mut self,
        step: &Step,
        bounds: (Option<i32>, Option<i32>),
        here: &Value,
        rest: &[Step],
        found: &mut Sink,
    ) -> Result<(), Halt> {
        let Value::List(list) = here else {
            return Self::wrong_kind::<()>(step).map(|_| ());
        };
        let items = list.borrow();
        for index in indexes_of(bounds, items.len()) {
            self.spend(1)?;
            if let Some(item) = place(index, items.len()).and_then(|place| items.get(place)) {
                self.listed(rest, item, found)?;
            }
        }
        Ok(())
    }

    fn wildcard(&mut self, here: &Value, rest: &[Step], found: &mut Sink) -> Result<(), Halt> {
        match here {
            Value::Map(map) => map
                .borrow()
                .values()
                .try_for_each(|value| self.follow(rest, value.clone(), found)),
            Value::List(list) => list
                .borrow()
                .iter()
                .try_for_each(|item| self.item(rest, item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => Ok(()),
        }
    }

    /// Follows the steps behind one item of a list.
    fn listed(&mut self, rest: &[Step], item: &Value, found: &mut Sink) -> Result<(), Halt> {
        match self.follow(rest, item.clone(), found) {
            Err(Halt::Outside) => Ok(()),
            done => done,
        }
    }

    /// An item of a list that leads nowhere does not spoil the others.
    fn item(&mut self, rest: &[Step], item: &Value, found: &mut Sink) -> Result<(), Halt> {
        match self.listed(rest, item, found) {
            Err(Halt::Missing) if !self.requires => Ok(()),
            done => done,
        }
    }

    fn filter(
        &mut self,
        step: &Step,
        here: &Value,
        rest: &[Step],
        found: &mut Sink,
    ) -> Result<(), Halt> {
        let Kind::Filter(condition) = &step.kind else {
            return Ok(());
        };
        match here {
            Value::Map(_) => {
                if condition.accepts(here, self)? {
                    self.follow(rest, here.clone(), found)?;
                }
                Ok(())
            }
            Value::List(list) => {
                for item in list.borrow().iter() {
                    self.spend(1)?;
                    if condition.accepts(item, self)? {
                        self.listed(rest, item, found)?;
                    }
                }
                Ok(())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {
                Self::wrong_kind::<()>(step).map(|_| ())
            }
        }
    }

    /// Tries the steps at the value and at each map and list below it, parents first.
    fn scan(&mut self, from: Value, rest: &[Step], found: &mut Sink) -> Result<(), Halt> {
        if rest.is_empty() {
            return Err(Halt::Refused);
        }
        let mut waiting = vec![from];
        while let Some(value) = waiting.pop() {
            self.spend(1)?;
            self.try_at(&value, rest, found)?;
            let start = waiting.len();
            match &value {
                Value::Map(map) => {
                    waiting.extend(map.borrow().values().filter(|value| nests(value)).cloned())
                }
                Value::List(list) => {
                    waiting.extend(list.borrow().iter().filter(|item| nests(item)).cloned())
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
            }
            self.spend(looked_at(&value))?;
            // What is last comes off first.
            waiting[start..].reverse();
        }
        Ok(())
    }

    /// The step behind a scan is tried only where it can find something.
    fn try_at(&mut self, value: &Value, steps: &[Step], found: &mut Sink) -> Result<(), Halt> {
        let Some((step, rest)) = steps.split_first() else {
            return Ok(());
        };
        let fits = match (&step.kind, value) {
            (Kind::Member(name), Value::Map(map)) => map.borrow().contains_key(name),
            (Kind::Members(names), Value::Map(map)) => {
                !rest.is_empty() || names.iter().all(|name| map.borrow().contains_key(name))
            }
            (Kind::Index(_) | Kind::Indexes(_) | Kind::Slice(..), Value::List(_)) => true,
            (Kind::Wildcard, Value::Map(_) | Value::List(_)) => true,
            (Kind::Filter(_), Value::Map(_)) => true,
            // The items of a list are tried only if the list itself passes; those that are maps come by later.
            (Kind::Filter(condition), Value::List(_)) => condition.accepts(value, self)?,
            _ => false,
        };
        if fits {
            self.follow(steps, value.clone(), found)
        } else {
            Ok(())
        }
    }
}

fn nests(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Map(_) => true,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => false,
    }
}

fn looked_at(value: &Value) -> u64 {
    match value {
        Value::List(list) => list.borrow().len() as u64,
        Value::Map(map) => map.borrow().len() as u64,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => 0,
    }
}

/// The place of an index; a negative one counts from the end.
fn place(index: i32, length: usize) -> Option<usize> {
    let index = i64::from(index);
    let place = if index < 0 {
        length as i64 + index
    } else {
        index
    };
    usize::try_from(place).ok()
}

/// The indexes of a slice. Jayway's library counts both bounds from the end where they stand alone; between two bounds it goes from the
/// first number to the second, and only then counts negative ones from the end, so that `[-1:1]` gives the last item and the first.
fn indexes_of(bounds: (Option<i32>, Option<i32>), length: usize) -> std::ops::Range<i32> {
    let length = i32::try_from(length).unwrap_or(i32::MAX);
    let from_end = |bound: i32| {
        if bound < 0 {
            length.saturating_add(bound)
        } else {
            bound
        }
    };
    match bounds {
        (Some(from), None) => from_end(from).max(0)..length,
        // What lies before the start is not there; no need to look at each.
        (Some(from), Some(to)) => from.max(-length)..to.min(length),
        (None, Some(to)) => 0..from_end(to).min(length),
        (None, None) => 0..0,
    }
}
