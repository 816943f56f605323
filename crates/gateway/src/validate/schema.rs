//! Models: JSON Schema draft-04, compiled when a deployment is. Nothing is ever fetched: the models of one API refer to each
//! other by AWS's address of a model, and to parts of themselves.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>

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
    registry: Option<Registry<'static>>,
    documents: Vec<(String, Value)>,
    api: String,
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
        let documents: Vec<_> = models
            .filter_map(|(name, text)| Some((name.to_owned(), serde_json::from_str(text).ok()?)))
            .collect();
        Self {
            registry: registry(api, &documents),
            documents,
            api: api.to_owned(),
        }
    }

    /// Compiles the model of this name out of its text.
    pub fn compile(&self, name: &str, text: Option<&str>) -> Result<Schema, SchemaError> {
        let text = text.ok_or_else(|| SchemaError::Unknown(name.to_owned()))?;
        let schema: Value = serde_json::from_str(text).map_err(|error| SchemaError::NotJson {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
        if super::circle::found(&self.documents, &self.api, name) {
            return Err(SchemaError::Circular(name.to_owned()));
        }
        let options = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(false)
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS_MAX))
            .offline()
            .with_base_uri(address(&self.api, name));
        let built = match &self.registry {
            Some(registry) => options.with_registry(registry).build(&schema),
            None => options.build(&schema),
        };
        let validator = built.map_err(|error| SchemaError::Invalid {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Schema { validator })
    }
}

fn registry(api: &str, documents: &[(String, Value)]) -> Option<Registry<'static>> {
    let mut builder = Registry::new().draft(Draft::Draft4);
    for (name, schema) in documents {
        builder = builder.add(address(api, name), schema.clone()).ok()?;
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
        Err(message::list(self.validator.iter_errors(body)))
    }
}
