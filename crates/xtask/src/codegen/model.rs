//! A stripped model as it lies in `models/`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Map;

/// A service's operations and shapes. Members keep the model's order, which AWS's texts follow.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    operations: Map<String, serde_json::Value>,
    shapes: Map<String, serde_json::Value>,
    /// Operations that the service has besides.
    #[serde(default, rename = "notKept")]
    pub(crate) not_kept: Vec<String>,
    #[serde(skip)]
    pub(crate) all_operations: Vec<Operation>,
    #[serde(skip)]
    pub(crate) all_shapes: Vec<(String, Shape)>,
}

/// An operation.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) http: Http,
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
}

/// How an operation travels.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    #[serde(default = "ok")]
    pub(crate) response_code: u16,
}

fn ok() -> u16 {
    200
}

/// A use of a shape.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: String,
    pub(crate) location: Option<String>,
    pub(crate) location_name: Option<String>,
}

/// A shape, with what each kind of them has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    #[serde(default)]
    members: Map<String, serde_json::Value>,
    #[serde(skip)]
    pub(crate) all_members: Vec<(String, Reference)>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) payload: Option<String>,
    #[serde(default)]
    pub(crate) exception: bool,
    pub(crate) member: Option<Reference>,
    pub(crate) value: Option<Reference>,
    #[serde(default, rename = "enum")]
    pub(crate) one_of: Vec<String>,
    pub(crate) pattern: Option<String>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

/// The kinds of shapes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Blob,
    Boolean,
    Double,
    Integer,
    List,
    Long,
    Map,
    String,
    Structure,
    Timestamp,
}

impl Model {
    /// The shape of a name.
    pub(crate) fn shape(&self, name: &str) -> Result<&Shape> {
        let found = self.all_shapes.iter().find(|(known, _)| known == name);
        found
            .map(|(_, shape)| shape)
            .with_context(|| format!("the model has no shape {name}"))
    }
}

/// Reads a model.
pub(crate) fn read(path: &Path) -> Result<Model> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut model: Model = serde_json::from_str(&text)?;
    model.all_operations = values(&model.operations)?
        .into_iter()
        .map(|(_, operation)| operation)
        .collect();
    model
        .all_operations
        .sort_by(|one, other| one.name.cmp(&other.name));
    model.all_shapes = values(&model.shapes)?;
    for (_, shape) in &mut model.all_shapes {
        shape.all_members = values(&shape.members)?;
    }
    Ok(model)
}

fn values<T: serde::de::DeserializeOwned>(
    map: &Map<String, serde_json::Value>,
) -> Result<Vec<(String, T)>> {
    map.iter()
        .map(|(name, value)| {
            let value = serde_json::from_value(value.clone())
                .with_context(|| format!("cannot read {name}"))?;
            Ok((name.clone(), value))
        })
        .collect()
}
