//! Bodies that fit a model, made from its schema: all of it, or only what is required. What comes out is judged before it is used, so a
//! schema that this cannot satisfy gives no sample, and never a wrong one.

use serde_json::{Map, Number, Value, json};
use tollgate_gateway::Schema;
use tollgate_jsonpath::Pattern;
use tollgate_model::rest::Definition;

use crate::runnable::API;

/// Objects and lists within each other; what lies deeper is left out.
const DEPTH_MAX: usize = 8;
/// Values in one sample.
const VALUES_MAX: usize = 5_000;

/// How a sample is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    /// Whether members that may be left out are there.
    pub(crate) is_full: bool,
    /// What texts hold, where nothing says what they have to be.
    pub(crate) text: &'static str,
}

/// A text that tests whether it is escaped.
pub(crate) const HOSTILE: &str = "a \"b\" \\c";

/// The schemas of a definition's models, by name.
pub(crate) struct Schemas {
    schemas: Map<String, Value>,
}

impl Schemas {
    pub(crate) fn of(definition: &Definition) -> Self {
        let models = definition.models.iter();
        let schemas = models.filter_map(|model| {
            let schema = serde_json::from_str(model.schema.as_deref()?).ok()?;
            Some((model.name.clone()?, schema))
        });
        Self {
            schemas: schemas.collect(),
        }
    }

    /// The schema of a model.
    pub(crate) fn get(&self, model: &str) -> Option<&Value> {
        self.schemas.get(model)
    }

    /// What a schema of a model says once its references are followed.
    pub(crate) fn resolved<'s>(
        &'s self,
        root: &'s Value,
        schema: &'s Value,
    ) -> (&'s Value, &'s Value) {
        let (mut root, mut schema) = (root, schema);
        for _ in 0..DEPTH_MAX {
            let Some(target) = schema.get("$ref").and_then(Value::as_str) else {
                break;
            };
            match self.follow(root, target) {
                Some((document, found)) => (root, schema) = (document, found),
                None => break,
            }
        }
        (root, schema)
    }

    /// A reference to another model, or into the schema itself.
    fn follow<'s>(&'s self, root: &'s Value, target: &str) -> Option<(&'s Value, &'s Value)> {
        let (address, fragment) = target.split_once('#').unwrap_or((target, ""));
        let prefix = format!("https://apigateway.amazonaws.com/restapis/{API}/models/");
        let document = match address.strip_prefix(&prefix) {
            Some(name) => self.get(name)?,
            None if address.is_empty() => root,
            None => return None,
        };
        Some((document, document.pointer(fragment)?))
    }

    /// A body that fits the model.
    pub(crate) fn sample(&self, model: &str, judge: &Schema, manner: Manner) -> Option<Value> {
        let root = self.get(model)?;
        let mut making = Making {
            schemas: self,
            manner,
            left: VALUES_MAX,
        };
        let value = making.value(root, root, 0)?;
        let bytes = value.to_string().len();
        judge.judge(&value, bytes).ok().map(|()| value)
    }

    /// The nearest that can be made to a body of this model, fitting or not.
    pub(crate) fn attempt(&self, model: &str) -> Value {
        let manner = Manner {
            is_full: true,
            text: "text",
        };
        let mut making = Making {
            schemas: self,
            manner,
            left: VALUES_MAX,
        };
        let root = self.get(model);
        let value = root.and_then(|root| making.value(root, root, 0));
        value.unwrap_or_else(|| json!({}))
    }
}

struct Making<'s> {
    schemas: &'s Schemas,
    manner: Manner,
    left: usize,
}

