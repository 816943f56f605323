//! REST APIs: the root of everything else. <https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html>
//! An import creates or rewrites one too: `import/`.

use tollgate_iam::{Kind as PolicyKind, Policy};
use tollgate_model::arn::partition_of;
use tollgate_store::Kind;
use tollgate_wire::apigateway::{
    CreateRestApi, CreateRestApiRequest, DeleteRestApi, DeleteRestApiRequest,
    EndpointConfiguration, GetRestApi, GetRestApiRequest, GetRestApis, GetRestApisRequest,
    Resource, RestApi, RestApis, UpdateRestApi, UpdateRestApiRequest,
};

use super::clones::Source;
use super::{models, tags, usage_plans};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{
    ADD_REMOVE, ADD_REPLACE_REMOVE, Edit, Member, Op, REPLACE, Refusals, Row, Table,
};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateRestApi, _>(create);
    on.serve::<GetRestApi, _>(get);
    on.serve::<GetRestApis, _>(list);
    on.serve::<UpdateRestApi, _>(update);
    on.serve::<DeleteRestApi, _>(delete);
}

async fn create(on: Session, input: CreateRestApiRequest) -> Result<RestApi, ApiError> {
    let source = match &input.clone_from {
        Some(id) => Some(Source::find(&on, id).await?),
        None => None,
    };
    let is_endpoint_given = input.endpoint_configuration.is_some();
    let mut api = of_request(&on, input).await?;
    let mut change = Change::beside(&api.key);
    match source {
        Some(source) => {
            api.it = source.complete(api.it, is_endpoint_given);
            api.it.root_resource_id = Some(source.write(&on, &api, &mut change));
        }
        None => api.it.root_resource_id = Some(first_parts(&on, &api, &mut change)),
    }
    change.put(&api);
    on.commit(change).await?;
    Ok(shown_briefly(api))
}

/// What every API begins with; the id of its root.
fn first_parts(on: &Session, api: &Stored<RestApi>, change: &mut Change) -> String {
    let root = on.create(
        api.key.child(Kind::Resource, &on.draw_id(ROOT_ID_LENGTH)),
        Resource::default(),
    );
    let id = root.id().to_owned();
    change.put(&root_resource(root));
    for model in models::defaults() {
        change.put(&models::new(on, &api.key, model));
    }
    id
}

async fn get(on: Session, input: GetRestApiRequest) -> Result<RestApi, ApiError> {
    let api = find(&on, input.rest_api_id.as_deref()).await?;
    Ok(shown(api))
}

async fn list(on: Session, input: GetRestApisRequest) -> Result<RestApis, ApiError> {
    let page = Page::of(
        "restapis".to_owned(),
        input.position.as_deref(),
        input.limit,
    )?;
    let apis = on.top_on::<RestApi>(&page, Kind::RestApi).await?;
    let (apis, position) = page.cut(apis, |api| api.id());
    let items = apis.into_iter().map(shown_briefly);
    Ok(RestApis {
        position,
        items: Some(items.collect()),
    })
}

async fn update(on: Session, input: UpdateRestApiRequest) -> Result<RestApi, ApiError> {
    let mut api = find(&on, input.rest_api_id.as_deref()).await?;
    api.it = PATCHES.apply(&api.it, input.patch_operations.as_deref())?;
    api.it.policy = policy_of(&on, api.id(), api.it.policy.as_deref())?;
    on.commit(Change::of(&api)).await?;
    Ok(shown(api))
}

async fn delete(on: Session, input: DeleteRestApiRequest) -> Result<(), ApiError> {
    let api = find(&on, input.rest_api_id.as_deref()).await?;
    let mut change = Change::end_of(&api);
    for kind in PARTS {
        change.delete_children(&api.key, kind);
    }
    change.delete(&api.key);
    usage_plans::leave(&on, &mut change, api.id(), None).await?;
    on.commit_served(change).await
}

/// What belongs to an API and goes with it.
const PARTS: [Kind; 11] = [
    Kind::Resource,
    Kind::Method,
    Kind::Model,
    Kind::RequestValidator,
    Kind::GatewayResponse,
    Kind::Authorizer,
    Kind::DocumentationPart,
    Kind::DocumentationVersion,
    Kind::Deployment,
    Kind::Stage,
    Kind::StageHistory,
];

