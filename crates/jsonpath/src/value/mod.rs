//! The value tree: what JSON and templates hold, with the kinds that Java has.
//!
//! Lists and maps are shared and change in place, as Java's do: `$map.put(…)` is seen by everyone who holds the map.

mod dismantle;
mod list;
mod map;
mod number;

use std::rc::Rc;

pub use list::{List, ListKind};
pub use map::{Map, Members};
pub use number::Number;

/// Text that is cheap to pass on.
pub type Text = Rc<str>;

/// A value of a template or a JSON document. A clone shares the lists and maps of the original.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// JSON's `null`, Java's too.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number of one of Java's kinds.
    Number(Number),
    /// A string.
    Text(Text),
    /// A list.
    List(List),
    /// A map that keeps the order of insertion.
    Map(Map),
}

impl Value {
    /// A string value.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A member of a map; nothing where this is no map or has no such member.
    pub fn member(&self, name: &str) -> Option<Self> {
        match self {
            Self::Map(map) => map.borrow().get(name).cloned(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// Whether both are equal as Java's `equals` has it: an Integer never equals a Long or a Double, lists and maps are compared
    /// member by member. What is nested deeper than any document may be counts as different.
    pub fn same(&self, other: &Self) -> bool {
        same(self, other, crate::read::DEPTH_MAX)
    }
}

fn same(left: &Value, right: &Value, depth: usize) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            left.is(right) || (depth > 0 && same_lists(left, right, depth - 1))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.is(right) || (depth > 0 && same_maps(left, right, depth - 1))
        }
        (
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_),
            _,
        ) => false,
    }
}

fn same_lists(left: &List, right: &List, depth: usize) -> bool {
    let (left, right) = (left.borrow(), right.borrow());
    left.len() == right.len()
        && left
            .iter()
            .zip(right.iter())
            .all(|(left, right)| same(left, right, depth))
}

fn same_maps(left: &Map, right: &Map, depth: usize) -> bool {
    let (left, right) = (left.borrow(), right.borrow());
    left.len() == right.len()
        && left.iter().all(|(key, value)| {
            right
                .get(key)
                .is_some_and(|other| same(value, other, depth))
        })
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Value {
    fn from(int: i32) -> Self {
        Self::Number(Number::Int(int))
    }
}

impl From<i64> for Value {
    /// An Integer where it fits one, else a Long, as a JSON reader in Java decides.
    fn from(long: i64) -> Self {
        Self::Number(Number::from_i64(long))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(list)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}
