//! What UpdateUsagePlan takes. <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateUsagePlan-Patch>

use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    ApiStage, PatchOperation, QuotaSettings, ThrottleSettings, UsagePlan,
};
use tollgate_wire::json;

use super::name_of;
use crate::error::ApiError;
use crate::patch::{
    ADD_REMOVE, ADD_REPLACE, ADD_REPLACE_REMOVE, Edit, Member, Op, REMOVE, REPLACE, Refusals, Row,
    Table,
};

/// The API reference's table. The order of what `remove` takes, and that it is told, are reported by users (boto/boto3#2629).
pub(crate) static PATCHES: Table<UsagePlan> = Table {
    refusals: Refusals::ListedEach,
    rows: &[
        Row::new("/apiStages", ADD_REMOVE, Member::Own(set_stage)),
        Row::new("/quota", REMOVE, Member::Own(remove_quota)),
        Row::new("/throttle", REMOVE, Member::Own(remove_throttle)),
        Row::new(
            "/productCode",
            ADD_REPLACE_REMOVE,
            Member::Text(|plan| &mut plan.product_code),
        ),
        Row::new(
            "/apiStages/{apidId:stageName}/throttle/{resourcePath}/{httpMethod}",
            REMOVE,
            Member::Own(remove_method),
        ),
        Row::new(
            "/apiStages/{apidId:stageName}/throttle",
            ADD_REPLACE_REMOVE,
            Member::Own(set_methods),
        ),
        Row::new(
            "/apiStages/{apidId:stageName}/throttle/{resourcePath}/{httpMethod}/rateLimit",
            ADD_REPLACE,
            Member::Own(|plan, edit| {
                method(plan, edit)?.rate_limit = Some(number(edit)?);
                Ok(())
            }),
        ),
        Row::new(
            "/apiStages/{apidId:stageName}/throttle/{resourcePath}/{httpMethod}/burstLimit",
            ADD_REPLACE,
            Member::Own(|plan, edit| {
                method(plan, edit)?.burst_limit = Some(number(edit)?);
                Ok(())
            }),
        ),
        Row::new(
            "/description",
            REPLACE,
            Member::Text(|plan| &mut plan.description),
        ),
        Row::new("/name", REPLACE, Member::Text(|plan| &mut plan.name)),
        Row::new(
            "/quota/limit",
            ADD_REPLACE,
            Member::Own(|plan, edit| {
                quota(plan).limit = Some(number(edit)?);
                Ok(())
            }),
        ),
        Row::new(
            "/quota/offset",
            ADD_REPLACE,
            Member::Own(|plan, edit| {
                quota(plan).offset = Some(number(edit)?);
                Ok(())
            }),
        ),
        Row::new(
            "/quota/period",
            ADD_REPLACE,
            Member::Own(|plan, edit| {
                quota(plan).period = edit.text();
                Ok(())
            }),
        ),
        Row::new(
            "/throttle/burstLimit",
            ADD_REPLACE,
            Member::Own(|plan, edit| {
                throttle(plan).burst_limit = Some(number(edit)?);
                Ok(())
            }),
        ),
        Row::new(
            "/throttle/rateLimit",
            ADD_REPLACE,
            Member::Own(|plan, edit| {
                throttle(plan).rate_limit = Some(number(edit)?);
                Ok(())
            }),
        ),
    ],
};

fn quota(plan: &mut UsagePlan) -> &mut QuotaSettings {
    plan.quota.get_or_insert_with(|| QuotaSettings {
        offset: Some(0),
        ..QuotaSettings::default()
    })
}

fn throttle(plan: &mut UsagePlan) -> &mut ThrottleSettings {
    plan.throttle.get_or_insert_default()
}

fn remove_quota(plan: &mut UsagePlan, _: &Edit<'_>) -> Result<(), ApiError> {
    plan.quota = None;
    Ok(())
}

fn remove_throttle(plan: &mut UsagePlan, _: &Edit<'_>) -> Result<(), ApiError> {
    plan.throttle = None;
    Ok(())
}

/// The text is recorded. Guess: a stage that is there already stays as it is.
fn set_stage(plan: &mut UsagePlan, edit: &Edit<'_>) -> Result<(), ApiError> {
    let invalid = || ApiError::bad_request("Invalid API Stage specified");
    let (api, stage) = edit
        .value
        .and_then(|value| value.split_once(':'))
        .filter(|(api, stage)| !api.is_empty() && !stage.is_empty())
        .ok_or_else(invalid)?;
    let named = format!("{api}:{stage}");
    let stages = plan.api_stages.get_or_insert_default();
    let at = stages.iter().position(|stage| name_of(stage) == named);
    match (edit.op, at) {
        (Op::Remove, Some(at)) => drop(stages.remove(at)),
        (Op::Remove, None) => return Err(super::no_such_stage(api, stage, plan)),
        (_, Some(_)) => {}
        (_, None) => stages.push(ApiStage {
            api_id: Some(api.to_owned()),
            stage: Some(stage.to_owned()),
            throttle: None,
        }),
    }
    Ok(())
}

