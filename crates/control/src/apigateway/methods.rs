//! Methods of resources. One entity holds a method with its responses and its integration, so that each of them
//! changes whole. <https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html>

use std::collections::HashSet;

use tollgate_store::{Key, Kind, Range};
use tollgate_wire::apigateway::{
    DeleteMethod, DeleteMethodRequest, GetMethod, GetMethodRequest, Method, Model, PutMethod,
    PutMethodRequest, RequestValidator, RestApi, UpdateMethod, UpdateMethodRequest,
};
use tollgate_wire::{Map, json};

use super::mapping::{invalid_expression, invalid_parameter};
use super::{authorizers, resources};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::patch::{
    ADD_REMOVE, ADD_REPLACE_REMOVE, Absent, Edit, Member, NO_SUCH_CONTENT_TYPE, NO_SUCH_PARAMETER,
    Op, REPLACE, Refusals, Row, Table,
};
use crate::session::{Change, Read, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<PutMethod, _>(put);
    on.serve::<GetMethod, _>(get);
    on.serve::<UpdateMethod, _>(update);
    on.serve::<DeleteMethod, _>(delete);
}

async fn put(on: Session, input: PutMethodRequest) -> Result<Method, ApiError> {
    let (api, resource) = resources::find(
        &on,
        input.rest_api_id.as_deref(),
        input.resource_id.as_deref(),
    )
    .await?;
    let http_method = input.http_method.clone().unwrap_or_default();
    check_http_method(&http_method)?;
    let key = key_of(&api, resource.id(), &http_method);
    if on.find::<Method>(&key).await?.is_some() {
        return Err(ApiError::conflict(
            "Method already exists for this resource",
        ));
    }
    let method = of_request(input)?;
    check_authorization(&on, &api, &method).await?;
    check_references(&on, &api, &method, &Method::default()).await?;
    let stored = on.create(key, method);
    let mut change = Change::of(&api);
    change.add(&stored);
    on.commit(change).await?;
    Ok(stored.it)
}

async fn get(on: Session, input: GetMethodRequest) -> Result<Method, ApiError> {
    let found = find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    );
    Ok(found.await?.method.it)
}

async fn update(on: Session, input: UpdateMethodRequest) -> Result<Method, ApiError> {
    let mut found = find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let before = found.method.it;
    let mut after = PATCHES.apply(&before, input.patch_operations.as_deref())?;
    let is_authorized_anew = (&after.authorization_type, &after.authorizer_id)
        != (&before.authorization_type, &before.authorizer_id);
    if !takes_authorizer(&after) {
        // Recorded: an authorizer's id is ignored unless the type takes one.
        after.authorizer_id = None;
    } else if is_authorized_anew {
        check_authorization(&on, &found.api, &after).await?;
    }
    if after.request_parameters != before.request_parameters {
        check_parameters(&after)?;
    }
    check_references(&on, &found.api, &after, &before).await?;
    found.method.it = after;
    found.save(&on).await?;
    Ok(found.method.it)
}

async fn delete(on: Session, input: DeleteMethodRequest) -> Result<(), ApiError> {
    let found = find(
        &on,
        [&input.rest_api_id, &input.resource_id, &input.http_method],
    )
    .await?;
    let mut change = Change::of(&found.api);
    change.delete(&found.method.key);
    on.commit(change).await?;
    Ok(())
}

/// Recorded, and the API reference's table of patch operations.
pub(crate) static PATCHES: Table<Method> = Table {
    refusals: Refusals::PathOrOperation,
    rows: &[
        Row::new(
            "/authorizationType",
            REPLACE,
            Member::Own(set_authorization_type),
        ),
        Row::new(
            "/authorizerId",
            REPLACE,
            Member::Text(|method| &mut method.authorizer_id),
        ),
        Row::new(
            "/apiKeyRequired",
            REPLACE,
            Member::Flag(|method| &mut method.api_key_required),
        ),
        Row::new(
            "/operationName",
            REPLACE,
            Member::Text(|method| &mut method.operation_name),
        ),
        Row::new(
            "/requestValidatorId",
            REPLACE,
            Member::Text(|method| &mut method.request_validator_id),
        ),
        Row::new(
            "/authorizationScopes",
            ADD_REMOVE,
            Member::Own(set_authorization_scope),
        ),
        Row::new(
            "/requestParameters/{name}",
            ADD_REPLACE_REMOVE,
            Member::FlagEntry(
                |method| &mut method.request_parameters,
                Absent::Refused(NO_SUCH_PARAMETER),
            ),
        ),
        Row::new(
            "/requestModels/{type}",
            ADD_REPLACE_REMOVE,
            Member::TextEntry(
                |method| &mut method.request_models,
                Absent::Refused(NO_SUCH_CONTENT_TYPE),
            ),
        ),
    ],
};

