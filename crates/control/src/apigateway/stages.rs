//! Stages: a deployment under a name, with variables and settings that act at once.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html>

use std::sync::Arc;

use tollgate_model::rest::Definition;
use tollgate_store::{Key, Kind};
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    AccessLogSettings, CanarySettings, CreateStage, CreateStageRequest, DeleteStage,
    DeleteStageRequest, GetStage, GetStageRequest, GetStages, GetStagesRequest, MethodSetting,
    RestApi, Stage, Stages, UpdateStage, UpdateStageRequest,
};

use super::{deployments, rest_apis};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::patch::{Edit, Member, Op, REPLACE, Refusals, Row, Table, refuse_on_stage};
use crate::runtime::{Proposal, Refusal};
use crate::session::{Change, Session, Stored, tags_of};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateStage, _>(create);
    on.serve::<GetStage, _>(get);
    on.serve::<GetStages, _>(list);
    on.serve::<UpdateStage, _>(update);
    on.serve::<DeleteStage, _>(delete);
}

async fn create(on: Session, mut input: CreateStageRequest) -> Result<Stage, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let name = input.stage_name.take().unwrap_or_default();
    check_name(&name)?;
    let key = api.key.child(Kind::Stage, &name);
    if on.find::<Stage>(&key).await?.is_some() {
        return Err(ApiError::conflict("Stage already exists"));
    }
    let tags = tags_of(input.tags.take());
    let mut stage = on.create(key, of_request(&on, name, input)?);
    stage.tags = tags;
    check_deployments(&on, &api, &stage.it).await?;
    prepare_deployed(&on, &api, &stage.it).await?;

    let mut change = Change::of(&api);
    change.put(&stage);
    on.commit_served(change).await?;
    Ok(shown(stage))
}

async fn get(on: Session, input: GetStageRequest) -> Result<Stage, ApiError> {
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

async fn update(on: Session, input: UpdateStageRequest) -> Result<Stage, ApiError> {
    let (api, mut stage) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.stage_name.as_deref(),
    )
    .await?;
    stage.it = PATCHES.apply(&stage.it, input.patch_operations.as_deref())?;
    stage.it.last_updated_date = Some(on.now());
    check_deployments(&on, &api, &stage.it).await?;
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
    on.commit_served(change).await
}