/// The stage that a path names.
fn stage<'p>(plan: &'p mut UsagePlan, edit: &Edit<'_>) -> Result<&'p mut ApiStage, ApiError> {
    let named = edit.captured(0);
    let (api, name) = named.split_once(':').unwrap_or((&named, ""));
    let unknown = super::no_such_stage(api, name, plan);
    let stages = plan.api_stages.iter_mut().flatten();
    let mut stages = stages.filter(|stage| name_of(stage) == named);
    stages.next().ok_or(unknown)
}

/// Guess: the value is a JSON object of methods and their limits.
fn set_methods(plan: &mut UsagePlan, edit: &Edit<'_>) -> Result<(), ApiError> {
    let stage = stage(plan, edit)?;
    stage.throttle = match edit.op {
        Op::Remove => None,
        _ => {
            let methods = format!(r#"{{"throttle":{}}}"#, edit.value.unwrap_or_default());
            let read = json::from_slice::<ApiStage>(methods.as_bytes());
            read.map_err(|_| invalid(edit))?.throttle
        }
    };
    Ok(())
}

/// Guess: removing what is not there is refused as for other maps.
fn remove_method(plan: &mut UsagePlan, edit: &Edit<'_>) -> Result<(), ApiError> {
    let named = format!("{}/{}", edit.captured(1), edit.captured(2));
    let stage = stage(plan, edit)?;
    let methods = stage.throttle.get_or_insert_default();
    let removed = methods.shift_remove(&named);
    if methods.is_empty() {
        stage.throttle = None;
    }
    match removed {
        Some(_) => Ok(()),
        None => Err(ApiError::not_found(format!(
            "Invalid method {named} specified for throttle"
        ))),
    }
}

/// The limits of the method that a path names.
fn method<'p>(
    plan: &'p mut UsagePlan,
    edit: &Edit<'_>,
) -> Result<&'p mut ThrottleSettings, ApiError> {
    let named = format!("{}/{}", edit.captured(1), edit.captured(2));
    let methods: &mut Map<ThrottleSettings> = stage(plan, edit)?.throttle.get_or_insert_default();
    Ok(methods.entry(named).or_default())
}

fn number<N: std::str::FromStr>(edit: &Edit<'_>) -> Result<N, ApiError> {
    let value = edit.value.unwrap_or_default();
    value.parse().map_err(|_| invalid(edit))
}

fn invalid(edit: &Edit<'_>) -> ApiError {
    let value = edit.value.unwrap_or_default();
    ApiError::bad_request(format!("Invalid value for {}: {value}", edit.path))
}

/// Paths name a method by its resource's path, whose slashes the reference escapes and Terraform does not: escaped, it is one
/// segment.
pub(super) fn normalised(operations: Vec<PatchOperation>) -> Vec<PatchOperation> {
    let operations = operations.into_iter();
    let operations = operations.map(|it| PatchOperation {
        path: it.path.map(|path| escaped(&path).unwrap_or(path)),
        ..it
    });
    operations.collect()
}

const MEMBERS: [&str; 2] = ["/rateLimit", "/burstLimit"];

fn escaped(path: &str) -> Option<String> {
    let (stage, rest) = path.strip_prefix("/apiStages/")?.split_once("/throttle/")?;
    let member = MEMBERS.into_iter().find(|member| rest.ends_with(member));
    let member = member.unwrap_or_default();
    let (resource, method) = rest.strip_suffix(member)?.rsplit_once('/')?;
    let resource = resource.replace('/', "~1");
    Some(format!(
        "/apiStages/{stage}/throttle/{resource}/{method}{member}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_resources_are_one_segment() {
        for (path, expected) in [
            (
                "/apiStages/a:b/throttle//pets/{id}/GET/rateLimit",
                Some("/apiStages/a:b/throttle/~1pets~1{id}/GET/rateLimit"),
            ),
            (
                "/apiStages/a:b/throttle/~1pets/GET/burstLimit",
                Some("/apiStages/a:b/throttle/~1pets/GET/burstLimit"),
            ),
            (
                "/apiStages/a:b/throttle//GET",
                Some("/apiStages/a:b/throttle//GET"),
            ),
            (
                "/apiStages/a:b/throttle///GET",
                Some("/apiStages/a:b/throttle/~1/GET"),
            ),
            ("/apiStages/a:b/throttle", None),
            ("/throttle/rateLimit", None),
        ] {
            assert_eq!(escaped(path).as_deref(), expected, "{path}");
        }
    }
}
