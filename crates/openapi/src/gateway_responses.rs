//! `x-amazon-apigateway-gateway-responses`.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html>

use tollgate_wire::Map;
use tollgate_wire::apigateway::GatewayResponse;

use crate::document::Node;
use crate::notes::Notes;

/// The types that a definition can customise, by name.
const TYPES: [&str; 21] = [
    "ACCESS_DENIED",
    "API_CONFIGURATION_ERROR",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "WAF_FILTERED",
];

/// Reads the customised responses. What one leaves out stays unset: it takes the default of its type.
pub(crate) fn read(root: &Node<'_>, notes: &mut Notes) -> Vec<GatewayResponse> {
    let Some(written) = notes.object_of(root, "x-amazon-apigateway-gateway-responses") else {
        return Vec::new();
    };
    let members: Vec<(&str, Node<'_>)> = written.members().collect();
    members
        .into_iter()
        .filter_map(|(kind, response)| one(kind, response, notes))
        .collect()
}

fn one(kind: &str, response: Node<'_>, notes: &mut Notes) -> Option<GatewayResponse> {
    let response = notes.object(response)?;
    if !TYPES.contains(&kind) {
        notes.problem(response.problem(format!("'{kind}' is no gateway response type")));
        return None;
    }
    Some(GatewayResponse {
        response_type: Some(kind.to_owned()),
        status_code: notes.text_of(&response, "statusCode"),
        response_parameters: texts(&response, "responseParameters", notes),
        response_templates: texts(&response, "responseTemplates", notes),
        default_response: Some(false),
    })
}

fn texts(response: &Node<'_>, name: &str, notes: &mut Notes) -> Option<Map<Option<String>>> {
    let written = notes.object_of(response, name)?;
    let texts = written
        .members()
        .filter_map(|(key, value)| Some((key.to_owned(), Some(notes.text(&value)?))));
    let texts: Map<Option<String>> = texts.collect();
    (!texts.is_empty()).then_some(texts)
}
