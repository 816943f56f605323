//! Maps, shared and changed in place, in the order of insertion.

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::rc::Rc;

use indexmap::IndexMap;

use super::{Text, Value, dismantle};

/// A map. A clone is the same map; it changes in place.
#[derive(Clone, Default)]
pub struct Map(Rc<Inner>);

#[derive(Default)]
struct Inner(RefCell<Members>);

impl Map {
    /// A map of these members.
    pub fn new(members: Members) -> Self {
        Self(Rc::new(Inner(RefCell::new(members))))
    }

    /// Its members. Panics while they are borrowed mutably, so borrow for no longer than a look.
    pub fn borrow(&self) -> Ref<'_, Members> {
        self.0.0.borrow()
    }

    /// Its members, to change. Panics while they are borrowed, so borrow for no longer than one change.
    pub fn borrow_mut(&self) -> RefMut<'_, Members> {
        self.0.0.borrow_mut()
    }

    /// Whether both are the same map, not only equal ones.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The members, where nobody else holds the map.
    pub(super) fn into_members(self) -> Option<Members> {
        Rc::into_inner(self.0).map(|mut inner| std::mem::take(inner.0.get_mut()))
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        Self::new(
            members
                .into_iter()
                .map(|(key, value)| (key.into(), value))
                .collect(),
        )
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::write::debug(&Value::Map(self.clone()), f)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        dismantle::members(self.0.get_mut());
    }
}

/// Up to this many members are found by looking at each, which beats hashing and needs one allocation less.
const FEW_MAX: usize = 16;

/// The members of a map. A key put again keeps its place.
#[derive(Debug)]
pub struct Members(Layout);

#[derive(Debug)]
enum Layout {
    Few(Vec<(Text, Value)>),
    Many(Box<IndexMap<Text, Value>>),
}

impl Default for Members {
    fn default() -> Self {
        Self(Layout::Few(Vec::new()))
    }
}

impl Members {
    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Layout::Few(members) => members.len(),
            Layout::Many(members) => members.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match &self.0 {
            Layout::Few(members) => members
                .iter()
                .find(|(name, _)| **name == *key)
                .map(|(_, value)| value),
            Layout::Many(members) => members.get(key),
        }
    }

    /// Whether the key has a value.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The member at a place.
    pub fn get_index(&self, index: usize) -> Option<(&Text, &Value)> {
        match &self.0 {
            Layout::Few(members) => members.get(index).map(|(key, value)| (key, value)),
            Layout::Many(members) => members.get_index(index),
        }
    }

    /// Puts a value and gives the one it replaces.
    pub fn insert(&mut self, key: impl Into<Text> + AsRef<str>, value: Value) -> Option<Value> {
        let members = match &mut self.0 {
            Layout::Many(members) => return members.insert(key.into(), value),
            Layout::Few(members) => members,
        };
        if let Some((_, place)) = members.iter_mut().find(|(name, _)| **name == *key.as_ref()) {
            return Some(std::mem::replace(place, value));
        }
        members.push((key.into(), value));
        if members.len() > FEW_MAX {
            self.0 = Layout::Many(Box::new(std::mem::take(members).into_iter().collect()));
        }
        None
    }

    /// Takes a member out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        match &mut self.0 {
            Layout::Few(members) => {
                let place = members.iter().position(|(name, _)| **name == *key)?;
                Some(members.remove(place).1)
            }
            Layout::Many(members) => members.shift_remove(key),
        }
    }

    /// Takes all members out.
    pub fn clear(&mut self) {
        drop(std::mem::take(self));
    }

    /// All members in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Text, &Value)> + Clone {
        let (few, many) = match &self.0 {
            Layout::Few(members) => (Some(members.iter()), None),
            Layout::Many(members) => (None, Some(members.iter())),
        };
        few.into_iter()
            .flatten()
            .map(|(key, value)| (key, value))
            .chain(many.into_iter().flatten())
    }

    /// All keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Text> + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// All values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// All values in order, to change.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let (few, many) = match &mut self.0 {
            Layout::Few(members) => (Some(members.iter_mut()), None),
            Layout::Many(members) => (None, Some(members.values_mut())),
        };
        few.into_iter()
            .flatten()
            .map(|(_, value)| value)
            .chain(many.into_iter().flatten())
    }
}

impl FromIterator<(Text, Value)> for Members {
    fn from_iter<I: IntoIterator<Item = (Text, Value)>>(members: I) -> Self {
        let mut all = Self::default();
        for (key, value) in members {
            all.insert(key, value);
        }
        all
    }
}
