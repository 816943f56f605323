//! `$context`, `$stageVariables` and the maps of `$input.params()`: looked up one by one, and made into real maps only for what
//! needs them whole.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use std::borrow::Cow;

use tollgate_jsonpath::{Map, Members, Text, Value as Data};

use super::value::Value;
use super::{Outcome, Rendering};
use crate::scope::Place;

impl<'r> Rendering<'r> {
    /// A member of something that is a map only by looks.
    pub(super) fn member(&mut self, of: &Value<'r>, name: &str) -> Outcome<Value<'r>> {
        let scope = self.scope;
        match of {
            Value::Parameters => Ok(Place::ALL
                .into_iter()
                .find(|place| place.name() == name)
                .map_or(Value::NULL, Value::ParametersOf)),
            Value::ParametersOf(place) => self.found(scope.parameter(*place, name)),
            Value::StageVariables => self.found(scope.stage_variable(name)),
            Value::Context(path) => self.variable(path, name),
            _ => Ok(Value::NULL),
        }
    }

    fn found(&mut self, found: Option<Cow<'r, str>>) -> Outcome<Value<'r>> {
        match found {
            Some(Cow::Borrowed(text)) => self.text(text),
            Some(Cow::Owned(text)) => self.text(text),
            None => Ok(Value::NULL),
        }
    }

    /// A variable of `$context`, or the group of that name, whether there is one or not: only what follows can tell.
    fn variable(&mut self, path: &str, name: &str) -> Outcome<Value<'r>> {
        if path.is_empty() {
            match name {
                "requestOverride" => return Ok(Value::Override(self.overrides.request_map())),
                "responseOverride" => return Ok(Value::Override(self.overrides.response_map())),
                _ => {}
            }
        }
        let scope = self.scope;
        let full: Cow<'_, str> = match path {
            "" => Cow::Borrowed(name),
            _ => Cow::Owned(format!("{path}.{name}")),
        };
        self.budget.look(full.len())?;
        match scope.context(&full) {
            Some(found) => self.found(Some(found)),
            None => {
                self.pay_for_text(full.len())?;
                Ok(Value::Context(Text::from(full)))
            }
        }
    }

    /// All of it as a real map. Groups within `$context` are not entered.
    pub(super) fn data_map(&mut self, of: &Value<'r>) -> Outcome<Map> {
        let scope = self.scope;
        match of {
            Value::Data(Data::Map(map)) | Value::Override(map) => Ok(map.clone()),
            Value::Parameters => {
                let mut members = Members::default();
                for place in [Place::Path, Place::Query, Place::Header] {
                    let inner = self.data_map(&Value::ParametersOf(place))?;
                    members.insert(place.name(), Data::Map(inner));
                }
                Ok(Map::new(members))
            }
            Value::ParametersOf(place) => self.map_of(scope.parameters(*place)),
            Value::StageVariables => self.map_of(scope.stage_variables()),
            Value::Context(path) => self.context_map(path),
            _ => Ok(Map::default()),
        }
    }

    fn map_of(&mut self, entries: Vec<(Cow<'r, str>, Cow<'r, str>)>) -> Outcome<Map> {
        let mut members = Members::default();
        for (name, value) in entries {
            self.budget.look(name.len() + value.len())?;
            self.budget
                .make(name.len() + value.len() + 2 * size_of::<Data>())?;
            members.insert(Text::from(name), Data::Text(Text::from(value)));
        }
        Ok(Map::new(members))
    }

    fn context_map(&mut self, path: &str) -> Outcome<Map> {
        let keys = self.scope.context_keys(path).unwrap_or_default();
        let mut members = Members::default();
        for key in keys.iter() {
            let value = match self.variable(path, key)? {
                Value::Context(_) => Data::Null,
                value => self.data(&value)?,
            };
            self.budget.make(key.len() + 2 * size_of::<Data>())?;
            members.insert(&**key, value);
        }
        Ok(Map::new(members))
    }
}
