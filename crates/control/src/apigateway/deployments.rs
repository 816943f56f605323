//! Deployments: an API frozen as it was. <https://docs.aws.amazon.com/apigateway/latest/api/API_Deployment.html>
//!
//! A deployment is a list of contents named by their hashes; what two deployments share is stored once, and goes when
//! no deployment names it any more.

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_model::rest::{Definition, Manifest, MethodOf, StoredDeployment};
use tollgate_store::{Content, ContentHash, Key, Kind, Range, StoreError};
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    Authorizer, CanarySettings, CreateDeployment, CreateDeploymentRequest, DeleteDeployment,
    DeleteDeploymentRequest, Deployment, DeploymentCanarySettings, Deployments, GatewayResponse,
    GetDeployment, GetDeploymentRequest, GetDeployments, GetDeploymentsRequest, Method,
    MethodSnapshot, Model, RequestValidator, Resource, RestApi, Stage, UpdateDeployment,
    UpdateDeploymentRequest,
};

use super::{methods, rest_apis, stages};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{Member, REPLACE, Refusals, Row, Table};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateDeployment, _>(create);
    on.serve::<GetDeployment, _>(get);
    on.serve::<GetDeployments, _>(list);
    on.serve::<UpdateDeployment, _>(update);
    on.serve::<DeleteDeployment, _>(delete);
}

async fn create(on: Session, input: CreateDeploymentRequest) -> Result<Deployment, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let definition = Arc::new(present(&on, &api).await?);
    check_deployable(&definition)?;
    let deployment = freeze(&on, &api.key, &definition, input.description.clone());
    let id = deployment.stored.id().to_owned();
    let stage = stage_after(&on, &api, &id, input).await?;
    let blank = Stage::default();
    let proposed = stage.as_ref().map_or(&blank, |stage| &stage.it);
    stages::prepare(&on, &api.key, &id, definition, proposed).await?;

    let shown = shown(&deployment.stored);
    let mut change = Change::of(&api);
    deployment.put(&mut change);
    match &stage {
        Some(stage) => {
            change.put(stage);
            on.commit_served(change).await?;
        }
        None => {
            on.commit(change).await?;
        }
    }
    Ok(shown)
}

async fn get(on: Session, input: GetDeploymentRequest) -> Result<Deployment, ApiError> {
    let (api, deployment) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.deployment_id.as_deref(),
    )
    .await?;
    let is_embedded = input
        .embed
        .is_some_and(|parts| parts.iter().any(|part| part == "apisummary"));
    let api_summary = match is_embedded {
        true => Some(summary(&definition(&on, &api.key, deployment.id()).await?)),
        false => None,
    };
    Ok(Deployment {
        api_summary,
        ..shown(&deployment)
    })
}

async fn list(on: Session, input: GetDeploymentsRequest) -> Result<Deployments, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let page = Page::of(
        format!("deployments/{}", api.id()),
        input.position.as_deref(),
        input.limit,
    )?;
    let range = Range::children_of(&api.key, Kind::Deployment);
    let deployments = on
        .on_page(&page, range, StoredDeployment::from_json)
        .await?;
    let (deployments, position) = page.cut(deployments, |deployment| deployment.id());
    Ok(Deployments {
        position,
        items: Some(deployments.iter().map(shown).collect()),
    })
}

async fn update(on: Session, input: UpdateDeploymentRequest) -> Result<Deployment, ApiError> {
    let (api, mut deployment) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.deployment_id.as_deref(),
    )
    .await?;
    let after = PATCHES.apply(&shown(&deployment), input.patch_operations.as_deref())?;
    deployment.it.description = after.description.clone();
    let mut change = Change::of(&api);
    put(&mut change, &deployment);
    on.commit(change).await?;
    Ok(after)
}

async fn delete(on: Session, input: DeleteDeploymentRequest) -> Result<(), ApiError> {
    let (api, deployment) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.deployment_id.as_deref(),
    )
    .await?;
    let stages = stages::of_api(&on, &api.key).await?;
    if stages
        .iter()
        .any(|stage| points_to(&stage.it, deployment.id()))
    {
        return Err(ApiError::bad_request(
            "Active stages pointing to this deployment must be moved or deleted",
        ));
    }
    let mut change = Change::of(&api);
    change.delete(&deployment.key);
    on.commit(change).await?;
    Ok(())
}

/// The API reference's table of patch operations. The family of refusals is a guess after resources.
pub(crate) static PATCHES: Table<Deployment> = Table {
    refusals: Refusals::Listed,
    rows: &[Row::new(
        "/description",
        REPLACE,
        Member::Text(|deployment| &mut deployment.description),
    )],
};

/// Known from moto and widely seen with AWS; not recorded here.
fn check_deployable(definition: &Definition) -> Result<(), ApiError> {
    let has_policy = definition
        .api
        .policy
        .as_ref()
        .is_some_and(|it| !it.is_empty());
    if rest_apis::is_private(&definition.api) && !has_policy {
        // The text is widely quoted by users.
        return Err(ApiError::bad_request(
            "Private REST API doesn't have a resource policy attached to it",
        ));
    }
    if definition.methods.is_empty() {
        return Err(ApiError::bad_request(
            "The REST API doesn't contain any methods",
        ));
    }
    match definition
        .methods
        .iter()
        .all(|it| it.method.method_integration.is_some())
    {
        true => Ok(()),
        false => Err(ApiError::bad_request("No integration defined for method")),
    }
}

