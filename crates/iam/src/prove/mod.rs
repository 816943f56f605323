//! The proof of a decision: every statement with what of it fits, the values compared, and the nearest change that would turn it.
//!
//! It is made when somebody asks why, never while a request waits; the decision itself is [`evaluate`]'s.

mod nearest;
mod words;

use crate::condition::Condition;
use crate::document::principal::Reach;
use crate::document::{Effect, Statement};
use crate::evaluate::{Decision, Place, Policies, Run, evaluate};
use crate::limits::STEPS_MAX;
use crate::request::Request;
use crate::steps::Steps;
pub use nearest::{Change, Part};

/// A proof looks at every statement, where the decision stops at the first that decides.
const PROOF_STEPS_MAX: u64 = 8 * STEPS_MAX;

/// Why a request was decided as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The decision that is proved.
    pub decision: Decision,
    /// Who asked, as AWS's messages name it.
    pub principal: String,
    /// What was asked for.
    pub action: String,
    /// On what.
    pub resource: String,
    /// Every statement of every policy: the resource's, the identity's, the boundary's, the session's.
    pub findings: Vec<Finding>,
    /// The statements that decided: all that deny; otherwise, of an allowed request, all that allow.
    pub deciding: Vec<Place>,
    /// The nearest change that would turn the decision; all of these together where several are needed, and none where no statement
    /// there is could turn it.
    pub nearest: Vec<Change>,
    /// Whether all statements were looked at; looking at them all may cost more than is allowed.
    pub complete: bool,
}

/// What a statement has to do with the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Where it stands.
    pub place: Place,
    /// The name of its policy, where it was given one.
    pub policy: Option<String>,
    /// Its id.
    pub sid: Option<String>,
    /// What it says.
    pub effect: Effect,
    /// Whether it speaks of the principal; none in policies that name no principals.
    pub principal: Option<Fit>,
    /// Whether it speaks of the action.
    pub action: Fit,
    /// Whether it speaks of the resource; none in trust policies.
    pub resource: Option<Fit>,
    /// Its conditions, in order.
    pub conditions: Vec<Compared>,
    /// How directly it names the principal, or would if it did.
    reach: Reach,
}

/// An element of a statement beside the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Whether it speaks of the request.
    pub fits: bool,
    /// Whether it is `NotAction`, `NotResource`, `NotPrincipal`.
    pub negated: bool,
    /// As the policy has them.
    pub values: Vec<String>,
}

/// A condition beside the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The operator as the policy names it.
    pub operator: String,
    /// The key.
    pub key: String,
    /// The policy's values, their variables replaced where they have values.
    pub expected: Vec<String>,
    /// The request's values; none where the key is absent.
    pub actual: Vec<String>,
    /// Whether the condition holds.
    pub holds: bool,
    /// Whether a variable of the policy's values has no value.
    pub unresolved: bool,
}

/// Proves what [`evaluate`] decides.
pub fn prove(policies: &Policies<'_>, request: &Request<'_>) -> Proof {
    let decision = evaluate(policies, request);
    let run = Run {
        policies,
        request,
        steps: Steps::of(PROOF_STEPS_MAX),
    };
    let mut findings = Vec::new();
    for (source, policy) in policies.all() {
        for (index, statement) in policy.statements.iter().enumerate() {
            if run.steps.are_used_up() {
                break;
            }
            let place = Place {
                source,
                statement: index,
            };
            findings.push(find(&run, place, policy.name.as_deref(), statement));
        }
    }
    let complete = !run.steps.are_used_up();
    let nearest = match complete {
        true => nearest::changes(decision, &findings, &run),
        false => Vec::new(),
    };
    Proof {
        decision,
        principal: request.principal.name(),
        action: request.action.to_owned(),
        resource: request.resource.to_owned(),
        deciding: deciding(decision, &findings),
        findings,
        nearest,
        complete,
    }
}

impl Finding {
    /// Whether it speaks of the request and all its conditions hold.
    pub fn applies(&self) -> bool {
        self.unmet().next().is_none()
    }

    /// What of it does not fit.
    pub fn unmet(&self) -> impl Iterator<Item = Part> {
        let is_unmet = |fit: &Option<Fit>| fit.as_ref().is_some_and(|fit| !fit.fits);
        let conditions = self.conditions.iter().enumerate();
        let conditions = conditions.filter(|(_, compared)| !compared.holds);
        is_unmet(&self.principal)
            .then_some(Part::Principal)
            .into_iter()
            .chain((!self.action.fits).then_some(Part::Action))
            .chain(is_unmet(&self.resource).then_some(Part::Resource))
            .chain(conditions.map(|(index, _)| Part::Condition(index)))
    }
}

fn deciding(decision: Decision, findings: &[Finding]) -> Vec<Place> {
    let effect = match decision {
        Decision::Allow(_) => Effect::Allow,
        Decision::ExplicitDeny(_) => Effect::Deny,
        Decision::ImplicitDeny(_) => return Vec::new(),
    };
    let of_effect = findings.iter().filter(|finding| finding.effect == effect);
    let applying = of_effect.filter(|finding| finding.applies());
    applying.map(|finding| finding.place).collect()
}

fn find(run: &Run<'_>, place: Place, policy: Option<&str>, statement: &Statement) -> Finding {
    let principals = statement.principals.as_ref();
    let fit_of = |fits, patterns: &crate::document::Patterns| Fit {
        fits,
        negated: patterns.negated,
        values: patterns
            .patterns
            .iter()
            .map(|pattern| pattern.source().to_owned())
            .collect(),
    };
    let reach = run.reach(statement);
    Finding {
        place,
        reach: reach.unwrap_or(Reach::Direct),
        policy: policy.map(str::to_owned),
        sid: statement.sid.as_deref().map(str::to_owned),
        effect: statement.effect,
        principal: principals.map(|principals| Fit {
            fits: reach.is_some(),
            negated: principals.negated,
            values: principals
                .entries
                .iter()
                .map(|named| named.text().to_owned())
                .collect(),
        }),
        action: fit_of(run.action_fits(statement), &statement.actions),
        resource: statement
            .resources
            .as_ref()
            .map(|resources| fit_of(run.resource_fits(statement), resources)),
        conditions: statement
            .conditions
            .iter()
            .map(|condition| compare(run, statement.effect, condition))
            .collect(),
    }
}

fn compare(run: &Run<'_>, effect: Effect, condition: &Condition) -> Compared {
    let context = run.request.context;
    let actual = context.values(&condition.key).iter();
    Compared {
        operator: condition.name.to_string(),
        key: condition.key.to_string(),
        expected: condition.expected(context),
        actual: actual.map(|value| value.text().into_owned()).collect(),
        holds: run.condition_holds(effect, condition),
        unresolved: condition.lacks_value(context),
    }
}
