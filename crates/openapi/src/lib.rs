//! OpenAPI documents with `x-amazon-apigateway-*` extensions to REST API definitions, as ImportRestApi and PutRestApi
//! do: Swagger 2.0 and OpenAPI 3.0, JSON and YAML, and OpenAPI 3.1 as far as it maps. Nothing is dropped in silence: what a definition cannot carry is a
//! warning, a refusal, or listed in [`Imported::unsupported`].
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html>

mod api;
mod authorizers;
mod base_path;
mod bind;
mod document;
mod documentation;
mod error;
mod export;
mod gateway_responses;
mod integration;
mod later;
mod models;
mod notes;
mod options;
mod origin;
mod parameters;
mod paths;
mod position;
mod resources;
mod responses;
mod schema;
mod security;
mod tree;
mod validators;

use tollgate_model::rest::Definition;
use tollgate_wire::apigateway::DocumentationPart;

pub use bind::Provisional;
pub use documentation::place_of;
pub use error::{DOCUMENT_BYTES_MAX, INVALID_INPUT, ImportError, Problem, Unreadable};
pub use export::{Documentation, Export, Extensions, Format, export, to_yaml};
pub use notes::Unsupported;
pub use options::{BasePath, Options, Variables};
pub use origin::{Fault, Subject, locate};
pub use paths::Place;
pub use position::find as find_positions;
pub use resources::{PATH_BYTES_MAX, check_path_part, variable_taken};

use document::Document;
use models::Models;
use notes::Notes;
use paths::Surroundings;
use security::Security;

/// Reads one document.
///
/// The same bytes and options always give the same result. Work and memory are bounded by the size of the document,
/// which is at most [`DOCUMENT_BYTES_MAX`].
pub fn import(bytes: &[u8], options: &Options) -> Result<Imported, ImportError> {
    let document = Document::read(bytes, &options.variables).map_err(ImportError::Unreadable)?;
    let mut notes = Notes::default();
    notes.warnings.clone_from(&document.warnings);
    let definition = define(&document, options, &mut notes);
    check_whole(&document)?;
    let (warnings, unsupported) = notes.settled(bytes, options)?;
    Ok(Imported {
        definition,
        warnings,
        unsupported,
    })
}

/// Reads only the documentation parts of a document, as ImportDocumentationParts does, with what it warns of.
pub fn import_documentation(
    bytes: &[u8],
    options: &Options,
) -> Result<(Vec<DocumentationPart>, Vec<String>), ImportError> {
    let document = Document::read(bytes, &options.variables).map_err(ImportError::Unreadable)?;
    let mut notes = Notes::default();
    let parts = documentation::read(&document.root(), &mut notes);
    check_whole(&document)?;
    let (warnings, _) = notes.settled(bytes, options)?;
    Ok((parts, warnings))
}

/// What was read of a document is not whole when following its references was given up.
fn check_whole(document: &Document) -> Result<(), ImportError> {
    match document.is_exhausted() {
        true => Err(ImportError::Unreadable(Unreadable::new(
            "too large once its references are followed",
        ))),
        false => Ok(()),
    }
}

/// What a document says.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The definition, with provisional ids: see [`Imported::bind`].
    pub definition: Definition,
    /// AWS's `warnings` of the answer.
    pub warnings: Vec<String>,
    /// What the definition leaves out, for the operator's log.
    pub unsupported: Vec<Unsupported>,
}

impl Imported {
    /// Gives the API and every part of it their ids. `assign` is asked once for each part that has one:
    /// for a merge it answers with the id of what is there already.
    pub fn bind(&mut self, api_id: &str, assign: impl FnMut(Provisional<'_>) -> String) {
        bind::bind(&mut self.definition, api_id, assign);
    }
}

fn define(document: &Document, options: &Options, notes: &mut Notes) -> Definition {
    let root = &document.root();
    let dialect = document.dialect;
    let api = api::read(root, dialect, options, notes);
    let mut models = Models::read(root, dialect, notes);
    let validators = validators::read(root, notes);
    let gateway_responses = gateway_responses::read(root, notes);
    let base_path = base_path::parts(root, dialect, options.base_path, notes);
    let security = Security::read(root, dialect, notes);
    let around = Surroundings {
        root,
        dialect,
        base_path: &base_path,
        security: &security,
        validators: &validators,
    };
    let documentation_parts = match options.ignore_documentation {
        true => Vec::new(),
        false => documentation::read(root, notes),
    };
    let (resources, methods) = paths::read(&around, &mut models, notes);
    Definition {
        api,
        resources,
        methods,
        models: models.into_list(),
        validators,
        gateway_responses,
        authorizers: security.authorizers(notes),
        documentation_parts,
    }
}
