//! Which API keys are in a usage plan. A key may be in several plans, but never in two of the same stage: which limits would
//! count could not be said. <https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlanKey.html>
//!
//! Each is stored twice, under the plan and under the key. Adding one writes the plan and the key again, so that what was checked
//! about both still holds when it is written.

use std::collections::BTreeMap;

use tollgate_model::api_key::StoredApiKey;
use tollgate_store::{Kind, Range};
use tollgate_wire::apigateway::{
    CreateUsagePlanKey, CreateUsagePlanKeyRequest, DeleteUsagePlanKey, DeleteUsagePlanKeyRequest,
    GetUsagePlanKey, GetUsagePlanKeyRequest, GetUsagePlanKeys, GetUsagePlanKeysRequest, UsagePlan,
    UsagePlanKey, UsagePlanKeys,
};
use tollgate_wire::json;

use super::{api_keys, usage_plans};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateUsagePlanKey, _>(create);
    on.serve::<GetUsagePlanKey, _>(get);
    on.serve::<GetUsagePlanKeys, _>(list);
    on.serve::<DeleteUsagePlanKey, _>(delete);
}

async fn create(on: Session, input: CreateUsagePlanKeyRequest) -> Result<UsagePlanKey, ApiError> {
    // Guess: the text.
    if input.key_type.as_deref() != Some(API_KEY) {
        return Err(ApiError::bad_request("Usage Plan Key type must be API_KEY"));
    }
    let plan_id = input.usage_plan_id.unwrap_or_default();
    let plan = usage_plans::find(&on, Some(&plan_id)).await?;
    let key = api_keys::find(&on, input.key_id.as_deref()).await?;
    let mut additions = Additions::default();
    additions.add(&on, &key, plan.id()).await??;
    let mut change = Change::empty();
    api_keys::renew(&mut change, &key);
    additions.write(&mut change);
    on.commit_served(change).await?;
    shown(&on, &key)
}

async fn get(on: Session, input: GetUsagePlanKeyRequest) -> Result<UsagePlanKey, ApiError> {
    let (_, key) = find(&on, input.usage_plan_id.as_deref(), input.key_id.as_deref()).await?;
    shown(&on, &key)
}

/// Recorded: a plan that there is not has no keys; every item shows its value; the youngest first.
async fn list(on: Session, input: GetUsagePlanKeysRequest) -> Result<UsagePlanKeys, ApiError> {
    let plan = on.key(
        Kind::UsagePlan,
        input.usage_plan_id.as_deref().unwrap_or_default(),
    );
    let name = input.name_query.unwrap_or_default();
    let page = Page::of(
        format!("usageplans/{}/keys/{name}", plan.id),
        input.position.as_deref(),
        input.limit,
    )?;
    let mut range = Range::children_of(&plan, Kind::UsagePlanKey);
    range.after = page.after.as_deref().map(Into::into);
    range.limit = page.limit + 1;
    let mut found = Vec::new();
    loop {
        let some: Vec<Stored<UsagePlanKey>> = on.in_range(range.clone(), json::from_slice).await?;
        let is_last = some.len() < range.limit;
        range.after = some.last().map(|last| last.key.id.clone());
        for one in some {
            // A key may be deleted between the two reads.
            let key = api_keys::try_find(&on, one.id()).await?;
            found.extend(key.filter(|key| api_keys::is_named(key.it.key.name.as_deref(), &name)));
        }
        if is_last || found.len() > page.limit {
            break;
        }
    }
    let (keys, position) = page.cut(found, |key| key.id());
    let items = keys.iter().map(|key| shown(&on, key));
    Ok(UsagePlanKeys {
        position,
        items: Some(items.collect::<Result<_, ApiError>>()?),
    })
}

async fn delete(on: Session, input: DeleteUsagePlanKeyRequest) -> Result<(), ApiError> {
    let (plan, key) = find(&on, input.usage_plan_id.as_deref(), input.key_id.as_deref()).await?;
    let mut change = Change::empty();
    change.renew(&plan);
    api_keys::renew(&mut change, &key);
    change.delete(&api_keys::in_plan(&plan.key, key.id()));
    change.delete(&key.key.child(Kind::ApiKeyPlan, plan.id()));
    on.commit_served(change).await
}

/// The one type of keys that there is.
const API_KEY: &str = "API_KEY";

/// Keys that are about to join plans.
#[derive(Default)]
pub(super) struct Additions {
    /// The plans that were looked at; none for an id that no plan has.
    plans: BTreeMap<String, Option<Stored<UsagePlan>>>,
    /// Plan and key.
    added: Vec<(String, String)>,
    entries: Vec<Stored<UsagePlanKey>>,
}

