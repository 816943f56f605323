//! The frozen definition, part by part.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tollgate_model::rest::{Definition, Manifest, Part, PartKind};

use super::FileError;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FilePart {
    kind: PartKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    content: Box<RawValue>,
}

pub(super) fn parts(definition: &Definition) -> Result<Vec<FilePart>, FileError> {
    let (manifest, contents) = definition.freeze();
    let parts = manifest.parts.into_iter().zip(contents);
    let parts = parts.map(|(part, (_, content))| {
        Ok(FilePart {
            kind: part.kind,
            resource_id: part.resource_id,
            content: serde_json::from_slice(&content)?,
        })
    });
    parts.collect()
}

pub(super) fn thawed(given: Vec<FilePart>) -> Result<Definition, FileError> {
    let mut manifest = Manifest::default();
    let mut contents = Vec::with_capacity(given.len());
    for part in given {
        manifest.parts.push(Part {
            kind: part.kind,
            resource_id: part.resource_id,
            hash: [0; 32],
        });
        contents.push(String::from(Box::<str>::from(part.content)));
    }
    Ok(Definition::thaw(&manifest, &contents)?)
}
