//! References: from a variable over properties, methods and indexes to a value, or to a place that takes one.

use std::rc::Rc;

use smallvec::SmallVec;
use tollgate_jsonpath::{List, Map, Text, Value as Data};

use super::arithmetic;
use super::value::{Items, Value, View};
use super::{Halt, Outcome, Rendering};
use crate::ast::{Expression, Part, PartKind, Reference, Root};

/// The arguments of a method.
pub(super) type Arguments<'r> = SmallVec<[Value<'r>; 3]>;

impl<'r> Rendering<'r> {
    /// The value of a reference. What does not resolve is the empty text, recorded: API Gateway gives Velocity a handler for it.
    pub(super) fn reference(&mut self, reference: &'r Reference) -> Outcome<Value<'r>> {
        self.at = reference.at;
        self.budget.steps(1)?;
        let Root::Variable(slot) = reference.root else {
            return Ok(Value::NULL);
        };
        let Some(root) = self.variable_in(slot) else {
            self.tell_reference(reference.at, None);
            return Ok(self.unresolved());
        };
        let value = self.parts(root, &reference.parts)?;
        let resolves = match &value {
            Value::Data(Data::Null) => false,
            Value::Context(path) => self.scope.context_keys(path).is_some(),
            _ => true,
        };
        self.tell_reference(reference.at, Some(&value).filter(|_| resolves));
        Ok(if resolves { value } else { self.unresolved() })
    }

    /// The value of a variable, as references see it.
    fn variable_in(&self, slot: usize) -> Option<Value<'r>> {
        match self.hidden.contains(&slot) {
            true => None,
            false => self.variables[slot].clone(),
        }
    }

