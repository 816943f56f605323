//! Stages: a deployment under a name, with variables and settings that act at once.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html>

mod access_logs;
mod caches;
mod patches;
pub(crate) mod served;
mod variables;

use std::sync::Arc;

use tollgate_model::rest::Definition;
use tollgate_store::{Key, Kind};
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    CanarySettings, CreateStage, CreateStageRequest, DeleteStage, DeleteStageRequest,
    FlushStageAuthorizersCache, FlushStageCache, GetStage, GetStageRequest, GetStages,
    GetStagesRequest, RestApi, Stage, Stages, UpdateStage, UpdateStageRequest,
};

use self::patches::{PATCHES, canary};
pub(super) use self::variables::check_variables;
use super::{deployments, documentation_versions, rest_apis, tags, usage_plans};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::runtime::{Proposal, Refusal};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateStage, _>(create);
    on.serve::<GetStage, _>(get);
    on.serve::<GetStages, _>(list);
    on.serve::<UpdateStage, _>(update);
    on.serve::<DeleteStage, _>(delete);
    on.serve::<FlushStageCache, _>(caches::flush);
    on.serve::<FlushStageAuthorizersCache, _>(caches::flush_authorizers);
}

async fn create(on: Session, mut input: CreateStageRequest) -> Result<Stage, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let name = input.stage_name.take().unwrap_or_default();
    check_name(&name)?;
    let key = api.key.child(Kind::Stage, &name);
    if on.find::<Stage>(&key).await?.is_some() {
        return Err(ApiError::conflict("Stage already exists"));
    }
    let tags = tags::of_request(input.tags.take())?;
    let mut stage = on.create(key, of_request(&on, name, input)?);
    stage.tags = tags;
    check_deployments(&on, &api, &stage.it).await?;
    check_documentation(&on, &api, &stage.it).await?;
    prepare_deployed(&on, &api, &stage.it).await?;

    let mut change = Change::of(&api);
    change.add(&stage);
    on.commit_served(change).await?;
    Ok(shown(stage))
}

pub(crate) async fn get(on: Session, input: GetStageRequest) -> Result<Stage, ApiError> {
    let (_, stage) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.stage_name.as_deref(),
    )
    .await?;
    Ok(shown(stage))
}

async fn list(on: Session, input: GetStagesRequest) -> Result<Stages, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let stages = of_api(&on, &api.key).await?;
    let deployment_id = input.deployment_id.as_deref();
    let is_asked = |stage: &Stored<Stage>| {
        deployment_id.is_none() || stage.it.deployment_id.as_deref() == deployment_id
    };
    Ok(Stages {
        item: Some(stages.into_iter().filter(is_asked).map(shown).collect()),
    })
}

pub(crate) async fn update(on: Session, input: UpdateStageRequest) -> Result<Stage, ApiError> {
    let (api, mut stage) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.stage_name.as_deref(),
    )
    .await?;
    let before = stage.it.documentation_version.clone();
    stage.it = PATCHES.apply(&stage.it, input.patch_operations.as_deref())?;
    stage.it.last_updated_date = Some(on.now());
    check_deployments(&on, &api, &stage.it).await?;
    if stage.it.documentation_version != before {
        check_documentation(&on, &api, &stage.it).await?;
    }
    prepare_deployed(&on, &api, &stage.it).await?;

    let mut change = Change::of(&api);
    change.put(&stage);
    on.commit_served(change).await?;
    Ok(shown(stage))
}

async fn delete(on: Session, input: DeleteStageRequest) -> Result<(), ApiError> {
    let (api, stage) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.stage_name.as_deref(),
    )
    .await?;
    let mut change = Change::of(&api);
    change.delete(&stage.key);
    usage_plans::leave(&on, &mut change, api.id(), Some(stage.id())).await?;
    on.commit_served(change).await
}

fn of_request(on: &Session, name: String, input: CreateStageRequest) -> Result<Stage, ApiError> {
    check_variables(input.variables.as_ref())?;
    let mut stage = Stage {
        description: input.description,
        cache_cluster_size: input.cache_cluster_size,
        variables: input.variables.filter(|variables| !variables.is_empty()),
        documentation_version: input.documentation_version,
        ..new(on, name, input.deployment_id.unwrap_or_default())
    };
    stage.cache_cluster_enabled = input.cache_cluster_enabled.or(stage.cache_cluster_enabled);
    stage.tracing_enabled = input.tracing_enabled.or(stage.tracing_enabled);
    if let Some(given) = input.canary_settings {
        check_canary(
            given.percent_traffic,
            given.stage_variable_overrides.as_ref(),
        )?;
        let blank = canary(&mut stage).clone();
        stage.canary_settings = Some(CanarySettings {
            deployment_id: given.deployment_id.or(blank.deployment_id),
            percent_traffic: given.percent_traffic.or(blank.percent_traffic),
            use_stage_cache: given.use_stage_cache.or(blank.use_stage_cache),
            ..given
        });
    }
    Ok(stage)
}

/// A stage with AWS's defaults.
pub(super) fn new(on: &Session, name: String, deployment_id: String) -> Stage {
    let now = on.now();
    Stage {
        stage_name: Some(name),
        deployment_id: Some(deployment_id),
        cache_cluster_enabled: Some(false),
        cache_cluster_status: Some("NOT_AVAILABLE".to_owned()),
        method_settings: Some(Map::new()),
        tracing_enabled: Some(false),
        created_date: Some(now),
        last_updated_date: Some(now),
        ..Stage::default()
    }
}

