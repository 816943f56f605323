//! Authorizers: who decides on a method's callers. <https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>
//!
//! They are kept and shown; a deployment of a method that names one is refused by the gateway until it can ask it.

use tollgate_model::arn::Arn;
use tollgate_store::Kind;
use tollgate_wire::apigateway::{
    Authorizer, Authorizers, CreateAuthorizer, CreateAuthorizerRequest, DeleteAuthorizer,
    DeleteAuthorizerRequest, GetAuthorizer, GetAuthorizerRequest, GetAuthorizers,
    GetAuthorizersRequest, Method, Resource, RestApi, UpdateAuthorizer, UpdateAuthorizerRequest,
};

use super::mapping::invalid_expression;
use super::{methods, resources, rest_apis};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{
    ADD_REMOVE, ADD_REPLACE_REMOVE, Edit, Member, Op, REPLACE, Refusals, Row, Table,
};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateAuthorizer, _>(create);
    on.serve::<GetAuthorizer, _>(get);
    on.serve::<GetAuthorizers, _>(list);
    on.serve::<UpdateAuthorizer, _>(update);
    on.serve::<DeleteAuthorizer, _>(delete);
}

async fn create(on: Session, input: CreateAuthorizerRequest) -> Result<Authorizer, ApiError> {
    // Recorded: an unknown API is told as a race that was lost. It is none, so that nothing is tried again here.
    let unknown = || ApiError::conflict(crate::error::CONCURRENT);
    let api_id = input.rest_api_id.as_deref().unwrap_or_default();
    let api = rest_apis::try_find(&on, api_id)
        .await?
        .ok_or_else(unknown)?;
    let authorizer = with_defaults(Authorizer {
        id: None,
        name: input.name,
        type_: input.type_,
        provider_arns: input.provider_arns.filter(|arns| !arns.is_empty()),
        auth_type: input.auth_type,
        authorizer_uri: input.authorizer_uri,
        authorizer_credentials: input.authorizer_credentials,
        identity_source: input.identity_source,
        identity_validation_expression: input.identity_validation_expression,
        authorizer_result_ttl_in_seconds: input.authorizer_result_ttl_in_seconds,
        jwt_configuration: None,
    });
    check(&authorizer)?;
    check_name_is_free(&on, &api, &authorizer, None).await?;
    let authorizer = new(&on, &api, authorizer);
    let mut change = Change::of(&api);
    change.add(&authorizer);
    on.commit(change).await?;
    Ok(authorizer.it)
}

async fn get(on: Session, input: GetAuthorizerRequest) -> Result<Authorizer, ApiError> {
    let ids = [&input.rest_api_id, &input.authorizer_id];
    Ok(find(&on, ids).await?.1.it)
}

async fn list(on: Session, input: GetAuthorizersRequest) -> Result<Authorizers, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let page = Page::of(
        format!("authorizers/{}", api.id()),
        input.position.as_deref(),
        input.limit,
    )?;
    let authorizers = on
        .children_on::<Authorizer>(&page, &api.key, Kind::Authorizer)
        .await?;
    let (authorizers, position) = page.cut(authorizers, |it| it.id());
    Ok(Authorizers {
        position,
        items: Some(authorizers.into_iter().map(|it| it.it).collect()),
    })
}

async fn update(on: Session, input: UpdateAuthorizerRequest) -> Result<Authorizer, ApiError> {
    let ids = [&input.rest_api_id, &input.authorizer_id];
    let (api, mut authorizer) = find(&on, ids).await?;
    let after = PATCHES.apply(&authorizer.it, input.patch_operations.as_deref())?;
    check(&after)?;
    check_name_is_free(&on, &api, &after, Some(authorizer.id())).await?;
    if method_type(&after) != method_type(&authorizer.it) {
        check_unreferenced(&on, &api, &authorizer, "change the type of").await?;
    }
    authorizer.it = after;
    let mut change = Change::of(&api);
    change.put(&authorizer);
    on.commit(change).await?;
    Ok(authorizer.it)
}

async fn delete(on: Session, input: DeleteAuthorizerRequest) -> Result<(), ApiError> {
    let ids = [&input.rest_api_id, &input.authorizer_id];
    let (api, authorizer) = find(&on, ids).await?;
    check_unreferenced(&on, &api, &authorizer, "delete").await?;
    let mut change = Change::of(&api);
    change.delete(&authorizer.key);
    on.commit(change).await?;
    Ok(())
}

/// The API reference's table of patch operations. The family of refusals is a guess after most parts of an API.
pub(crate) static PATCHES: Table<Authorizer> = Table {
    refusals: Refusals::Listed,
    rows: &[
        Row::new("/name", REPLACE, Member::Text(|it| &mut it.name)),
        Row::new("/type", REPLACE, Member::Own(set_type)),
        Row::new("/authType", REPLACE, Member::Text(|it| &mut it.auth_type)),
        Row::new(
            "/authorizerUri",
            REPLACE,
            Member::Text(|it| &mut it.authorizer_uri),
        ),
        Row::new(
            "/authorizerCredentials",
            REPLACE,
            Member::Text(|it| &mut it.authorizer_credentials),
        ),
        Row::new(
            "/identitySource",
            ADD_REPLACE_REMOVE,
            Member::Text(|it| &mut it.identity_source),
        ),
        Row::new(
            "/identityValidationExpression",
            REPLACE,
            Member::Text(|it| &mut it.identity_validation_expression),
        ),
        Row::new(
            "/authorizerResultTtlInSeconds",
            REPLACE,
            Member::Own(set_ttl),
        ),
        Row::new("/providerARNs", ADD_REMOVE, Member::Own(set_provider)),
    ],
};

