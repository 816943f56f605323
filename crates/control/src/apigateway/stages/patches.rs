//! What UpdateStage changes.
//! <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch>

use std::ops::RangeInclusive;
use std::str::FromStr;

use tollgate_wire::apigateway::{AccessLogSettings, CanarySettings, MethodSetting, Stage};

use super::access_logs;
use super::variables::{set_override, set_overrides, set_variable, set_variables};
use crate::apigateway::integrations::check_one_of;
use crate::error::ApiError;
use crate::patch::{Edit, Member, Op, REPLACE, Refusals, Row, Table, refuse_on_stage};

/// Recorded, and the API reference's table of patch operations. What no other row takes is taken for the settings of
/// a method, as AWS's refusals show.
pub(super) static PATCHES: Table<Stage> = Table {
    refusals: Refusals::Stage,
    rows: &[
        Row::new("/accessLogSettings", REMOVE, Member::Own(remove_access_log)),
        Row::checked(
            "/accessLogSettings/destinationArn",
            ADD_REPLACE,
            Member::Text(|it| &mut access_log(it).destination_arn),
            |_stage, new| access_logs::check_destination(new),
        ),
        Row::checked(
            "/accessLogSettings/format",
            ADD_REPLACE,
            Member::Text(|it| &mut access_log(it).format),
            |_stage, new| access_logs::check_format(new),
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
                setting(stage, edit).throttling_burst_limit = Some(limit(edit, 0..=i32::MAX)?);
                Ok(())
            }),
        ),
        Row::new(
            "/{resource}/{method}/throttling/rateLimit",
            REPLACE,
            Member::Own(|stage, edit| {
                setting(stage, edit).throttling_rate_limit = Some(limit(edit, 0.0..=f64::MAX)?);
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
                setting(stage, edit).cache_ttl_in_seconds = Some(within(edit, 0..=3600)?);
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

fn check_cache_size(_stage: &Stage, new: &str) -> Result<(), ApiError> {
    check_one_of(
        "cacheClusterSize",
        &["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"],
        new,
    )
}

/// Recorded: setting any part of a canary makes it, with the stage's own deployment and no traffic.
pub(super) fn canary(stage: &mut Stage) -> &mut CanarySettings {
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
    let percent = within(edit, 0.0..=100.0)?;
    canary(stage).percent_traffic = Some(percent);
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

/// The canary whose part `from` is copied to the stage.
pub(super) fn promoted<'a>(
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

/// A limit of the rate of requests; -1, which is none, is what Terraform's provider sets where nothing is said (as
/// `-1.000000` where fractions are).
fn limit<N: FromStr + PartialOrd>(
    edit: &Edit<'_>,
    range: RangeInclusive<N>,
) -> Result<N, ApiError> {
    let number: Option<f64> = edit.value.and_then(|text| text.parse().ok());
    match (number, "-1".parse()) {
        (Some(-1.0), Ok(none)) => Ok(none),
        _ => within(edit, range),
    }
}

/// A number of this range, which no `NaN` is in. The ranges are the guide's.
fn within<N: FromStr + PartialOrd>(
    edit: &Edit<'_>,
    range: RangeInclusive<N>,
) -> Result<N, ApiError> {
    let number = edit.value.unwrap_or_default().parse().ok();
    number
        .filter(|number| range.contains(number))
        .ok_or_else(|| invalid_value(edit))
}

/// Guess: AWS's text is not recorded.
pub(super) fn invalid_value(edit: &Edit<'_>) -> ApiError {
    ApiError::bad_request(format!(
        "Invalid value for {}: {}",
        edit.path,
        edit.value.unwrap_or("null")
    ))
}