    fn parts(&mut self, root: Value<'r>, parts: &'r [Part]) -> Outcome<Value<'r>> {
        let mut value = root;
        for part in parts {
            if value.is_null() {
                break;
            }
            self.at = part.at;
            self.budget.steps(1)?;
            value = match &part.kind {
                PartKind::Property(name) => self.property(&value, name)?,
                PartKind::Method(name, arguments) => self.call(&value, name, arguments)?,
                PartKind::Index(index) => self.index(&value, index, part.at)?,
            };
        }
        Ok(value)
    }

    /// `$value.name`: a member of a map, or what Java calls a property.
    fn property(&mut self, value: &Value<'r>, name: &str) -> Outcome<Value<'r>> {
        if name == "class" {
            return Ok(Value::Class(value.class()));
        }
        match value {
            Value::Data(Data::Map(map)) => Ok(Value::Data(
                map.borrow().get(name).cloned().unwrap_or_default(),
            )),
            Value::Override(map) => Ok(override_member(map, name)),
            Value::Input => match name {
                "body" => self.input_body(),
                _ => Ok(Value::NULL),
            },
            Value::Parameters
            | Value::ParametersOf(_)
            | Value::Context(_)
            | Value::StageVariables => self.member(value, name),
            Value::Loop(running) => Ok(running.property(name)),
            Value::Entry(entry) => Ok(match name {
                "key" => Value::from_text(entry.key.clone()),
                "value" => Value::Data(entry.value()),
                _ => Value::NULL,
            }),
            Value::Data(Data::List(list)) if name == "empty" => {
                Ok(Value::from(list.borrow().is_empty()))
            }
            Value::Data(Data::Text(text)) if name == "empty" => Ok(Value::from(text.is_empty())),
            Value::View(_, map) if name == "empty" => Ok(Value::from(map.borrow().is_empty())),
            Value::Class(class) if name == "name" => self.text(*class),
            Value::Data(_)
            | Value::Util
            | Value::Block(_)
            | Value::View(..)
            | Value::Iterator(_)
            | Value::Class(_) => Ok(Value::NULL),
        }
    }

    /// `$value[index]`, which is Java's `get`. On lists a negative index counts from the end.
    fn index(&mut self, value: &Value<'r>, index: &'r Expression, at: usize) -> Outcome<Value<'r>> {
        let index = self.value(index)?;
        self.at = at;
        match value {
            Value::Data(Data::List(list)) => {
                list_index(list, &index).map_or(Ok(Value::NULL), |place| get(list, place))
            }
            _ if negative(&index) && !value.has_size() => Err(Halt::fault(
                "a negative index counts from the end, which this value does not have",
            )),
            _ => self.get(value, &index),
        }
    }

    /// Java's `get` of a map.
    pub(super) fn get(&mut self, value: &Value<'r>, key: &Value<'r>) -> Outcome<Value<'r>> {
        if !value.is_map() {
            return Ok(Value::NULL);
        }
        let Some(key) = self.printed(key)? else {
            return Ok(Value::NULL);
        };
        match value {
            Value::Data(Data::Map(map)) => Ok(Value::Data(
                map.borrow().get(&key).cloned().unwrap_or_default(),
            )),
            Value::Override(map) => Ok(override_member(map, &key)),
            _ => self.member(value, &key),
        }
    }

    /// `#set( target = value )`
    pub(super) fn set(&mut self, target: &'r Reference, value: &'r Expression) -> Outcome<()> {
        let is_reference = matches!(value, Expression::Reference(_));
        let value = self.value(value)?;
        if !is_reference {
            self.tell_set(target.at, &value);
        }
        self.at = target.at;
        self.budget.steps(1)?;
        // Arithmetic without a result changes nothing.
        if value.is_null() {
            return Ok(());
        }
        let Root::Variable(slot) = target.root else {
            return Ok(());
        };
        let Some((last, way)) = target.parts.split_last() else {
            self.variables[slot] = Some(value);
            return Ok(());
        };
        let Some(root) = self.variable_in(slot) else {
            return Ok(());
        };
        let holder = self.parts(root, way)?;
        self.at = last.at;
        match &last.kind {
            PartKind::Property(name) | PartKind::Method(name, _) => {
                self.set_member(&holder, Text::from(&**name), &value)
            }
            PartKind::Index(index) => {
                let index = self.value(index)?;
                self.at = last.at;
                self.set_index(&holder, &index, &value)
            }
        }
    }

    fn set_index(
        &mut self,
        holder: &Value<'r>,
        index: &Value<'r>,
        value: &Value<'r>,
    ) -> Outcome<()> {
        if let Value::Data(Data::List(list)) = holder {
            let Some(place) = list_index(list, index) else {
                return Ok(());
            };
            let value = self.data(value)?;
            return set(list, place, value).map(drop);
        }
        match self.printed(index)? {
            Some(key) if holder.is_map() => self.set_member(holder, key, value),
            _ => Ok(()),
        }
    }

    fn set_member(&mut self, holder: &Value<'r>, key: Text, value: &Value<'r>) -> Outcome<()> {
        let map = match holder {
            Value::Data(Data::Map(map)) | Value::Override(map) => map,
            Value::Loop(running) => running.own.get_or_init(Map::default),
            _ => return Ok(()),
        };
        let value = self.data(value)?;
        self.put_member(map, key, value).map(drop)
    }

    /// Puts a member and gives the value it had.
    pub(super) fn put_member(&mut self, map: &Map, key: Text, value: Data) -> Outcome<Data> {
        self.budget.make(2 * size_of::<Data>())?;
        let replaced = map.borrow_mut().insert(key, value);
        Ok(replaced.unwrap_or_default())
    }

    /// The arguments of a method, evaluated.
    pub(super) fn arguments(&mut self, arguments: &'r [Expression]) -> Outcome<Arguments<'r>> {
        let at = self.at;
        let values = arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect();
        self.at = at;
        values
    }

    /// What `#foreach` runs over, and where it begins; nothing for what is no collection.
    pub(super) fn items(&mut self, collection: &Value<'r>) -> Outcome<Option<(Items, usize)>> {
        Ok(Some(match collection {
            Value::Data(Data::List(list)) => (Items::List(list.clone()), 0),
            Value::Data(Data::Map(map)) | Value::Override(map) => {
                (Items::View(View::Values, map.clone()), 0)
            }
            Value::View(view, map) => (Items::View(*view, map.clone()), 0),
            Value::Iterator(iterator) => (iterator.items.clone(), iterator.next.get()),
            Value::Parameters
            | Value::ParametersOf(_)
            | Value::StageVariables
            | Value::Context(_) => (Items::View(View::Values, self.data_map(collection)?), 0),
            Value::Data(_)
            | Value::Input
            | Value::Util
            | Value::Loop(_)
            | Value::Block(_)
            | Value::Entry(_)
            | Value::Class(_) => {
                return Ok(None);
            }
        }))
    }

    /// A value as lists and maps can hold it.
    pub(super) fn data(&mut self, value: &Value<'r>) -> Outcome<Data> {
        Ok(match value {
            Value::Data(data) => data.clone(),
            Value::Override(map) => Data::Map(map.clone()),
            Value::View(..) => Data::from(
                self.collected(value)?
                    .unwrap_or_default()
                    .into_iter()
                    .collect::<List>(),
            ),
            Value::Parameters
            | Value::ParametersOf(_)
            | Value::StageVariables
            | Value::Context(_) => Data::Map(self.data_map(value)?),
            Value::Input
            | Value::Util
            | Value::Loop(_)
            | Value::Block(_)
            | Value::Entry(_)
            | Value::Iterator(_)
            | Value::Class(_) => self.printed(value)?.map_or(Data::Null, Data::Text),
        })
    }
}

