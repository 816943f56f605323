//! Whether whoever calls may: the resource policy of the API and what the method asks for, together.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>

pub(crate) mod api_key;
mod cognito;
mod conditions;
mod denial;
pub(crate) mod resource;
mod signature;
mod signing_keys;

use tollgate_http::Body;
use tollgate_iam::{Context, Decision, Policies, Principal, Request, evaluate, prove};

use crate::pipeline::Surroundings;
use crate::plan::{Authorization, StagePlan};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::route::Matched;
use crate::trace::StepName;
use resource::Resource;

/// The action that every policy of an API speaks of.
pub(crate) const INVOKE: &str = "execute-api:Invoke";

/// The action that has an answer fetched anew: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html#invalidate-method-caching>
const INVALIDATE: &str = "execute-api:InvalidateCache";

/// Lets a request pass, or says why not. An API without a policy whose method asks for nothing costs nothing.
pub(crate) async fn check(
    around: &Surroundings<'_>,
    stage: &StagePlan,
    route: &Matched<'_>,
    body: Body,
    record: &mut Record,
) -> Result<Body, Rejection> {
    match &route.method.authorization {
        Authorization::None => anonymous(stage, record).map(|()| body),
        Authorization::Iam => {
            let body = signature::check(around, stage, record, body).await?;
            weigh(stage, record).map(|()| body)
        }
        Authorization::UserPools(pools) => {
            cognito::check(pools, &around.tokens, record).await?;
            by_policy_alone(stage, record).map(|()| body)
        }
    }
}

/// "Evaluation of the policy involves seeking an explicit allow": nobody else speaks for a caller who says nothing of himself.
fn anonymous(stage: &StagePlan, record: &mut Record) -> Result<(), Rejection> {
    if !has_policy(stage) {
        record.trace(StepName::Authorize, |_, told| {
            let because =
                "the method asks for no authorization, and the API has no resource policy";
            told.decided(&["open to everybody"], &[because]);
        });
    }
    by_policy_alone(stage, record)
}

fn has_policy(stage: &StagePlan) -> bool {
    stage.deployment.policy.is_some() || stage.deployment.endpoint.is_private
}

/// Where there is a policy, it has to allow the call by itself; of a user pool's users too, once their token is taken.
fn by_policy_alone(stage: &StagePlan, record: &mut Record) -> Result<(), Rejection> {
    if !has_policy(stage) {
        return Ok(());
    }
    weigh(stage, record)
}

/// Holds a request against the policy of its API and those that speak for whoever signed it: tables A and B of the guide, and for callers
/// whom nobody knows the policy of the API alone.
fn weigh(stage: &StagePlan, record: &mut Record) -> Result<(), Rejection> {
    let (refused, proof) = weighed(stage, record);
    if let Some(text) = proof {
        let decision = if refused.is_ok() { "allowed" } else { "denied" };
        record.trace(StepName::Authorize, |_, told| {
            told.decided(&[decision], &[&text]);
        });
    }
    refused
}

/// The decision, and the whole proof of it where somebody asked for a trace.
fn weighed(stage: &StagePlan, record: &Record) -> (Result<(), Rejection>, Option<String>) {
    asked(stage, record, INVOKE, |question, resource| {
        let answer = question.answer(resource);
        let proof = record.trace.is_some().then(|| question.told(answer.arn));
        (question.refused(&answer, resource), proof)
    })
}

/// Whether whoever calls may have a cached answer fetched anew. Guess: who signed nothing is nobody that a policy could allow it.
pub(crate) fn may_invalidate(stage: &StagePlan, record: &Record) -> bool {
    record.signed().is_some()
        && asked(stage, record, INVALIDATE, |question, resource| {
            matches!(question.answer(resource).decision, Decision::Allow(_))
        })
}

/// Puts the question whether a request's caller may take this action on the method.
fn asked<T>(
    stage: &StagePlan,
    record: &Record,
    action: &'static str,
    tell: impl FnOnce(&Question<'_>, &Resource) -> T,
) -> T {
    let caller = record.signed().map(|signed| &signed.caller);
    let own = caller.map_or_else(Policies::default, |caller| caller.policies());
    let resource = Resource::of(stage, record);
    let mut context = conditions::of(record);
    if let Some(caller) = caller {
        caller.tell(&mut context);
    }
    let question = Question {
        policies: Policies {
            resource: stage.deployment.policy.as_deref(),
            ..own
        },
        principal: caller.map_or(Principal::Anonymous, |caller| caller.principal()),
        owner: &stage.api.account,
        context: &context,
        action,
    };
    tell(&question, &resource)
}

/// Whether somebody may call a method by these policies.
struct Question<'q> {
    policies: Policies<'q>,
    principal: Principal<'q>,
    /// Whose API it is.
    owner: &'q str,
    context: &'q Context<'q>,
    action: &'static str,
}

/// What the policies say, and to which reading of the path.
struct Answer<'r> {
    decision: Decision,
    arn: &'r str,
}

impl Question<'_> {
    /// The first reading that may not be called decides.
    fn answer<'r>(&self, resource: &'r Resource) -> Answer<'r> {
        let decide = |arn: &'r str| Answer {
            decision: evaluate(&self.policies, &self.request(arn)),
            arn,
        };
        let own = decide(&resource.arn);
        if !matches!(own.decision, Decision::Allow(_)) {
            return own;
        }
        let mut others = resource.others.iter();
        let refused = others.find_map(|other| {
            let answer = decide(&other.arn);
            let is_refused = match answer.decision {
                Decision::Allow(_) => false,
                Decision::ExplicitDeny(_) => true,
                Decision::ImplicitDeny(_) => other.must_be_allowed,
            };
            is_refused.then_some(answer)
        });
        refused.unwrap_or(own)
    }

    fn request<'r>(&'r self, arn: &'r str) -> Request<'r> {
        Request {
            principal: self.principal,
            action: self.action,
            resource: arn,
            owner: self.owner,
            canonical_user: None,
            context: self.context,
        }
    }

    /// The whole proof, for the trace.
    fn told(&self, arn: &str) -> String {
        prove(&self.policies, &self.request(arn)).to_string()
    }

    fn refused(&self, answer: &Answer<'_>, resource: &Resource) -> Result<(), Rejection> {
        if matches!(answer.decision, Decision::Allow(_)) {
            return Ok(());
        }
        let shown = resource.shown(self.owner);
        let message = denial::message(answer.decision, &self.principal.name(), &shown);
        let proof = prove(&self.policies, &self.request(answer.arn));
        Err(Rejection::access_denied(message, denial::reason(&proof)))
    }
}
