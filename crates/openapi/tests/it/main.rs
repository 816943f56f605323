//! Documents in, definitions out.

#![allow(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod corpus;
mod hostile;
mod never_panics;
mod options;
mod recorded;
mod refusals;
mod round_trips;

use serde_json::{Map, Value, json};
use tollgate_openapi::{Imported, Options};

/// Imports with the defaults of ImportRestApi.
fn import(document: &str) -> Imported {
    tollgate_openapi::import(document.as_bytes(), &Options::default())
        .unwrap_or_else(|error| panic!("{}", error.detail()))
}

/// What was imported, in the shapes of the control plane's answers.
fn shown(imported: &Imported) -> Value {
    let definition = &imported.definition;
    let methods = definition.methods.iter().map(|of| {
        let name = format!(
            "{} {}",
            of.method.http_method.as_deref().unwrap(),
            of.resource_id
        );
        (name, parsed(tollgate_wire::json::to_vec(&of.method)))
    });
    let unsupported = imported
        .unsupported
        .iter()
        .map(|left| format!("Ignore {}: {}", left.pointer, left.what));
    json!({
        "api": parsed(tollgate_wire::json::to_vec(&definition.api)),
        "resources": definition.resources.iter().map(|resource| resource.path.clone().unwrap()).collect::<Vec<_>>(),
        "methods": methods.collect::<Map<_, _>>(),
        "models": definition.models.iter().map(|model| parsed(tollgate_wire::json::to_vec(model))).collect::<Vec<_>>(),
        "validators": definition.validators.iter().map(|validator| parsed(tollgate_wire::json::to_vec(validator))).collect::<Vec<_>>(),
        "gatewayResponses": definition.gateway_responses.iter().map(|response| parsed(tollgate_wire::json::to_vec(response))).collect::<Vec<_>>(),
        "authorizers": definition.authorizers.iter().map(|authorizer| parsed(tollgate_wire::json::to_vec(authorizer))).collect::<Vec<_>>(),
        "documentationParts": definition.documentation_parts.iter().map(|part| parsed(tollgate_wire::json::to_vec(part))).collect::<Vec<_>>(),
        "warnings": imported.warnings,
        "unsupported": unsupported.collect::<Vec<_>>(),
    })
}

fn parsed(bytes: Vec<u8>) -> Value {
    serde_json::from_slice(&bytes).unwrap()
}

/// The folder of this test binary's data.
fn folder(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// The files of a folder that end so, in a fixed order.
fn files(name: &str, ends: &[&str]) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| ends.iter().any(|end| file.to_string_lossy().ends_with(end)));
    files.sort();
    assert!(!files.is_empty(), "no files in {name}");
    files
}