/// Recorded, and the API reference's table of patch operations. What no other row takes is taken for the settings of
/// a method, as AWS's refusals show.
pub(crate) static PATCHES: Table<Stage> = Table {
    refusals: Refusals::Stage,
    rows: &[
        Row::new("/accessLogSettings", REMOVE, Member::Own(remove_access_log)),
        Row::checked(
            "/accessLogSettings/destinationArn",
            ADD_REPLACE,
            Member::Text(|it| &mut access_log(it).destination_arn),
            check_access_log,
        ),
        Row::checked(
            "/accessLogSettings/format",
            ADD_REPLACE,
            Member::Text(|it| &mut access_log(it).format),
            check_access_log,
        ),
        Row::new(
            "/cacheClusterEnabled",
            REPLACE,
            Member::Flag(|it| &mut it.cache_cluster_enabled),
        ),
        Row::checked(
            "/cacheClusterSize",
            REPLACE,
            Member::Text(|it| &mut it.cache_cluster_size),
            check_cache_size,
        ),
        Row::new("/canarySettings", REMOVE, Member::Own(remove_canary)),
        Row::new(
            "/canarySettings/deploymentId",
            REPLACE,
            Member::Text(|it| &mut canary(it).deployment_id),
        ),
        Row::new(
            "/canarySettings/percentTraffic",
            REPLACE,
            Member::Own(set_percent_traffic),
        ),
        Row::new(
            "/canarySettings/stageVariableOverrides",
            REPLACE,
            Member::Own(set_overrides),
        ),
        Row::new(
            "/canarySettings/stageVariableOverrides/{name}",
            REPLACE,
            Member::Own(set_override),
        ),
        Row::new(
            "/canarySettings/useStageCache",
            REPLACE,
            Member::Flag(|it| &mut canary(it).use_stage_cache),
        ),
        Row::new(
            "/clientCertificateId",
            REPLACE,
            Member::Text(|it| &mut it.client_certificate_id),
        ),
        Row::new(
            "/deploymentId",
            REPLACE_COPY,
            Member::Own(set_deployment_id),
        ),
        Row::new(
            "/description",
            REPLACE,
            Member::Text(|it| &mut it.description),
        ),
        Row::new(
            "/documentationVersion",
            REPLACE,
            Member::Text(|it| &mut it.documentation_version),
        ),
        Row::new(
            "/tracingEnabled",
            REPLACE,
            Member::Flag(|it| &mut it.tracing_enabled),
        ),
        Row::new(
            "/variables",
            REPLACE_REMOVE_COPY,
            Member::Own(set_variables),
        ),
        Row::new(
            "/variables/{name}",
            REPLACE_REMOVE,
            Member::Own(set_variable),
        ),
        Row::new("/{resource}/{method}", REMOVE, Member::Own(remove_setting)),
        Row::new(
            "/{resource}/{method}/metrics/enabled",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).metrics_enabled = Some(edit.flag());
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/logging/dataTrace",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).data_trace_enabled = Some(edit.flag());
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/logging/loglevel",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).logging_level = Some(one_of(edit, &["OFF", "ERROR", "INFO"])?);
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/throttling/burstLimit",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).throttling_burst_limit = Some(number(edit)?);
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/throttling/rateLimit",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).throttling_rate_limit = Some(number(edit)?);
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/caching/enabled",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).caching_enabled = Some(edit.flag());
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/caching/ttlInSeconds",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).cache_ttl_in_seconds = Some(number(edit)?);
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/caching/dataEncrypted",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).cache_data_encrypted = Some(edit.flag());
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/caching/requireAuthorizationForCacheControl",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).require_authorization_for_cache_control = Some(edit.flag());
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/caching/unauthorizedCacheControlHeaderStrategy",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).unauthorized_cache_control_header_strategy =
                    Some(one_of(edit, STRATEGIES)?);
                Ok(())
            }),
        ),
    ],
};

const REMOVE: &[Op] = &[Op::Remove];
const ADD_REPLACE: &[Op] = &[Op::Add, Op::Replace];
const REPLACE_COPY: &[Op] = &[Op::Replace, Op::Copy];
const REPLACE_REMOVE: &[Op] = &[Op::Replace, Op::Remove];
const REPLACE_REMOVE_COPY: &[Op] = &[Op::Replace, Op::Remove, Op::Copy];
const STRATEGIES: &[&str] = &[
    "FAIL_WITH_403",
    "SUCCEED_WITH_RESPONSE_HEADER",
    "SUCCEED_WITHOUT_RESPONSE_HEADER",
];

fn access_log(stage: &mut Stage) -> &mut AccessLogSettings {
    stage.access_log_settings.get_or_insert_default()
}

fn remove_access_log(stage: &mut Stage, _edit: &Edit<'_>) -> Result<(), ApiError> {
    stage.access_log_settings = None;
    Ok(())
}

fn check_access_log(_stage: &Stage, new: &str) -> Result<(), ApiError> {
    match new.is_empty() {
        true => Err(ApiError::bad_request("Access Log value must not be empty")),
        false => Ok(()),
    }
}

fn check_cache_size(_stage: &Stage, new: &str) -> Result<(), ApiError> {
    super::integrations::check_one_of(
        "cacheClusterSize",
        &["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"],
        new,
    )
}

/// Recorded: setting any part of a canary makes it, with the stage's own deployment and no traffic.
fn canary(stage: &mut Stage) -> &mut CanarySettings {
    let deployment_id = stage.deployment_id.clone();
    stage.canary_settings.get_or_insert_with(|| CanarySettings {
        deployment_id,
        percent_traffic: Some(0.0),
        use_stage_cache: Some(false),
        ..CanarySettings::default()
    })
}

fn remove_canary(stage: &mut Stage, _edit: &Edit<'_>) -> Result<(), ApiError> {
    stage.canary_settings = None;
    Ok(())
}