fn set_authorization_type(method: &mut Method, edit: &Edit<'_>) -> Result<(), ApiError> {
    method.authorization_type = Some(authorization_type(edit.value.unwrap_or_default())?);
    Ok(())
}

fn set_authorization_scope(method: &mut Method, edit: &Edit<'_>) -> Result<(), ApiError> {
    let scopes = method.authorization_scopes.get_or_insert_default();
    let named = edit.value.unwrap_or_default().split(',');
    for scope in named.filter(|scope| !scope.is_empty()) {
        scopes.retain(|known| known != scope);
        if edit.op == Op::Add {
            scopes.push(scope.to_owned());
        }
        if scopes.len() > SCOPES_MAX {
            return Err(ApiError::bad_request(format!(
                "Tollgate takes at most {SCOPES_MAX} authorization scopes of a method"
            )));
        }
    }
    if scopes.is_empty() {
        method.authorization_scopes = None;
    }
    Ok(())
}

/// One operation may name many, each of which is looked for among all.
const SCOPES_MAX: usize = 100;

fn of_request(input: PutMethodRequest) -> Result<Method, ApiError> {
    let method = Method {
        http_method: input.http_method,
        authorization_type: Some(authorization_type(
            input.authorization_type.as_deref().unwrap_or_default(),
        )?),
        authorizer_id: input.authorizer_id,
        api_key_required: Some(input.api_key_required.unwrap_or(false)),
        request_validator_id: input.request_validator_id,
        operation_name: input.operation_name,
        request_parameters: input.request_parameters,
        request_models: input.request_models,
        authorization_scopes: input.authorization_scopes,
        ..Method::default()
    };
    check_parameters(&method)?;
    Ok(method)
}

/// Recorded for methods. Guess for integrations: the same list.
pub(super) fn check_http_method(name: &str) -> Result<(), ApiError> {
    match NAMES.contains(&name) {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Invalid HttpMethod specified. Valid options are {}",
            NAMES.join(",")
        ))),
    }
}

/// Every method that a resource can have, in the order of AWS's text.
pub(super) const NAMES: [&str; 8] = [
    "GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY",
];

/// Recorded: `none` is taken for `NONE`. The refusal is a guess after the one on HTTP methods.
fn authorization_type(text: &str) -> Result<String, ApiError> {
    let name = text.to_ascii_uppercase();
    match ["NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"].contains(&name.as_str()) {
        true => Ok(name),
        false => Err(ApiError::bad_request(
            "Invalid Authorization Type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS",
        )),
    }
}

/// Recorded for an authorizer that does not exist. Guess: one of another type is told the same. A method that wants an
/// authorizer is never left open: the gateway refuses to deploy it for as long as it cannot ask the authorizer.
async fn check_authorization(
    on: &Session,
    api: &Stored<RestApi>,
    method: &Method,
) -> Result<(), ApiError> {
    if !takes_authorizer(method) {
        return Ok(());
    }
    let id = method.authorizer_id.as_deref().unwrap_or_default();
    let kind = method.authorization_type.as_deref().unwrap_or_default();
    match authorizers::fits(on, api, id, kind).await? {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires \
             a valid authorizer.",
        )),
    }
}

fn takes_authorizer(method: &Method) -> bool {
    matches!(
        method.authorization_type.as_deref(),
        Some("CUSTOM" | "COGNITO_USER_POOLS")
    )
}

/// Parameters are named `method.request.{querystring|header|path}.{name}`; recorded: a name stands in one of them only.
fn check_parameters(method: &Method) -> Result<(), ApiError> {
    let mut names = HashSet::new();
    for parameter in method.request_parameters.iter().flat_map(Map::keys) {
        let name = parameter_name(parameter).ok_or_else(|| unnamed(parameter))?;
        if !names.insert(name) {
            return Err(ApiError::bad_request(
                "Parameter names must be unique across querystring, header and path",
            ));
        }
    }
    Ok(())
}

fn parameter_name(parameter: &str) -> Option<&str> {
    let rest = parameter.strip_prefix("method.request.")?;
    let (place, name) = rest.split_once('.')?;
    let is_place = matches!(
        place,
        "querystring" | "header" | "path" | "multivaluequerystring" | "multivalueheader"
    );
    (is_place && !name.is_empty()).then_some(name)
}

/// Recorded: what is no expression at all is told as a mapping's would be.
fn unnamed(parameter: &str) -> ApiError {
    match parameter.starts_with("method.") {
        true => invalid_parameter(parameter),
        false => invalid_expression(&format!(
            "Invalid mapping expression specified: {parameter}"
        )),
    }
}

