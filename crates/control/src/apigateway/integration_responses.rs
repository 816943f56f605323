//! How replies of an integration become responses of the method.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_IntegrationResponse.html>

use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    DeleteIntegrationResponse, DeleteIntegrationResponseRequest, GetIntegrationResponse,
    GetIntegrationResponseRequest, Integration, IntegrationResponse, Method,
    PutIntegrationResponse, PutIntegrationResponseRequest, UpdateIntegrationResponse,
    UpdateIntegrationResponseRequest,
};

use super::integrations;
use super::mapping;
use super::method_responses::{self, UNKNOWN_STATUS};
use super::methods::{self, Found};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::patch::{
    ADD_REPLACE_REMOVE, Absent, Member, NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER, REPLACE, Refusals,
    Row, Table,
};
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<PutIntegrationResponse, _>(put);
    on.serve::<GetIntegrationResponse, _>(get);
    on.serve::<UpdateIntegrationResponse, _>(update);
    on.serve::<DeleteIntegrationResponse, _>(delete);
}

/// Recorded: it takes the place of one that is there.
async fn put(
    on: Session,
    input: PutIntegrationResponseRequest,
) -> Result<IntegrationResponse, ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let response = IntegrationResponse {
        status_code: input.status_code,
        selection_pattern: input.selection_pattern,
        response_parameters: input.response_parameters,
        response_templates: mapping::with_empty_as_null(input.response_templates),
        content_handling: input.content_handling,
    };
    save(&on, &mut found, response).await
}

async fn get(
    on: Session,
    input: GetIntegrationResponseRequest,
) -> Result<IntegrationResponse, ApiError> {
    let found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    );
    find(&found.await?, input.status_code.as_deref())
}

async fn update(
    on: Session,
    input: UpdateIntegrationResponseRequest,
) -> Result<IntegrationResponse, ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let before = find(&found, input.status_code.as_deref())?;
    let after = PATCHES.apply(&before, input.patch_operations.as_deref())?;
    save(&on, &mut found, after).await
}

async fn delete(on: Session, input: DeleteIntegrationResponseRequest) -> Result<(), ApiError> {
    let mut found = methods::find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let status = input.status_code.unwrap_or_default();
    find(&found, Some(&status))?;
    let integration = found.method.it.method_integration.get_or_insert_default();
    let responses = integration.integration_responses.get_or_insert_default();
    responses.shift_remove(&status);
    if responses.is_empty() {
        integration.integration_responses = None;
    }
    found.save(&on).await
}

/// The API reference's table of patch operations. The family of refusals is a guess after method responses.
pub(crate) static PATCHES: Table<IntegrationResponse> = Table {
    refusals: Refusals::Path,
    rows: &[
        Row::new(
            "/selectionPattern",
            REPLACE,
            Member::Own(|response, edit| {
                response.selection_pattern = edit.value.map(str::to_owned);
                Ok(())
            }),
        ),
        Row::checked(
            "/contentHandling",
            REPLACE,
            Member::Text(|response| &mut response.content_handling),
            |_, new| integrations::check_content_handling(new),
        ),
        Row::new(
            "/responseParameters/{name}",
            ADD_REPLACE_REMOVE,
            Member::TextEntry(
                |response| &mut response.response_parameters,
                Absent::Put(NO_SUCH_PARAMETER),
            ),
        ),
        Row::new(
            "/responseTemplates/{type}",
            ADD_REPLACE_REMOVE,
            Member::TextEntry(
                |response| &mut response.response_templates,
                Absent::Put(NO_SUCH_CONTENT_TYPE),
            ),
        ),
    ],
};

async fn save(
    on: &Session,
    found: &mut Found,
    response: IntegrationResponse,
) -> Result<IntegrationResponse, ApiError> {
    let status = response.status_code.clone().unwrap_or_default();
    check_pattern(integrations::find(found)?, &status, &response)?;
    check(&found.method.it, &response)?;

    let integration = found.method.it.method_integration.get_or_insert_default();
    let responses = integration.integration_responses.get_or_insert_default();
    responses.insert(status, response.clone());
    responses.sort_keys();
    found.save(on).await?;
    Ok(response)
}

/// What an import checks too.
pub(super) fn check(method: &Method, response: &IntegrationResponse) -> Result<(), ApiError> {
    mapping::check_templates(response.response_templates.as_ref())?;
    let status = response.status_code.as_deref().unwrap_or_default();
    let declared = method_responses::response(method, status);
    mapping::check_response(response.response_parameters.as_ref(), declared)
}

/// Known from Terraform's issues: two responses cannot be chosen by the same pattern.
fn check_pattern(
    integration: &Integration,
    status: &str,
    new: &IntegrationResponse,
) -> Result<(), ApiError> {
    let Some(pattern) = new
        .selection_pattern
        .as_deref()
        .filter(|pattern| !pattern.is_empty())
    else {
        return Ok(());
    };
    let mut others = integration
        .integration_responses
        .iter()
        .flat_map(Map::iter)
        .filter(|(other, _)| *other != status);
    match others.any(|(_, other)| other.selection_pattern.as_deref() == Some(pattern)) {
        true => Err(ApiError::conflict(format!(
            "Integration response with selection pattern {pattern} already exists"
        ))),
        false => Ok(()),
    }
}

fn find(found: &Found, status: Option<&str>) -> Result<IntegrationResponse, ApiError> {
    let responses = integrations::find(found)?.integration_responses.as_ref();
    let response = responses.and_then(|responses| responses.get(status.unwrap_or_default()));
    response
        .cloned()
        .ok_or_else(|| ApiError::not_found(UNKNOWN_STATUS))
}
