//! What was decided about a request before it was let in: an effect, as it depends on what others did. It is recorded, so that a
//! request that is run again meets the same decision. Of a key there is its id, never its value.

use serde::{Deserialize, Serialize};

use crate::rejection::Rejection;
use crate::respond::ResponseType;

/// The outcome of looking for a key and of every bucket and quota.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Verdict {
    /// The id of the key that was found.
    pub key: Option<String>,
    /// The plan that it is in for the stage.
    pub plan: Option<String>,
    /// Why the request was refused, if it was.
    pub refused: Option<Refused>,
}

/// Why a request was not let in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Refused {
    /// No key came.
    NoKey,
    /// Several keys came.
    SeveralKeys,
    /// No key has the value that came.
    UnknownKey,
    /// The key is disabled.
    DisabledKey,
    /// The key is in no plan for the stage.
    NoPlan,
    /// A bucket was empty.
    Throttled {
        /// Which one.
        bucket: BucketKind,
        /// Requests per second.
        rate: f64,
        /// Requests at once.
        burst: u64,
        /// What was in it.
        level: f64,
    },
    /// The quota was used up.
    QuotaExceeded {
        /// Requests of the period so far.
        used: i64,
        /// Requests that it may have.
        limit: i64,
        /// `DAY`, `WEEK` or `MONTH`.
        period: String,
    },
}

/// The buckets in AWS's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BucketKind {
    /// Of a key and a method, by its plan.
    PlanMethod,
    /// Of a key, by its plan.
    Plan,
    /// Of a method, by its stage.
    Stage,
    /// Of the account in the region.
    Account,
}

/// Where a request was going, in words.
#[derive(Debug)]
pub(crate) struct Where<'w> {
    pub(crate) api: &'w str,
    pub(crate) stage: &'w str,
    pub(crate) resource_id: &'w str,
    /// The request's own.
    pub(crate) method: &'w str,
    /// `GET /pets`, as the API defines it.
    pub(crate) named: String,
    /// The client's key as a log may show it.
    pub(crate) shown_key: String,
}

impl Verdict {
    /// The refusal, with its reason for the operator and AWS's words for the execution log.
    pub(crate) fn rejection(&self, refused: &Refused, at: &Where<'_>) -> Rejection {
        let kind = match refused {
            Refused::NoKey
            | Refused::SeveralKeys
            | Refused::UnknownKey
            | Refused::DisabledKey
            | Refused::NoPlan => ResponseType::InvalidApiKey,
            Refused::Throttled { .. } => ResponseType::Throttled,
            Refused::QuotaExceeded { .. } => ResponseType::QuotaExceeded,
        };
        let reason = self.reason(refused, at);
        Rejection::not_admitted(kind, reason).logged(self.logged(refused, at))
    }

    fn reason(&self, refused: &Refused, at: &Where<'_>) -> String {
        let (key, plan) = (
            self.key.as_deref().unwrap_or_default(),
            self.plan.as_deref().unwrap_or_default(),
        );
        let (named, api, stage) = (&at.named, at.api, at.stage);
        match refused {
            Refused::NoKey => format!("{named} requires an API key, and no X-API-Key came"),
            Refused::SeveralKeys => format!(
                "{named} requires an API key, and several X-API-Key came: which one counts cannot be said"
            ),
            Refused::UnknownKey => {
                "no API key of this account and region has the value that came as X-API-Key"
                    .to_owned()
            }
            Refused::DisabledKey => format!("API key {key} is disabled"),
            Refused::NoPlan => {
                format!("API key {key} is in no usage plan for stage {stage} of API {api}")
            }
            Refused::Throttled {
                bucket,
                rate,
                burst,
                level,
            } => {
                let whose = match bucket {
                    BucketKind::PlanMethod => format!("usage plan {plan} gives API key {key} for {named}"),
                    BucketKind::Plan => format!("usage plan {plan} gives API key {key}"),
                    BucketKind::Stage => format!("stage {stage} of API {api} gives all callers of {named}"),
                    BucketKind::Account => "the account has in this region (limits: account_rate_limit, account_burst_limit)".to_owned(),
                };
                format!(
                    "throttled: {rate} requests per second and {burst} at once are what {whose}; {level:.3} of a request was left"
                )
            }
            Refused::QuotaExceeded {
                used,
                limit,
                period,
            } => format!(
                "quota exceeded: usage plan {plan} gives API key {key} {limit} requests per {period}, and it has made {used}"
            ),
        }
    }

    /// The throttle's line was published (2019). Guess: the others, after the pattern of that one and of those that were.
    fn logged(&self, refused: &Refused, at: &Where<'_>) -> String {
        let not_authorized = |why: &str| {
            let (key, named, api, stage) = (&at.shown_key, &at.named, at.api, at.stage);
            format!(
                "API Key {key} not authorized because method '{named}' requires API Key and API Key is not associated with a Usage Plan for API Stage {api}/{stage}: {why}"
            )
        };
        match refused {
            Refused::NoKey => not_authorized("No API Key"),
            Refused::SeveralKeys => not_authorized("More than one API Key"),
            Refused::UnknownKey => not_authorized("API Key not found"),
            Refused::DisabledKey => not_authorized("API Key is disabled"),
            Refused::NoPlan => not_authorized("No Usage Plan found for API Key and API Stage"),
            Refused::Throttled {
                bucket,
                rate,
                burst,
                level: _,
            } => {
                let whose = match bucket {
                    BucketKind::PlanMethod | BucketKind::Plan => "Key",
                    BucketKind::Stage => "Method",
                    BucketKind::Account => "Account",
                };
                format!(
                    "{whose} throttle limit exceeded for RestApi {}, Stage {}, Resource {}, HttpMethod {}. Limit: {rate:.2} Burst: {burst}",
                    at.api, at.stage, at.resource_id, at.method
                )
            }
            Refused::QuotaExceeded { limit, period, .. } => format!(
                "Key quota limit exceeded for Usage Plan {}, RestApi {}, Stage {}. Limit: {limit} Period: {period}",
                self.plan.as_deref().unwrap_or_default(),
                at.api,
                at.stage
            ),
        }
    }
}
