//! The models of a document: its named schemas, and one for each schema written in place.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_Model.html>

use std::collections::{HashMap, HashSet};

use tollgate_wire::apigateway::Model;

use crate::document::{Dialect, Node, local_pointer};
use crate::error::Problem;
use crate::notes::Notes;
use crate::origin::Subject;
use crate::schema::{self, API_ID_PLACEHOLDER};

/// Models a method may name although the document does not define them: recorded for `Empty`; both exist in every API
/// that was made by CreateRestApi.
const BUILT_IN: [&str; 2] = ["Empty", "Error"];

/// The models so far, and how the document calls them.
#[derive(Debug)]
pub(crate) struct Models {
    dialect: Dialect,
    models: Vec<Model>,
    /// JSON pointer of a named schema to the name of its model.
    named: HashMap<String, String>,
    taken: HashSet<String>,
}

impl Models {
    /// Reads `definitions` or `components.schemas`.
    pub(crate) fn read(root: &Node<'_>, dialect: Dialect, notes: &mut Notes) -> Self {
        let mut models = Self {
            dialect,
            models: Vec::new(),
            named: HashMap::new(),
            taken: HashSet::new(),
        };
        let schemas = match dialect {
            Dialect::Swagger2 => notes.object_of(root, "definitions"),
            Dialect::OpenApi3 => notes
                .object_of(root, "components")
                .and_then(|parts| notes.object_of(&parts, "schemas")),
        };
        let schemas: Vec<(String, Node<'_>)> = schemas
            .iter()
            .flat_map(Node::members)
            .filter_map(|(name, schema)| {
                models
                    .take_name(name, &schema, notes)
                    .map(|name| (name, schema))
            })
            .collect();
        for (name, schema) in schemas {
            models.add(name, &schema, notes);
        }
        models
    }

    pub(crate) fn into_list(self) -> Vec<Model> {
        self.models
    }

    /// Model names are alphanumeric; API Gateway takes the other characters out of a schema's name.
    fn take_name(&mut self, written: &str, schema: &Node<'_>, notes: &mut Notes) -> Option<String> {
        let name = alphanumeric(written);
        if name.is_empty() {
            notes.problem(schema.problem(format!(
                "Unable to create model for '{written}': Model name must be non-empty"
            )));
            return None;
        }
        if !self.taken.insert(name.clone()) {
            notes.problem(schema.problem(format!("Unable to create model for '{written}': Model name already exists for this REST API")));
            return None;
        }
        self.named.insert(schema.pointer(), name.clone());
        Some(name)
    }

    fn add(&mut self, name: String, schema: &Node<'_>, notes: &mut Notes) {
        notes.origins.note(schema, || Subject::Model(name.clone()));
        match self.text(schema, &name) {
            Ok(text) => self.models.push(Model {
                id: Some(name.clone()),
                description: schema.get("description").and_then(|text| text.text()),
                schema: Some(text),
                content_type: Some("application/json".to_owned()),
                name: Some(name),
            }),
            Err(problem) => notes.problem(problem),
        }
    }

    fn text(&self, schema: &Node<'_>, name: &str) -> Result<String, Problem> {
        let refused =
            |reason: &str| schema.problem(format!("Unable to create model for '{name}': {reason}"));
        if !schema.value.is_object() {
            return Err(refused(
                "Model schema must have at least 1 property or array items defined",
            ));
        }
        let mut reference = |target: &str| {
            let own = local_pointer(target)
                .is_some_and(|pointer| schema.value.pointer(&pointer).is_some());
            match self.model_of_reference(target) {
                Some(model) => Ok(schema::canonical(API_ID_PLACEHOLDER, &model)),
                // A reference within this schema, or to a model already named in AWS's way, stands as it is.
                None if own || target.starts_with("https://apigateway.amazonaws.com/restapis/") => {
                    Ok(target.to_owned())
                }
                None => Err(refused(&format!(
                    "Model reference must be in canonical form, and '{target}' names no schema of the document"
                ))),
            }
        };
        schema::rewritten(schema.value, self.dialect, &mut reference)
            .map(|schema| schema::laid_out(&schema))
    }

    fn model_of_reference(&self, target: &str) -> Option<String> {
        self.named.get(&local_pointer(target)?).cloned()
    }

    /// The model for the schema of a body: the one it refers to, or a new one when it is written in place. `place`
    /// says for whom, in a warning when there is none.
    pub(crate) fn of_body(
        &mut self,
        schema: &Node<'_>,
        place: &str,
        notes: &mut Notes,
    ) -> Option<String> {
        let Some(target) = schema.get("$ref").and_then(|target| target.text()) else {
            return self.of_inline(schema, notes);
        };
        let written = target.rsplit('/').next().unwrap_or_default();
        let model = self
            .model_of_reference(&target)
            .or_else(|| self.built_in(written));
        if model.is_none() {
            // The guide names a missing model as its example of a warning; the text is ours.
            notes.warn(
                schema,
                format!("Unable to find model '{written}' for {place}"),
            );
        }
        model
    }

    fn built_in(&self, name: &str) -> Option<String> {
        BUILT_IN.contains(&name).then(|| name.to_owned())
    }

    fn of_inline(&mut self, schema: &Node<'_>, notes: &mut Notes) -> Option<String> {
        if schema
            .value
            .as_object()
            .is_some_and(serde_json::Map::is_empty)
        {
            return None;
        }
        let pointer = schema.pointer();
        if let Some(model) = self.named.get(&pointer) {
            return Some(model.clone());
        }
        let name = self.free_name(&pointer);
        self.taken.insert(name.clone());
        self.named.insert(pointer, name.clone());
        self.add(name.clone(), schema, notes);
        Some(name)
    }

    /// AWS names such a model `MODEL` and six hexadecimal digits, which ones is not known. Here they come from the
    /// place in the document, so that importing it again gives the same names.
    fn free_name(&self, pointer: &str) -> String {
        let start = fnv_1a(pointer.as_bytes());
        let mut names =
            (0..=u32::MAX).map(|step| format!("MODEL{:06x}", start.wrapping_add(step) & 0xff_ffff));
        names
            .find(|name| !self.taken.contains(name))
            .expect("a document has fewer schemas than names")
    }
}

fn alphanumeric(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn fnv_1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}
