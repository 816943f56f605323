//! Java's methods, by what they are called on. One that does not exist for its arguments resolves to nothing; one that would throw
//! fails the template.

mod collection;
mod format;
mod list;
mod map;
mod number;
mod text;

use tollgate_jsonpath::{Map, Number, Text, Value as Data};

use super::reference::Arguments;
use super::value::Value;
use super::{Outcome, Rendering};
use crate::ast::{Expression, Literal};

impl<'r> Rendering<'r> {
    /// `$receiver.name(arguments)`
    pub(super) fn call(
        &mut self,
        receiver: &Value<'r>,
        name: &str,
        arguments: &'r [Expression],
    ) -> Outcome<Value<'r>> {
        match receiver {
            Value::Input if !is_common(name) => return self.input_method(name, arguments),
            Value::Util if !is_common(name) => return self.util_method(name, arguments),
            _ => {}
        }
        let literal = match arguments.first() {
            Some(Expression::Text(literal)) => Some(&**literal),
            _ => None,
        };
        let arguments = self.arguments(arguments)?;
        if is_common(name)
            && let Some(value) = self.common(receiver, name, &arguments)?
        {
            return Ok(value);
        }
        if !arguments.is_empty() && receiver.takes_nothing(name) {
            // Velocity finds the method all the same, and Java refuses the call.
            return Err(super::Halt::fault(format!("{name} takes no arguments")));
        }
        self.method(receiver, name, &arguments, literal)
    }

    /// A method that only some values have.
    fn method(
        &mut self,
        receiver: &Value<'r>,
        name: &str,
        arguments: &Arguments<'r>,
        literal: Option<&'r Literal>,
    ) -> Outcome<Value<'r>> {
        match receiver {
            Value::Data(Data::Text(text)) => {
                let text = text.clone();
                self.text_method(&text, name, arguments, literal)
            }
            Value::Data(Data::Number(number)) => self.number_method(number, name, arguments),
            Value::Data(Data::Bool(truth)) => self.bool_method(*truth, name, arguments),
            Value::Data(Data::List(list)) => self.list_method(list, name, arguments),
            Value::Data(Data::Map(map)) | Value::Override(map) => {
                self.map_method(receiver, map, name, arguments)
            }
            Value::Parameters
            | Value::ParametersOf(_)
            | Value::StageVariables
            | Value::Context(_) => self.lookup_method(receiver, name, arguments),
            Value::View(view, map) => self.view_method(*view, map, name, arguments),
            Value::Entry(entry) => self.entry_method(entry, name, arguments),
            Value::Iterator(iterator) => Ok(iterator_method(iterator, name, arguments)?),
            Value::Loop(running) => match loop_method(running, name, arguments) {
                Some(value) => Ok(value),
                None => self.map_method(
                    receiver,
                    running.own.get_or_init(Map::default),
                    name,
                    arguments,
                ),
            },
            Value::Class(class) if name == "getName" && arguments.is_empty() => self.text(*class),
            Value::Data(Data::Null)
            | Value::Class(_)
            | Value::Block(_)
            | Value::Input
            | Value::Util => Ok(Value::NULL),
        }
    }

    /// What every object in Java has. A group of `$context` that is not there has nothing.
    fn common(
        &mut self,
        receiver: &Value<'r>,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Option<Value<'r>>> {
        if let Value::Context(path) = receiver
            && self.scope.context_keys(path).is_none()
        {
            return Ok(None);
        }
        Ok(Some(match (name, &arguments[..]) {
            ("toString", []) => match self.printed(receiver)? {
                Some(text) => Value::from_text(text),
                None => Value::NULL,
            },
            ("getClass", []) => Value::Class(receiver.class()),
            ("hashCode", []) => Value::from(Number::Int(self.hash(receiver)?)),
            ("equals", [other]) => Value::from(self.java_equal(receiver, other)?),
            ("compareTo", [other]) if receiver.is_comparable() && !receiver.is_like(other) => {
                return Err(super::Halt::fault(
                    "compareTo wants a value of its own class",
                ));
            }
            _ => return Ok(None),
        }))
    }

    /// Java's `equals`.
    pub(super) fn java_equal(&mut self, left: &Value<'r>, right: &Value<'r>) -> Outcome<bool> {
        match (left, right) {
            (Value::Data(left), Value::Data(right)) => self.same(left, right),
            _ if left.is_map() && right.is_map() => {
                let (left, right) = (self.data_map(left)?, self.data_map(right)?);
                self.same(&Data::Map(left), &Data::Map(right))
            }
            _ => Ok(false),
        }
    }

    /// Java's `hashCode`. That of most objects is chance in Java; here it is that of their text.
    fn hash(&mut self, value: &Value<'r>) -> Outcome<i32> {
        match value {
            Value::Data(data) => self.hash_of(data, 64),
            Value::Loop(running) => self.hash_of(
                &Data::Map(running.own.get().cloned().unwrap_or_default()),
                64,
            ),
            other => {
                let text = self.printed(other)?.unwrap_or_default();
                self.hash_of(&Data::Text(text), 1)
            }
        }
    }

    fn hash_of(&mut self, data: &Data, depth: usize) -> Outcome<i32> {
        self.budget.steps(1)?;
        if depth == 0 {
            return Err(super::Halt::fault(
                "a value nested too deeply has no hash code",
            ));
        }
        match data {
            Data::Null => Ok(0),
            Data::Bool(truth) => Ok(if *truth { 1231 } else { 1237 }),
            Data::Text(text) => {
                self.budget.look(text.len())?;
                Ok(text::hash(text))
            }
            Data::Number(number) => Ok(number::hash(number)),
            Data::List(list) => {
                let mut hash = 1_i32;
                for item in list.borrow().iter() {
                    hash = hash
                        .wrapping_mul(31)
                        .wrapping_add(self.hash_of(item, depth - 1)?);
                }
                Ok(hash)
            }
            Data::Map(map) => {
                let mut hash = 0_i32;
                for (key, value) in map.borrow().iter() {
                    self.budget.look(key.len())?;
                    hash = hash.wrapping_add(text::hash(key) ^ self.hash_of(value, depth - 1)?);
                }
                Ok(hash)
            }
        }
    }

    /// A list of texts, as a template's own.
    fn texts<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) -> Outcome<Value<'r>> {
        let mut list = Vec::new();
        for text in texts {
            let text = text.as_ref();
            self.budget.steps(1)?;
            self.pay_for_text(text.len() + size_of::<Data>())?;
            list.push(Data::Text(Text::from(text)));
        }
        Ok(Value::from(
            list.into_iter().collect::<tollgate_jsonpath::List>(),
        ))
    }
}