/// The stage that a new deployment goes to, as it will be: made, or moved to the deployment.
async fn stage_after(
    on: &Session,
    api: &Stored<RestApi>,
    deployment_id: &str,
    input: CreateDeploymentRequest,
) -> Result<Option<Stored<Stage>>, ApiError> {
    let name = input.stage_name.as_deref().filter(|name| !name.is_empty());
    if input.canary_settings.is_some() && name.is_none() {
        return Err(canary_without_stage(input.stage_name.as_deref()));
    }
    let Some(name) = name else {
        return Ok(None);
    };
    stages::check_variables(input.variables.as_ref())?;
    let mut stage = match &input.canary_settings {
        Some(given) => {
            stages::check_canary(
                given.percent_traffic,
                given.stage_variable_overrides.as_ref(),
            )?;
            canary_on(on, &api.key, name, canary_of(given, deployment_id)).await?
        }
        None => moved(on, &api.key, name, deployment_id).await?,
    };
    apply(&mut stage.it, input);
    Ok(Some(stage))
}

/// The stage with this name, made if need be, moved to a deployment. The developer guide: while a stage has a canary,
/// what is deployed to it goes to the canary.
pub(super) async fn moved(
    on: &Session,
    api: &Key,
    name: &str,
    deployment_id: &str,
) -> Result<Stored<Stage>, ApiError> {
    stages::check_name(name)?;
    let key = api.child(Kind::Stage, name);
    let Some(mut stage) = on.find::<Stage>(&key).await? else {
        return Ok(on.create(
            key,
            stages::new(on, name.to_owned(), deployment_id.to_owned()),
        ));
    };
    let canary = stage.it.canary_settings.as_mut();
    let pointer = canary.map_or(&mut stage.it.deployment_id, |canary| {
        &mut canary.deployment_id
    });
    *pointer = Some(deployment_id.to_owned());
    stage.it.last_updated_date = Some(on.now());
    Ok(stage)
}

async fn canary_on(
    on: &Session,
    api: &Key,
    name: &str,
    canary: CanarySettings,
) -> Result<Stored<Stage>, ApiError> {
    let stage = on.find::<Stage>(&api.child(Kind::Stage, name)).await?;
    let missing = || {
        ApiError::bad_request(format!(
            "{CANARY_REFUSED}Stage {name} must already be created before making a canary release deployment"
        ))
    };
    let mut stage = stage.ok_or_else(missing)?;
    stage.it.canary_settings = Some(canary);
    stage.it.last_updated_date = Some(on.now());
    Ok(stage)
}

fn canary_of(given: &DeploymentCanarySettings, deployment_id: &str) -> CanarySettings {
    CanarySettings {
        deployment_id: Some(deployment_id.to_owned()),
        percent_traffic: Some(given.percent_traffic.unwrap_or(0.0)),
        stage_variable_overrides: given.stage_variable_overrides.clone(),
        use_stage_cache: Some(given.use_stage_cache.unwrap_or(false)),
    }
}

/// What the call says of the stage besides; what it does not say stays.
fn apply(stage: &mut Stage, input: CreateDeploymentRequest) {
    stage.description = input.stage_description.or(stage.description.take());
    stage.variables = input
        .variables
        .filter(|given| !given.is_empty())
        .or(stage.variables.take());
    stage.cache_cluster_enabled = input.cache_cluster_enabled.or(stage.cache_cluster_enabled);
    stage.cache_cluster_size = input.cache_cluster_size.or(stage.cache_cluster_size.take());
    stage.tracing_enabled = input.tracing_enabled.or(stage.tracing_enabled);
}

const CANARY_REFUSED: &str = "Invalid deployment content specified.";

fn canary_without_stage(given: Option<&str>) -> ApiError {
    ApiError::bad_request(format!(
        "{CANARY_REFUSED}Non null and non empty stageName must be provided for canary deployment. Provided value is {}",
        given.unwrap_or("null")
    ))
}

fn points_to(stage: &Stage, deployment_id: &str) -> bool {
    let canary = stage
        .canary_settings
        .as_ref()
        .and_then(|canary| canary.deployment_id.as_deref());
    [stage.deployment_id.as_deref(), canary].contains(&Some(deployment_id))
}

/// A deployment about to be stored, with the contents it names.
pub(super) struct Frozen {
    pub(super) stored: Stored<StoredDeployment>,
    contents: Vec<Content>,
}

impl Frozen {
    /// Adds it to a change.
    pub(super) fn put(self, change: &mut Change) {
        change.expect_absent(&self.stored.key);
        put(change, &self.stored);
        change.contents(self.contents);
    }
}

const ID_LENGTH: usize = 6;

