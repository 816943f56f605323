//! The methods of Java's maps, of their entries, and of what only looks like a map.

use tollgate_jsonpath::{Map, Text, Value as Data};

use super::super::reference::Arguments;
use super::super::value::{Entry, Value, View};
use super::super::{Halt, Outcome, Rendering};
use super::list::size;

impl<'r> Rendering<'r> {
    pub(super) fn map_method(
        &mut self,
        receiver: &Value<'r>,
        map: &Map,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        match &arguments[..] {
            [] => self.map_without(map, name),
            [key] if name == "get" => self.get(receiver, key),
            [first] => self.map_with(map, name, first),
            [key, value] => self.map_with_two(map, name, key, value),
            _ => Ok(Value::NULL),
        }
    }

    fn map_without(&mut self, map: &Map, name: &str) -> Outcome<Value<'r>> {
        match name {
            "size" => Ok(size(map.borrow().len())),
            "isEmpty" => Ok(Value::from(map.borrow().is_empty())),
            "keySet" => Ok(Value::View(View::Keys, map.clone())),
            "values" => Ok(Value::View(View::Values, map.clone())),
            "entrySet" => Ok(Value::View(View::Entries, map.clone())),
            "clear" => {
                map.borrow_mut().clear();
                self.text("")
            }
            "clone" => {
                let copy = Map::default();
                self.put_all(&copy, map)?;
                Ok(Value::from(copy))
            }
            _ => Ok(Value::NULL),
        }
    }

    fn map_with(&mut self, map: &Map, name: &str, argument: &Value<'r>) -> Outcome<Value<'r>> {
        match name {
            "containsKey" => {
                let key = self.key(argument)?;
                Ok(Value::from(map.borrow().contains_key(&key)))
            }
            "containsValue" => {
                let wanted = self.data(argument)?;
                let values: Vec<Data> = map.borrow().values().cloned().collect();
                for value in values {
                    if self.same(&value, &wanted)? {
                        return Ok(Value::from(true));
                    }
                }
                Ok(Value::from(false))
            }
            "remove" => {
                let key = self.key(argument)?;
                self.look_at_items(map.borrow().len())?;
                Ok(Value::Data(
                    map.borrow_mut().remove(&key).unwrap_or_default(),
                ))
            }
            "putAll" if argument.is_null() => Err(Halt::fault("putAll wants a map, not null")),
            "putAll" if argument.is_map() => {
                let other = self.data_map(argument)?;
                self.put_all(map, &other)?;
                self.text("")
            }
            _ => Ok(Value::NULL),
        }
    }

    fn map_with_two(
        &mut self,
        map: &Map,
        name: &str,
        key: &Value<'r>,
        value: &Value<'r>,
    ) -> Outcome<Value<'r>> {
        if name == "remove" {
            let key_text = self.key(key)?;
            let known = map.borrow().get(&key_text).cloned();
            let matches = match known {
                Some(known) => self.java_equal(&Value::Data(known), value)?,
                None => false,
            };
            if matches {
                self.map_with(map, "remove", key)?;
            }
            return Ok(Value::from(matches));
        }
        if !matches!(name, "put" | "putIfAbsent" | "replace" | "getOrDefault") {
            return Ok(Value::NULL);
        }
        let key = self.key(key)?;
        let present = map.borrow().get(&key).cloned();
        match (name, present) {
            ("getOrDefault", Some(found)) => Ok(Value::Data(found)),
            ("getOrDefault", None) => Ok(value.clone()),
            ("putIfAbsent", Some(found)) if !found.is_null() => Ok(Value::Data(found)),
            ("replace", None) => Ok(Value::NULL),
            _ => {
                let value = self.data(value)?;
                self.put_member(map, key, value).map(Value::Data)
            }
        }
    }

    fn put_all(&mut self, map: &Map, other: &Map) -> Outcome<()> {
        if map.is(other) {
            return Ok(());
        }
        let members: Vec<_> = other
            .borrow()
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in members {
            self.budget.steps(1)?;
            self.put_member(map, key, value)?;
        }
        Ok(())
    }

    /// Keys are texts here; another value counts as what it prints.
    pub(super) fn key(&mut self, key: &Value<'r>) -> Outcome<Text> {
        Ok(self.printed(key)?.unwrap_or_else(|| Text::from("null")))
    }

    /// The methods of parameters, stage variables and groups of `$context`: lookups without a map, all others on a copy.
    pub(super) fn lookup_method(
        &mut self,
        receiver: &Value<'r>,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        if let Value::Context(path) = receiver
            && self.scope.context_keys(path).is_none()
        {
            // There is no such group, but a variable below it may be.
            return if name == "get" {
                self.lookup(receiver, arguments)
            } else {
                Ok(Value::NULL)
            };
        }
        match (name, &arguments[..]) {
            ("get", [_]) => self.lookup(receiver, arguments),
            ("containsKey", [_]) => Ok(Value::from(!self.lookup(receiver, arguments)?.is_null())),
            (
                "keySet" | "size" | "isEmpty" | "entrySet" | "values" | "containsValue"
                | "getOrDefault" | "clone",
                _,
            ) => {
                let map = self.data_map(receiver)?;
                self.map_method(&Value::from(map.clone()), &map, name, arguments)
            }
            _ => Ok(Value::NULL),
        }
    }

    fn lookup(&mut self, receiver: &Value<'r>, arguments: &Arguments<'r>) -> Outcome<Value<'r>> {
        match &arguments[..] {
            [key] => self.get(receiver, key),
            _ => Ok(Value::NULL),
        }
    }

    pub(super) fn entry_method(
        &mut self,
        entry: &Entry,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        match (name, &arguments[..]) {
            ("getKey", []) => Ok(Value::from_text(entry.key.clone())),
            ("getValue", []) => Ok(Value::Data(entry.value())),
            ("setValue", [value]) => {
                let value = self.data(value)?;
                self.put_member(&entry.map, entry.key.clone(), value)
                    .map(Value::Data)
            }
            _ => Ok(Value::NULL),
        }
    }
}
