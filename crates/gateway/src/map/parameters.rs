//! Parameters on their way to an integration: what mappings and overrides put into path, query and headers.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping.html>

use std::borrow::Cow;

use super::expression::{Place, Source};
use super::headers::Mapped;
use super::query::encode_for_address;
use super::scope::Overrides;
use super::value::{JsonBody, RequestValues};
use crate::exchange::Incoming;
use crate::plan::Integration;
use crate::record::Record;
use crate::rejection::Rejection;
use crate::route::Matched;
use crate::trace::Trace;

/// Names are the definition's, or an override's own.
#[derive(Debug, Default)]
pub(super) struct Parameters<'p> {
    /// For places in the address, encoded.
    path: Vec<(Cow<'p, str>, String)>,
    pub(super) query: Vec<(Cow<'p, str>, String)>,
    pub(super) headers: Mapped<'p>,
}

impl<'p> Parameters<'p> {
    /// What an integration's mappings say.
    pub(super) fn of(
        integration: &'p Integration,
        route: &Matched<'_>,
        record: &Record,
        incoming: &Incoming,
        mut trace: Option<&mut Trace>,
    ) -> Result<Self, Rejection> {
        let mut parameters = Self::default();
        if integration.mapping.entries.is_empty() {
            return Ok(parameters);
        }
        let values = RequestValues {
            record,
            route,
            incoming,
            json: JsonBody::default(),
        };
        for (destination, source) in &integration.mapping.entries {
            let found = values.of(source).map_err(|error| {
                let text = "a mapping reads the body, which is not JSON";
                Rejection::invalid_json(format!("{text}: {}", error.0))
            })?;
            if let Some(trace) = &mut trace {
                trace.mapping(destination, source, &found);
            }
            let name = Cow::Borrowed(&*destination.name);
            for value in found {
                parameters.add(destination.place, name.clone(), value, is_encoded(source));
            }
        }
        Ok(parameters)
    }

    fn add(&mut self, place: Place, name: Cow<'p, str>, value: Cow<'_, str>, encoded: bool) {
        match place {
            Place::Path => {
                let value = match encoded {
                    true => value.into_owned(),
                    false => encode_for_address(&value),
                };
                replace(&mut self.path, name, value);
            }
            Place::Query => self.query.push((name, value.into_owned())),
            Place::Header => self.headers.set(name, value.into_owned()),
        }
    }

    /// An override wins over a mapping of the same name.
    pub(super) fn override_by(&mut self, overrides: &Overrides) {
        for (name, values) in overrides.request("path") {
            let value = encode_for_address(&values.join(","));
            replace(&mut self.path, Cow::Owned(name), value);
        }
        for (name, values) in overrides.request("querystring") {
            self.query.retain(|(known, _)| *known != name);
            let entries = values
                .into_iter()
                .map(|value| (Cow::Owned(name.clone()), value));
            self.query.extend(entries);
        }
        for (name, values) in overrides.request("header") {
            self.headers.set(Cow::Owned(name), values.join(","));
        }
    }

    /// The value for a place in the address.
    pub(super) fn path(&self, name: &str) -> Option<&str> {
        let found = self.path.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| &**value)
    }
}

/// Values of the client's path are passed on as they were sent.
fn is_encoded(source: &Source) -> bool {
    let Source::Parameter { place, .. } = source else {
        return false;
    };
    *place == Place::Path
}

fn replace<'p>(entries: &mut Vec<(Cow<'p, str>, String)>, name: Cow<'p, str>, value: String) {
    match entries.iter_mut().find(|(known, _)| *known == name) {
        Some(entry) => entry.1 = value,
        None => entries.push((name, value)),
    }
}