/// What a method names must exist: validator, then models, as AWS checks them. What it named `before` is no matter of
/// this change: an imported method may name the model `Empty` of an API without one.
async fn check_references(
    on: &Session,
    api: &Stored<RestApi>,
    method: &Method,
    before: &Method,
) -> Result<(), ApiError> {
    let id = method.request_validator_id.as_ref();
    if let Some(id) = id.filter(|_| method.request_validator_id != before.request_validator_id) {
        let key = api.key.child(Kind::RequestValidator, id);
        let validator = on.find::<RequestValidator>(&key).await?;
        validator.ok_or_else(|| {
            ApiError::bad_request("Invalid Request Validator identifier specified")
        })?;
    }
    check_models(on, api, &method.request_models, &before.request_models).await
}

/// Names of models by media type.
type Models = Option<Map<Option<String>>>;

/// Every model named must exist, unless it was named before.
pub(super) async fn check_models(
    on: &Session,
    api: &Stored<RestApi>,
    models: &Models,
    before: &Models,
) -> Result<(), ApiError> {
    let before: HashSet<&String> = names(before).collect();
    for name in names(models).filter(|name| !before.contains(name)) {
        let model = on.find::<Model>(&api.key.child(Kind::Model, name)).await?;
        model.ok_or_else(|| {
            ApiError::bad_request(format!("Invalid model identifier specified: {name}"))
        })?;
    }
    Ok(())
}

fn names(models: &Models) -> impl Iterator<Item = &String> {
    models.iter().flat_map(Map::values).flatten()
}

/// A method with its API.
pub(super) struct Found {
    pub(super) api: Stored<RestApi>,
    pub(super) resource_id: String,
    pub(super) method: Stored<Method>,
}

impl Found {
    /// Writes the method.
    pub(super) async fn save(&self, on: &Session) -> Result<(), ApiError> {
        let mut change = Change::of(&self.api);
        change.put(&self.method);
        on.commit(change).await?;
        Ok(())
    }
}

/// A method by the ids of its API and resource and its name, or AWS's refusal in its order: resource, then method.
pub(super) async fn find(
    on: &Session,
    [api_id, resource_id, http_method]: [&Option<String>; 3],
) -> Result<Found, ApiError> {
    let (api, resource) = resources::find(on, api_id.as_deref(), resource_id.as_deref()).await?;
    let name = http_method.as_deref().unwrap_or_default();
    let key = key_of(&api, resource.id(), name);
    let method = on.find(&key).await?;
    let method =
        method.ok_or_else(|| ApiError::not_found("Invalid Method identifier specified"))?;
    Ok(Found {
        resource_id: resource.id().to_owned(),
        api,
        method,
    })
}

/// The methods of each of these resources by name: whole ones, or their names alone.
pub(super) async fn of_resources(
    on: &Session,
    api: &Stored<RestApi>,
    ids: impl IntoIterator<Item = &str>,
    are_whole: bool,
) -> Result<Vec<Map<Method>>, ApiError> {
    // After `{id}/` and before `{id}0`, the character that follows the slash.
    let range = |id: &str| Range {
        after: Some(id_of(id, "").into()),
        before: Some(format!("{id}0").into()),
        ..Range::children_of(&api.key, Kind::Method)
    };
    let of: Read<Method, _> = match are_whole {
        true => json::from_slice,
        false => |_| Ok(Method::default()),
    };
    let lists = on.lists(ids.into_iter().map(range).collect(), of).await?;
    let named = |it: Stored<Method>| (name_of(&it).to_owned(), it.it);
    let by_name = |list: Vec<Stored<Method>>| list.into_iter().map(named).collect();
    Ok(lists.into_iter().map(by_name).collect())
}

/// The methods of one resource by name: whole ones, or their names alone.
pub(super) async fn of_resource(
    on: &Session,
    api: &Stored<RestApi>,
    id: &str,
    are_whole: bool,
) -> Result<Map<Method>, ApiError> {
    let mut one = of_resources(on, api, [id], are_whole).await?;
    Ok(one.pop().unwrap_or_default())
}

/// Where a method is stored.
pub(super) fn key_of(api: &Stored<RestApi>, resource_id: &str, http_method: &str) -> Key {
    api.key
        .child(Kind::Method, &id_of(resource_id, http_method))
}

fn id_of(resource_id: &str, http_method: &str) -> String {
    format!("{resource_id}/{http_method}")
}

/// The id of the resource that a method belongs to.
pub(super) fn resource_of(method: &Stored<Method>) -> &str {
    method
        .id()
        .split_once('/')
        .map_or("", |(resource, _)| resource)
}

fn name_of(method: &Stored<Method>) -> &str {
    method.id().split_once('/').map_or("", |(_, name)| name)
}