impl<'s> Making<'s> {
    fn value(&mut self, root: &'s Value, schema: &'s Value, depth: usize) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        if depth == DEPTH_MAX {
            return None;
        }
        let (root, schema) = self.schemas.resolved(root, schema);
        if let Some(first) = schema.get("enum").and_then(Value::as_array) {
            return first.first().cloned();
        }
        if let Some(branches) = schema.get("allOf").and_then(Value::as_array) {
            return self.all_of(root, schema, branches, depth);
        }
        for choice in ["oneOf", "anyOf"] {
            let branches = schema.get(choice).and_then(Value::as_array);
            if let Some(first) = branches.and_then(|branches| branches.first()) {
                let own = self.typed(root, schema, depth);
                return merged(own, self.value(root, first, depth + 1));
            }
        }
        self.typed(root, schema, depth)
    }

    fn all_of(
        &mut self,
        root: &'s Value,
        schema: &'s Value,
        branches: &'s [Value],
        depth: usize,
    ) -> Option<Value> {
        let mut whole = schema
            .get("properties")
            .and_then(|_| self.typed(root, schema, depth));
        for branch in branches {
            let part = self.value(root, branch, depth + 1);
            whole = merged(whole, part);
        }
        whole
    }

    fn typed(&mut self, root: &'s Value, schema: &'s Value, depth: usize) -> Option<Value> {
        match kind(schema) {
            "object" => self.object(root, schema, depth),
            "array" => self.list(root, schema, depth),
            "string" => self.text(schema),
            "integer" => number(schema, true),
            "number" => number(schema, false),
            "boolean" => Some(Value::Bool(true)),
            "null" => Some(Value::Null),
            _ => Some(json!(1)),
        }
    }

    fn object(&mut self, root: &'s Value, schema: &'s Value, depth: usize) -> Option<Value> {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut object = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let is_required = required.contains(&name.as_str());
            if !is_required && !self.manner.is_full {
                continue;
            }
            match self.value(root, property, depth + 1) {
                Some(value) => drop(object.insert(name.clone(), value)),
                None if is_required => return None,
                None => {}
            }
        }
        for name in required {
            object.entry(name).or_insert_with(|| json!(1));
        }
        Some(Value::Object(object))
    }

    fn list(&mut self, root: &'s Value, schema: &'s Value, depth: usize) -> Option<Value> {
        let least = size(schema, "minItems").unwrap_or(0);
        let count = match self.manner.is_full {
            true => least
                .max(1)
                .min(size(schema, "maxItems").unwrap_or(usize::MAX)),
            false => least,
        };
        let item = match schema.get("items") {
            Some(items) if items.is_object() => self.value(root, items, depth + 1),
            _ => Some(json!(1)),
        };
        match item {
            Some(item) if count <= VALUES_MAX => Some(Value::Array(vec![item; count])),
            None if least == 0 => Some(json!([])),
            _ => None,
        }
    }

    fn text(&self, schema: &Value) -> Option<Value> {
        let format = schema.get("format").and_then(Value::as_str);
        let formatted = match format {
            Some("date-time") => "2025-01-01T00:00:00Z",
            Some("date") => "2025-01-01",
            Some("time") => "00:00:00",
            Some("email") => "a@example.com",
            Some("hostname") => "example.com",
            Some("ipv4") => "192.0.2.1",
            Some("ipv6") => "2001:db8::1",
            Some("uri") => "https://example.com/",
            Some("uuid") => "123e4567-e89b-42d3-a456-426614174000",
            _ => self.manner.text,
        };
        let text = match schema.get("pattern").and_then(Value::as_str) {
            Some(pattern) => matching(pattern, formatted)?,
            None => formatted,
        };
        let most = size(schema, "maxLength").unwrap_or(usize::MAX);
        let least = size(schema, "minLength").unwrap_or(0).min(VALUES_MAX);
        let mut text: String = text.chars().take(most).collect();
        while text.chars().count() < least {
            text.push('a');
        }
        Some(Value::String(text))
    }
}

