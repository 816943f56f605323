//! Lists, shared and changed in place.

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::rc::Rc;

use super::{Value, dismantle};

/// Which of Java's lists it is: they print differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// The list of a JSON reader, which prints itself as JSON: `[{"a":"b"}]`.
    Json,
    /// A list that a template made, which prints as `[{a=b}]`.
    Java,
}

/// A list. A clone is the same list; it changes in place.
#[derive(Clone)]
pub struct List(Rc<Inner>);

struct Inner {
    kind: ListKind,
    items: RefCell<Vec<Value>>,
}

impl List {
    /// A list of these values.
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self(Rc::new(Inner {
            kind,
            items: RefCell::new(items),
        }))
    }

    /// Which of Java's lists it is.
    pub fn kind(&self) -> ListKind {
        self.0.kind
    }

    /// Its items. Panics while they are borrowed mutably, so borrow for no longer than a look.
    pub fn borrow(&self) -> Ref<'_, Vec<Value>> {
        self.0.items.borrow()
    }

    /// Its items, to change. Panics while they are borrowed, so borrow for no longer than one change.
    pub fn borrow_mut(&self) -> RefMut<'_, Vec<Value>> {
        self.0.items.borrow_mut()
    }

    /// Whether both are the same list, not only equal ones.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The items, where nobody else holds the list.
    pub(super) fn into_items(self) -> Option<Vec<Value>> {
        Rc::into_inner(self.0).map(|mut inner| std::mem::take(inner.items.get_mut()))
    }
}

impl FromIterator<Value> for List {
    /// A list as templates make them.
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::new(ListKind::Java, items.into_iter().collect())
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::write::debug(&Value::List(self.clone()), f)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        dismantle::items(self.items.get_mut());
    }
}