/// Recorded, and the API reference's table of patch operations.
pub(crate) static PATCHES: Table<RestApi> = Table {
    refusals: Refusals::PathOrOperation,
    rows: &[
        Row::checked(
            "/name",
            REPLACE,
            Member::Text(|api| &mut api.name),
            |_, name| check_name(name),
        ),
        Row::new(
            "/description",
            ADD_REPLACE_REMOVE,
            Member::Text(|api| &mut api.description),
        ),
        Row::checked(
            "/apiKeySource",
            REPLACE,
            Member::Text(|api| &mut api.api_key_source),
            |_, source| check_api_key_source(source),
        ),
        Row::new(
            "/binaryMediaTypes/{type}",
            ADD_REPLACE_REMOVE,
            Member::Element(|api| &mut api.binary_media_types),
        ),
        Row::new(
            "/disableExecuteApiEndpoint",
            REPLACE,
            Member::Flag(|api| &mut api.disable_execute_api_endpoint),
        ),
        Row::new(
            "/endpointConfiguration/types/{type}",
            REPLACE,
            Member::Own(set_endpoint_type),
        )
        .refusing_operations_with(
            "Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
        ),
        Row::checked(
            "/endpointConfiguration/ipAddressType",
            REPLACE,
            Member::Text(|api| &mut endpoint(api).ip_address_type),
            check_ip_address_type,
        ),
        Row::new(
            "/endpointConfiguration/vpcEndpointIds",
            ADD_REMOVE,
            Member::Own(set_vpc_endpoint),
        ),
        Row::new(
            "/endpointAccessMode",
            REPLACE,
            Member::Text(|api| &mut api.endpoint_access_mode),
        ),
        Row::new(
            "/minimumCompressionSize",
            REPLACE,
            Member::Own(set_minimum_compression_size),
        ),
        Row::new("/policy", REPLACE, Member::Text(|api| &mut api.policy)),
        Row::new(
            "/securityPolicy",
            REPLACE,
            Member::Text(|api| &mut api.security_policy),
        ),
    ],
};

/// Recorded: the path may name a place (`/types/0`) or a type; an API has but one.
fn set_endpoint_type(api: &mut RestApi, edit: &Edit<'_>) -> Result<(), ApiError> {
    let new = edit.value.unwrap_or_default();
    if !["REGIONAL", "EDGE", "PRIVATE"].contains(&new) {
        return Err(ApiError::bad_request(
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ));
    }
    let endpoint = endpoint(api);
    endpoint.types = Some(vec![new.to_owned()]);
    if new == PRIVATE {
        endpoint.ip_address_type = Some(DUALSTACK.to_owned());
    }
    Ok(())
}

fn set_vpc_endpoint(api: &mut RestApi, edit: &Edit<'_>) -> Result<(), ApiError> {
    let id = edit.value.unwrap_or_default();
    let ids = endpoint(api).vpc_endpoint_ids.get_or_insert_default();
    ids.retain(|known| known != id);
    if edit.op == Op::Add {
        ids.push(id.to_owned());
    }
    Ok(())
}

/// No value disables compression.
fn set_minimum_compression_size(api: &mut RestApi, edit: &Edit<'_>) -> Result<(), ApiError> {
    let size = match edit.text() {
        Some(text) => Some(text.parse().map_err(|_| invalid_compression_size())?),
        None => None,
    };
    check_compression_size(size)?;
    api.minimum_compression_size = size;
    Ok(())
}

fn check_ip_address_type(api: &RestApi, new: &str) -> Result<(), ApiError> {
    check_ip_address_name(new)?;
    match new == IPV4 && is_private(api) {
        true => Err(only_dualstack()),
        false => Ok(()),
    }
}

/// Recorded for patches; the model says it of creations, and imports are taken for the same.
fn check_ip_address_name(name: &str) -> Result<(), ApiError> {
    match name {
        IPV4 | DUALSTACK => Ok(()),
        _ => Err(ApiError::bad_request(
            "ipAddressType must be either ipv4 or dualstack.",
        )),
    }
}

