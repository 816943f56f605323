//! What a template's variables hold: data, and things of the engine that only look like data.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use tollgate_jsonpath::{List, Map, Text, Value as Data};

use crate::ast::Define;
use crate::scope::Place;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value<'r> {
    Data(Data),
    /// `$input`
    Input,
    /// `$input.params()`
    Parameters,
    /// `$input.params().header` and its kin.
    ParametersOf(Place),
    /// `$context` and what is below it, by its dotted path. Not every path leads somewhere.
    Context(Text),
    /// `$context.requestOverride` and its kin: a map that prints nothing, recorded.
    Override(Map),
    /// `$stageVariables`
    StageVariables,
    /// `$util`
    Util,
    /// `$foreach`
    Loop(Rc<Loop<'r>>),
    /// What `#define` made.
    Block(Rc<Block<'r>>),
    /// `$map.keySet()` and its kin: as in Java not a copy, but a look at the map.
    View(View, Map),
    /// One of `$map.entrySet()`.
    Entry(Rc<Entry>),
    /// `$list.iterator()`
    Iterator(Rc<Iterator>),
    /// `$value.class`: Java's name of it, and nothing else of Java's reflection.
    Class(&'static str),
}

/// A running `#foreach`.
#[derive(Debug)]
pub(super) struct Loop<'r> {
    /// Counts from 0.
    pub(super) index: Cell<usize>,
    pub(super) has_next: Cell<bool>,
    /// What the template puts there itself.
    pub(super) own: OnceCell<Map>,
    /// The loop around it.
    pub(super) parent: Option<Value<'r>>,
}

/// A block by name.
#[derive(Debug)]
pub(super) struct Block<'r> {
    pub(super) define: &'r Define,
    /// How often it runs within itself.
    pub(super) running: Cell<usize>,
}

/// A member of a map.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) map: Map,
    pub(super) key: Text,
}

/// A way through a collection.
#[derive(Debug)]
pub(super) struct Iterator {
    pub(super) items: Items,
    pub(super) next: Cell<usize>,
}

/// Whatever `#foreach` can run over. A collection is not copied; as in Java it must not grow or shrink meanwhile.
#[derive(Clone, Debug)]
pub(super) enum Items {
    List(List),
    View(View, Map),
}

/// What is seen of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    Keys,
    Values,
    Entries,
}

impl View {
    /// The member at a place.
    pub(super) fn get<'r>(self, map: &Map, index: usize) -> Value<'r> {
        let members = map.borrow();
        let Some((key, value)) = members.get_index(index) else {
            return Value::NULL;
        };
        match self {
            Self::Keys => Value::from_text(key.clone()),
            Self::Values => Value::Data(value.clone()),
            Self::Entries => Value::Entry(Rc::new(Entry {
                map: map.clone(),
                key: key.clone(),
            })),
        }
    }
}

impl Entry {
    pub(super) fn value(&self) -> Data {
        self.map
            .borrow()
            .get(&self.key)
            .cloned()
            .unwrap_or_default()
    }
}

impl Items {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::List(list) => list.borrow().len(),
            Self::View(_, map) => map.borrow().len(),
        }
    }

    pub(super) fn get<'r>(&self, index: usize) -> Value<'r> {
        match self {
            Self::List(list) => Value::Data(list.borrow().get(index).cloned().unwrap_or_default()),
            Self::View(view, map) => view.get(map, index),
        }
    }
}

impl Value<'_> {
    pub(super) const NULL: Self = Self::Data(Data::Null);

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Data(Data::Null))
    }

    /// The text of a string.
    pub(super) fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Data(Data::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl<T: Into<Data>> From<T> for Value<'_> {
    fn from(data: T) -> Self {
        Self::Data(data.into())
    }
}
