//! What keys used of their plans, day by day. <https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsage.html>
//!
//! The gateway counts; here counts are asked for and shown. Guess: AWS's texts, and the numbers of days on which a key was not
//! used: nothing, and all that was left before.

use std::ops::RangeInclusive;

use tollgate_model::quota::{Day, Period};
use tollgate_store::{Kind, Range};
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    GetUsage, GetUsageRequest, QuotaSettings, UpdateUsage, UpdateUsageRequest, Usage, UsagePlan,
    UsagePlanKey,
};
use tollgate_wire::json;

use super::{api_keys, usage_plans};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{Edit, Member, REPLACE, Refusals, Row, Table};
use crate::runtime::{DayUse, PlanKey};
use crate::session::{Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetUsage, _>(get);
    on.serve::<UpdateUsage, _>(update);
}

async fn get(on: Session, input: GetUsageRequest) -> Result<Usage, ApiError> {
    let plan = usage_plans::find(&on, input.usage_plan_id.as_deref()).await?;
    let days = days(
        input.start_date.as_deref().unwrap_or_default(),
        input.end_date.as_deref().unwrap_or_default(),
    )?;
    let page = Page::of(
        format!("usageplans/{}/usage/{days:?}", plan.id()),
        input.position.as_deref(),
        input.limit,
    )?;
    let (keys, position) = match input.key_id {
        Some(id) => (vec![in_plan(&on, &plan, &id).await?], None),
        None => {
            let range = Range::children_of(&plan.key, Kind::UsagePlanKey);
            let keys = on
                .on_page::<UsagePlanKey, _>(&page, range, json::from_slice)
                .await?;
            let (keys, position) = page.cut(keys, |key| key.id());
            let ids = keys.iter().map(|key| key.id().to_owned());
            (ids.collect(), position)
        }
    };
    let usage = usage(&on, &plan.it, keys, days).await?;
    Ok(Usage { position, ..usage })
}

/// Guess: the answer shows the present day.
async fn update(on: Session, input: UpdateUsageRequest) -> Result<Usage, ApiError> {
    let plan = usage_plans::find(&on, input.usage_plan_id.as_deref()).await?;
    let key_id = in_plan(&on, &plan, input.key_id.as_deref().unwrap_or_default()).await?;
    let change = PATCHES.apply(&Remaining::default(), input.patch_operations.as_deref())?;
    if plan.it.quota.is_none() {
        return Err(ApiError::bad_request(format!(
            "Usage Plan {} has no quota",
            plan.id()
        )));
    }
    if let Some(remaining) = change.0 {
        let key = plan_key(&on, plan.id(), &key_id);
        let set = on.shared.runtime.set_remaining(key, remaining);
        set.await.map_err(ApiError::internal)?;
    }
    let today = Day::of_ms(on.shared.clock.now_ms());
    usage(&on, &plan.it, vec![key_id], today..=today).await
}

/// What is left of a quota, as a patch sets it.
#[derive(Clone, Default)]
pub(crate) struct Remaining(Option<i64>);

/// The API reference's table.
pub(crate) static PATCHES: Table<Remaining> = Table {
    refusals: Refusals::Listed,
    rows: &[Row::new("/remaining", REPLACE, Member::Own(set_remaining))],
};

fn set_remaining(it: &mut Remaining, edit: &Edit<'_>) -> Result<(), ApiError> {
    let value = edit.value.unwrap_or_default();
    let number = value.parse().ok();
    // As large as a quota may be.
    let number = number.filter(|number| (0..=i64::from(i32::MAX)).contains(number));
    let invalid = || ApiError::bad_request(format!("Invalid value for /remaining: {value}"));
    it.0 = Some(number.ok_or_else(invalid)?);
    Ok(())
}

/// Days of one answer.
const DAYS_MAX: u16 = 366;

fn days(start: &str, end: &str) -> Result<RangeInclusive<Day>, ApiError> {
    let day = |name: &str, text: &str| {
        let invalid = || ApiError::bad_request(format!("Invalid {name} specified: {text}"));
        Day::of_date(text).ok_or_else(invalid)
    };
    let (start, end) = (day("start date", start)?, day("end date", end)?);
    if end < start {
        return Err(ApiError::bad_request(
            "Invalid date range: the end date is before the start date",
        ));
    }
    match end.0 - start.0 < DAYS_MAX {
        true => Ok(start..=end),
        false => Err(ApiError::bad_request(format!(
            "Tollgate tells the usage of at most {DAYS_MAX} days at once"
        ))),
    }
}