/// The guide's range of percentages, and the rules of variables. Guess: the text.
pub(super) fn check_canary(
    percent: Option<f64>,
    overrides: Option<&Map<Option<String>>>,
) -> Result<(), ApiError> {
    match percent.is_none_or(|percent| (0.0..=100.0).contains(&percent)) {
        true => check_variables(overrides),
        false => Err(ApiError::bad_request(
            "Canary percentTraffic must be between 0.0 and 100.0",
        )),
    }
}

/// The developer guide's rule; the text is a guess.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    match (1..=128).contains(&name.len()) && name.bytes().all(is_allowed) {
        true => Ok(()),
        false => Err(ApiError::bad_request("Stage name only allows a-zA-Z0-9_-")),
    }
}

/// The stage's deployment and its canary's must exist.
async fn check_deployments(
    on: &Session,
    api: &Stored<RestApi>,
    stage: &Stage,
) -> Result<(), ApiError> {
    let canary = stage
        .canary_settings
        .as_ref()
        .and_then(|canary| canary.deployment_id.as_deref());
    for id in [stage.deployment_id.as_deref(), canary]
        .into_iter()
        .flatten()
    {
        if !deployments::exists(on, &api.key, id).await? {
            return Err(ApiError::bad_request("Deployment id does not exist"));
        }
    }
    Ok(())
}

/// The documentation that a stage shows must exist. Guess: AWS's answer is not recorded for stages.
async fn check_documentation(
    on: &Session,
    api: &Stored<RestApi>,
    stage: &Stage,
) -> Result<(), ApiError> {
    let named = stage.documentation_version.as_deref();
    match named.filter(|name| !name.is_empty()) {
        Some(name) if !documentation_versions::exists(on, api, name).await? => {
            Err(ApiError::bad_request(documentation_versions::UNKNOWN))
        }
        _ => Ok(()),
    }
}

async fn prepare_deployed(
    on: &Session,
    api: &Stored<RestApi>,
    stage: &Stage,
) -> Result<(), ApiError> {
    let own = stage.deployment_id.as_deref().unwrap_or_default();
    let canary = stage.canary_settings.as_ref();
    let canary = canary.and_then(|canary| canary.deployment_id.as_deref());
    for id in [Some(own), canary.filter(|id| *id != own)]
        .into_iter()
        .flatten()
    {
        let definition = deployments::definition(on, &api.key, id).await?;
        prepare(on, &api.key, id, Arc::new(definition), stage).await?;
    }
    Ok(())
}

/// Asks the gateway whether it honours every setting; what it does not is refused, never ignored.
pub(super) async fn prepare(
    on: &Session,
    api: &Key,
    deployment_id: &str,
    definition: Arc<Definition>,
    stage: &Stage,
) -> Result<(), ApiError> {
    let prepared = try_prepare(on, api, deployment_id, definition, stage).await;
    prepared.map_err(|refusals| ApiError::bad_request(cannot_honour(&refusals)))
}

/// The same, with each setting that is refused.
pub(super) async fn try_prepare(
    on: &Session,
    api: &Key,
    deployment_id: &str,
    definition: Arc<Definition>,
    stage: &Stage,
) -> Result<(), Vec<Refusal>> {
    let proposal = Proposal {
        account: &api.account,
        region: &api.region,
        api_id: &api.id,
        deployment_id,
        definition,
        stage,
    };
    on.shared.runtime.prepare(proposal).await
}

const REFUSALS_TOLD_MAX: usize = 20;

pub(super) fn cannot_honour(refusals: &[Refusal]) -> String {
    let told = refusals.iter().take(REFUSALS_TOLD_MAX);
    let told: Vec<_> = told
        .map(|it| format!("{}: {}", it.member, it.reason))
        .collect();
    let rest = match refusals.len().saturating_sub(REFUSALS_TOLD_MAX) {
        0 => String::new(),
        rest => format!("; and {rest} more"),
    };
    format!("Tollgate cannot honour {}{rest}", told.join("; "))
}

/// Recorded: no tags are not shown.
fn shown(stage: Stored<Stage>) -> Stage {
    let tags = stage.wire_tags_if_any();
    let mut shown = Stage { tags, ..stage.it };
    caches::shown(&mut shown);
    shown
}

/// Every stage of the API under `api`.
pub(super) async fn of_api(on: &Session, api: &Key) -> Result<Vec<Stored<Stage>>, ApiError> {
    on.children(api, Kind::Stage).await
}

/// Guess for an unknown API, after what is recorded for other parts: it is told as an unknown stage.
pub(crate) async fn find(
    on: &Session,
    api_id: Option<&str>,
    name: Option<&str>,
) -> Result<(Stored<RestApi>, Stored<Stage>), ApiError> {
    let unknown = || ApiError::not_found("Invalid stage identifier specified");
    let api = rest_apis::try_find(on, api_id.unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let key = api.key.child(Kind::Stage, name.unwrap_or_default());
    let stage = on.find(&key).await?.ok_or_else(unknown)?;
    Ok((api, stage))
}