fn set_percent_traffic(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    let percent: f64 = number(edit)?;
    if !(0.0..=100.0).contains(&percent) {
        return Err(invalid_value(edit));
    }
    canary(stage).percent_traffic = Some(percent);
    Ok(())
}

fn set_overrides(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    canary(stage).stage_variable_overrides = Some(variables_in(edit)?);
    Ok(())
}

fn set_override(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    let (name, value) = (edit.captured(0), edit.value.unwrap_or_default());
    check_variable(&name, value)?;
    let overrides = canary(stage)
        .stage_variable_overrides
        .get_or_insert_default();
    overrides.insert(name, Some(value.to_owned()));
    Ok(())
}

fn set_deployment_id(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    stage.deployment_id = match edit.op {
        Op::Copy => promoted(stage, edit, "/canarySettings/deploymentId")?
            .deployment_id
            .clone(),
        _ => Some(edit.value.unwrap_or_default().to_owned()),
    };
    Ok(())
}

/// Recorded: the overrides of a promoted canary are merged into the stage's variables. That a replacement is a JSON
/// object is a guess.
fn set_variables(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    stage.variables = match edit.op {
        Op::Remove => None,
        Op::Copy => {
            let overrides = promoted(stage, edit, "/canarySettings/stageVariableOverrides")?
                .stage_variable_overrides
                .clone();
            let mut variables = stage.variables.take().unwrap_or_default();
            variables.extend(overrides.into_iter().flatten());
            (!variables.is_empty()).then_some(variables)
        }
        _ => Some(variables_in(edit)?),
    };
    Ok(())
}

fn set_variable(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    let (name, value) = (edit.captured(0), edit.value.unwrap_or_default());
    let variables = stage.variables.get_or_insert_default();
    if edit.op == Op::Remove {
        variables.shift_remove(&name);
    } else {
        check_variable(&name, value)?;
        variables.insert(name, Some(value.to_owned()));
    }
    if variables.is_empty() {
        stage.variables = None;
    }
    Ok(())
}

/// The canary whose part `from` is copied to the stage.
fn promoted<'a>(
    stage: &'a Stage,
    edit: &Edit<'_>,
    from: &str,
) -> Result<&'a CanarySettings, ApiError> {
    if edit.from != Some(from) {
        return Err(ApiError::bad_request(refuse_on_stage(
            edit.op, edit.path, edit.from,
        )));
    }
    let canary = stage.canary_settings.as_ref();
    canary.ok_or_else(|| ApiError::bad_request("Promotion not available. Canary does not exist."))
}

fn remove_setting(stage: &mut Stage, edit: &Edit<'_>) -> Result<(), ApiError> {
    let settings = stage.method_settings.get_or_insert_default();
    match settings.shift_remove(&setting_key(edit)) {
        Some(_) => Ok(()),
        None => Err(ApiError::bad_request(refuse_on_stage(
            edit.op, edit.path, None,
        ))),
    }
}

/// Recorded: a first write makes a whole block, of the stage's `*/*` at that moment or else of AWS's defaults.
fn setting<'a>(stage: &'a mut Stage, edit: &Edit<'_>) -> &'a mut MethodSetting {
    let settings = stage.method_settings.get_or_insert_default();
    let start = settings.get("*/*").cloned().unwrap_or_else(default_setting);
    settings.entry(setting_key(edit)).or_insert(start)
}

/// The resource's path keeps its escapes in the key.
fn setting_key(edit: &Edit<'_>) -> String {
    format!("{}/{}", edit.captured_raw(0), edit.captured_raw(1))
}

fn default_setting() -> MethodSetting {
    MethodSetting {
        metrics_enabled: Some(false),
        data_trace_enabled: Some(false),
        throttling_burst_limit: Some(5000),
        throttling_rate_limit: Some(10_000.0),
        caching_enabled: Some(false),
        cache_ttl_in_seconds: Some(300),
        cache_data_encrypted: Some(false),
        require_authorization_for_cache_control: Some(true),
        unauthorized_cache_control_header_strategy: Some("SUCCEED_WITH_RESPONSE_HEADER".to_owned()),
        ..MethodSetting::default()
    }
}

