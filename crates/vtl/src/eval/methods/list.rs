//! The methods of Java's lists.

use tollgate_jsonpath::{List, Number, Value as Data};

use super::super::reference::{Arguments, get, out_of_bounds, set};
use super::super::value::{Items, Value};
use super::super::{Halt, Outcome, Rendering};
use super::collection::iterator;
use super::int;

impl<'r> Rendering<'r> {
    pub(super) fn list_method(
        &mut self,
        list: &List,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        match &arguments[..] {
            [] => self.list_without(list, name),
            [first] => match (name, int(first)) {
                ("get", Some(place)) => get(list, place),
                ("remove", Some(place)) => {
                    self.look_at_items(list.borrow().len())?;
                    remove_at(list, place)
                }
                _ => self.list_with(list, name, first),
            },
            [first, second] => match (name, int(first)) {
                ("set", Some(place)) => {
                    let value = self.data(second)?;
                    set(list, place, value).map(Value::Data)
                }
                ("add", Some(place)) => {
                    let value = self.data(second)?;
                    self.insert(list, place, &[value])?;
                    self.text("")
                }
                ("addAll", Some(place)) => {
                    let Some(items) = self.collected(second)? else {
                        return Ok(Value::NULL);
                    };
                    self.insert(list, place, &items)?;
                    Ok(Value::from(!items.is_empty()))
                }
                ("subList", Some(from)) => {
                    int(second).map_or(Ok(Value::NULL), |to| self.sub_list(list, from, to))
                }
                _ => Ok(Value::NULL),
            },
            _ => Ok(Value::NULL),
        }
    }

    fn list_without(&mut self, list: &List, name: &str) -> Outcome<Value<'r>> {
        match name {
            "size" => Ok(size(list.borrow().len())),
            "isEmpty" => Ok(Value::from(list.borrow().is_empty())),
            "iterator" | "listIterator" => Ok(iterator(Items::List(list.clone()))),
            "clear" => {
                list.borrow_mut().clear();
                self.text("")
            }
            "toArray" | "clone" => self.list_of(list.borrow().clone()),
            "toJSONString" => {
                let max = self.budget.limits().output_bytes_max;
                let text = Data::List(list.clone())
                    .to_json(max)
                    .map_err(|error| super::super::print::unwritten(error, max))?;
                self.text(text)
            }
            _ => Ok(Value::NULL),
        }
    }

    fn list_with(&mut self, list: &List, name: &str, argument: &Value<'r>) -> Outcome<Value<'r>> {
        match name {
            "add" => {
                let value = self.data(argument)?;
                self.budget.make(size_of::<Data>() * 2)?;
                list.borrow_mut().push(value);
                Ok(Value::from(true))
            }
            "contains" => Ok(Value::from(self.position(list, argument, false)?.is_some())),
            "indexOf" => Ok(place(self.position(list, argument, false)?)),
            "lastIndexOf" => Ok(place(self.position(list, argument, true)?)),
            "remove" => {
                let found = self.position(list, argument, false)?;
                if let Some(found) = found {
                    self.look_at_items(list.borrow().len())?;
                    list.borrow_mut().remove(found);
                }
                Ok(Value::from(found.is_some()))
            }
            "addAll" | "containsAll" | "removeAll" | "retainAll" => {
                match self.collected(argument)? {
                    Some(items) => self.list_with_all(list, name, items),
                    None if argument.is_null() => {
                        Err(Halt::fault(format!("{name} wants a collection, not null")))
                    }
                    None => Ok(Value::NULL),
                }
            }
            _ => Ok(Value::NULL),
        }
    }

    fn list_with_all(&mut self, list: &List, name: &str, items: Vec<Data>) -> Outcome<Value<'r>> {
        match name {
            "addAll" => {
                let any = !items.is_empty();
                list.borrow_mut().extend(items);
                Ok(Value::from(any))
            }
            "containsAll" => {
                for item in items {
                    if self.position(list, &Value::Data(item), false)?.is_none() {
                        return Ok(Value::from(false));
                    }
                }
                Ok(Value::from(true))
            }
            _ => self.filter(list, &items.into_iter().collect(), name == "retainAll"),
        }
    }

    /// Keeps what the other list has, or what it has not.
    fn filter(&mut self, list: &List, other: &List, keep: bool) -> Outcome<Value<'r>> {
        let items = list.borrow().clone();
        let before = items.len();
        let mut kept = Vec::new();
        for item in items {
            let value = Value::Data(item.clone());
            if self.position(other, &value, false)?.is_some() == keep {
                kept.push(item);
            }
        }
        let changed = kept.len() != before;
        *list.borrow_mut() = kept;
        Ok(Value::from(changed))
    }

    /// Where a list has what equals a value.
    fn position(&mut self, list: &List, wanted: &Value<'r>, last: bool) -> Outcome<Option<usize>> {
        let wanted = self.data(wanted)?;
        let length = list.borrow().len();
        for step in 0..length {
            let index = if last { length - 1 - step } else { step };
            let item = list.borrow()[index].clone();
            if self.same(&item, &wanted)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn insert(&mut self, list: &List, place: i32, items: &[Data]) -> Outcome<()> {
        let length = list.borrow().len();
        let at = usize::try_from(place)
            .ok()
            .filter(|at| *at <= length)
            .ok_or_else(|| out_of_bounds(place, length))?;
        self.budget.make(size_of_val(items))?;
        self.look_at_items(length - at)?;
        list.borrow_mut().splice(at..at, items.iter().cloned());
        Ok(())
    }

    fn sub_list(&mut self, list: &List, from: i32, to: i32) -> Outcome<Value<'r>> {
        let items = list.borrow();
        let bounds = usize::try_from(from).ok().zip(usize::try_from(to).ok());
        let (from_index, to_index) =
            bounds.ok_or_else(|| out_of_bounds(from.min(to), items.len()))?;
        let part = items
            .get(from_index..to_index)
            .ok_or_else(|| out_of_bounds(to, items.len()))?;
        self.list_of(part.to_vec())
    }

    /// Pays for items that are copied or moved.
    pub(super) fn look_at_items(&mut self, count: usize) -> Outcome<()> {
        self.budget.look(count * size_of::<Data>())
    }

    /// A new list, paid for.
    pub(super) fn list_of(&mut self, items: Vec<Data>) -> Outcome<Value<'r>> {
        self.budget.make(items.len() * size_of::<Data>())?;
        self.look_at_items(items.len())?;
        Ok(Value::from(items.into_iter().collect::<List>()))
    }
}

fn remove_at<'r>(list: &List, place: i32) -> Outcome<Value<'r>> {
    let mut items = list.borrow_mut();
    match usize::try_from(place)
        .ok()
        .filter(|place| *place < items.len())
    {
        Some(index) => Ok(Value::Data(items.remove(index))),
        None => Err(out_of_bounds(place, items.len())),
    }
}

/// A size in Java's terms.
pub(super) fn size<'r>(length: usize) -> Value<'r> {
    Value::from(Number::Int(i32::try_from(length).unwrap_or(i32::MAX)))
}

fn place<'r>(found: Option<usize>) -> Value<'r> {
    found.map_or(Value::from(Number::Int(-1)), size)
}
