//! Models: JSON Schema draft-04, compiled when a deployment is. Nothing is ever fetched: the models of one API refer to each
//! other by AWS's address of a model, and to parts of themselves.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>

use std::cell::OnceCell;

use jsonschema::{Draft, PatternOptions, Registry, Validator};
use serde_json::Value;

use super::circle::{self, Fault};
use super::message;

/// A model, ready to judge bodies.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
    /// Whether it judges by several schemas at once, of which each keeps all its faults.
    combines: bool,
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
    /// It would judge the same part of a body too often.
    #[error("model `{0}` combines too many schemas")]
    TooLarge(String),
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
        circle::check(&self.values(), &self.api, name).map_err(|fault| match fault {
            Fault::Circular => SchemaError::Circular(name.to_owned()),
            Fault::TooLarge => SchemaError::TooLarge(name.to_owned()),
        })?;
        // Guess: draft 4's formats count, as they do for the library behind AWS unless it is told otherwise. `date` and `time` are of
        // another draft, and AWS lets those that it does not know pass (recorded for `byte`).
        let options = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .with_format("date", |_| true)
            .with_format("time", |_| true)
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
        let others = self.documents.iter().filter(|_| document.refers);
        Ok(Schema {
            validator,
            combines: std::iter::once(document)
                .chain(others)
                .any(Document::combines),
        })
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
            refers: value.as_ref().is_ok_and(|value| has_member(value, "$ref")),
            value,
        }
    }
}

impl Document {
    fn combines(&self) -> bool {
        let is_combined = |value| has_member(value, "anyOf") || has_member(value, "oneOf");
        self.value.as_ref().is_ok_and(is_combined)
    }
}

/// serde_json reads no deeper than 128 levels, so this ends soon.
fn has_member(schema: &Value, name: &str) -> bool {
    match schema {
        Value::Object(members) => {
            members.contains_key(name) || members.values().any(|value| has_member(value, name))
        }
        Value::Array(items) => items.iter().any(|item| has_member(item, name)),
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

/// Faults of larger bodies are not all listed: the validator gathers every one of them in memory first. AWS's limit is not known.
const LISTED_BYTES_MAX: usize = 16 * 1024;

impl Schema {
    /// Judges a body, which was `bytes` long. The error is AWS's `validationErrorString`.
    pub fn judge(&self, body: &Value, bytes: usize) -> Result<(), String> {
        if self.validator.is_valid(body) {
            return Ok(());
        }
        if bytes <= LISTED_BYTES_MAX {
            return Err(message::list(body, self.validator.iter_errors(body)));
        }
        let first = match self.combines {
            true => None,
            false => self.validator.validate(body).err(),
        };
        match first {
            Some(first) => Err(message::list(body, std::iter::once(first))),
            None => Err("[the body is too large for its faults to be listed]".to_owned()),
        }
    }
}