/// The first of some usual texts that a pattern takes.
fn matching(pattern: &str, first: &'static str) -> Option<&'static str> {
    const USUAL: [&str; 12] = [
        "a",
        "abc",
        "A",
        "ABC",
        "1",
        "12",
        "123",
        "1234",
        "12345",
        "a1",
        "2025-01-01",
        "a@example.com",
    ];
    let pattern = Pattern::parse(pattern).ok()?;
    let mut candidates = std::iter::once(first).chain(USUAL);
    candidates.find(|text| matches!(pattern.find(text), Ok(Some(_))))
}

/// The type that a schema asks for, or that its other words are about.
fn kind(schema: &Value) -> &str {
    let named = match schema.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find(|name| *name != "null")
        }
        _ => None,
    };
    let about = |words: &[&str]| words.iter().any(|word| schema.get(word).is_some());
    match named {
        Some(name) => name,
        None if about(&["properties", "required"]) => "object",
        None if about(&["items", "minItems"]) => "array",
        None if about(&["minLength", "maxLength", "pattern"]) => "string",
        None => "",
    }
}

fn number(schema: &Value, is_integer: bool) -> Option<Value> {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let is_open = |name: &str| schema.get(name) == Some(&Value::Bool(true));
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let unit = step.unwrap_or(if is_integer { 1.0 } else { 0.5 });
    let mut value = match (bound("minimum"), bound("maximum")) {
        (Some(least), _) if is_open("exclusiveMinimum") => least + unit,
        (Some(least), _) => least,
        (None, Some(most)) if is_open("exclusiveMaximum") => (most - unit).min(1.0),
        (None, Some(most)) => most.min(1.0),
        (None, None) => 1.0,
    };
    if let Some(step) = step {
        value = (value / step).ceil() * step;
    }
    if is_integer {
        value = value.ceil();
    }
    match value.fract() == 0.0 && value.abs() < 9e15 {
        true => Some(json!(value as i64)),
        false => Number::from_f64(value).map(Value::Number),
    }
}

fn size(schema: &Value, name: &str) -> Option<usize> {
    let size = schema.get(name)?.as_u64()?;
    usize::try_from(size).ok()
}

fn merged(one: Option<Value>, other: Option<Value>) -> Option<Value> {
    match (one, other) {
        (Some(Value::Object(mut one)), Some(Value::Object(other))) => {
            one.extend(other);
            Some(Value::Object(one))
        }
        (_, Some(other)) => Some(other),
        (one, None) => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tollgate_gateway::Models;

    #[test]
    fn samples_fit_their_schemas() {
        for (schema, full, minimal) in [
            (
                json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "minLength": 6}, "b": {"type": "integer", "minimum": 5, "exclusiveMinimum": true}}}),
                json!({"a": "textaa", "b": 6}),
                json!({"a": "textaa"}),
            ),
            (
                json!({"type": "array", "minItems": 2, "items": {"enum": ["x", "y"]}}),
                json!(["x", "x"]),
                json!(["x", "x"]),
            ),
            (
                json!({"allOf": [{"type": "object", "properties": {"a": {"type": "boolean"}}}, {"required": ["n"], "properties": {"n": {"type": "number", "multipleOf": 0.25, "minimum": 1.1}}}]}),
                json!({"a": true, "n": 1.25}),
                json!({"n": 1.25}),
            ),
            (
                json!({"definitions": {"day": {"type": "string", "pattern": "^\\d{4}-\\d\\d-\\d\\d$"}}, "properties": {"day": {"$ref": "#/definitions/day"}}, "required": ["day"]}),
                json!({"day": "2025-01-01"}),
                json!({"day": "2025-01-01"}),
            ),
        ] {
            let text = schema.to_string();
            let models = Models::new(API, [("M", text.as_str())].into_iter());
            let judge = models.compile("M").expect("a schema");
            let schemas = Schemas {
                schemas: Map::from_iter([("M".to_owned(), schema.clone())]),
            };
            for (is_full, expected) in [(true, full), (false, minimal)] {
                let manner = Manner {
                    is_full,
                    text: "text",
                };
                let sample = schemas.sample("M", &judge, manner);
                assert_eq!(sample, Some(expected), "{schema}");
            }
        }
    }
}
