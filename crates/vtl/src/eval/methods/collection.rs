//! What collections of all kinds share: iterators, and being taken as a whole.

use std::cell::Cell;
use std::rc::Rc;

use tollgate_jsonpath::Value as Data;

use super::super::value::{Items, Iterator, Value};
use super::super::{Outcome, Rendering};

/// An iterator at the first item.
pub(super) fn iterator<'r>(items: Items) -> Value<'r> {
    Value::Iterator(Rc::new(Iterator {
        items,
        next: Cell::new(0),
    }))
}

impl<'r> Rendering<'r> {
    /// The items of a collection, as an argument that must be one; nothing for maps and what is no collection.
    pub(super) fn collected(&mut self, value: &Value<'r>) -> Outcome<Option<Vec<Data>>> {
        let items = match value {
            Value::Data(Data::List(list)) => list.borrow().clone(),
            Value::Entries(map) => {
                let entries = Items::Entries(map.clone());
                let all: Vec<_> = (0..entries.len()).map(|index| entries.get(index)).collect();
                all.iter()
                    .map(|entry| self.data(entry))
                    .collect::<Outcome<_>>()?
            }
            _ => return Ok(None),
        };
        self.budget.make(items.len() * size_of::<Data>())?;
        self.budget.look(items.len())?;
        Ok(Some(items))
    }
}
