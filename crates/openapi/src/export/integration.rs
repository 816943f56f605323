//! `x-amazon-apigateway-integration` of a method. Recorded: what an import would fill in is not said, and the values of
//! enumerations are in lower case.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html>

use serde_json::{Map, Value, json};
use tollgate_model::rest::MethodOf;
use tollgate_wire::apigateway::{Integration, IntegrationResponse};

use super::{put, put_some, put_text, put_texts};
use crate::integration::TIMEOUT_MS;

pub(super) fn of(method: &MethodOf) -> Option<Value> {
    let integration = method.method.method_integration.as_ref()?;
    let mut shown = Map::new();
    put(&mut shown, "type", lower(integration.type_.as_ref()));
    put_text(&mut shown, "credentials", integration.credentials.as_ref());
    put_text(&mut shown, "httpMethod", integration.http_method.as_ref());
    put_text(&mut shown, "uri", integration.uri.as_ref());
    put_some(&mut shown, "responses", responses(integration));
    let parameters = integration.request_parameters.as_ref();
    put_texts(&mut shown, "requestParameters", parameters);
    let templates = integration.request_templates.as_ref();
    put_texts(&mut shown, "requestTemplates", templates);
    let passthrough = lower(integration.passthrough_behavior.as_ref());
    put(&mut shown, "passthroughBehavior", passthrough);
    put_connection(&mut shown, integration);
    put_cache(&mut shown, integration, &method.resource_id);
    let timeout = integration.timeout_in_millis.filter(|it| *it != TIMEOUT_MS);
    put(
        &mut shown,
        "timeoutInMillis",
        timeout.map(|timeout| json!(timeout)),
    );
    let handling = integration.content_handling.as_ref();
    put_text(&mut shown, "contentHandling", handling);
    let mode = lower(integration.response_transfer_mode.as_ref());
    put(&mut shown, "responseTransferMode", mode);
    Some(Value::Object(shown))
}

fn put_connection(shown: &mut Map<String, Value>, integration: &Integration) {
    let is_http = integration
        .type_
        .as_deref()
        .is_some_and(|kind| kind.starts_with("HTTP"));
    let kind = integration.connection_type.as_ref();
    let kind = kind.filter(|kind| !is_http || *kind != "INTERNET");
    put_text(shown, "connectionType", kind);
    put_text(shown, "connectionId", integration.connection_id.as_ref());
    let target = integration.integration_target.as_ref();
    put_text(shown, "integrationTarget", target);
    if let Some(tls) = &integration.tls_config {
        let skip = tls.insecure_skip_verification;
        let skip = skip.map(|skip| json!({"insecureSkipVerification": skip}));
        put(shown, "tlsConfig", Some(skip.unwrap_or_else(|| json!({}))));
    }
}

/// A cache namespace is the resource unless it was set.
fn put_cache(shown: &mut Map<String, Value>, integration: &Integration, resource_id: &str) {
    let namespace = integration.cache_namespace.as_ref();
    let namespace = namespace.filter(|namespace| *namespace != resource_id);
    put_text(shown, "cacheNamespace", namespace);
    let keys = integration.cache_key_parameters.as_ref();
    let keys = keys.filter(|keys| !keys.is_empty());
    put(shown, "cacheKeyParameters", keys.map(|keys| json!(keys)));
}

/// By selection pattern. Guess: of several with one pattern, which a document cannot hold, the first by status is kept.
fn responses(integration: &Integration) -> Map<String, Value> {
    let mut responses: Vec<(&String, &IntegrationResponse)> =
        integration.integration_responses.iter().flatten().collect();
    responses.sort_by_key(|(status, _)| *status);
    let mut shown = Map::new();
    for (status, response) in responses {
        let pattern = response.selection_pattern.as_deref();
        let pattern = pattern.filter(|pattern| !pattern.is_empty());
        let pattern = pattern.unwrap_or("default").to_owned();
        shown
            .entry(pattern)
            .or_insert_with(|| one_response(status, response));
    }
    shown
}

fn one_response(status: &str, response: &IntegrationResponse) -> Value {
    let mut shown = Map::new();
    shown.insert("statusCode".to_owned(), json!(status));
    let parameters = response.response_parameters.as_ref();
    put_texts(&mut shown, "responseParameters", parameters);
    let templates = response.response_templates.as_ref();
    put_texts(&mut shown, "responseTemplates", templates);
    let handling = response.content_handling.as_ref();
    put_text(&mut shown, "contentHandling", handling);
    Value::Object(shown)
}

fn lower(value: Option<&String>) -> Option<Value> {
    value.map(|value| json!(value.to_ascii_lowercase()))
}
