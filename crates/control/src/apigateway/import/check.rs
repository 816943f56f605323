//! What a definition says of methods is held to the rules of PutIntegration and PutIntegrationResponse, as AWS does:
//! its refusals name the operation that an import stands for (Testlio/lambda-tools, issue 56).

use std::collections::HashMap;

use tollgate_model::rest::{Definition, MethodOf};
use tollgate_openapi::{Fault, Place, Subject, place_of};
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    Authorizer, DocumentationPart, Integration, IntegrationResponse, Method,
};

use crate::apigateway::{
    authorizers, documentation_parts, gateway_responses, integration_responses, integrations,
    resources,
};
use crate::error::ApiError;
use crate::session::Session;

/// Every fault of a method, an authorizer or a documentation part.
pub(super) fn faults(on: &Session, definition: &Definition) -> Vec<Fault> {
    let paths = definition.resources.iter();
    let paths: HashMap<&str, &str> = paths
        .map(|it| (it.id.as_deref().unwrap_or_default(), resources::path(it)))
        .collect();
    let path_of = |it: &MethodOf| paths.get(&*it.resource_id).copied().unwrap_or_default();
    let methods = definition.methods.iter();
    let methods = methods.flat_map(|it| of_method(on, path_of(it), &it.method));
    let authorizers = definition.authorizers.iter().filter_map(of_authorizer);
    let parts = definition.documentation_parts.iter();
    let parts = parts.filter_map(of_documentation_part);
    methods.chain(authorizers).chain(parts).collect()
}

/// Guess: the frame is after those of methods.
fn of_authorizer(authorizer: &Authorizer) -> Option<Fault> {
    let error = authorizers::check(authorizer).err()?;
    let name = authorizer.name.clone().unwrap_or_default();
    Some(Fault {
        text: format!("Unable to create authorizer '{name}': {}", error.message),
        subject: Subject::Authorizer(name),
    })
}

/// What CreateDocumentationPart would refuse.
pub(in crate::apigateway) fn of_documentation_part(part: &DocumentationPart) -> Option<Fault> {
    let location = part.location.clone().unwrap_or_default();
    let error = documentation_parts::check_location(&location).err()?;
    Some(Fault {
        text: error.message,
        subject: Subject::DocumentationPart(place_of(&location)),
    })
}

fn of_method(on: &Session, path: &str, method: &Method) -> Vec<Fault> {
    let Some(integration) = &method.method_integration else {
        return Vec::new();
    };
    let place = Place {
        path,
        method: method.http_method.as_deref().unwrap_or_default(),
    };
    let own = integrations::check(on, integration, method).err();
    let own = own.map(|error| Fault {
        subject: Subject::Integration {
            path: path.to_owned(),
            method: place.method.to_owned(),
        },
        text: place.refusal("integration", &error.message),
    });
    let responses = responses(integration);
    let responses = responses.filter_map(|response| of_response(place, method, response));
    own.into_iter().chain(responses).collect()
}

fn responses(integration: &Integration) -> impl Iterator<Item = &IntegrationResponse> {
    let responses = integration.integration_responses.iter();
    responses.flat_map(Map::values)
}

fn of_response(place: Place<'_>, method: &Method, response: &IntegrationResponse) -> Option<Fault> {
    let error = check_response(method, response).err()?;
    Some(Fault {
        subject: Subject::IntegrationResponse {
            path: place.path.to_owned(),
            method: place.method.to_owned(),
            status: response.status_code.clone().unwrap_or_default(),
        },
        text: place.refusal("integration response", &error.message),
    })
}

/// The status is checked by the model where it comes in a path.
fn check_response(method: &Method, response: &IntegrationResponse) -> Result<(), ApiError> {
    gateway_responses::check_status(response.status_code.as_deref().unwrap_or_default())?;
    integration_responses::check(method, response)
}