/// The checks of CreateRestApi in AWS's order, of which only the first failure is told.
async fn of_request(
    on: &Session,
    input: CreateRestApiRequest,
) -> Result<Stored<RestApi>, ApiError> {
    check_name(input.name.as_deref().unwrap_or_default())?;
    if input.description.as_deref() == Some("") {
        return Err(ApiError::bad_request(
            "Description cannot be an empty string",
        ));
    }
    check_compression_size(input.minimum_compression_size)?;
    let endpoint_configuration = Some(endpoint_of(input.endpoint_configuration)?);
    let tags = tags::of_request(input.tags)?;
    let mut api = on.create(
        on.key(Kind::RestApi, &choose_id(on, &tags).await?),
        RestApi::default(),
    );
    api.tags = tags;
    api.it = RestApi {
        id: Some(api.id().to_owned()),
        name: input.name,
        description: input.description,
        created_date: Some(on.now()),
        version: input.version,
        binary_media_types: input.binary_media_types.filter(|types| !types.is_empty()),
        minimum_compression_size: input.minimum_compression_size,
        api_key_source: Some(input.api_key_source.unwrap_or_else(|| "HEADER".to_owned())),
        endpoint_configuration,
        policy: policy_of(on, api.id(), input.policy.as_deref())?,
        disable_execute_api_endpoint: Some(input.disable_execute_api_endpoint.unwrap_or(false)),
        security_policy: input.security_policy,
        endpoint_access_mode: input.endpoint_access_mode,
        ..RestApi::default()
    };
    Ok(api)
}

/// With the defaults; recorded, the refusals too.
pub(super) fn endpoint_of(
    given: Option<EndpointConfiguration>,
) -> Result<EndpointConfiguration, ApiError> {
    let mut endpoint = given.unwrap_or_default();
    let types = endpoint
        .types
        .get_or_insert_with(|| vec!["EDGE".to_owned()]);
    if let Some(ip) = &endpoint.ip_address_type {
        check_ip_address_name(ip)?;
    }
    match types.as_slice() {
        [] => Err(ApiError::bad_request(
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        )),
        [only] if only == PRIVATE => {
            let ip = endpoint
                .ip_address_type
                .get_or_insert_with(|| DUALSTACK.to_owned());
            if ip != DUALSTACK {
                return Err(only_dualstack());
            }
            Ok(endpoint)
        }
        [_] => {
            endpoint
                .ip_address_type
                .get_or_insert_with(|| IPV4.to_owned());
            Ok(endpoint)
        }
        _ => Err(ApiError::bad_request(
            "Cannot create an api with multiple Endpoint Types.",
        )),
    }
}

const IPV4: &str = "ipv4";
const DUALSTACK: &str = "dualstack";
const PRIVATE: &str = "PRIVATE";
pub(super) const API_ID_LENGTH: usize = 10;
pub(super) const ROOT_ID_LENGTH: usize = 10;
const FIXED_ID_BYTES_MAX: usize = 63;
/// Beyond AWS: tags that fix the id of the API that they create. The first is LocalStack's.
const FIXED_ID_TAGS: [&str; 2] = ["tollgate:id", "_custom_id_"];

fn only_dualstack() -> ApiError {
    ApiError::bad_request("Only dualstack ipAddressType is supported for Private APIs.")
}

fn invalid_compression_size() -> ApiError {
    ApiError::bad_request("Invalid minimum compression size, must be between 0 and 10485760")
}

pub(super) fn check_compression_size(size: Option<i32>) -> Result<(), ApiError> {
    match size {
        Some(size) if !(0..=10_485_760).contains(&size) => Err(invalid_compression_size()),
        _ => Ok(()),
    }
}

/// Guess: AWS's text is recorded for VPC links only.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    match name.trim().is_empty() {
        true => Err(ApiError::bad_request("Name cannot be empty")),
        false => Ok(()),
    }
}

/// Guess: the text is not recorded.
pub(super) fn check_api_key_source(source: &str) -> Result<(), ApiError> {
    match source {
        "HEADER" | "AUTHORIZER" => Ok(()),
        _ => Err(ApiError::bad_request(
            "Invalid API key source specified. Valid options are HEADER,AUTHORIZER",
        )),
    }
}

