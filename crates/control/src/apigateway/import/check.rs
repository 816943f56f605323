//! What a definition says of methods is held to the rules of PutIntegration and PutIntegrationResponse, as AWS does:
//! its refusals name the operation that an import stands for (Testlio/lambda-tools, issue 56).

use std::collections::HashMap;

use tollgate_model::rest::{Definition, MethodOf};
use tollgate_openapi::{ImportError, Place, Problem, place_of};
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

/// Checks every method, authorizer and documentation part, and names each fault.
pub(super) fn check(on: &Session, definition: &Definition) -> Result<(), ImportError> {
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
    let problems: Vec<Problem> = methods.chain(authorizers).chain(parts).collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(ImportError::Problems(problems)),
    }
}

/// Guess: the frame is after those of methods.
fn of_authorizer(authorizer: &Authorizer) -> Option<Problem> {
    let error = authorizers::check(authorizer).err()?;
    let name = authorizer.name.clone().unwrap_or_default();
    Some(Problem {
        text: format!("Unable to create authorizer '{name}': {}", error.message),
        pointer: name,
        position: None,
    })
}

fn of_documentation_part(part: &DocumentationPart) -> Option<Problem> {
    let location = part.location.clone().unwrap_or_default();
    let error = documentation_parts::check_location(&location).err()?;
    Some(Problem {
        text: error.message,
        pointer: place_of(&location),
        position: None,
    })
}

fn of_method(on: &Session, path: &str, method: &Method) -> Vec<Problem> {
    let Some(integration) = &method.method_integration else {
        return Vec::new();
    };
    let place = Place {
        path,
        method: method.http_method.as_deref().unwrap_or_default(),
    };
    let own = integrations::check(on, integration, method);
    let own = own.err().map(|error| problem(place, "integration", &error));
    let responses = responses(integration).filter_map(|response| {
        let error = of_response(method, response).err()?;
        Some(problem(place, "integration response", &error))
    });
    own.into_iter().chain(responses).collect()
}

fn responses(integration: &Integration) -> impl Iterator<Item = &IntegrationResponse> {
    let responses = integration.integration_responses.iter();
    responses.flat_map(Map::values)
}

/// The status is checked by the model where it comes in a path.
fn of_response(method: &Method, response: &IntegrationResponse) -> Result<(), ApiError> {
    gateway_responses::check_status(response.status_code.as_deref().unwrap_or_default())?;
    integration_responses::check(method, response)
}

fn problem(place: Place<'_>, what: &str, error: &ApiError) -> Problem {
    Problem {
        pointer: place.path.to_owned(),
        position: None,
        text: place.refusal(what, &error.message),
    }
}