/// A part of the overrides is one itself; what a template put there is not.
fn override_member<'r>(map: &Map, name: &str) -> Value<'r> {
    match map.borrow().get(name) {
        Some(Data::Map(part))
            if crate::scope::Place::ALL
                .iter()
                .any(|place| place.name() == name) =>
        {
            Value::Override(part.clone())
        }
        Some(value) => Value::Data(value.clone()),
        None => Value::NULL,
    }
}

fn negative(index: &Value<'_>) -> bool {
    matches!(index, Value::Data(Data::Number(tollgate_jsonpath::Number::Int(index))) if *index < 0)
}

/// The place that an index means; nothing where it is no whole number.
fn list_index(list: &List, index: &Value<'_>) -> Option<i32> {
    let Value::Data(Data::Number(tollgate_jsonpath::Number::Int(index))) = index else {
        return None;
    };
    let length = arithmetic::to_int(&tollgate_jsonpath::Number::from_i64(
        list.borrow().len() as i64
    ));
    Some(if *index < 0 {
        index.saturating_add(length)
    } else {
        *index
    })
}

/// An item of a list. Java throws where there is none.
pub(super) fn get<'r>(list: &List, place: i32) -> Outcome<Value<'r>> {
    let items = list.borrow();
    let item = usize::try_from(place)
        .ok()
        .and_then(|place| items.get(place));
    item.cloned()
        .map(Value::Data)
        .ok_or_else(|| out_of_bounds(place, items.len()))
}

/// Replaces an item of a list and gives what it was.
pub(super) fn set(list: &List, place: i32, value: Data) -> Outcome<Data> {
    let mut items = list.borrow_mut();
    let length = items.len();
    match usize::try_from(place)
        .ok()
        .and_then(|place| items.get_mut(place))
    {
        Some(item) => Ok(std::mem::replace(item, value)),
        None => Err(out_of_bounds(place, length)),
    }
}

pub(super) fn out_of_bounds(place: i32, length: usize) -> Halt {
    Halt::fault(format!(
        "index {place} is out of bounds for length {length}"
    ))
}

