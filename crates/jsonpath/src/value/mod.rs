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
    /// member by member. Nothing where that takes too long, as it does with values that hold themselves.
    pub fn same(&self, other: &Self) -> Option<bool> {
        self.same_within(other, &mut { SAME_STEPS_MAX })
    }

    /// [`Value::same`] within a budget, which shrinks by each value looked at.
    pub(crate) fn same_within(&self, other: &Self, steps: &mut u64) -> Option<bool> {
        same(self, other, crate::read::DEPTH_MAX, steps)
    }
}

const SAME_STEPS_MAX: u64 = 1_000_000;

fn same(left: &Value, right: &Value, depth: usize, steps: &mut u64) -> Option<bool> {
    *steps = steps.checked_sub(1)?;
    match (left, right) {
        (Value::Null, Value::Null) => Some(true),
        (Value::Bool(left), Value::Bool(right)) => Some(left == right),
        (Value::Number(left), Value::Number(right)) => Some(left == right),
        (Value::Text(left), Value::Text(right)) => Some(left == right),
        (Value::List(left), Value::List(right)) => {
            same_lists(left, right, depth.checked_sub(1)?, steps)
        }
        (Value::Map(left), Value::Map(right)) => {
            same_maps(left, right, depth.checked_sub(1)?, steps)
        }
        (
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_),
            _,
        ) => Some(false),
    }
}

fn same_lists(left: &List, right: &List, depth: usize, steps: &mut u64) -> Option<bool> {
    if left.is(right) {
        return Some(true);
    }
    let (left, right) = (left.borrow(), right.borrow());
    if left.len() != right.len() {
        return Some(false);
    }
    for (left, right) in left.iter().zip(right.iter()) {
        if !same(left, right, depth, steps)? {
            return Some(false);
        }
    }
    Some(true)
}

fn same_maps(left: &Map, right: &Map, depth: usize, steps: &mut u64) -> Option<bool> {
    if left.is(right) {
        return Some(true);
    }
    let (left, right) = (left.borrow(), right.borrow());
    if left.len() != right.len() {
        return Some(false);
    }
    for (key, value) in left.iter() {
        let Some(other) = right.get(key) else {
            return Some(false);
        };
        if !same(value, other, depth, steps)? {
            return Some(false);
        }
    }
    Some(true)
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
