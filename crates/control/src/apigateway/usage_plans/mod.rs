//! Usage plans: how much the keys of a plan may use of the stages that it is for.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlan.html>

mod check;
mod patches;

use std::collections::BTreeSet;

use tollgate_store::{Key, Kind, Range};
use tollgate_wire::apigateway::{
    ApiStage, CreateUsagePlan, CreateUsagePlanRequest, DeleteUsagePlan, DeleteUsagePlanRequest,
    GetUsagePlan, GetUsagePlanRequest, GetUsagePlans, GetUsagePlansRequest, QuotaSettings, Stage,
    UpdateUsagePlan, UpdateUsagePlanRequest, UsagePlan, UsagePlanKey, UsagePlans,
};
use tollgate_wire::json;

use super::{tags, usage_plan_keys};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::session::{Change, Session, Stored};

pub(crate) use patches::PATCHES;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateUsagePlan, _>(create);
    on.serve::<GetUsagePlan, _>(get);
    on.serve::<GetUsagePlans, _>(list);
    on.serve::<UpdateUsagePlan, _>(update);
    on.serve::<DeleteUsagePlan, _>(delete);
}

/// Recorded: the answer shows stages even where there are none, all else where it was given.
async fn create(on: Session, input: CreateUsagePlanRequest) -> Result<UsagePlan, ApiError> {
    let key = on.key(Kind::UsagePlan, &on.draw_id(ID_LENGTH));
    let quota = input.quota.map(|quota| QuotaSettings {
        offset: Some(quota.offset.unwrap_or(0)),
        ..quota
    });
    let plan = UsagePlan {
        id: Some(key.id.to_string()),
        name: input.name,
        description: input.description,
        api_stages: Some(input.api_stages.unwrap_or_default()),
        throttle: input.throttle,
        quota,
        ..UsagePlan::default()
    };
    check::plan(&plan)?;
    check_stages(&on, &plan, &[]).await?;
    let mut stored = on.create(key, plan);
    stored.tags = tags::of_request(input.tags)?;
    on.commit_served(Change::create(&stored)).await?;
    Ok(shown_briefly(stored))
}

async fn get(on: Session, input: GetUsagePlanRequest) -> Result<UsagePlan, ApiError> {
    let stored = find(&on, input.usage_plan_id.as_deref()).await?;
    Ok(shown(stored))
}

async fn list(on: Session, input: GetUsagePlansRequest) -> Result<UsagePlans, ApiError> {
    let key_id = input.key_id;
    let page = Page::of(
        format!("usageplans/{key_id:?}"),
        input.position.as_deref(),
        input.limit,
    )?;
    let plans = match &key_id {
        Some(id) => of_key(&on, id, &page).await?,
        None => on.top_on(&page, Kind::UsagePlan).await?,
    };
    let (plans, position) = page.cut(plans, |plan| plan.id());
    Ok(UsagePlans {
        position,
        items: Some(plans.into_iter().map(shown_briefly).collect()),
    })
}

/// The plans of a key on `page`, and one more. A key that there is not is in none (a guess, as its plans' keys are recorded).
async fn of_key(
    on: &Session,
    key_id: &str,
    page: &Page,
) -> Result<Vec<Stored<UsagePlan>>, ApiError> {
    let key = on.key(Kind::ApiKey, key_id);
    let entries: Vec<Stored<UsagePlanKey>> = on.children_on(page, &key, Kind::ApiKeyPlan).await?;
    let mut plans = Vec::new();
    for entry in entries {
        plans.extend(try_find(on, entry.id()).await?);
    }
    Ok(plans)
}

async fn update(on: Session, input: UpdateUsagePlanRequest) -> Result<UsagePlan, ApiError> {
    let mut stored = find(&on, input.usage_plan_id.as_deref()).await?;
    let before = stages_of(&stored.it).to_vec();
    let operations = patches::normalised(input.patch_operations.unwrap_or_default());
    stored.it = PATCHES.apply(&stored.it, Some(&operations))?;
    check::plan(&stored.it)?;
    check_stages(&on, &stored.it, &before).await?;
    check_keys(&on, &stored, &before).await?;
    on.commit_served(Change::alone(&stored)).await?;
    Ok(shown(stored))
}

async fn delete(on: Session, input: DeleteUsagePlanRequest) -> Result<(), ApiError> {
    let stored = find(&on, input.usage_plan_id.as_deref()).await?;
    if let Some(stage) = stages_of(&stored.it).first() {
        // As users report it: aws/aws-sdk-js#3841.
        let (id, stage) = (stored.id(), name_of(stage));
        return Err(ApiError::bad_request(format!(
            "Cannot delete Usage Plan {id} because there are API Stages associated with it, including {stage}"
        )));
    }
    let mut change = Change::empty();
    change.expect_as_read(&stored);
    for key_id in key_ids(&on, &stored.key).await? {
        let key = on.key(Kind::ApiKey, &key_id);
        change.delete(&key.child(Kind::ApiKeyPlan, stored.id()));
    }
    change.delete_children(&stored.key, Kind::UsagePlanKey);
    change.delete(&stored.key);
    on.commit_served(change).await
}

/// Takes a stage, or every stage of an API, out of the plans that are for it: as users report it, a stage that is made again is
/// in no plan (hashicorp/terraform-provider-aws#14100).
pub(super) async fn leave(
    on: &Session,
    change: &mut Change,
    api_id: &str,
    stage: Option<&str>,
) -> Result<(), ApiError> {
    let is_gone = |it: &ApiStage| {
        it.api_id.as_deref() == Some(api_id) && (stage.is_none() || it.stage.as_deref() == stage)
    };
    for mut plan in all(on, |plan| stages_of(plan).iter().any(is_gone)).await? {
        plan.it.api_stages = plan.it.api_stages.take().map(|mut stages| {
            stages.retain(|stage| !is_gone(stage));
            stages
        });
        change.renew(&plan);
    }
    Ok(())
}

