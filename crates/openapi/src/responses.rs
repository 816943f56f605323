//! The responses that a method declares.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_MethodResponse.html>

use tollgate_wire::Map;
use tollgate_wire::apigateway::MethodResponse;

use crate::document::{Dialect, Node};
use crate::models::Models;
use crate::notes::Notes;
use crate::parameters::{content_models, of_each_media_type};
use crate::paths::{Place, Surroundings};

/// Reads the responses of an operation, by status code; absent when it declares none (recorded).
pub(crate) fn read(
    operation: &Node<'_>,
    place: &Place<'_>,
    around: &Surroundings<'_, '_>,
    models: &mut Models,
    notes: &mut Notes,
) -> Option<Map<MethodResponse>> {
    let written = notes.object_of(operation, "responses")?;
    let mut responses: Map<MethodResponse> = Map::default();
    for (status, response) in written
        .members()
        .filter(|(status, _)| !status.starts_with("x-"))
    {
        if !is_status(status) {
            notes.ignore(
                &response,
                format!("API Gateway has method responses by status code only, not '{status}'"),
            );
            continue;
        }
        let Some(response) = notes.object(response) else {
            continue;
        };
        let models = match around.dialect {
            Dialect::Swagger2 => swagger_models(&response, operation, place, around, models, notes),
            Dialect::OpenApi3 => {
                let content = notes.object_of(&response, "content");
                content
                    .map(|content| content_models(&content, place, models, notes))
                    .unwrap_or_default()
            }
        };
        let headers = headers(&response, notes);
        let response = MethodResponse {
            status_code: Some(status.to_owned()),
            response_parameters: (!headers.is_empty()).then_some(headers),
            response_models: (!models.is_empty()).then_some(models),
        };
        responses.insert(status.to_owned(), response);
    }
    (!responses.is_empty()).then_some(responses)
}

fn is_status(key: &str) -> bool {
    key.len() == 3 && key.bytes().all(|byte| byte.is_ascii_digit()) && ("100".."600").contains(&key)
}

/// The headers that a response may have. API Gateway takes none for required.
fn headers(response: &Node<'_>, notes: &mut Notes) -> Map<bool> {
    let headers = notes.object_of(response, "headers");
    let names = headers.iter().flat_map(Node::members).map(|(name, _)| name);
    names
        .map(|name| (format!("method.response.header.{name}"), false))
        .collect()
}

fn swagger_models(
    response: &Node<'_>,
    operation: &Node<'_>,
    place: &Place<'_>,
    around: &Surroundings<'_, '_>,
    models: &mut Models,
    notes: &mut Notes,
) -> Map<Option<String>> {
    let model = response
        .get("schema")
        .and_then(|schema| models.of_body(&schema, &place.to_string(), notes));
    of_each_media_type(model, operation, around, "produces", notes)
}