impl Value<'_> {
    /// Whether it has a method `size`.
    fn has_size(&self) -> bool {
        self.is_map()
            || matches!(
                self,
                Self::Data(Data::List(_)) | Self::View(..) | Self::Loop(_)
            )
    }

    /// Whether it answers as Java's maps do.
    pub(super) fn is_map(&self) -> bool {
        match self {
            Self::Data(Data::Map(_))
            | Self::Override(_)
            | Self::Parameters
            | Self::ParametersOf(_)
            | Self::Context(_)
            | Self::StageVariables => true,
            Self::Data(_)
            | Self::Input
            | Self::Util
            | Self::Loop(_)
            | Self::Block(_)
            | Self::View(..)
            | Self::Entry(_)
            | Self::Iterator(_)
            | Self::Class(_) => false,
        }
    }

    /// Java's name of its class. Guess: those of AWS's own classes are not known.
    pub(super) fn class(&self) -> &'static str {
        use tollgate_jsonpath::{ListKind, Number};
        match self {
            Self::Data(Data::Null) => "java.lang.Object",
            Self::Data(Data::Bool(_)) => "java.lang.Boolean",
            Self::Data(Data::Text(_)) => "java.lang.String",
            Self::Data(Data::Number(Number::Int(_))) => "java.lang.Integer",
            Self::Data(Data::Number(Number::Long(_))) => "java.lang.Long",
            Self::Data(Data::Number(Number::Double(_))) => "java.lang.Double",
            Self::Data(Data::Number(Number::Big(_))) => "java.math.BigInteger",
            Self::Data(Data::Number(Number::Decimal(_))) => "java.math.BigDecimal",
            Self::Data(Data::List(list)) => match list.kind() {
                ListKind::Json => "net.minidev.json.JSONArray",
                ListKind::Java => "java.util.ArrayList",
            },
            Self::Data(Data::Map(_))
            | Self::Override(_)
            | Self::Parameters
            | Self::ParametersOf(_)
            | Self::Context(_)
            | Self::StageVariables
            | Self::Loop(_) => "java.util.LinkedHashMap",
            Self::View(View::Keys, _) => "java.util.LinkedHashMap$LinkedKeySet",
            Self::View(View::Values, _) => "java.util.LinkedHashMap$LinkedValues",
            Self::View(View::Entries, _) => "java.util.LinkedHashMap$LinkedEntrySet",
            Self::Entry(_) => "java.util.LinkedHashMap$Entry",
            Self::Iterator(_) => "java.util.Iterator",
            Self::Block(_) => "org.apache.velocity.runtime.directive.Block$Reference",
            Self::Class(_) => "java.lang.Class",
            Self::Input | Self::Util => "java.lang.Object",
        }
    }
}

impl<'r> super::value::Loop<'r> {
    /// `$foreach.count` and its kin.
    pub(super) fn property(self: &Rc<Self>, name: &str) -> Value<'r> {
        match name {
            "index" => Value::from(self.index.get() as i64),
            "count" => Value::from(self.index.get() as i64 + 1),
            "hasNext" => Value::from(self.has_next.get()),
            "first" => Value::from(self.index.get() == 0),
            "last" => Value::from(!self.has_next.get()),
            "parent" => self.around_value(),
            "topmost" => self.topmost(),
            _ => Value::Data(
                self.own
                    .get()
                    .and_then(|own| own.borrow().get(name).cloned())
                    .unwrap_or_default(),
            ),
        }
    }

    fn around_value(&self) -> Value<'r> {
        match &self.parent {
            Some(parent @ Value::Loop(_)) => parent.clone(),
            _ => Value::NULL,
        }
    }

    /// The outermost loop, which may be this one.
    fn topmost(self: &Rc<Self>) -> Value<'r> {
        let mut outermost = self.clone();
        while let Some(Value::Loop(parent)) = &outermost.parent {
            outermost = parent.clone();
        }
        Value::Loop(outermost)
    }
}
