//! Integrations: what a method calls. <https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>

use tollgate_model::arn::Arn;
use tollgate_wire::apigateway::{
    DeleteIntegration, DeleteIntegrationRequest, GetIntegration, GetIntegrationRequest,
    Integration, Method, PutIntegration, PutIntegrationRequest, TlsConfig, UpdateIntegration,
    UpdateIntegrationRequest,
};

use super::mapping;
use super::methods::{self, Found};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::patch::{
    ADD_REPLACE_REMOVE, Absent, Edit, Member, NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER, REPLACE,
    Refusals, Row, Table,
};
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<PutIntegration, _>(put);
    on.serve::<GetIntegration, _>(get);
    on.serve::<UpdateIntegration, _>(update);
    on.serve::<DeleteIntegration, _>(delete);
}

async fn put(on: Session, input: PutIntegrationRequest) -> Result<Integration, ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let integration = of_request(input, &found.resource_id);
    check(&on, &integration, &found.method.it)?;
    found.method.it.method_integration = Some(integration.clone());
    found.save(&on).await?;
    Ok(integration)
}

async fn get(on: Session, input: GetIntegrationRequest) -> Result<Integration, ApiError> {
    let found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    );
    find(&found.await?).cloned()
}

async fn update(on: Session, input: UpdateIntegrationRequest) -> Result<Integration, ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let after = PATCHES.apply(find(&found)?, input.patch_operations.as_deref())?;
    check(&on, &after, &found.method.it)?;
    found.method.it.method_integration = Some(after.clone());
    found.save(&on).await?;
    Ok(after)
}

async fn delete(on: Session, input: DeleteIntegrationRequest) -> Result<(), ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    find(&found)?;
    found.method.it.method_integration = None;
    found.save(&on).await
}

/// The API reference's table of patch operations. The family of refusals is a guess after that of methods.
pub(crate) static PATCHES: Table<Integration> = Table {
    refusals: Refusals::PathOrOperation,
    rows: &[
        Row::checked(
            "/httpMethod",
            REPLACE,
            Member::Text(|it| &mut it.http_method),
            check_not_mock,
        ),
        Row::checked(
            "/uri",
            REPLACE,
            Member::Text(|it| &mut it.uri),
            check_not_mock,
        ),
        Row::new(
            "/credentials",
            REPLACE,
            Member::Text(|it| &mut it.credentials),
        ),
        Row::checked(
            "/connectionType",
            REPLACE,
            Member::Text(|it| &mut it.connection_type),
            |_, new| check_one_of("connectionType", &["INTERNET", "VPC_LINK"], new),
        ),
        Row::new(
            "/connectionId",
            REPLACE,
            Member::Text(|it| &mut it.connection_id),
        ),
        Row::new(
            "/integrationTarget",
            REPLACE,
            Member::Text(|it| &mut it.integration_target),
        ),
        Row::new(
            "/passthroughBehavior",
            REPLACE,
            Member::Own(set_passthrough_behavior),
        ),
        Row::checked(
            "/contentHandling",
            REPLACE,
            Member::Text(|it| &mut it.content_handling),
            |_, new| check_content_handling(new),
        ),
        Row::new("/timeoutInMillis", REPLACE, Member::Own(set_timeout)),
        Row::checked(
            "/responseTransferMode",
            REPLACE,
            Member::Text(|it| &mut it.response_transfer_mode),
            |_, new| check_one_of("responseTransferMode", &["BUFFERED", "STREAM"], new),
        ),
        Row::new(
            "/tlsConfig/insecureSkipVerification",
            REPLACE,
            Member::Flag(|it| skips_verification(it)),
        ),
        Row::new(
            "/cacheNamespace",
            REPLACE,
            Member::Text(|it| &mut it.cache_namespace),
        ),
        Row::new(
            "/cacheKeyParameters/{name}",
            ADD_REPLACE_REMOVE,
            Member::Own(set_cache_key_parameter),
        ),
        Row::new(
            "/requestParameters/{name}",
            ADD_REPLACE_REMOVE,
            Member::TextEntry(
                |it| &mut it.request_parameters,
                Absent::Put(NO_SUCH_PARAMETER),
            ),
        ),
        Row::new(
            "/requestTemplates/{type}",
            ADD_REPLACE_REMOVE,
            Member::TextEntry(
                |it| &mut it.request_templates,
                Absent::Put(NO_SUCH_CONTENT_TYPE),
            ),
        ),
    ],
};