/// Stages that were not there before must exist. The second text is recorded, the first is what users report
/// (aws/aws-sdk#354), its unfilled places and all.
async fn check_stages(on: &Session, plan: &UsagePlan, before: &[ApiStage]) -> Result<(), ApiError> {
    for it in added(plan, before) {
        let (api, stage) = (
            it.api_id.as_deref().unwrap_or_default(),
            it.stage.as_deref().unwrap_or_default(),
        );
        if api.is_empty() || stage.is_empty() {
            return Err(ApiError::bad_request(
                "Invalid API Stage {api: %s, stage: %s} specified for usageplan %s",
            ));
        }
        let key = on.key(Kind::RestApi, api).child(Kind::Stage, stage);
        if on.find::<Stage>(&key).await?.is_none() {
            return Err(no_such_stage(api, stage, plan));
        }
    }
    Ok(())
}

/// Recorded.
fn no_such_stage(api: &str, stage: &str, plan: &UsagePlan) -> ApiError {
    let id = plan.id.as_deref().unwrap_or_default();
    ApiError::not_found(format!(
        "Invalid API Stage {{api: {api}, stage: {stage}}} specified for usageplan {id}"
    ))
}

/// No key of the plan may be in another plan of a stage that is added.
async fn check_keys(
    on: &Session,
    plan: &Stored<UsagePlan>,
    before: &[ApiStage],
) -> Result<(), ApiError> {
    let added = UsagePlan {
        api_stages: Some(added(&plan.it, before).cloned().collect()),
        ..UsagePlan::default()
    };
    let is_other = |other: &UsagePlan| {
        other.id != plan.it.id && usage_plan_keys::shared_stage(&added, other).is_some()
    };
    let others = match stages_of(&added).is_empty() {
        true => Vec::new(),
        false => all(on, is_other).await?,
    };
    if others.is_empty() {
        return Ok(());
    }
    let own = key_ids(on, &plan.key).await?;
    for other in others {
        if !key_ids(on, &other.key).await?.is_disjoint(&own) {
            let stage = usage_plan_keys::shared_stage(&added, &other.it).unwrap_or_default();
            return Err(usage_plan_keys::two_plans(plan.id(), &stage));
        }
    }
    Ok(())
}

fn added<'p>(plan: &'p UsagePlan, before: &'p [ApiStage]) -> impl Iterator<Item = &'p ApiStage> {
    let is_new = |stage: &&ApiStage| !before.iter().any(|old| name_of(old) == name_of(stage));
    stages_of(plan).iter().filter(is_new)
}

const ID_LENGTH: usize = 6;

fn stages_of(plan: &UsagePlan) -> &[ApiStage] {
    plan.api_stages.as_deref().unwrap_or_default()
}

/// `{api}:{stage}`
pub(super) fn name_of(stage: &ApiStage) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{}:{}", text(&stage.api_id), text(&stage.stage))
}

/// The caller's plans that are wanted.
async fn all(
    on: &Session,
    is_wanted: impl Fn(&UsagePlan) -> bool,
) -> Result<Vec<Stored<UsagePlan>>, ApiError> {
    let mut range = Range::top(&on.caller.account, &on.caller.region, Kind::UsagePlan);
    let mut found = Vec::new();
    loop {
        let some: Vec<Stored<UsagePlan>> = on.in_range(range.clone(), json::from_slice).await?;
        let is_last = some.len() < range.limit;
        range.after = some.last().map(|last| last.key.id.clone());
        found.extend(some.into_iter().filter(|plan| is_wanted(&plan.it)));
        if is_last {
            return Ok(found);
        }
    }
}

/// The ids of the keys in the plan under `plan`.
async fn key_ids(on: &Session, plan: &Key) -> Result<BTreeSet<Box<str>>, ApiError> {
    let mut range = Range::children_of(plan, Kind::UsagePlanKey);
    let mut ids = BTreeSet::new();
    loop {
        let some = on.shared.store.list(range.clone()).await?;
        let is_last = some.len() < range.limit;
        range.after = some.last().map(|last| last.key.id.clone());
        ids.extend(some.into_iter().map(|entity| entity.key.id));
        if is_last {
            return Ok(ids);
        }
    }
}

/// The plan, or AWS's refusal.
pub(super) async fn find(on: &Session, id: Option<&str>) -> Result<Stored<UsagePlan>, ApiError> {
    let found = try_find(on, id.unwrap_or_default()).await?;
    found.ok_or_else(unknown)
}

pub(super) async fn try_find(
    on: &Session,
    id: &str,
) -> Result<Option<Stored<UsagePlan>>, ApiError> {
    on.find(&on.key(Kind::UsagePlan, id)).await
}

/// Recorded.
pub(super) fn unknown() -> ApiError {
    ApiError::not_found("Invalid Usage Plan ID specified")
}

/// Recorded for GetUsagePlan, a guess for updates: even no tags are shown.
fn shown(stored: Stored<UsagePlan>) -> UsagePlan {
    let tags = Some(stored.wire_tags());
    UsagePlan { tags, ..stored.it }
}

fn shown_briefly(stored: Stored<UsagePlan>) -> UsagePlan {
    let tags = stored.wire_tags_if_any();
    UsagePlan { tags, ..stored.it }
}
