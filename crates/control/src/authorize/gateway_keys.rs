//! The condition keys of API Gateway: `apigateway:Request/…` of what a call asks for, `apigateway:Resource/…` of what is there.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html#amazonapigatewaymanagement-policy-keys>

use serde_json::Value as Json;

use super::Attempt;
use super::apigateway::Asked;
use crate::apigateway::{rest_apis, stages};
use crate::error::{ApiError, Exception};

/// Keys that AWS fills for an operation and Tollgate does not: they would take the reading of a document, or of a method or
/// authorizer as it is. A policy that names one where the operation matters allows nothing by it.
const UNFILLED: &[(&[&str], &[&str])] = &[
    (
        &["ImportRestApi", "PutRestApi"],
        &[
            "apigateway:Request/ApiKeyRequired",
            "apigateway:Request/ApiName",
            "apigateway:Request/AuthorizerType",
            "apigateway:Request/AuthorizerUri",
            "apigateway:Request/DisableExecuteApiEndpoint",
            "apigateway:Request/EndpointType",
            "apigateway:Request/RouteAuthorizationType",
            "apigateway:Resource/ApiKeyRequired",
            "apigateway:Resource/AuthorizerType",
            "apigateway:Resource/AuthorizerUri",
            "apigateway:Resource/RouteAuthorizationType",
        ],
    ),
    (
        &["DeleteMethod", "PutMethod", "UpdateMethod"],
        &[
            "apigateway:Resource/ApiKeyRequired",
            "apigateway:Resource/RouteAuthorizationType",
        ],
    ),
    (
        &["DeleteAuthorizer", "UpdateAuthorizer"],
        &[
            "apigateway:Resource/AuthorizerType",
            "apigateway:Resource/AuthorizerUri",
        ],
    ),
    (
        &["CreateDomainName", "DeleteDomainName", "UpdateDomainName"],
        &[
            "apigateway:Request/EndpointType",
            "apigateway:Request/MtlsTrustStoreUri",
            "apigateway:Request/MtlsTrustStoreVersion",
            "apigateway:Request/SecurityPolicy",
            "apigateway:Resource/EndpointType",
            "apigateway:Resource/MtlsTrustStoreUri",
            "apigateway:Resource/MtlsTrustStoreVersion",
            "apigateway:Resource/SecurityPolicy",
        ],
    ),
];

/// Fills the keys of a call, and notes those that it cannot.
pub(super) async fn tell<'a>(attempt: &mut Attempt<'a>, asked: &Asked) -> Result<(), ApiError> {
    for (key, path) in asked_for(asked.name) {
        let values = texts(asked.body.pointer(path));
        let values = match (values.is_empty(), default(key)) {
            (true, Some(default)) => vec![default.to_owned()],
            _ => values,
        };
        set(attempt, key, values);
    }
    for (key, prefix) in patched(asked.name) {
        let under = patches(&asked.body).filter(|(_, path, _)| path.starts_with(prefix));
        set(
            attempt,
            key,
            under.map(|(_, _, value)| value.to_owned()).collect(),
        );
    }
    tell_api(attempt, asked).await?;
    tell_stage(attempt, asked).await?;
    let mut unfilled = UNFILLED.iter();
    if let Some((_, keys)) = unfilled.find(|(names, _)| names.contains(&asked.name)) {
        attempt.unfilled = keys;
    }
    Ok(())
}

/// Keys of what is created, by their places in the body.
fn asked_for(operation: &str) -> &'static [(&'static str, &'static str)] {
    match operation {
        "CreateRestApi" => &[
            ("apigateway:Request/ApiName", "/name"),
            (
                "apigateway:Request/EndpointType",
                "/endpointConfiguration/types",
            ),
            (
                "apigateway:Request/DisableExecuteApiEndpoint",
                "/disableExecuteApiEndpoint",
            ),
        ],
        "PutMethod" => &[
            ("apigateway:Request/ApiKeyRequired", "/apiKeyRequired"),
            (
                "apigateway:Request/RouteAuthorizationType",
                "/authorizationType",
            ),
        ],
        "CreateAuthorizer" => &[
            ("apigateway:Request/AuthorizerType", "/type"),
            ("apigateway:Request/AuthorizerUri", "/authorizerUri"),
        ],
        "CreateDeployment" => &[("apigateway:Request/StageName", "/stageName")],
        _ => &[],
    }
}

