//! Models: JSON Schema draft-04, compiled when a deployment is. Nothing is ever fetched: the models of one API refer to each
//! other by AWS's address of a model, and to parts of themselves.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>

use std::cell::OnceCell;

use jsonschema::{Draft, PatternOptions, Registry, Validator};
use serde_json::Value;

use super::message;

/// A model, ready to judge bodies.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
}

/// The models of one API.
#[derive(Debug)]
pub struct Models {
    /// Made when a model first refers to another.
    registry: OnceCell<Option<Registry<'static>>>,
    documents: Vec<Document>,
    api: String,
}

/// A model's name, text and, if it is JSON, value.
#[derive(Debug)]
struct Document {
    name: String,
    text: String,
    value: Result<Value, String>,
    /// Whether it refers to anything, itself included.
    refers: bool,
}

/// A model that cannot judge anything: AWS accepts it and fails the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The API has no such model.
    #[error("there is no model `{0}`")]
    Unknown(String),
    /// Not JSON.
    #[error("model `{name}` is not JSON: {reason}")]
    NotJson {
        /// The model's name.
        name: String,
        /// What the parser said.
        reason: String,
    },
    /// Not a schema, or it refers to what is not there.
    #[error("model `{name}`: {reason}")]
    Invalid {
        /// The model's name.
        name: String,
        /// What the compiler said.
        reason: String,
    },
    /// It refers to itself without ever looking into the body.
    #[error("model `{0}` refers to itself in a circle that no body can end")]
    Circular(String),
}

/// Bounds one pattern's work on one string.
const BACKTRACKS_MAX: usize = 100_000;

impl Models {
    /// Gathers the models by name and schema text. A broken one takes part in nothing, and is reported when it is asked for.
    pub fn new<'m>(api: &str, models: impl Iterator<Item = (&'m str, &'m str)>) -> Self {
        Self {
            registry: OnceCell::new(),
            documents: models
                .map(|(name, text)| Document::new(name, text))
                .collect(),
            api: api.to_owned(),
        }
    }

    /// Compiles the model of this name.
    pub fn compile(&self, name: &str) -> Result<Schema, SchemaError> {
        let document = self
            .document(name)
            .ok_or_else(|| SchemaError::Unknown(name.to_owned()))?;
        let schema = document
            .value
            .as_ref()
            .map_err(|reason| SchemaError::NotJson {
                name: name.to_owned(),
                reason: reason.clone(),
            })?;
        if document.refers && super::circle::found(&self.values(), &self.api, name) {
            return Err(SchemaError::Circular(name.to_owned()));
        }
        let options = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(false)
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS_MAX))
            .offline()
            .with_base_uri(address(&self.api, name));
        let built = match self.registry_for(document) {
            Some(registry) => options.with_registry(registry).build(schema),
            None => options.build(schema),
        };
        let validator = built.map_err(|error| SchemaError::Invalid {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Schema { validator })
    }

    /// What the model's schema is known by where it means the same in every API; one that refers to anything may not.
    pub(crate) fn identity(&self, name: &str) -> Option<[u8; 32]> {
        let document = self.document(name).filter(|document| !document.refers)?;
        Some(*blake3::hash(document.text.as_bytes()).as_bytes())
    }

    fn document(&self, name: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.name == name)
    }

    fn values(&self) -> Vec<(&str, &Value)> {
        let documents = self.documents.iter();
        documents
            .filter_map(|document| Some((&*document.name, document.value.as_ref().ok()?)))
            .collect()
    }

    fn registry_for(&self, document: &Document) -> Option<&Registry<'static>> {
        if !document.refers {
            return None;
        }
        self.registry
            .get_or_init(|| registry(&self.api, &self.values()))
            .as_ref()
    }
}

impl Document {
    fn new(name: &str, text: &str) -> Self {
        let value: Result<Value, String> =
            serde_json::from_str(text).map_err(|error| error.to_string());
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            refers: value.as_ref().is_ok_and(refers),
            value,
        }
    }
}

/// serde_json reads no deeper than 128 levels, so this ends soon.
fn refers(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.contains_key("$ref") || members.values().any(refers),
        Value::Array(items) => items.iter().any(refers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn registry(api: &str, documents: &[(&str, &Value)]) -> Option<Registry<'static>> {
    let mut builder = Registry::new().draft(Draft::Draft4);
    for (name, schema) in documents {
        builder = builder.add(address(api, name), (*schema).clone()).ok()?;
    }
    builder.prepare().ok()
}

/// How one model names another.
pub(super) fn address(api: &str, model: &str) -> String {
    format!("https://apigateway.amazonaws.com/restapis/{api}/models/{model}")
}

impl Schema {
    /// Judges a body. The error is AWS's `validationErrorString`.
    pub fn judge(&self, body: &Value) -> Result<(), String> {
        if self.validator.is_valid(body) {
            return Ok(());
        }
        Err(message::list(body, self.validator.iter_errors(body)))
    }
}