/// Freezes `definition` as a new deployment of the API under `api`.
pub(super) fn freeze(
    on: &Session,
    api: &Key,
    definition: &Definition,
    description: Option<String>,
) -> Frozen {
    let (manifest, blobs) = definition.freeze();
    let key = api.child(Kind::Deployment, &on.draw_id(ID_LENGTH));
    let deployment = StoredDeployment {
        description,
        manifest,
    };
    let mut stored = on.create(key, deployment);
    stored.contents = hashes(&stored.it.manifest);
    let contents = blobs
        .into_iter()
        .map(|(_, bytes)| Content::new(bytes))
        .collect();
    Frozen { stored, contents }
}

fn put(change: &mut Change, deployment: &Stored<StoredDeployment>) {
    change.put_body(deployment, deployment.it.to_json());
}

fn hashes(manifest: &Manifest) -> Vec<ContentHash> {
    manifest
        .parts
        .iter()
        .map(|part| ContentHash(part.hash))
        .collect()
}

/// The API as it is now.
pub(crate) async fn present(on: &Session, api: &Stored<RestApi>) -> Result<Definition, ApiError> {
    let methods = on.children::<Method>(&api.key, Kind::Method).await?;
    let methods = methods.into_iter().map(|method| MethodOf {
        resource_id: methods::resource_of(&method).to_owned(),
        method: method.it,
    });
    Ok(Definition {
        api: api.it.clone(),
        methods: methods.collect(),
        resources: bodies(on.children::<Resource>(&api.key, Kind::Resource).await?),
        models: bodies(on.children::<Model>(&api.key, Kind::Model).await?),
        validators: bodies(
            on.children::<RequestValidator>(&api.key, Kind::RequestValidator)
                .await?,
        ),
        gateway_responses: bodies(
            on.children::<GatewayResponse>(&api.key, Kind::GatewayResponse)
                .await?,
        ),
        authorizers: bodies(
            on.children::<Authorizer>(&api.key, Kind::Authorizer)
                .await?,
        ),
        // Documentation is never frozen.
        documentation_parts: Vec::new(),
    })
}

fn bodies<T>(stored: Vec<Stored<T>>) -> Vec<T> {
    stored.into_iter().map(|it| it.it).collect()
}

/// What a deployment froze.
pub(crate) async fn definition(on: &Session, api: &Key, id: &str) -> Result<Definition, ApiError> {
    let deployment = try_find(on, api, id).await?.ok_or_else(unknown)?;
    let contents = on.shared.store.contents(hashes(&deployment.it.manifest));
    let blobs = match contents.await {
        // It was deleted between the two reads.
        Err(StoreError::MissingContent { .. }) if !exists(on, api, id).await? => {
            return Err(unknown());
        }
        blobs => blobs?,
    };
    Definition::thaw(&deployment.it.manifest, &blobs).map_err(ApiError::internal)
}

fn summary(definition: &Definition) -> Map<Map<MethodSnapshot>> {
    let mut methods: HashMap<&str, Map<MethodSnapshot>> = HashMap::new();
    for it in &definition.methods {
        let (name, snapshot) = snapshot(&it.method);
        let own = methods.entry(&it.resource_id).or_default();
        own.insert(name, snapshot);
    }
    let mut summary: Map<Map<MethodSnapshot>> = Map::new();
    for resource in &definition.resources {
        if let Some(own) = methods.remove(resource.id.as_deref().unwrap_or_default()) {
            summary.insert(resource.path.clone().unwrap_or_default(), own);
        }
    }
    summary.sort_keys();
    summary
}

fn snapshot(method: &Method) -> (String, MethodSnapshot) {
    let snapshot = MethodSnapshot {
        authorization_type: method.authorization_type.clone(),
        api_key_required: method.api_key_required,
    };
    (method.http_method.clone().unwrap_or_default(), snapshot)
}

fn shown(deployment: &Stored<StoredDeployment>) -> Deployment {
    Deployment {
        id: Some(deployment.id().to_owned()),
        description: deployment.it.description.clone(),
        created_date: Some(tollgate_wire::Timestamp::from_ms(deployment.created_ms)),
        ..Deployment::default()
    }
}

async fn try_find(
    on: &Session,
    api: &Key,
    id: &str,
) -> Result<Option<Stored<StoredDeployment>>, ApiError> {
    on.find_by(
        &api.child(Kind::Deployment, id),
        StoredDeployment::from_json,
    )
    .await
}

/// Whether the API under `api` has this deployment.
pub(super) async fn exists(on: &Session, api: &Key, id: &str) -> Result<bool, ApiError> {
    Ok(try_find(on, api, id).await?.is_some())
}

/// The text is known from moto. Guess for an unknown API, after what is recorded for other parts.
fn unknown() -> ApiError {
    ApiError::not_found("Invalid Deployment identifier specified")
}

async fn find(
    on: &Session,
    api_id: Option<&str>,
    id: Option<&str>,
) -> Result<(Stored<RestApi>, Stored<StoredDeployment>), ApiError> {
    let api = rest_apis::try_find(on, api_id.unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let deployment = try_find(on, &api.key, id.unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    Ok((api, deployment))
}