impl Value<'_> {
    /// Whether a method has no form that takes arguments.
    fn takes_nothing(&self, name: &str) -> bool {
        match self {
            Self::Data(Data::Text(_)) => text::takes_nothing(name),
            Self::Data(Data::Number(_)) => number::takes_nothing(name),
            Self::Data(Data::Bool(_)) => name == "booleanValue",
            Self::Data(Data::List(_)) => matches!(
                name,
                "size" | "isEmpty" | "clear" | "iterator" | "toString" | "hashCode"
            ),
            Self::Data(Data::Map(_)) | Self::Override(_) => {
                matches!(
                    name,
                    "size"
                        | "isEmpty"
                        | "clear"
                        | "keySet"
                        | "values"
                        | "entrySet"
                        | "toString"
                        | "hashCode"
                )
            }
            _ => false,
        }
    }

    fn is_comparable(&self) -> bool {
        matches!(
            self,
            Self::Data(Data::Text(_) | Data::Number(_) | Data::Bool(_))
        )
    }

    fn is_like(&self, other: &Self) -> bool {
        self.class() == other.class()
    }
}

fn is_common(name: &str) -> bool {
    matches!(
        name,
        "toString" | "getClass" | "hashCode" | "equals" | "compareTo"
    )
}

/// A Java `int` argument.
fn int(value: &Value<'_>) -> Option<i32> {
    match value {
        Value::Data(Data::Number(Number::Int(int))) => Some(*int),
        _ => None,
    }
}

/// `hasNext()` and `next()`.
fn iterator_method<'r>(
    iterator: &super::value::Iterator,
    name: &str,
    arguments: &Arguments<'r>,
) -> Outcome<Value<'r>> {
    let next = iterator.next.get();
    match (name, arguments.is_empty()) {
        ("hasNext", true) => Ok(Value::from(next < iterator.items.len())),
        ("next", true) if next < iterator.items.len() => {
            iterator.next.set(next + 1);
            Ok(iterator.items.get(next))
        }
        ("next", true) => Err(super::Halt::fault("the iterator has no next item")),
        _ => Ok(Value::NULL),
    }
}

fn loop_method<'r>(
    running: &std::rc::Rc<super::value::Loop<'r>>,
    name: &str,
    arguments: &Arguments<'r>,
) -> Option<Value<'r>> {
    if !arguments.is_empty() {
        return None;
    }
    let property = match name {
        "hasNext" | "getHasNext" => "hasNext",
        "isFirst" | "getFirst" => "first",
        "isLast" | "getLast" => "last",
        "getIndex" => "index",
        "getCount" => "count",
        "getParent" => "parent",
        "getTopmost" => "topmost",
        _ => return None,
    };
    Some(running.property(property))
}
