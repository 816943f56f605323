//! `x-amazon-apigateway-integration`: what stands behind a method.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>

use tollgate_wire::Map;
use tollgate_wire::apigateway::{Integration, IntegrationResponse, TlsConfig};

use crate::document::Node;
use crate::notes::Notes;
use crate::origin::Subject;
use crate::paths::Place;

/// What API Gateway fills in when a definition gives no time-out, in milliseconds.
pub(crate) const TIMEOUT_MS: i32 = 29_000;

/// The types of integration a REST API has.
const TYPES: [&str; 5] = ["HTTP", "HTTP_PROXY", "AWS", "AWS_PROXY", "MOCK"];

/// Members that only HTTP APIs read; API Gateway imports a REST API without a word about them (recorded for the
/// version).
const HTTP_API_ONLY: [&str; 2] = ["payloadFormatVersion", "integrationSubtype"];

/// Reads the integration of an operation. Its cache namespace is the provisional id of the resource.
pub(crate) fn read(
    operation: &Node<'_>,
    place: &Place<'_>,
    notes: &mut Notes,
) -> Option<Integration> {
    let node = notes.object_of(operation, "x-amazon-apigateway-integration")?;
    notes.origins.note(&node, || Subject::Integration {
        path: place.path.to_owned(),
        method: place.method.to_owned(),
    });
    let kind = kind(&node, place, notes)?;
    for name in HTTP_API_ONLY {
        if let Some(member) = node.get(name) {
            notes.ignore(&member, "a setting of HTTP APIs");
        }
    }
    let connection_type = upper(&node, "connectionType", notes);
    Some(Integration {
        // Recorded: a MOCK loses its method, and only HTTP integrations have a connection type.
        http_method: upper(&node, "httpMethod", notes).filter(|_| kind != "MOCK"),
        connection_type: connection_type
            .or_else(|| kind.starts_with("HTTP").then(|| "INTERNET".to_owned())),
        uri: notes.text_of(&node, "uri"),
        connection_id: notes.text_of(&node, "connectionId"),
        credentials: notes.text_of(&node, "credentials"),
        request_parameters: texts(&node, "requestParameters", place, notes),
        request_templates: texts(&node, "requestTemplates", place, notes),
        passthrough_behavior: upper(&node, "passthroughBehavior", notes)
            .or_else(|| Some("WHEN_NO_MATCH".to_owned())),
        content_handling: upper(&node, "contentHandling", notes),
        timeout_in_millis: notes
            .integer_of(&node, "timeoutInMillis")
            .or(Some(TIMEOUT_MS)),
        cache_namespace: notes
            .text_of(&node, "cacheNamespace")
            .or_else(|| Some(place.path.to_owned())),
        cache_key_parameters: notes
            .texts_of(&node, "cacheKeyParameters")
            .or_else(|| Some(Vec::new())),
        integration_responses: responses(&node, place, notes),
        tls_config: tls(&node, notes),
        response_transfer_mode: upper(&node, "responseTransferMode", notes),
        integration_target: notes.text_of(&node, "integrationTarget"),
        type_: Some(kind),
    })
}

fn kind(node: &Node<'_>, place: &Place<'_>, notes: &mut Notes) -> Option<String> {
    let kind = upper(node, "type", notes).unwrap_or_default();
    if TYPES.contains(&kind.as_str()) {
        return Some(kind);
    }
    let reason = format!(
        "Enumeration value '{kind}' for the integration type must be one of {}",
        TYPES.join(", ")
    );
    notes.problem(node.problem(place.refusal("integration", &reason)));
    None
}

/// The values of this extension are in any case when imported, and in lower case when exported.
fn upper(node: &Node<'_>, name: &str, notes: &mut Notes) -> Option<String> {
    notes
        .text_of(node, name)
        .map(|text| text.to_ascii_uppercase())
}

fn tls(node: &Node<'_>, notes: &mut Notes) -> Option<TlsConfig> {
    let tls = notes.object_of(node, "tlsConfig")?;
    Some(TlsConfig {
        insecure_skip_verification: notes.flag_of(&tls, "insecureSkipVerification"),
    })
}

/// The responses by status code, from the document's, which are by selection pattern.
fn responses(
    node: &Node<'_>,
    place: &Place<'_>,
    notes: &mut Notes,
) -> Option<Map<IntegrationResponse>> {
    let written = notes.object_of(node, "responses")?;
    let mut responses: Map<IntegrationResponse> = Map::default();
    for (pattern, response) in written.members() {
        let Some(response) = notes.object(response) else {
            continue;
        };
        let Some(status) = notes.text_of(&response, "statusCode") else {
            notes.problem(
                response.problem(place.refusal("integration response", "statusCode is required")),
            );
            continue;
        };
        notes
            .origins
            .note(&response, || Subject::IntegrationResponse {
                path: place.path.to_owned(),
                method: place.method.to_owned(),
                status: status.clone(),
            });
        let read = one_response(pattern, &status, &response, place, notes);
        if responses.insert(status.clone(), read).is_some() {
            // One integration response per status is all that API Gateway keeps; the text is ours.
            notes.warn(&response, format!("Only the last of several integration responses with status {status} is kept for {place}"));
        }
    }
    (!responses.is_empty()).then_some(responses)
}

fn one_response(
    pattern: &str,
    status: &str,
    node: &Node<'_>,
    place: &Place<'_>,
    notes: &mut Notes,
) -> IntegrationResponse {
    IntegrationResponse {
        status_code: Some(status.to_owned()),
        selection_pattern: (pattern != "default").then(|| pattern.to_owned()),
        response_parameters: texts(node, "responseParameters", place, notes),
        response_templates: texts(node, "responseTemplates", place, notes),
        content_handling: upper(node, "contentHandling", notes),
    }
}

/// A map of texts. A value that is no text is left out with AWS's warning, recorded for `requestParameters`.
fn texts(
    node: &Node<'_>,
    name: &str,
    place: &Place<'_>,
    notes: &mut Notes,
) -> Option<Map<Option<String>>> {
    let written = notes.object_of(node, name)?;
    let mut texts: Map<Option<String>> = Map::default();
    for (key, value) in written.members() {
        match value.value {
            serde_json::Value::String(text) => {
                drop(texts.insert(key.to_owned(), Some(text.clone())))
            }
            serde_json::Value::Null => drop(texts.insert(key.to_owned(), None)),
            _ => notes.warn(&value, not_text(name, key, &value, place)),
        }
    }
    (!texts.is_empty()).then_some(texts)
}

fn not_text(name: &str, key: &str, value: &Node<'_>, place: &Place<'_>) -> String {
    let Place { path, method } = place;
    let got = value.text().unwrap_or_default();
    format!(
        "Invalid format for '{name}'. Expected type string for property '{key}' of resource '{path}' and method \
         '{method}' but got '{got}'"
    )
}
