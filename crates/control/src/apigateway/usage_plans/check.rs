//! What a usage plan may say. <https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html>
//!
//! Guess: but for the periods, AWS's texts are not recorded.

use tollgate_wire::apigateway::{ApiStage, QuotaSettings, ThrottleSettings, UsagePlan};

use super::{name_of, stages_of};
use crate::error::ApiError;

/// So many methods of one stage may have limits of their own: AWS's quota.
const METHODS_OF_STAGE_MAX: usize = 20;
/// All of them in one plan: what a bucket for each of them may cost each key.
const METHODS_MAX: usize = 2_000;
/// Over AWS's quota of stages in one plan, and few enough to be looked through.
const STAGES_MAX: usize = 1_000;
const NAME_LENGTH_MAX: usize = 1_024;
const METHODS: [&str; 8] = [
    "ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT",
];

/// A whole plan, as it would be stored.
pub(super) fn plan(plan: &UsagePlan) -> Result<(), ApiError> {
    let name = plan.name.as_deref().unwrap_or_default();
    if name.trim().is_empty() || name.chars().count() > NAME_LENGTH_MAX {
        return refuse("Usage Plan name must have 1 to 1024 characters");
    }
    if let Some(throttle) = &plan.throttle {
        self::throttle(throttle)?;
    }
    if let Some(quota) = &plan.quota {
        self::quota(quota)?;
    }
    stages(stages_of(plan))
}

fn stages(stages: &[ApiStage]) -> Result<(), ApiError> {
    let mut names: Vec<_> = stages.iter().map(name_of).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return refuse("A Usage Plan cannot have the same API stage twice");
    }
    let methods = |stage: &ApiStage| stage.throttle.as_ref().map_or(0, |it| it.len());
    if stages.len() > STAGES_MAX || stages.iter().map(methods).sum::<usize>() > METHODS_MAX {
        return Err(ApiError::bad_request(format!(
            "Tollgate takes at most {STAGES_MAX} API stages, and {METHODS_MAX} methods with limits of their own, in a Usage Plan"
        )));
    }
    stages.iter().try_for_each(stage)
}

fn stage(stage: &ApiStage) -> Result<(), ApiError> {
    let methods = stage.throttle.as_ref();
    if methods.is_some_and(|methods| methods.len() > METHODS_OF_STAGE_MAX) {
        return refuse("An API stage of a Usage Plan can have at most 20 throttled methods");
    }
    for (name, throttle) in methods.into_iter().flatten() {
        if !is_method(name) {
            return Err(ApiError::bad_request(format!(
                "Invalid method {name} specified for throttle: expected /resource/path/METHOD"
            )));
        }
        self::throttle(throttle)?;
    }
    Ok(())
}

/// `/pets/{id}/GET`, or `//GET` and `/GET` for the root.
fn is_method(name: &str) -> bool {
    let parts = name.rsplit_once('/');
    parts.is_some_and(|(path, method)| {
        (path.is_empty() || path.starts_with('/')) && METHODS.contains(&method)
    })
}

/// A rate without a burst, or a burst without a rate, says nothing that could be kept to.
fn throttle(throttle: &ThrottleSettings) -> Result<(), ApiError> {
    let (Some(rate), Some(burst)) = (throttle.rate_limit, throttle.burst_limit) else {
        return refuse(
            "Tollgate cannot honour a throttle that has only one of rateLimit and burstLimit",
        );
    };
    match rate.is_finite() && rate >= 0.0 && burst >= 0 {
        true => Ok(()),
        false => refuse("Throttle limits must be zero or more"),
    }
}

fn quota(quota: &QuotaSettings) -> Result<(), ApiError> {
    if quota.limit.is_none_or(|limit| limit < 0) {
        return refuse("Usage Plan quota limit must be zero or more");
    }
    if !matches!(quota.period.as_deref(), Some("DAY" | "WEEK" | "MONTH")) {
        return refuse("Usage Plan quota period must be one of: [DAY, WEEK, MONTH]");
    }
    match quota.offset.unwrap_or(0) >= 0 {
        true => Ok(()),
        false => refuse("Usage Plan quota offset must be zero or more"),
    }
}

fn refuse(text: &str) -> Result<(), ApiError> {
    Err(ApiError::bad_request(text))
}