/// Keys of what is changed, by what the paths of their patches begin with.
fn patched(operation: &str) -> &'static [(&'static str, &'static str)] {
    match operation {
        "UpdateRestApi" => &[
            ("apigateway:Request/ApiName", "/name"),
            (
                "apigateway:Request/EndpointType",
                "/endpointConfiguration/types",
            ),
            (
                "apigateway:Request/DisableExecuteApiEndpoint",
                "/disableExecuteApiEndpoint",
            ),
        ],
        "UpdateAuthorizer" => &[
            ("apigateway:Request/AuthorizerType", "/type"),
            ("apigateway:Request/AuthorizerUri", "/authorizerUri"),
        ],
        "UpdateStage" => &[
            (
                "apigateway:Request/AccessLoggingDestination",
                "/accessLogSettings/destinationArn",
            ),
            (
                "apigateway:Request/AccessLoggingFormat",
                "/accessLogSettings/format",
            ),
        ],
        _ => &[],
    }
}

/// What a member is that a call leaves out.
fn default(key: &str) -> Option<&'static str> {
    match key {
        "apigateway:Request/EndpointType" => Some("EDGE"),
        "apigateway:Request/DisableExecuteApiEndpoint" | "apigateway:Request/ApiKeyRequired" => {
            Some("false")
        }
        _ => None,
    }
}

/// The patches of a body: operation, path, value.
pub(super) fn patches(body: &Json) -> impl Iterator<Item = (&str, &str, &str)> {
    let patches = body.get("patchOperations").and_then(Json::as_array);
    patches.into_iter().flatten().map(|patch| {
        let text = |name: &str| patch.get(name).and_then(Json::as_str).unwrap_or_default();
        (text("op"), text("path"), text("value"))
    })
}

async fn tell_api<'a>(attempt: &mut Attempt<'a>, asked: &Asked) -> Result<(), ApiError> {
    if !matches!(asked.name, "UpdateRestApi" | "DeleteRestApi" | "PutRestApi") {
        return Ok(());
    }
    let Some(api) = found(rest_apis::find(attempt.on, label(asked, "restapi_id")).await)? else {
        return Ok(());
    };
    let types = api.it.endpoint_configuration.and_then(|it| it.types);
    let disabled = api.it.disable_execute_api_endpoint.unwrap_or(false);
    set(
        attempt,
        "apigateway:Resource/ApiName",
        api.it.name.into_iter().collect(),
    );
    set(
        attempt,
        "apigateway:Resource/EndpointType",
        types.unwrap_or_default(),
    );
    let key = "apigateway:Resource/DisableExecuteApiEndpoint";
    set(attempt, key, vec![disabled.to_string()]);
    Ok(())
}

async fn tell_stage<'a>(attempt: &mut Attempt<'a>, asked: &Asked) -> Result<(), ApiError> {
    if !matches!(asked.name, "UpdateStage" | "DeleteStage") {
        return Ok(());
    }
    let (api, stage) = (label(asked, "restapi_id"), label(asked, "stage_name"));
    let Some((_, stage)) = found(stages::find(attempt.on, api, stage).await)? else {
        return Ok(());
    };
    let settings = stage.it.access_log_settings.unwrap_or_default();
    let destination = settings.destination_arn.into_iter().collect();
    let format = settings.format.into_iter().collect();
    set(
        attempt,
        "apigateway:Resource/AccessLoggingDestination",
        destination,
    );
    set(attempt, "apigateway:Resource/AccessLoggingFormat", format);
    Ok(())
}

/// What is not there has no keys; that it is not there is told to those who may ask.
pub(super) fn found<T>(found: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.exception == Exception::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn label<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    let mut labels = asked.labels.iter();
    let label = labels.find(|(known, _)| *known == name);
    label.map(|(_, value)| value.as_str())
}

fn set(attempt: &mut Attempt<'_>, key: &'static str, values: Vec<String>) {
    let values = values.into_iter().map(Into::into);
    attempt.context.set_all(key, values);
}

/// A text, a truth or a list of texts.
fn texts(value: Option<&Json>) -> Vec<String> {
    match value {
        Some(Json::String(text)) => vec![text.clone()],
        Some(Json::Bool(truth)) => vec![truth.to_string()],
        Some(Json::Array(items)) => {
            let texts = items.iter().filter_map(Json::as_str);
            texts.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
