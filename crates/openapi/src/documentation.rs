//! `x-amazon-apigateway-documentation`: documentation parts, each about one place of the API.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-documentation.html>

use std::collections::HashMap;

use tollgate_wire::apigateway::{DocumentationPart, DocumentationPartLocation};
use tollgate_wire::schema::Shape as Kind;
use tollgate_wire::{Shape, json};

use crate::document::Node;
use crate::notes::Notes;
use crate::origin::Subject;

/// The extension at the root of a document.
pub(crate) const EXTENSION: &str = "x-amazon-apigateway-documentation";

/// Reads the parts of a document; of several about one place, the last is kept. The provisional id of each is its
/// place.
pub(crate) fn read(root: &Node<'_>, notes: &mut Notes) -> Vec<DocumentationPart> {
    let Some(written) = notes.object_of(root, EXTENSION) else {
        return Vec::new();
    };
    let mut parts: Vec<DocumentationPart> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for node in notes
        .list_of(&written, "documentationParts")
        .unwrap_or_default()
    {
        let Some(part) = one(node.clone(), notes) else {
            continue;
        };
        let place = part.id.clone().unwrap_or_default();
        let subject = || Subject::DocumentationPart(place.clone());
        notes.origins.note(&node, subject);
        match places.get(&place) {
            Some(&at) => {
                // The text is ours.
                notes.warn(
                    &node,
                    format!("Only the last of several documentation parts for {place} is kept"),
                );
                parts[at] = part;
            }
            None => {
                places.insert(place, parts.len());
                parts.push(part);
            }
        }
    }
    parts
}

fn one(node: Node<'_>, notes: &mut Notes) -> Option<DocumentationPart> {
    let node = notes.object(node)?;
    let location = location(&node, notes)?;
    let properties = properties(&node, notes)?;
    Some(DocumentationPart {
        id: Some(place_of(&location)),
        location: Some(location),
        properties: Some(properties),
    })
}

/// The place that a part is about, as a text that is equal for equal places.
pub fn place_of(location: &DocumentationPartLocation) -> String {
    String::from_utf8(json::to_vec(location)).expect("JSON is UTF-8")
}

fn location(part: &Node<'_>, notes: &mut Notes) -> Option<DocumentationPartLocation> {
    let Some(node) = notes.object_of(part, "location") else {
        notes.problem(part.problem("a documentation part has a location"));
        return None;
    };
    let kind = notes.text_of(&node, "type").unwrap_or_default();
    if !is_type(&kind) {
        notes.problem(node.problem(format!("'{kind}' is no type of a documentation part")));
        return None;
    }
    Some(DocumentationPartLocation {
        type_: Some(kind),
        path: notes.text_of(&node, "path"),
        method: notes.text_of(&node, "method"),
        status_code: notes.text_of(&node, "statusCode"),
        name: notes.text_of(&node, "name"),
    })
}

/// Whether the service's model has this type of documentation part.
fn is_type(name: &str) -> bool {
    let members = DocumentationPartLocation::SCHEMA.members.iter();
    let mut types = members.filter(|member| member.name == "type");
    types.any(|member| matches!(member.shape, Kind::Text(text) if text.one_of.contains(&name)))
}

/// An object, or the text of one. Guess: an object is kept as text without spaces, as CreateDocumentationPart would be
/// given it.
fn properties(part: &Node<'_>, notes: &mut Notes) -> Option<String> {
    let Some(node) = part.get("properties") else {
        notes.problem(part.problem("a documentation part has properties"));
        return None;
    };
    match (node.value.is_object(), node.text()) {
        (true, _) => Some(node.value.to_string()),
        (false, Some(text)) if is_object(&text) => Some(text),
        _ => {
            notes.problem(node.problem("expected an object, or the text of one"));
            None
        }
    }
}

fn is_object(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}