impl Additions {
    /// Adds `key` to a plan.
    ///
    /// # Errors
    /// Outside, a fault; inside, why the key may not join.
    pub(super) async fn add(
        &mut self,
        on: &Session,
        key: &Stored<StoredApiKey>,
        plan_id: &str,
    ) -> Result<Result<(), ApiError>, ApiError> {
        let Some(plan) = self.plan(on, plan_id).await? else {
            return Ok(Err(usage_plans::unknown()));
        };
        for other in self.plans_of(on, key).await? {
            if other == plan_id {
                return Ok(Err(already_there(key.id(), plan_id)));
            }
            let other = self.plan(on, &other).await?;
            let shared = other.and_then(|other| shared_stage(&plan.it, &other.it));
            if let Some(stage) = shared {
                return Ok(Err(two_plans(plan_id, &stage)));
            }
        }
        self.push(on, &plan, key);
        Ok(Ok(()))
    }

    /// Writes them, and the plans that they join.
    pub(super) fn write(self, change: &mut Change) {
        for (id, plan) in &self.plans {
            if let Some(plan) = plan
                && self.added.iter().any(|(joined, _)| joined == id)
            {
                change.renew(plan);
            }
        }
        for entry in &self.entries {
            change.put(entry);
        }
    }

    fn push(&mut self, on: &Session, plan: &Stored<UsagePlan>, key: &Stored<StoredApiKey>) {
        let id = key.id().to_owned();
        let entry = UsagePlanKey {
            id: Some(id.clone()),
            type_: Some(API_KEY.to_owned()),
            ..UsagePlanKey::default()
        };
        let of_plan = api_keys::in_plan(&plan.key, &id);
        let of_key = key.key.child(Kind::ApiKeyPlan, plan.id());
        self.entries.push(on.create(of_plan, entry.clone()));
        self.entries.push(on.create(of_key, entry));
        self.added.push((plan.id().to_owned(), id));
    }

    /// The plans that a key is in, or is about to join.
    async fn plans_of(
        &self,
        on: &Session,
        key: &Stored<StoredApiKey>,
    ) -> Result<Vec<String>, ApiError> {
        let stored = match key.rev {
            0 => Vec::new(),
            _ => api_keys::plans_of(on, &key.key).await?,
        };
        let joined = self.added.iter().filter(|(_, id)| id == key.id());
        let joined = joined.map(|(plan, _)| plan.clone());
        let stored = stored.into_iter().map(|plan| plan.id.into());
        Ok(stored.chain(joined).collect())
    }

    async fn plan(
        &mut self,
        on: &Session,
        id: &str,
    ) -> Result<Option<Stored<UsagePlan>>, ApiError> {
        if let Some(known) = self.plans.get(id) {
            return Ok(known.clone());
        }
        let found = usage_plans::try_find(on, id).await?;
        self.plans.insert(id.to_owned(), found.clone());
        Ok(found)
    }
}

/// A stage that both plans are for, as `{api}:{stage}`.
pub(super) fn shared_stage(one: &UsagePlan, other: &UsagePlan) -> Option<String> {
    let stages = |plan: &UsagePlan| {
        let stages = plan.api_stages.clone().unwrap_or_default();
        stages.into_iter().map(|stage| usage_plans::name_of(&stage))
    };
    let others: Vec<_> = stages(other).collect();
    stages(one).find(|stage| others.contains(stage))
}

/// The developer guide's rule. Guess: the text is not recorded.
pub(super) fn two_plans(plan_id: &str, stage: &str) -> ApiError {
    ApiError::conflict(format!(
        "Usage Plan {plan_id} cannot be added because API Key cannot reference multiple Usage Plans with the same API stage: {stage}"
    ))
}

/// Guess: the text is not recorded.
fn already_there(key_id: &str, plan_id: &str) -> ApiError {
    ApiError::conflict(format!(
        "API Key {key_id} is already associated with Usage Plan {plan_id}"
    ))
}

/// Recorded: creation, look-up and list show a key alike, with its value.
fn shown(on: &Session, key: &Stored<StoredApiKey>) -> Result<UsagePlanKey, ApiError> {
    Ok(UsagePlanKey {
        id: Some(key.id().to_owned()),
        type_: Some(API_KEY.to_owned()),
        value: Some(api_keys::value(on, key)?),
        name: key.it.key.name.clone(),
    })
}

/// A key that is in a plan. Guess: one that is not is told as an unknown key.
async fn find(
    on: &Session,
    plan_id: Option<&str>,
    key_id: Option<&str>,
) -> Result<(Stored<UsagePlan>, Stored<StoredApiKey>), ApiError> {
    let plan = usage_plans::find(on, plan_id).await?;
    let key = api_keys::find(on, key_id).await?;
    let entry = api_keys::in_plan(&plan.key, key.id());
    match on.find::<UsagePlanKey>(&entry).await? {
        Some(_) => Ok((plan, key)),
        None => Err(api_keys::unknown()),
    }
}