/// Guess: the text is after those on other closed lists.
fn set_type(authorizer: &mut Authorizer, edit: &Edit<'_>) -> Result<(), ApiError> {
    let new = edit.value.unwrap_or_default();
    match [TOKEN, REQUEST, COGNITO, JWT].contains(&new) {
        true => {
            authorizer.type_ = Some(new.to_owned());
            Ok(())
        }
        false => Err(ApiError::bad_request(
            "Invalid authorizer type specified. Valid options are TOKEN,REQUEST,COGNITO_USER_POOLS",
        )),
    }
}

/// No value takes the time away, as for other numbers.
fn set_ttl(authorizer: &mut Authorizer, edit: &Edit<'_>) -> Result<(), ApiError> {
    authorizer.authorizer_result_ttl_in_seconds = match edit.text() {
        Some(text) => Some(text.parse().map_err(|_| invalid_ttl())?),
        None => None,
    };
    Ok(())
}

fn set_provider(authorizer: &mut Authorizer, edit: &Edit<'_>) -> Result<(), ApiError> {
    let named = edit.value.unwrap_or_default();
    let arns = authorizer.provider_arns.get_or_insert_default();
    arns.retain(|arn| arn != named);
    if edit.op == Op::Add {
        arns.push(named.to_owned());
    }
    if arns.is_empty() {
        authorizer.provider_arns = None;
    }
    match authorizer.provider_arns.as_ref().map_or(0, Vec::len) > PROVIDERS_MAX {
        true => Err(too_many_providers()),
        false => Ok(()),
    }
}

const TOKEN: &str = "TOKEN";
const REQUEST: &str = "REQUEST";
const COGNITO: &str = "COGNITO_USER_POOLS";
const JWT: &str = "JWT";
const TTL_SECONDS_DEFAULT: i32 = 300;
const TTL_SECONDS_MAX: i32 = 3600;
/// Far over what an API has; each is looked for among all.
const PROVIDERS_MAX: usize = 1000;

/// Recorded for imports: `authType`, and that only REQUEST shows the default time. Guess for COGNITO_USER_POOLS: it
/// shows none either.
fn with_defaults(given: Authorizer) -> Authorizer {
    let kind = given.type_.as_deref();
    let auth_type = match kind {
        Some(COGNITO) => "cognito_user_pools",
        _ => "custom",
    };
    let ttl = (kind == Some(REQUEST)).then_some(TTL_SECONDS_DEFAULT);
    Authorizer {
        auth_type: given.auth_type.or_else(|| Some(auth_type.to_owned())),
        authorizer_result_ttl_in_seconds: given.authorizer_result_ttl_in_seconds.or(ttl),
        ..given
    }
}

/// What a whole authorizer must satisfy. Guess: of the texts, the one on URIs is widely seen with AWS, the others are
/// after it and others.
pub(super) fn check(authorizer: &Authorizer) -> Result<(), ApiError> {
    let named = authorizer.name.as_deref().unwrap_or_default();
    if named.trim().is_empty() {
        return Err(ApiError::bad_request("Authorizer name cannot be blank"));
    }
    let ttl = authorizer.authorizer_result_ttl_in_seconds;
    if ttl.is_some_and(|ttl| !(0..=TTL_SECONDS_MAX).contains(&ttl)) {
        return Err(invalid_ttl());
    }
    match authorizer.type_.as_deref() {
        Some(COGNITO) => check_providers(authorizer.provider_arns.as_deref().unwrap_or_default())?,
        Some(JWT) => return Err(ApiError::not_served("authorizers of type JWT")),
        _ => check_uri(authorizer.authorizer_uri.as_deref())?,
    }
    check_identity_source(authorizer.identity_source.as_deref().unwrap_or_default())
}

fn check_uri(uri: Option<&str>) -> Result<(), ApiError> {
    let is_invocation = |uri: &str| {
        let arn = uri.parse::<Arn>().ok();
        arn.is_some_and(|arn| arn.service == "apigateway" && arn.resource.starts_with("path/"))
    };
    match uri {
        Some(uri) if is_invocation(uri) => Ok(()),
        _ => Err(ApiError::bad_request(format!(
            "Invalid Authorizer URI: {}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.",
            uri.unwrap_or("null")
        ))),
    }
}

fn check_providers(arns: &[String]) -> Result<(), ApiError> {
    if arns.len() > PROVIDERS_MAX {
        return Err(too_many_providers());
    }
    let is_pool = |arn: &String| {
        let arn = arn.parse::<Arn>().ok();
        arn.is_some_and(|arn| arn.service == "cognito-idp")
    };
    match !arns.is_empty() && arns.iter().all(is_pool) {
        true => Ok(()),
        false => Err(ApiError::bad_request(
            "Invalid ARN specified in the request",
        )),
    }
}