/// The id that a tag fixes, or a new one. Ids are unique across accounts and regions, because host names carry neither.
async fn choose_id(
    on: &Session,
    tags: &std::collections::BTreeMap<String, String>,
) -> Result<String, ApiError> {
    let Some(fixed) = FIXED_ID_TAGS.iter().find_map(|tag| tags.get(*tag)) else {
        return Ok(on.draw_id(API_ID_LENGTH));
    };
    check_free(on, fixed).await?;
    Ok(fixed.clone())
}

/// Whether a fixed id may be had.
pub(super) async fn check_free(on: &Session, fixed: &str) -> Result<(), ApiError> {
    check_fixed_id(fixed)?;
    match on.shared.store.find(Kind::RestApi, fixed).await?.is_empty() {
        true => Ok(()),
        false => Err(ApiError::conflict(format!(
            "Tollgate has a REST API with the id {fixed} already"
        ))),
    }
}

/// A fixed id becomes a label of a host name.
fn check_fixed_id(id: &str) -> Result<(), ApiError> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = (1..=FIXED_ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(is_allowed);
    match is_label && !id.starts_with('-') && !id.ends_with('-') {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Tollgate takes 1 to {FIXED_ID_BYTES_MAX} characters a-z, 0-9 and - for a fixed id, with a letter or digit at both ends"
        ))),
    }
}

/// The API, or AWS's refusal on calls about an API itself or a list of its parts.
pub(crate) async fn find(on: &Session, id: Option<&str>) -> Result<Stored<RestApi>, ApiError> {
    let id = id.unwrap_or_default();
    let unknown = || {
        ApiError::not_found(format!(
            "Invalid API identifier specified {}:{id}",
            on.caller.account
        ))
    };
    try_find(on, id).await?.ok_or_else(unknown)
}

/// The API if it exists: most operations on a part answer with the part's own refusal if it does not.
pub(super) async fn try_find(on: &Session, id: &str) -> Result<Option<Stored<RestApi>>, ApiError> {
    on.find(&on.key(Kind::RestApi, id)).await
}

/// Recorded: GetRestApi, UpdateRestApi and PutRestApi show even no tags; the others omit them.
pub(super) fn shown(api: Stored<RestApi>) -> RestApi {
    let tags = Some(api.wire_tags());
    viewed(RestApi { tags, ..api.it })
}

/// Recorded: a policy may name the API's own resources as `execute-api:/stage/GET/path`; stored is the whole ARN. One that is none is
/// refused in words that are widely seen with AWS.
fn policy_of(on: &Session, id: &str, given: Option<&str>) -> Result<Option<String>, ApiError> {
    let Some(given) = given.filter(|policy| !policy.is_empty()) else {
        return Ok(None);
    };
    let (region, account) = (&on.caller.region, &on.caller.account);
    let partition = partition_of(region);
    let whole = format!("\"arn:{partition}:execute-api:{region}:{account}:{id}/");
    let policy = given.replace("\"execute-api:/", &whole);
    match Policy::parse(&policy, PolicyKind::Resource) {
        Ok(_) => Ok(Some(policy)),
        Err(error) => Err(ApiError::bad_request(INVALID_POLICY).because(error)),
    }
}

const INVALID_POLICY: &str =
    "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.";

fn shown_briefly(api: Stored<RestApi>) -> RestApi {
    let tags = api.wire_tags_if_any();
    viewed(RestApi { tags, ..api.it })
}

/// AWS shows a policy as it stands within a JSON text, its quotes escaped: what Terraform's provider undoes.
pub(super) fn viewed(api: RestApi) -> RestApi {
    let escaped = |policy: String| {
        let quoted = serde_json::Value::String(policy).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    RestApi {
        policy: api.policy.map(escaped),
        ..api
    }
}

/// The resource that every API has.
fn root_resource(mut root: Stored<Resource>) -> Stored<Resource> {
    root.it = Resource {
        id: Some(root.id().to_owned()),
        path: Some("/".to_owned()),
        ..Resource::default()
    };
    root
}

fn endpoint(api: &mut RestApi) -> &mut EndpointConfiguration {
    api.endpoint_configuration.get_or_insert_default()
}

pub(super) fn is_private(api: &RestApi) -> bool {
    let types = api
        .endpoint_configuration
        .as_ref()
        .and_then(|endpoint| endpoint.types.as_ref());
    types.is_some_and(|types| types.iter().any(|kind| kind == PRIVATE))
}
