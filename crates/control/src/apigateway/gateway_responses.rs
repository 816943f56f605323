//! Gateway responses: what the gateway itself answers, by type. Only customised ones are stored.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GatewayResponse.html>

use tollgate_store::Kind;
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    DeleteGatewayResponse, DeleteGatewayResponseRequest, GatewayResponse, GatewayResponses,
    GetGatewayResponse, GetGatewayResponseRequest, GetGatewayResponses, GetGatewayResponsesRequest,
    PutGatewayResponse, PutGatewayResponseRequest, RestApi, UpdateGatewayResponse,
    UpdateGatewayResponseRequest,
};

use super::rest_apis;
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{
    ADD_REPLACE_REMOVE, Absent, Edit, Member, NO_SUCH_PARAMETER, Op, REPLACE, Refusals, Row, Table,
    put_entry,
};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<PutGatewayResponse, _>(put);
    on.serve::<GetGatewayResponse, _>(get);
    on.serve::<GetGatewayResponses, _>(list);
    on.serve::<UpdateGatewayResponse, _>(update);
    on.serve::<DeleteGatewayResponse, _>(delete);
}

async fn put(on: Session, input: PutGatewayResponseRequest) -> Result<GatewayResponse, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let response = customised(GatewayResponse {
        response_type: input.response_type,
        status_code: input.status_code,
        response_parameters: input.response_parameters,
        response_templates: input.response_templates,
        default_response: None,
    });
    save(&on, &api, response).await
}

async fn get(on: Session, input: GetGatewayResponseRequest) -> Result<GatewayResponse, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    find(&on, &api, input.response_type.unwrap_or_default()).await
}

async fn list(
    on: Session,
    input: GetGatewayResponsesRequest,
) -> Result<GatewayResponses, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let page = Page::of(
        format!("gatewayresponses/{}", api.id()),
        input.position.as_deref(),
        input.limit,
    )?;
    let customised = on
        .children::<GatewayResponse>(&api.key, Kind::GatewayResponse)
        .await?;
    let responses = DEFAULTS.iter().map(|(name, _)| {
        let own = customised.iter().find(|response| response.id() == *name);
        own.map_or_else(|| default(name), |own| own.it.clone())
    });
    let name = |response: &GatewayResponse| response.response_type.clone().unwrap_or_default();
    let named: Vec<_> = responses
        .map(|response| (name(&response), response))
        .collect();
    let (named, position) = page.cut(named, |(name, _)| name);
    Ok(GatewayResponses {
        position,
        items: Some(named.into_iter().map(|(_, response)| response).collect()),
    })
}

/// Recorded: updating what is not customised customises it.
async fn update(
    on: Session,
    input: UpdateGatewayResponseRequest,
) -> Result<GatewayResponse, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let before = find(&on, &api, input.response_type.unwrap_or_default()).await?;
    let after = PATCHES.apply(&before, input.patch_operations.as_deref())?;
    save(&on, &api, after).await
}

async fn delete(on: Session, input: DeleteGatewayResponseRequest) -> Result<(), ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let key = api.key.child(
        Kind::GatewayResponse,
        &input.response_type.unwrap_or_default(),
    );
    let customised = on.find::<GatewayResponse>(&key).await?;
    customised.ok_or_else(|| ApiError::not_found("Gateway response type not defined on api"))?;
    let mut change = Change::of(&api);
    change.delete(&key);
    on.commit(change).await?;
    Ok(())
}

/// Recorded.
pub(crate) static PATCHES: Table<GatewayResponse> = Table {
    refusals: Refusals::Path,
    rows: &[
        Row::checked(
            "/statusCode",
            REPLACE,
            Member::Text(|response| &mut response.status_code),
            |_, status| check_status(status),
        ),
        Row::new(
            "/responseParameters/{name}",
            ADD_REPLACE_REMOVE,
            Member::Own(set_parameter),
        ),
        Row::new(
            "/responseTemplates/{type}",
            ADD_REPLACE_REMOVE,
            Member::Own(set_template),
        ),
    ],
};

fn set_parameter(response: &mut GatewayResponse, edit: &Edit<'_>) -> Result<(), ApiError> {
    set(
        &mut response.response_parameters,
        "responseParameters",
        edit,
    )
}

fn set_template(response: &mut GatewayResponse, edit: &Edit<'_>) -> Result<(), ApiError> {
    set(&mut response.response_templates, "responseTemplates", edit)
}

