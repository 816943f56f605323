//! What a method declares to answer, by status code.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_MethodResponse.html>

use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    DeleteMethodResponse, DeleteMethodResponseRequest, GetMethodResponse, GetMethodResponseRequest,
    Method, MethodResponse, PutMethodResponse, PutMethodResponseRequest, UpdateMethodResponse,
    UpdateMethodResponseRequest,
};

use super::mapping;
use super::methods::{self, Found};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::patch::{
    ADD_REPLACE_REMOVE, Absent, Member, NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER, Refusals, Row,
    Table,
};
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<PutMethodResponse, _>(put);
    on.serve::<GetMethodResponse, _>(get);
    on.serve::<UpdateMethodResponse, _>(update);
    on.serve::<DeleteMethodResponse, _>(delete);
}

async fn put(on: Session, input: PutMethodResponseRequest) -> Result<MethodResponse, ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let status = input.status_code.unwrap_or_default();
    if response(&found.method.it, &status).is_some() {
        // Widely seen with AWS and Terraform; not recorded here.
        return Err(ApiError::conflict(
            "Response already exists for this resource",
        ));
    }
    let new = MethodResponse {
        status_code: Some(status.clone()),
        response_parameters: input.response_parameters,
        response_models: input.response_models,
    };
    check(&on, &found, &new, &MethodResponse::default()).await?;
    save(&on, &mut found, status, new).await
}

async fn get(on: Session, input: GetMethodResponseRequest) -> Result<MethodResponse, ApiError> {
    let found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    );
    find(&found.await?, input.status_code.as_deref())
}

async fn update(
    on: Session,
    input: UpdateMethodResponseRequest,
) -> Result<MethodResponse, ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let before = find(&found, input.status_code.as_deref())?;
    let after = PATCHES.apply(&before, input.patch_operations.as_deref())?;
    check(&on, &found, &after, &before).await?;
    save(
        &on,
        &mut found,
        input.status_code.unwrap_or_default(),
        after,
    )
    .await
}

async fn delete(on: Session, input: DeleteMethodResponseRequest) -> Result<(), ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let status = input.status_code.unwrap_or_default();
    find(&found, Some(&status))?;
    let responses = found.method.it.method_responses.get_or_insert_default();
    responses.shift_remove(&status);
    if responses.is_empty() {
        found.method.it.method_responses = None;
    }
    found.save(&on).await
}

/// Recorded.
pub(crate) static PATCHES: Table<MethodResponse> = Table {
    refusals: Refusals::Path,
    rows: &[
        Row::new(
            "/responseParameters/{name}",
            ADD_REPLACE_REMOVE,
            Member::FlagEntry(
                |response| &mut response.response_parameters,
                Absent::Refused(NO_SUCH_PARAMETER),
            ),
        ),
        Row::new(
            "/responseModels/{type}",
            ADD_REPLACE_REMOVE,
            Member::TextEntry(
                |response| &mut response.response_models,
                Absent::Refused(NO_SUCH_CONTENT_TYPE),
            ),
        ),
    ],
};

async fn check(
    on: &Session,
    found: &Found,
    response: &MethodResponse,
    before: &MethodResponse,
) -> Result<(), ApiError> {
    let mut names = response.response_parameters.iter().flat_map(Map::keys);
    if let Some(name) = names.find(|name| !is_header(name)) {
        return Err(mapping::invalid_parameter(name));
    }
    drop(names);
    let models = (&response.response_models, &before.response_models);
    methods::check_models(on, &found.api, models.0, models.1).await
}

fn is_header(parameter: &str) -> bool {
    parameter
        .strip_prefix("method.response.header.")
        .is_some_and(|header| !header.is_empty())
}

async fn save(
    on: &Session,
    found: &mut Found,
    status: String,
    response: MethodResponse,
) -> Result<MethodResponse, ApiError> {
    let responses = found.method.it.method_responses.get_or_insert_default();
    responses.insert(status, response.clone());
    responses.sort_keys();
    found.save(on).await?;
    Ok(response)
}

/// The response that the method declares for this status.
pub(super) fn response<'a>(method: &'a Method, status: &str) -> Option<&'a MethodResponse> {
    method.method_responses.as_ref()?.get(status)
}

fn find(found: &Found, status: Option<&str>) -> Result<MethodResponse, ApiError> {
    let response = response(&found.method.it, status.unwrap_or_default()).cloned();
    response.ok_or_else(|| ApiError::not_found(UNKNOWN_STATUS))
}

/// Recorded, for integration responses too.
pub(super) const UNKNOWN_STATUS: &str = "Invalid Response status code specified";
