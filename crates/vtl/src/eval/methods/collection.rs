//! What collections of all kinds share: iterators, and being taken as a whole.

use std::cell::Cell;
use std::rc::Rc;

use tollgate_jsonpath::{Map, Value as Data};

use super::super::reference::Arguments;
use super::super::value::{Items, Iterator, Value, View};
use super::super::{Halt, Outcome, Rendering};

/// An iterator at the first item.
pub(super) fn iterator<'r>(items: Items) -> Value<'r> {
    Value::Iterator(Rc::new(Iterator {
        items,
        next: Cell::new(0),
    }))
}

impl<'r> Rendering<'r> {
    /// The items of a collection, as an argument that must be one; nothing for maps and what is no collection.
    pub(in super::super) fn collected(&mut self, value: &Value<'r>) -> Outcome<Option<Vec<Data>>> {
        let items = match value {
            Value::Data(Data::List(list)) => list.borrow().clone(),
            Value::View(View::Keys, map) => map.borrow().keys().cloned().map(Data::Text).collect(),
            Value::View(View::Values, map) => map.borrow().values().cloned().collect(),
            Value::View(View::Entries, map) => self.entries(map)?,
            _ => return Ok(None),
        };
        self.budget.make(items.len() * size_of::<Data>())?;
        self.look_at_items(items.len())?;
        Ok(Some(items))
    }

    /// Entries as the texts they print; lists and maps cannot hold them otherwise.
    fn entries(&mut self, map: &Map) -> Outcome<Vec<Data>> {
        let count = map.borrow().len();
        let mut texts = Vec::with_capacity(count);
        for index in 0..count {
            self.budget.steps(1)?;
            let entry = View::Entries.get(map, index);
            texts.push(self.data(&entry)?);
        }
        Ok(texts)
    }

    /// The methods of `$map.keySet()` and its kin.
    pub(super) fn view_method(
        &mut self,
        view: View,
        map: &Map,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        match (name, &arguments[..]) {
            ("iterator", []) => Ok(iterator(Items::View(view, map.clone()))),
            ("clear", []) => {
                map.borrow_mut().clear();
                self.text("")
            }
            ("remove", [key]) if view == View::Keys => {
                let key = self.key(key)?;
                self.look_at_items(map.borrow().len())?;
                Ok(Value::from(map.borrow_mut().remove(&key).is_some()))
            }
            ("add" | "addAll", [_]) => Err(Halt::fault(format!(
                "{name} is not for a map's keys, values or entries"
            ))),
            ("size" | "isEmpty" | "toArray", []) | ("contains" | "containsAll", [_]) => {
                let items = self
                    .collected(&Value::View(view, map.clone()))?
                    .unwrap_or_default();
                self.list_method(&items.into_iter().collect(), name, arguments)
            }
            _ => Ok(Value::NULL),
        }
    }
}