fn plan_key(on: &Session, plan_id: &str, key_id: &str) -> PlanKey {
    PlanKey {
        account: on.caller.account.to_string(),
        region: on.caller.region.to_string(),
        plan_id: plan_id.to_owned(),
        key_id: key_id.to_owned(),
    }
}

async fn usage(
    on: &Session,
    plan: &UsagePlan,
    keys: Vec<String>,
    days: RangeInclusive<Day>,
) -> Result<Usage, ApiError> {
    let id = plan.id.as_deref().unwrap_or_default();
    // What was left before the first day is what is left on it: the period that it is in is read from its start.
    let first = match quota(plan) {
        Some((_, period)) => period.start(*days.start()),
        None => *days.start(),
    };
    let asked = keys.iter().map(|key| plan_key(on, id, key)).collect();
    let used = on.shared.runtime.usage(asked, first..=*days.end()).await;
    let used = used.map_err(ApiError::internal)?;
    let items: Map<_> = keys
        .into_iter()
        .zip(&used)
        .map(|(key, used)| (key, numbers(plan, used, first, &days)))
        .collect();
    Ok(Usage {
        usage_plan_id: Some(id.to_owned()),
        start_date: Some(days.start().to_string()),
        end_date: Some(days.end().to_string()),
        position: None,
        items: Some(items),
    })
}

fn quota(plan: &UsagePlan) -> Option<(i64, Period)> {
    let QuotaSettings { limit, period, .. } = plan.quota.as_ref()?;
    Some((i64::from((*limit)?), Period::of(period.as_deref()?)?))
}

/// What is shown of a plan without a quota. Guess.
const UNLIMITED: i64 = -1;

/// Used and remaining, for each day.
fn numbers(
    plan: &UsagePlan,
    used: &[DayUse],
    first: Day,
    days: &RangeInclusive<Day>,
) -> Vec<Vec<i64>> {
    let quota = quota(plan);
    let mut used = used.iter().peekable();
    let (mut remaining, mut numbers) = (UNLIMITED, Vec::new());
    for day in (first.0..=days.end().0).map(Day) {
        if let Some((limit, period)) = quota
            && (day == first || period.start(day) == day)
        {
            remaining = limit;
        }
        let of_day = used.next_if(|it| it.day == day);
        if quota.is_some() {
            remaining = of_day.and_then(|it| it.remaining).unwrap_or(remaining);
        }
        if days.contains(&day) {
            numbers.push(vec![of_day.map_or(0, |it| it.used), remaining]);
        }
    }
    numbers
}

/// The id of a key that is in a plan, or a refusal.
async fn in_plan(on: &Session, plan: &Stored<UsagePlan>, id: &str) -> Result<String, ApiError> {
    let entry = api_keys::in_plan(&plan.key, id);
    match on.find::<UsagePlanKey>(&entry).await? {
        Some(_) => Ok(id.to_owned()),
        None => Err(api_keys::unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(limit: Option<i32>, period: &str) -> UsagePlan {
        UsagePlan {
            quota: limit.map(|limit| QuotaSettings {
                limit: Some(limit),
                offset: Some(0),
                period: Some(period.to_owned()),
            }),
            ..UsagePlan::default()
        }
    }

    fn shown(plan: &UsagePlan, used: &[(&str, i64, Option<i64>)], from: &str, to: &str) -> String {
        let day = |text| Day::of_date(text).expect("a date");
        let used: Vec<_> = used
            .iter()
            .map(|(text, used, remaining)| DayUse {
                day: day(text),
                used: *used,
                remaining: *remaining,
            })
            .collect();
        let first = quota(plan).map_or(day(from), |(_, period)| period.start(day(from)));
        format!("{:?}", numbers(plan, &used, first, &(day(from)..=day(to))))
    }

    #[test]
    fn days_without_requests_keep_what_was_left() {
        let used = [("2026-11-23", 2, Some(8)), ("2026-11-25", 3, Some(5))];
        for (plan, expected) in [
            (
                plan(Some(10), "WEEK"),
                "[[0, 8], [3, 5], [0, 5], [0, 5], [0, 5], [0, 10]]",
            ),
            (
                plan(Some(10), "DAY"),
                "[[0, 10], [3, 5], [0, 10], [0, 10], [0, 10], [0, 10]]",
            ),
            (
                plan(None, ""),
                "[[0, -1], [3, -1], [0, -1], [0, -1], [0, -1], [0, -1]]",
            ),
        ] {
            let of_plan = match plan.quota.as_ref().and_then(|it| it.period.as_deref()) {
                Some("WEEK") => &used[..],
                _ => &used[1..],
            };
            assert_eq!(shown(&plan, of_plan, "2026-11-24", "2026-11-29"), expected);
        }
    }
}