/// The API reference: these are for every type but MOCK.
fn check_not_mock(integration: &Integration, _new: &str) -> Result<(), ApiError> {
    match kind(integration) == MOCK {
        true => Err(ApiError::bad_request(
            "Invalid patch operation specified for an integration of type MOCK",
        )),
        false => Ok(()),
    }
}

fn set_passthrough_behavior(
    integration: &mut Integration,
    edit: &Edit<'_>,
) -> Result<(), ApiError> {
    integration.passthrough_behavior = Some(edit.value.unwrap_or_default().to_ascii_uppercase());
    Ok(())
}

fn set_timeout(integration: &mut Integration, edit: &Edit<'_>) -> Result<(), ApiError> {
    // What is no number is none that is allowed either: the check of the whole integration says so.
    let timeout = edit.value.unwrap_or_default().parse().unwrap_or(-1);
    integration.timeout_in_millis = Some(timeout);
    Ok(())
}

fn set_cache_key_parameter(integration: &mut Integration, edit: &Edit<'_>) -> Result<(), ApiError> {
    let mut parameters = integration.cache_key_parameters.take();
    crate::patch::element(&mut parameters, edit);
    integration.cache_key_parameters = Some(parameters.unwrap_or_default());
    Ok(())
}

fn skips_verification(integration: &mut Integration) -> &mut Option<bool> {
    let tls: &mut TlsConfig = integration.tls_config.get_or_insert_default();
    &mut tls.insecure_skip_verification
}

/// With AWS's defaults; recorded per type.
fn of_request(input: PutIntegrationRequest, resource_id: &str) -> Integration {
    let kind = input.type_.unwrap_or_default();
    let calls_out = kind != MOCK;
    let connection = is_http(&kind).then(|| {
        input
            .connection_type
            .unwrap_or_else(|| "INTERNET".to_owned())
    });
    Integration {
        http_method: input.integration_http_method.filter(|_| calls_out),
        uri: input.uri.filter(|_| calls_out),
        connection_type: connection,
        connection_id: input.connection_id,
        credentials: input.credentials,
        request_parameters: input.request_parameters,
        request_templates: mapping::with_empty_as_null(input.request_templates),
        passthrough_behavior: Some(passthrough_behavior(input.passthrough_behavior)),
        content_handling: input.content_handling,
        timeout_in_millis: Some(input.timeout_in_millis.unwrap_or(TIMEOUT_MS)),
        cache_namespace: Some(
            input
                .cache_namespace
                .unwrap_or_else(|| resource_id.to_owned()),
        ),
        cache_key_parameters: Some(input.cache_key_parameters.unwrap_or_default()),
        tls_config: input.tls_config,
        response_transfer_mode: input.response_transfer_mode,
        integration_target: input.integration_target,
        type_: Some(kind),
        ..Integration::default()
    }
}

fn passthrough_behavior(given: Option<String>) -> String {
    given.map_or_else(
        || "WHEN_NO_MATCH".to_owned(),
        |given| given.to_ascii_uppercase(),
    )
}

/// The checks of PutIntegration in AWS's order; an import makes the same.
pub(super) fn check(
    on: &Session,
    integration: &Integration,
    method: &Method,
) -> Result<(), ApiError> {
    let kind = kind(integration);
    if kind != MOCK {
        check_http_method(integration.http_method.as_deref().unwrap_or_default())?;
    }
    check_uri(kind, integration.uri.as_deref().unwrap_or_default())?;
    check_timeout(integration, on.shared.integration_timeout_ms_max)?;
    let passthrough = integration
        .passthrough_behavior
        .as_deref()
        .unwrap_or_default();
    check_one_of(
        "passthroughBehavior",
        &["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"],
        passthrough,
    )?;
    mapping::check_templates(integration.request_templates.as_ref())?;
    mapping::check_request(
        integration.request_parameters.as_ref(),
        method.request_parameters.as_ref(),
    )
}

