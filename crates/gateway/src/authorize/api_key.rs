//! API keys: known, enabled, and in a plan for the stage; otherwise INVALID_API_KEY.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html>
//!
//! The key is looked for by a digest under a secret of the installation, so that how long it takes tells nothing of other keys.

use std::rc::Rc;

use crate::keys::{HeldKeys, Member, Plan, PlanStage};
use crate::plan::StagePlan;
use crate::record::{CallerKey, Record};
use crate::rejection::Rejection;
use crate::route::Matched;
use crate::throttle::{self, Gate, Refused, Verdict};
use crate::trace::StepName;

const HEADER: &str = "X-API-Key";

/// Who a request is counted for.
#[derive(Debug)]
pub(crate) enum Caller<'k> {
    /// Nobody in particular: the method requires no key.
    Nobody,
    /// The holder of an API key that is in a plan for the stage.
    Key {
        member: &'k Member,
        plan: &'k Plan,
        stage: &'k PlanStage,
    },
    /// Somebody who was let in when the request first ran.
    Told,
}

/// Finds the caller by the key that came, where the method requires one. A key on any other method counts for nothing, as in AWS.
pub(crate) fn check<'k>(
    keys: Option<&'k Rc<HeldKeys>>,
    gate: &Gate<'_>,
    stage: &StagePlan,
    route: &Matched<'_>,
    record: &mut Record,
) -> Result<Caller<'k>, Rejection> {
    if !route.method.api_key_required {
        return Ok(Caller::Nobody);
    }
    let found = match (gate, keys) {
        (Gate::Live(live), Some(keys)) => {
            let digest = match value(record) {
                Ok(value) => {
                    let (account, region) = (&stage.api.account, &stage.api.region);
                    live.digester.of(account, region, value)
                }
                Err(refused) => return Err(throttle::refuse(refused, stage, route, record)),
            };
            look_up(keys, digest, stage, record)
        }
        // A gateway that has no keys knows none.
        (Gate::Live(_), None) => value(record).and(Err(Refused::UnknownKey)),
        (Gate::Told(verdict), _) => told(verdict.as_ref(), record),
        (Gate::Open, _) => Ok(Caller::Told),
    };
    let caller = found.map_err(|refused| throttle::refuse(refused, stage, route, record))?;
    tell(record);
    Ok(caller)
}

/// The one value that came. Guess: of several none is taken, as a proxy before us might take another one than we.
fn value(record: &Record) -> Result<&[u8], Refused> {
    let headers = record.headers().iter();
    let mut values = headers.filter(|(name, _)| name.eq_ignore_ascii_case(HEADER));
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Ok(value),
        (None, _) => Err(Refused::NoKey),
        (Some(_), Some(_)) => Err(Refused::SeveralKeys),
    }
}

fn look_up<'k>(
    keys: &'k Rc<HeldKeys>,
    digest: Option<tollgate_model::api_key::Digest>,
    stage: &StagePlan,
    record: &mut Record,
) -> Result<Caller<'k>, Refused> {
    let directory = &keys.0;
    let digest = digest.ok_or(Refused::UnknownKey)?;
    let entry = directory.find(digest).ok_or(Refused::UnknownKey)?;
    record.key = Some(CallerKey::Found {
        keys: keys.clone(),
        digest,
        plan: None,
    });
    if !entry.is_enabled {
        return Err(Refused::DisabledKey);
    }
    let found = directory.plan_for(entry, &stage.api.id, &stage.name);
    let (member, plan, of_plan) = found.ok_or(Refused::NoPlan)?;
    record.key = Some(CallerKey::Found {
        keys: keys.clone(),
        digest,
        plan: Some(member.plan),
    });
    Ok(Caller::Key {
        member,
        plan,
        stage: of_plan,
    })
}

/// What was decided when the request first ran. A definition that requires a key where none was required then: without a key nobody is
/// let in, and whether one that came is known was never asked.
fn told<'k>(verdict: Option<&Verdict>, record: &mut Record) -> Result<Caller<'k>, Refused> {
    let Some(verdict) = verdict else {
        return value(record).map(|_| Caller::Told);
    };
    record.key = verdict.key.clone().map(|id| CallerKey::Told {
        id,
        plan: verdict.plan.clone(),
    });
    match &verdict.refused {
        Some(
            refused @ (Refused::NoKey
            | Refused::SeveralKeys
            | Refused::UnknownKey
            | Refused::DisabledKey
            | Refused::NoPlan),
        ) => Err(refused.clone()),
        Some(Refused::Throttled { .. } | Refused::QuotaExceeded { .. }) | None => Ok(Caller::Told),
    }
}

fn tell(record: &mut Record) {
    record.trace(StepName::ApiKey, |record, told| match record.verdict() {
        Some(Verdict {
            key: Some(key),
            plan: Some(plan),
            ..
        }) => told.decided(
            &["API key ", &key, ", usage plan ", &plan],
            &["it is enabled, and in this plan for the stage"],
        ),
        _ => told.decided(
            &["somebody"],
            &["whether a key is known was not asked when the request ran"],
        ),
    });
}
