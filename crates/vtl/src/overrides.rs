//! What a template puts into `$context.requestOverride` and `$context.responseOverride`.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html>

use tollgate_jsonpath::{List, Map, Number, Value};

use crate::Place;

/// Overrides that a request's template set, the response's template may read, and both may add to.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Made when a template first asks.
    maps: Option<Maps>,
}

#[derive(Clone, Debug)]
struct Maps {
    request: Map,
    response: Map,
}

/// A name and its values; several where the template gave a list.
pub type Override = (String, Vec<String>);

impl Overrides {
    /// Parameters of the integration's request: of `path`, `querystring` or `header`.
    pub fn request(&self, part: &str) -> Vec<Override> {
        let part = self
            .maps
            .as_ref()
            .and_then(|maps| member(&maps.request, part));
        part.map_or_else(Vec::new, |part| entries(&part))
    }

    /// Headers of the method's response.
    pub fn response_headers(&self) -> Vec<Override> {
        let part = self
            .maps
            .as_ref()
            .and_then(|maps| member(&maps.response, Place::Header.name()));
        part.map_or_else(Vec::new, |part| entries(&part))
    }

    /// The status of the method's response: whatever reads as a whole number from 100 to 599.
    pub fn status(&self) -> Option<u16> {
        let status = match member(&self.maps.as_ref()?.response, "status")? {
            Value::Number(Number::Int(status)) => u16::try_from(status).ok()?,
            // Guess: a text of digits counts, because quoting a number is the habit of template writers.
            Value::Text(text) => text.trim().parse().ok()?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => {
                return None;
            }
        };
        (100..600).contains(&status).then_some(status)
    }

    /// The map behind `$context.requestOverride`.
    pub(crate) fn request_map(&mut self) -> Map {
        self.maps().request.clone()
    }

    /// The map behind `$context.responseOverride`.
    pub(crate) fn response_map(&mut self) -> Map {
        self.maps().response.clone()
    }

    fn maps(&mut self) -> &Maps {
        self.maps.get_or_insert_with(|| Maps {
            request: parts(&[Place::Path, Place::Header, Place::Query]),
            response: parts(&[Place::Header]),
        })
    }
}

/// Empty parts, in the order recorded from AWS.
fn parts(places: &[Place]) -> Map {
    let empty = |place: &Place| (place.name(), Value::Map(Map::default()));
    places.iter().map(empty).collect()
}

fn member(map: &Map, name: &str) -> Option<Value> {
    map.borrow().get(name).cloned()
}

fn entries(part: &Value) -> Vec<Override> {
    let Value::Map(part) = part else {
        return Vec::new();
    };
    part.borrow()
        .iter()
        .map(|(name, value)| (name.to_string(), texts(value)))
        .collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::List(list) => items(list),
        single => vec![text(single)],
    }
}

fn items(list: &List) -> Vec<String> {
    list.borrow().iter().map(text).collect()
}

/// Values were made within the limits of the rendering; one that cannot be printed (it holds itself) counts as empty.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.to_string(),
        other => other
            .to_java(crate::Limits::AWS.output_bytes_max)
            .unwrap_or_default(),
    }
}
