//! REST API definitions to OpenAPI documents, as GetExport does: Swagger 2.0 and OpenAPI 3.0, with and without
//! extensions. What is imported again is the same API; what one of the formats cannot say is named where it is left out.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html>

mod extensions;
mod integration;
mod models;
mod operations;
mod security;
mod yaml;

use serde_json::{Map, Value, json};
use tollgate_model::rest::Definition;
use tollgate_wire::apigateway::DocumentationPart;

pub use extensions::Extensions;
pub use yaml::to_yaml;

use security::Schemes;

/// The two formats that API Gateway exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `swagger`: Swagger 2.0.
    Swagger2,
    /// `oas30`: OpenAPI 3.0.1.
    OpenApi3,
}

impl Format {
    /// The format of this name in GetExport.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "swagger" => Some(Self::Swagger2),
            "oas30" => Some(Self::OpenApi3),
            _ => None,
        }
    }
}

/// What is to be exported, and how.
#[derive(Debug)]
pub struct Export<'e> {
    /// The API, with real ids.
    pub definition: &'e Definition,
    /// Which format.
    pub format: Format,
    /// Which of API Gateway's extensions.
    pub extensions: Extensions,
    /// The host that answers for the API.
    pub host: &'e str,
    /// The stage, which is the base path.
    pub stage: &'e str,
    /// The version of the document.
    pub version: &'e str,
    /// The documentation, when the stage shows a version of it.
    pub documentation: Option<Documentation<'e>>,
}

/// A version of an API's documentation.
#[derive(Clone, Copy, Debug)]
pub struct Documentation<'e> {
    /// The version's name.
    pub version: &'e str,
    /// What it holds.
    pub parts: &'e [DocumentationPart],
}

/// Writes the document.
pub fn export(of: &Export<'_>) -> Value {
    let schemes = Schemes::of(of);
    let mut document = head(of);
    document.insert("paths".to_owned(), operations::paths(of, &schemes));
    let models = models::schemas(of.definition, of.format);
    match of.format {
        Format::Swagger2 => {
            put_some(&mut document, "securityDefinitions", schemes.shown(of));
            put_some(&mut document, "definitions", models);
        }
        Format::OpenApi3 => {
            let mut components = Map::new();
            put_some(&mut components, "schemas", models);
            put_some(&mut components, "securitySchemes", schemes.shown(of));
            document.insert("components".to_owned(), Value::Object(components));
        }
    }
    extensions::add(of, &mut document);
    Value::Object(document)
}

/// Recorded: the order of the members, and of those of `info`, differs between the formats.
fn head(of: &Export<'_>) -> Map<String, Value> {
    let api = &of.definition.api;
    let mut info = Map::new();
    let title = json!(api.name.as_deref().unwrap_or_default());
    let description = api.description.as_ref().map(|text| json!(text));
    let mut document = Map::new();
    match of.format {
        Format::Swagger2 => {
            put(&mut info, "description", description);
            info.insert("version".to_owned(), json!(of.version));
            info.insert("title".to_owned(), title);
            document.insert("swagger".to_owned(), json!("2.0"));
            document.insert("info".to_owned(), Value::Object(info));
            document.insert("host".to_owned(), json!(of.host));
            document.insert("basePath".to_owned(), json!(format!("/{}", of.stage)));
            document.insert("schemes".to_owned(), json!(["https"]));
        }
        Format::OpenApi3 => {
            info.insert("title".to_owned(), title);
            put(&mut info, "description", description);
            info.insert("version".to_owned(), json!(of.version));
            document.insert("openapi".to_owned(), json!("3.0.1"));
            document.insert("info".to_owned(), Value::Object(info));
            document.insert("servers".to_owned(), json!([server(of)]));
        }
    }
    document
}

fn server(of: &Export<'_>) -> Value {
    let mut server = Map::new();
    let url = format!("https://{}/{{basePath}}", of.host);
    server.insert("url".to_owned(), json!(url));
    let variables = json!({"basePath": {"default": of.stage}});
    server.insert("variables".to_owned(), variables);
    put_some(
        &mut server,
        extensions::ENDPOINT,
        extensions::endpoint(of).unwrap_or_default(),
    );
    Value::Object(server)
}

/// Adds a member that there is.
fn put(to: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        to.insert(name.to_owned(), value);
    }
}

/// Adds an object that is not empty.
fn put_some(to: &mut Map<String, Value>, name: &str, members: Map<String, Value>) {
    if !members.is_empty() {
        to.insert(name.to_owned(), Value::Object(members));
    }
}

/// Adds a text that there is.
fn put_text(to: &mut Map<String, Value>, name: &str, text: Option<&String>) {
    put(to, name, text.map(|text| json!(text)));
}

/// Adds a map of texts that is not empty; a text may be null.
fn put_texts(
    to: &mut Map<String, Value>,
    name: &str,
    texts: Option<&tollgate_wire::Map<Option<String>>>,
) {
    let texts = texts.into_iter().flatten();
    let texts = texts.map(|(key, text)| (key.clone(), json!(text)));
    put_some(to, name, texts.collect());
}
