//! Whether a request may go on: buckets and quotas, in AWS's order.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
//!
//! The order is the guide's: the key's limit for the method or else for the whole plan, the plan's quota, the stage's limit for the
//! method, the account's. A request has to pass all that there are; one that is refused by a later one takes nothing from those
//! before.

mod bucket;
mod gate;
mod ledger;
mod meter;
mod stage;
mod verdict;

use tollgate_model::quota::Day;

use crate::authorize::api_key::Caller;
use crate::keys::{Member, Plan};
use crate::plan::StagePlan;
use crate::record::Record;
use crate::rejection::Rejection;
use crate::route::Matched;
use crate::trace::StepName;

pub use bucket::Limit;
pub(crate) use bucket::Rate;
use bucket::{Bucket, Empty, Taken};
pub(crate) use gate::{Gate, LiveGate};
pub use ledger::{Ledger, WRITE_EVERY};
pub(crate) use meter::{METHODS_MAX, Meter, Quota};
pub(crate) use stage::{Buckets, OwnBucket, StageBuckets};
pub(crate) use verdict::Where;
pub use verdict::{BucketKind, Refused, Verdict};

/// That a request may go on. Only this module makes one, so that no method is performed without.
#[derive(Debug)]
pub(crate) struct Permit(());

impl Permit {
    /// For a test invocation, which the guide lets pass without: it asks for no key, and counts against nothing.
    pub(crate) fn for_test() -> Self {
        Self(())
    }
}

/// Lets a request pass, or says why not.
pub(crate) fn admit(
    gate: &Gate<'_>,
    stage: &StagePlan,
    route: &Matched<'_>,
    caller: &Caller<'_>,
    record: &mut Record,
) -> Result<Permit, Rejection> {
    let refused = match gate {
        Gate::Live(live) => {
            let own = stage.buckets.find(&route.resource.path, record.method());
            let account = stage.account.as_deref();
            if own.is_none() && account.is_none() && matches!(caller, Caller::Nobody) {
                return Ok(Permit(()));
            }
            let mut taking = Taking {
                now_ns: live.clock.ticks_ns(),
                clock: live.clock,
                tokens: [None; BUCKETS],
                quota: None,
            };
            let day = Day::of_ms(record.arrival.now_ms);
            let passed = of_plan(&mut taking, route, caller, record, day)
                .and_then(|()| taking.own(own, BucketKind::Stage))
                .and_then(|()| taking.own(account, BucketKind::Account));
            match passed {
                Ok(()) => {
                    if let Caller::Key { member, .. } = caller {
                        member.meter.count(day, taking.left_before());
                        live.ledger.note(&member.meter);
                    }
                    None
                }
                Err(refused) => {
                    taking.give_back();
                    Some(refused)
                }
            }
        }
        Gate::Told(verdict) => verdict.as_ref().and_then(|it| it.refused.clone()),
        Gate::Open => None,
    };
    match refused {
        Some(refused) => Err(refuse(refused, stage, route, record)),
        None => {
            tell(record);
            Ok(Permit(()))
        }
    }
}

/// The refusal, kept for the record.
pub(crate) fn refuse(
    refused: Refused,
    stage: &StagePlan,
    route: &Matched<'_>,
    record: &mut Record,
) -> Rejection {
    let verdict = Verdict {
        refused: Some(refused.clone()),
        ..record.verdict().unwrap_or_default()
    };
    let at = Where {
        api: &stage.api.id,
        stage: &stage.name,
        resource_id: &route.resource.id,
        method: record.method(),
        named: format!("{} {}", route.method.name, route.resource.path),
        shown_key: crate::execution_log::shown_key(record),
    };
    let rejection = verdict.rejection(&refused, &at);
    record.refused = Some(Box::new(verdict));
    rejection
}

/// Where nobody was counted there is nothing to tell.
fn tell(record: &mut Record) {
    if record.key.is_some() {
        record.trace(StepName::Throttle, |_, told| {
            let because = "every bucket had a token, and the quota is not used up";
            told.decided(&["admitted"], &[because]);
        });
    }
}

/// Of one request: the key's by its plan, the stage's, the account's.
const BUCKETS: usize = 3;

/// What a request has taken so far.
struct Taking<'t> {
    now_ns: u64,
    clock: &'t tollgate_model::clock::Clock,
    tokens: [Option<(&'t Bucket, &'t Rate, Taken)>; BUCKETS],
    quota: Option<(&'t Meter, Quota, Day, i64)>,
}

fn of_plan<'t>(
    taking: &mut Taking<'t>,
    route: &Matched<'_>,
    caller: &Caller<'t>,
    record: &Record,
    day: Day,
) -> Result<(), Refused> {
    let Caller::Key {
        member,
        plan,
        stage,
        ..
    } = caller
    else {
        return Ok(());
    };
    let (member, plan): (&'t Member, &'t Plan) = (member, plan);
    let (path, method) = (&route.resource.path, &route.method.name);
    match stage.method(path, record.method(), method) {
        Some(own) => {
            let bucket = member.meter.method(own.number);
            taking.take(0, bucket, &own.rate, BucketKind::PlanMethod)?;
        }
        None => {
            if let Some(rate) = &plan.throttle {
                taking.take(0, &member.meter.bucket, rate, BucketKind::Plan)?;
            }
        }
    }
    match &plan.quota {
        Some(quota) => taking.use_quota(&member.meter, quota, day),
        None => {
            member.meter.leave_quota();
            Ok(())
        }
    }
}

impl<'t> Taking<'t> {
    fn own(&mut self, own: Option<&'t OwnBucket>, kind: BucketKind) -> Result<(), Refused> {
        let place = match kind {
            BucketKind::PlanMethod | BucketKind::Plan => 0,
            BucketKind::Stage => 1,
            BucketKind::Account => 2,
        };
        match own {
            Some(own) => self.take(place, &own.bucket, &own.rate, kind),
            None => Ok(()),
        }
    }

    fn take(
        &mut self,
        place: usize,
        bucket: &'t Bucket,
        rate: &'t Rate,
        kind: BucketKind,
    ) -> Result<(), Refused> {
        match bucket.take(rate, self.now_ns) {
            Ok(taken) => {
                self.tokens[place] = Some((bucket, rate, taken));
                Ok(())
            }
            Err(Empty { limit, level }) => Err(Refused::Throttled {
                bucket: kind,
                rate: limit.rate,
                burst: limit.burst,
                level,
            }),
        }
    }

    fn use_quota(&mut self, meter: &'t Meter, quota: &Quota, day: Day) -> Result<(), Refused> {
        let left_before = meter.left();
        match meter.use_quota(quota, day) {
            Ok(()) => {
                self.quota = Some((meter, *quota, day, left_before));
                Ok(())
            }
            Err(exceeded) => Err(Refused::QuotaExceeded {
                used: exceeded.used,
                limit: exceeded.limit,
                period: exceeded.period.name().to_owned(),
            }),
        }
    }

    /// What was left of the quota before this request.
    fn left_before(&self) -> i64 {
        self.quota.as_ref().map_or(i64::MIN, |(.., left)| *left)
    }

    #[cold]
    fn give_back(self) {
        for (bucket, rate, taken) in self.tokens.into_iter().flatten() {
            bucket.give_back(taken, rate, || self.clock.ticks_ns());
        }
        if let Some((meter, quota, day, _)) = self.quota {
            meter.return_quota(&quota, day);
        }
    }
}
