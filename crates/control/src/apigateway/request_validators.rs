//! Request validators: which parts of a request a method checks.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_RequestValidator.html>

use tollgate_store::Kind;
use tollgate_wire::apigateway::{
    CreateRequestValidator, CreateRequestValidatorRequest, DeleteRequestValidator,
    DeleteRequestValidatorRequest, GetRequestValidator, GetRequestValidatorRequest,
    GetRequestValidators, GetRequestValidatorsRequest, Method, RequestValidator, RequestValidators,
    RestApi, UpdateRequestValidator, UpdateRequestValidatorRequest,
};

use super::rest_apis;
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{Member, REPLACE, Refusals, Row, Table};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateRequestValidator, _>(create);
    on.serve::<GetRequestValidator, _>(get);
    on.serve::<GetRequestValidators, _>(list);
    on.serve::<UpdateRequestValidator, _>(update);
    on.serve::<DeleteRequestValidator, _>(delete);
}

async fn create(
    on: Session,
    input: CreateRequestValidatorRequest,
) -> Result<RequestValidator, ApiError> {
    // Recorded: here an unknown API is a bad request.
    let unknown = || ApiError::bad_request("Invalid REST API identifier specified");
    let api_id = input.rest_api_id.as_deref().unwrap_or_default();
    let api = rest_apis::try_find(&on, api_id)
        .await?
        .ok_or_else(unknown)?;
    if let Some(name) = &input.name {
        check_name(name)?;
    }
    let validator = RequestValidator {
        name: input.name,
        validate_request_body: Some(input.validate_request_body.unwrap_or(false)),
        validate_request_parameters: Some(input.validate_request_parameters.unwrap_or(false)),
        ..RequestValidator::default()
    };
    let validator = new(&on, &api, validator);
    let mut change = Change::of(&api);
    change.add(&validator);
    on.commit(change).await?;
    Ok(validator.it)
}

async fn get(on: Session, input: GetRequestValidatorRequest) -> Result<RequestValidator, ApiError> {
    let found = find(
        &on,
        input.rest_api_id.as_deref(),
        input.request_validator_id.as_deref(),
    );
    Ok(found.await?.1.it)
}

async fn list(
    on: Session,
    input: GetRequestValidatorsRequest,
) -> Result<RequestValidators, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let page = Page::of(
        format!("requestvalidators/{}", api.id()),
        input.position.as_deref(),
        input.limit,
    )?;
    let validators = on
        .children_on::<RequestValidator>(&page, &api.key, Kind::RequestValidator)
        .await?;
    let (validators, position) = page.cut(validators, |validator| validator.id());
    Ok(RequestValidators {
        position,
        items: Some(
            validators
                .into_iter()
                .map(|validator| validator.it)
                .collect(),
        ),
    })
}

async fn update(
    on: Session,
    input: UpdateRequestValidatorRequest,
) -> Result<RequestValidator, ApiError> {
    let found = find(
        &on,
        input.rest_api_id.as_deref(),
        input.request_validator_id.as_deref(),
    );
    let (api, mut validator) = found.await?;
    validator.it = PATCHES.apply(&validator.it, input.patch_operations.as_deref())?;
    let mut change = Change::of(&api);
    change.put(&validator);
    on.commit(change).await?;
    Ok(validator.it)
}

async fn delete(on: Session, input: DeleteRequestValidatorRequest) -> Result<(), ApiError> {
    let found = find(
        &on,
        input.rest_api_id.as_deref(),
        input.request_validator_id.as_deref(),
    );
    let (api, validator) = found.await?;
    let methods = on.children::<Method>(&api.key, Kind::Method).await?;
    let names_it =
        |method: &Stored<Method>| method.it.request_validator_id.as_deref() == Some(validator.id());
    if methods.iter().any(names_it) {
        // Guess: a method left without its validator would check nothing, so a text of our own refuses that.
        let id = validator.id();
        return Err(ApiError::conflict(format!(
            "Cannot delete request validator '{id}', is referenced in a method"
        )));
    }
    let mut change = Change::of(&api);
    change.delete(&validator.key);
    on.commit(change).await?;
    Ok(())
}

/// Recorded.
pub(crate) static PATCHES: Table<RequestValidator> = Table {
    refusals: Refusals::Listed,
    rows: &[
        Row::checked(
            "/name",
            REPLACE,
            Member::Text(|validator| &mut validator.name),
            |_, name| check_name(name),
        ),
        Row::new(
            "/validateRequestParameters",
            REPLACE,
            Member::Flag(|it| &mut it.validate_request_parameters),
        ),
        Row::new(
            "/validateRequestBody",
            REPLACE,
            Member::Flag(|it| &mut it.validate_request_body),
        ),
    ],
};

fn check_name(name: &str) -> Result<(), ApiError> {
    match name.trim().is_empty() {
        true => Err(ApiError::bad_request(
            "Request Validator name cannot be blank",
        )),
        false => Ok(()),
    }
}

pub(super) const ID_LENGTH: usize = 6;

/// A validator of `api`, with an id.
fn new(
    on: &Session,
    api: &Stored<RestApi>,
    validator: RequestValidator,
) -> Stored<RequestValidator> {
    let key = api
        .key
        .child(Kind::RequestValidator, &on.draw_id(ID_LENGTH));
    let id = Some(key.id.to_string());
    on.create(key, RequestValidator { id, ..validator })
}

/// Recorded: an unknown API is told as an unknown validator.
async fn find(
    on: &Session,
    api_id: Option<&str>,
    id: Option<&str>,
) -> Result<(Stored<RestApi>, Stored<RequestValidator>), ApiError> {
    let unknown = || ApiError::not_found("Invalid Request Validator identifier specified");
    let api = rest_apis::try_find(on, api_id.unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let key = api
        .key
        .child(Kind::RequestValidator, id.unwrap_or_default());
    let validator = on.find(&key).await?.ok_or_else(unknown)?;
    Ok((api, validator))
}
