//! The paths of a document: a resource for every part, a method for every operation.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html>

use std::collections::HashSet;
use std::fmt;

use tollgate_model::rest::MethodOf;
use tollgate_wire::apigateway::{Method, RequestValidator, Resource};

use crate::document::{Dialect, Node};
use crate::models::Models;
use crate::notes::Notes;
use crate::origin::Subject;
use crate::resources::Resources;
use crate::security::Security;
use crate::{integration, parameters, responses};

/// The operations of a path item, and their method at API Gateway. There is no TRACE.
const OPERATIONS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("x-amazon-apigateway-any-method", "ANY"),
];

/// What every operation is read against.
pub(crate) struct Surroundings<'s, 'd> {
    pub(crate) root: &'s Node<'d>,
    pub(crate) dialect: Dialect,
    pub(crate) base_path: &'s [String],
    pub(crate) security: &'s Security<'d>,
    pub(crate) validators: &'s [RequestValidator],
}

/// Which method a text is about, in AWS's frames.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// The full path of the resource, base path included.
    pub path: &'p str,
    /// The method, upper case.
    pub method: &'p str,
}

impl Place<'_> {
    /// The frame around a refusal as users quote it; not in the recordings.
    pub fn refusal(&self, what: &str, reason: &str) -> String {
        format!(
            "Unable to put {what} on '{}' for resource at path '{}': {reason}",
            self.method, self.path
        )
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "method '{}' of resource '{}'", self.method, self.path)
    }
}

/// Reads all paths.
pub(crate) fn read(
    around: &Surroundings<'_, '_>,
    models: &mut Models,
    notes: &mut Notes,
) -> (Vec<Resource>, Vec<MethodOf>) {
    let mut resources = Resources::new();
    let mut methods = Vec::new();
    let mut seen = HashSet::new();
    let paths = notes.object_of(around.root, "paths");
    for (path, item) in paths
        .iter()
        .flat_map(Node::members)
        .filter(|(path, _)| !path.starts_with("x-"))
    {
        let Some(id) = ensure(path, &item, around.base_path, &mut resources, notes) else {
            continue;
        };
        if !seen.insert(id.clone()) {
            notes.problem(item.problem(format!("path '{id}' is given twice")));
            continue;
        }
        let Some(item) = notes.object(item) else {
            continue;
        };
        methods.extend(of_item(&id, &item, around, models, notes));
    }
    (resources.into_list(), methods)
}

/// The resource of a path. A slash at the end makes no part of its own.
fn ensure(
    path: &str,
    item: &Node<'_>,
    base_path: &[String],
    resources: &mut Resources,
    notes: &mut Notes,
) -> Option<String> {
    let Some(relative) = path.strip_prefix('/') else {
        notes.problem(item.problem("a path starts with a slash"));
        return None;
    };
    let relative = relative.strip_suffix('/').unwrap_or(relative);
    let own = relative.split('/').filter(|_| !relative.is_empty());
    let parts: Vec<&str> = base_path.iter().map(String::as_str).chain(own).collect();
    let ensured = resources.ensure(&parts);
    let id = ensured.map_err(|text| notes.problem(item.problem(text)));
    let id = id.ok()?;
    notes.origins.note_resources(item, &id);
    Some(id)
}

fn of_item(
    path: &str,
    item: &Node<'_>,
    around: &Surroundings<'_, '_>,
    models: &mut Models,
    notes: &mut Notes,
) -> Vec<MethodOf> {
    for (name, member) in item.members() {
        if name == "trace" {
            notes.ignore(&member, "API Gateway has no TRACE methods");
        } else if !is_of_item(name) {
            notes.ignore(&member, format!("a path has no operation '{name}'"));
        }
    }
    let present = OPERATIONS
        .iter()
        .filter_map(|(name, method)| Some((*method, item.get(name)?)));
    let present: Vec<(&str, Node<'_>)> = present.collect();
    let mut methods = Vec::with_capacity(present.len());
    for (method, operation) in present {
        let Some(operation) = notes.object(operation) else {
            continue;
        };
        let place = Place { path, method };
        let method = of_operation(&operation, item, &place, around, models, notes);
        methods.push(MethodOf {
            resource_id: path.to_owned(),
            method,
        });
    }
    methods
}

/// Whether a path item may have this member. A method in capitals, say, is none.
fn is_of_item(name: &str) -> bool {
    const BESIDES: [&str; 5] = ["summary", "description", "servers", "parameters", "$ref"];
    let mut operations = OPERATIONS.iter().map(|(operation, _)| *operation);
    operations.any(|operation| operation == name)
        || BESIDES.contains(&name)
        || name.starts_with("x-")
}

fn of_operation(
    operation: &Node<'_>,
    item: &Node<'_>,
    place: &Place<'_>,
    around: &Surroundings<'_, '_>,
    models: &mut Models,
    notes: &mut Notes,
) -> Method {
    notes.origins.note(operation, || Subject::Method {
        path: place.path.to_owned(),
        method: place.method.to_owned(),
    });
    let inputs = parameters::read(operation, item, place, around, models, notes);
    let mut method = Method {
        http_method: Some(place.method.to_owned()),
        operation_name: notes.text_of(operation, "operationId"),
        request_parameters: inputs.parameters,
        request_models: inputs.models,
        request_validator_id: validator(operation, place, around, notes),
        method_responses: responses::read(operation, place, around, models, notes),
        method_integration: integration::read(operation, place, notes),
        ..Method::default()
    };
    around.security.apply(operation, &mut method, notes);
    method
}

/// The validator named by the operation, or else by the document. Its provisional id is its name.
fn validator(
    operation: &Node<'_>,
    place: &Place<'_>,
    around: &Surroundings<'_, '_>,
    notes: &mut Notes,
) -> Option<String> {
    const MEMBER: &str = "x-amazon-apigateway-request-validator";
    let node = operation.get(MEMBER).or_else(|| around.root.get(MEMBER))?;
    let name = notes.text(&node)?;
    let known = around
        .validators
        .iter()
        .any(|validator| validator.name.as_ref() == Some(&name));
    if !known {
        notes.problem(
            node.problem(place.refusal("method", "Invalid Request Validator identifier specified")),
        );
        return None;
    }
    Some(name)
}