fn check_http_method(name: &str) -> Result<(), ApiError> {
    match name.is_empty() {
        true => Err(ApiError::bad_request(
            "Enumeration value for HttpMethod must be non-empty",
        )),
        false => methods::check_http_method(name),
    }
}

/// The text is widely seen with AWS; not recorded here.
fn check_timeout(integration: &Integration, max_ms: u64) -> Result<(), ApiError> {
    let timeout_ms = u64::try_from(integration.timeout_in_millis.unwrap_or(TIMEOUT_MS));
    match timeout_ms.is_ok_and(|timeout_ms| (TIMEOUT_MS_MIN..=max_ms).contains(&timeout_ms)) {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Timeout should be between {TIMEOUT_MS_MIN} ms and {max_ms} ms"
        ))),
    }
}

fn check_uri(kind: &str, uri: &str) -> Result<(), ApiError> {
    match kind {
        MOCK => Ok(()),
        "AWS" => check_service_arn(uri).map(|_| ()),
        "AWS_PROXY" => check_proxy_arn(&check_service_arn(uri)?),
        _ => check_http_uri(uri),
    }
}

/// Stage variables may stand anywhere after the scheme.
fn check_http_uri(uri: &str) -> Result<(), ApiError> {
    let rest = uri
        .strip_prefix("http://")
        .or_else(|| uri.strip_prefix("https://"));
    let has_host =
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']));
    match has_host && !uri.contains(char::is_whitespace) {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Invalid HTTP endpoint specified for URI",
        )),
    }
}

/// `arn:aws:apigateway:{region}:{service}:{path|action}/…`: the service stands where other ARNs have the account.
fn check_service_arn(uri: &str) -> Result<Arn, ApiError> {
    let invalid = |_| ApiError::bad_request("Invalid ARN specified in the request");
    let arn: Arn = uri.parse().map_err(invalid)?;
    match arn.resource.starts_with("path/") || arn.resource.starts_with("action/") {
        true => Ok(arn),
        false => Err(ApiError::bad_request(
            "AWS ARN for integration must contain path or action",
        )),
    }
}

fn check_proxy_arn(arn: &Arn) -> Result<(), ApiError> {
    let resource = arn.resource.as_str();
    let is_function = |version: &str, call: &str| {
        let function = resource
            .strip_prefix(version)
            .and_then(|rest| rest.strip_suffix(call));
        function.is_some_and(|function| function.starts_with("arn:") || function.starts_with("${"))
    };
    let is_served = match arn.account.as_str() {
        "lambda" => {
            is_function("path/2015-03-31/functions/", "/invocations")
                || is_function(
                    "path/2021-11-15/functions/",
                    "/response-streaming-invocations",
                )
        }
        "firehose" => resource.starts_with("action/PutRecord"),
        _ => false,
    };
    match is_served {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
        )),
    }
}

const MOCK: &str = "MOCK";
const TIMEOUT_MS: i32 = 29_000;
const TIMEOUT_MS_MIN: u64 = 50;

/// An empty value removes it.
pub(super) fn check_content_handling(new: &str) -> Result<(), ApiError> {
    match new.is_empty() {
        true => Ok(()),
        false => check_one_of(
            "contentHandling",
            &["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"],
            new,
        ),
    }
}

/// Guess: AWS's text on values that no constraint of the model covers is not recorded.
pub(super) fn check_one_of(member: &str, allowed: &[&str], value: &str) -> Result<(), ApiError> {
    match allowed.contains(&value) {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Invalid {member} specified. Valid options are {}",
            allowed.join(",")
        ))),
    }
}

/// The method's integration.
pub(super) fn find(found: &Found) -> Result<&Integration, ApiError> {
    let integration = found.method.it.method_integration.as_ref();
    integration.ok_or_else(|| ApiError::not_found("Invalid Integration identifier specified"))
}

fn kind(integration: &Integration) -> &str {
    integration.type_.as_deref().unwrap_or_default()
}

fn is_http(kind: &str) -> bool {
    matches!(kind, "HTTP" | "HTTP_PROXY")
}