fn set(map: &mut Option<Map<Option<String>>>, name: &str, edit: &Edit<'_>) -> Result<(), ApiError> {
    let value = edit.text();
    if value.is_none() && edit.op != Op::Remove {
        return Err(ApiError::bad_request(format!(
            "Invalid null or empty value in {name}"
        )));
    }
    put_entry(map, Absent::Refused(NO_SUCH_PARAMETER), edit, value)?;
    map.get_or_insert_default();
    Ok(())
}

/// Guess: a status that CreateX would refuse by the model's pattern is no value to patch in.
pub(super) fn check_status(status: &str) -> Result<(), ApiError> {
    let is_status = status.len() == 3
        && status.bytes().all(|byte| byte.is_ascii_digit())
        && (b'1'..=b'5').contains(&status.as_bytes()[0]);
    match is_status {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Invalid Response status code specified",
        )),
    }
}

async fn find(
    on: &Session,
    api: &Stored<RestApi>,
    name: String,
) -> Result<GatewayResponse, ApiError> {
    let customised = on
        .find(&api.key.child(Kind::GatewayResponse, &name))
        .await?;
    Ok(customised.map_or_else(|| default(&name), |response| response.it))
}

async fn save(
    on: &Session,
    api: &Stored<RestApi>,
    response: GatewayResponse,
) -> Result<GatewayResponse, ApiError> {
    let stored = new(on, api, response);
    let mut change = Change::of(api);
    change.put(&stored);
    on.commit(change).await?;
    Ok(stored.it)
}

/// A customised response of `api`.
pub(super) fn new(
    on: &Session,
    api: &Stored<RestApi>,
    response: GatewayResponse,
) -> Stored<GatewayResponse> {
    let key = api.key.child(
        Kind::GatewayResponse,
        response.response_type.as_deref().unwrap_or_default(),
    );
    on.create(key, customised(response))
}

/// Recorded: parts that are not given are those of the default.
pub(super) fn customised(response: GatewayResponse) -> GatewayResponse {
    let default = default(response.response_type.as_deref().unwrap_or_default());
    GatewayResponse {
        status_code: response.status_code.or(default.status_code),
        response_parameters: response.response_parameters.or(default.response_parameters),
        response_templates: response.response_templates.or(default.response_templates),
        default_response: Some(false),
        ..response
    }
}

fn default(name: &str) -> GatewayResponse {
    let known = DEFAULTS.iter().find(|(known, _)| *known == name);
    let template = (
        "application/json".to_owned(),
        Some(r#"{"message":$context.error.messageString}"#.to_owned()),
    );
    GatewayResponse {
        response_type: Some(name.to_owned()),
        status_code: known.and_then(|(_, status)| *status).map(str::to_owned),
        response_parameters: Some(Map::new()),
        response_templates: Some([template].into_iter().collect()),
        default_response: Some(true),
    }
}

/// Recorded: every type in the order of the list, with its status.
const DEFAULTS: [(&str, Option<&str>); 21] = [
    ("ACCESS_DENIED", Some("403")),
    ("API_CONFIGURATION_ERROR", Some("500")),
    ("AUTHORIZER_CONFIGURATION_ERROR", Some("500")),
    ("AUTHORIZER_FAILURE", Some("500")),
    ("BAD_REQUEST_BODY", Some("400")),
    ("BAD_REQUEST_PARAMETERS", Some("400")),
    ("DEFAULT_4XX", None),
    ("DEFAULT_5XX", None),
    ("EXPIRED_TOKEN", Some("403")),
    ("INTEGRATION_FAILURE", Some("504")),
    ("INTEGRATION_TIMEOUT", Some("504")),
    ("INVALID_API_KEY", Some("403")),
    ("INVALID_SIGNATURE", Some("403")),
    ("MISSING_AUTHENTICATION_TOKEN", Some("403")),
    ("QUOTA_EXCEEDED", Some("429")),
    ("REQUEST_TOO_LARGE", Some("413")),
    ("RESOURCE_NOT_FOUND", Some("404")),
    ("THROTTLED", Some("429")),
    ("UNAUTHORIZED", Some("401")),
    ("UNSUPPORTED_MEDIA_TYPE", Some("415")),
    ("WAF_FILTERED", Some("403")),
];
