//! Whether whoever calls may: the resource policy of the API and what the method asks for, together.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>

pub(crate) mod api_key;
mod conditions;
mod denial;
mod resource;

use tollgate_iam::{Context, Decision, Policies, Principal, Request, evaluate, prove};

use crate::plan::{Authorization, StagePlan};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::route::Matched;
use crate::trace::StepName;
use resource::Resource;

/// The action that every policy of an API speaks of.
const ACTION: &str = "execute-api:Invoke";

/// Lets a request pass, or says why not. An API without a policy whose method asks for nothing costs nothing.
pub(crate) fn check(
    stage: &StagePlan,
    route: &Matched<'_>,
    record: &mut Record,
) -> Result<(), Rejection> {
    match route.method.authorization {
        Authorization::None => anonymous(stage, record),
    }
}

/// "Evaluation of the policy involves seeking an explicit allow": nobody else speaks for a caller who says nothing of himself.
fn anonymous(stage: &StagePlan, record: &mut Record) -> Result<(), Rejection> {
    let deployment = &stage.deployment;
    if deployment.policy.is_none() && !deployment.endpoint.is_private {
        record.trace(StepName::Authorize, |_, told| {
            let because =
                "the method asks for no authorization, and the API has no resource policy";
            told.decided(&["open to everybody"], &[because]);
        });
        return Ok(());
    }
    let policies = Policies {
        resource: deployment.policy.as_deref(),
        ..Policies::default()
    };
    let resource = Resource::of(stage, record);
    let context = conditions::of(record);
    let question = Question {
        policies,
        principal: Principal::Anonymous,
        owner: &stage.api.account,
        context: &context,
    };
    let answer = question.answer(&resource);
    let told = record.trace.is_some().then(|| question.told(answer.arn));
    let refused = question.refused(&answer, &resource);
    if let Some(text) = told {
        let decision = if refused.is_ok() { "allowed" } else { "denied" };
        record.trace(StepName::Authorize, |_, told| {
            told.decided(&[decision], &[&text]);
        });
    }
    refused
}

/// Whether somebody may call a method by these policies.
struct Question<'q> {
    policies: Policies<'q>,
    principal: Principal<'q>,
    /// Whose API it is.
    owner: &'q str,
    context: &'q Context<'q>,
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
            action: ACTION,
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