fn one_of(edit: &Edit<'_>, allowed: &[&str]) -> Result<String, ApiError> {
    let value = edit.value.unwrap_or_default();
    match allowed.contains(&value) {
        true => Ok(value.to_owned()),
        false => Err(invalid_value(edit)),
    }
}

fn number<N: std::str::FromStr>(edit: &Edit<'_>) -> Result<N, ApiError> {
    edit.value
        .unwrap_or_default()
        .parse()
        .map_err(|_| invalid_value(edit))
}

fn variables_in(edit: &Edit<'_>) -> Result<Map<Option<String>>, ApiError> {
    let variables: std::collections::BTreeMap<String, String> =
        serde_json::from_str(edit.value.unwrap_or_default()).map_err(|_| invalid_value(edit))?;
    let variables = variables
        .into_iter()
        .map(|(name, value)| (name, Some(value)))
        .collect();
    check_variables(Some(&variables))?;
    Ok(variables)
}

/// Guess: AWS's text is not recorded.
fn invalid_value(edit: &Edit<'_>) -> ApiError {
    ApiError::bad_request(format!(
        "Invalid value for {}: {}",
        edit.path,
        edit.value.unwrap_or("null")
    ))
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

/// The developer guide's rule; the text is a guess.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    match (1..=128).contains(&name.len()) && name.bytes().all(is_allowed) {
        true => Ok(()),
        false => Err(ApiError::bad_request("Stage name only allows a-zA-Z0-9_-")),
    }
}

/// The API reference's and the guide's rules; the texts are guesses.
pub(super) fn check_variables(variables: Option<&Map<Option<String>>>) -> Result<(), ApiError> {
    if variables.is_some_and(|variables| variables.len() > 100) {
        return Err(ApiError::bad_request(
            "A stage can have at most 100 stage variables",
        ));
    }
    let entries = variables.into_iter().flatten();
    entries
        .into_iter()
        .try_for_each(|(name, value)| check_variable(name, value.as_deref().unwrap_or_default()))
}

fn check_variable(name: &str, value: &str) -> Result<(), ApiError> {
    let is_in_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !(1..=64).contains(&name.len()) || !name.bytes().all(is_in_name) {
        return Err(ApiError::bad_request(format!(
            "Stage variable names must match [A-Za-z0-9_]{{1,64}}: {name}"
        )));
    }
    let is_in_value = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
    match value.len() <= 512 && value.bytes().all(is_in_value) {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Stage variable values must match [A-Za-z0-9-._~:/?#&=,]+: {name}"
        ))),
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

async fn prepare_deployed(
    on: &Session,
    api: &Stored<RestApi>,
    stage: &Stage,
) -> Result<(), ApiError> {
    let id = stage.deployment_id.as_deref().unwrap_or_default();
    let definition = deployments::definition(on, &api.key, id).await?;
    prepare(on, &api.key, id, Arc::new(definition), stage).await
}

/// Asks the gateway whether it honours every setting; what it does not is refused, never ignored.
pub(super) async fn prepare(
    on: &Session,
    api: &Key,
    deployment_id: &str,
    definition: Arc<Definition>,
    stage: &Stage,
) -> Result<(), ApiError> {
    let proposal = Proposal {
        account: &api.account,
        region: &api.region,
        api_id: &api.id,
        deployment_id,
        definition,
        stage,
    };
    let prepared = on.shared.runtime.prepare(proposal).await;
    prepared.map_err(|refusals| ApiError::bad_request(cannot_honour(&refusals)))
}

const REFUSALS_TOLD_MAX: usize = 20;

fn cannot_honour(refusals: &[Refusal]) -> String {
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
    Stage { tags, ..stage.it }
}

/// Every stage of the API under `api`.
pub(super) async fn of_api(on: &Session, api: &Key) -> Result<Vec<Stored<Stage>>, ApiError> {
    on.children(api, Kind::Stage).await
}

/// Guess for an unknown API, after what is recorded for other parts: it is told as an unknown stage.
pub(super) async fn find(
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