/// Mapping expressions between commas; TOKEN and COGNITO_USER_POOLS have one.
fn check_identity_source(source: &str) -> Result<(), ApiError> {
    let is_expression = |part: &str| {
        IDENTITY_SOURCES.iter().any(|start| {
            part.strip_prefix(start)
                .is_some_and(|name| !name.is_empty())
        })
    };
    let mut parts = source.split(',').map(str::trim);
    match source.is_empty() || parts.all(is_expression) {
        true => Ok(()),
        false => Err(invalid_expression(&format!(
            "Invalid mapping expression specified: {source}"
        ))),
    }
}

/// The API reference's list of what a REQUEST authorizer may be asked by.
const IDENTITY_SOURCES: [&str; 6] = [
    "method.request.header.",
    "method.request.multivalueheader.",
    "method.request.querystring.",
    "method.request.multivaluequerystring.",
    "stageVariables.",
    "context.",
];

fn invalid_ttl() -> ApiError {
    ApiError::bad_request(format!(
        "Invalid authorizer result TTL specified, must be between 0 and {TTL_SECONDS_MAX}"
    ))
}

fn too_many_providers() -> ApiError {
    ApiError::bad_request(format!(
        "Tollgate takes at most {PROVIDERS_MAX} providers of an authorizer"
    ))
}

/// Widely seen with AWS, not recorded here.
async fn check_name_is_free(
    on: &Session,
    api: &Stored<RestApi>,
    authorizer: &Authorizer,
    own_id: Option<&str>,
) -> Result<(), ApiError> {
    let others = on
        .children::<Authorizer>(&api.key, Kind::Authorizer)
        .await?;
    let is_taken =
        |other: &Stored<Authorizer>| Some(other.id()) != own_id && other.it.name == authorizer.name;
    match others.iter().any(is_taken) {
        true => Err(ApiError::conflict(format!(
            "Authorizer name must be unique. Authorizer {} already exists in this RestApi.",
            authorizer.name.as_deref().unwrap_or_default()
        ))),
        false => Ok(()),
    }
}

/// The authorization type of methods that an authorizer can decide for.
fn method_type(authorizer: &Authorizer) -> &'static str {
    match authorizer.type_.as_deref() {
        Some(COGNITO) => COGNITO,
        _ => "CUSTOM",
    }
}

/// Guess, after the text on models: a method left without its authorizer would be open, or closed to everybody.
async fn check_unreferenced(
    on: &Session,
    api: &Stored<RestApi>,
    authorizer: &Stored<Authorizer>,
    doing: &str,
) -> Result<(), ApiError> {
    let methods = on.children::<Method>(&api.key, Kind::Method).await?;
    let names_it =
        |method: &&Stored<Method>| method.it.authorizer_id.as_deref() == Some(authorizer.id());
    let Some(method) = methods.iter().find(names_it) else {
        return Ok(());
    };
    let key = api.key.child(Kind::Resource, methods::resource_of(method));
    let resource = on.find::<Resource>(&key).await?;
    let path = resource.map_or_else(String::new, |it| resources::path(&it.it).to_owned());
    Err(ApiError::conflict(format!(
        "Cannot {doing} authorizer '{}', is referenced in method: {path}/{}",
        authorizer.it.name.as_deref().unwrap_or_default(),
        method.it.http_method.as_deref().unwrap_or_default()
    )))
}

pub(super) const ID_LENGTH: usize = 6;

/// An authorizer of `api`, with an id.
fn new(on: &Session, api: &Stored<RestApi>, authorizer: Authorizer) -> Stored<Authorizer> {
    let key = api.key.child(Kind::Authorizer, &on.draw_id(ID_LENGTH));
    let id = Some(key.id.to_string());
    on.create(key, Authorizer { id, ..authorizer })
}

/// Whether `api` has the authorizer `id`, and it decides for methods of `authorization_type`.
pub(super) async fn fits(
    on: &Session,
    api: &Stored<RestApi>,
    id: &str,
    authorization_type: &str,
) -> Result<bool, ApiError> {
    let found = on
        .find::<Authorizer>(&api.key.child(Kind::Authorizer, id))
        .await?;
    Ok(found.is_some_and(|it| method_type(&it.it) == authorization_type))
}

/// The text is known from moto. Guess for an unknown API, after what is recorded for other parts.
async fn find(
    on: &Session,
    [api_id, id]: [&Option<String>; 2],
) -> Result<(Stored<RestApi>, Stored<Authorizer>), ApiError> {
    let unknown = || ApiError::not_found("Invalid Authorizer identifier specified");
    let api = rest_apis::try_find(on, api_id.as_deref().unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let key = api
        .key
        .child(Kind::Authorizer, id.as_deref().unwrap_or_default());
    let authorizer = on.find(&key).await?.ok_or_else(unknown)?;
    Ok((api, authorizer))
}
