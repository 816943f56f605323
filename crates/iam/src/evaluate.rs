//! The decision: what all policies together say to a request.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use std::fmt;
use std::sync::Arc;

use crate::condition::Condition;
use crate::document::principal::Reach;
use crate::document::{Effect, Policy, Statement};
use crate::request::{Principal, Request};
use crate::steps::Steps;

/// Every policy that applies to a request. Those of organizations (SCPs, RCPs) have no place here, because Tollgate knows no
/// organizations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    /// Of the user and the user's groups, or of the role; of an authorizer what it returned.
    pub identity: &'a [Arc<Policy>],
    /// The permissions boundary of the user or role.
    pub boundary: Option<&'a Policy>,
    /// What was passed when the session was made; none where nothing was.
    pub session: Option<&'a [Arc<Policy>]>,
    /// The policy of the resource; of a role that is assumed its trust policy.
    pub resource: Option<&'a Policy>,
    /// Whether the resource's policy must allow it even within one account, as trust policies and key policies must.
    pub resource_must_allow: bool,
}

/// Whether a request may pass, and what decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allow(Grant),
    /// A statement denies it.
    ExplicitDeny(Place),
    /// Nothing denies it, and something that would have to allow it does not.
    ImplicitDeny(Missing),
}

/// What allows a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A statement; of several policies that must allow it, the one that says so for the principal, or across accounts the resource's.
    Statement(Place),
    /// The principal is the root user of the resource's account.
    Root,
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// In which policy.
    pub source: Source,
    /// Its index among the policy's statements, from 0.
    pub statement: usize,
}

/// A policy among those of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The one of this index among those of the identity.
    Identity(usize),
    /// The permissions boundary.
    Boundary,
    /// The one of this index among those of the session.
    Session(usize),
    /// The resource's.
    Resource,
}

/// What did not allow a request that nothing denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No policy of the identity.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// No policy of the session, or a federated user's session has none.
    Session,
    /// The resource's policy.
    Resource,
    /// Deciding would have cost more than is allowed (`limits::STEPS_MAX`).
    Steps,
}

impl Source {
    /// As AWS's messages call its kind.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Identity(_) => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session(_) => "session policy",
            Self::Resource => "resource-based policy",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(index) | Self::Session(index) => {
                write!(out, "{} {}", self.kind(), index + 1)
            }
            Self::Boundary | Self::Resource => out.write_str(self.kind()),
        }
    }
}

impl fmt::Display for Missing {
    /// As AWS's messages call it: "because no identity-based policy allows the … action".
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource-based policy",
            Self::Steps => "policy that is cheap enough to decide by",
        })
    }
}

impl Decision {
    /// Whether the request may pass.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow(_))
    }

    /// How AWS's messages of refusals go on after "is not authorized to perform: … on resource: …"; none where it is allowed.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
    pub fn reason(&self, action: &str) -> Option<String> {
        match self {
            Self::Allow(_) => None,
            Self::ExplicitDeny(place) => {
                let kind = place.source.kind();
                let article = if kind.starts_with('i') { "an" } else { "a" };
                Some(format!("with an explicit deny in {article} {kind}"))
            }
            // No policy is to blame.
            Self::ImplicitDeny(Missing::Steps) => None,
            Self::ImplicitDeny(missing) => {
                Some(format!("because no {missing} allows the {action} action"))
            }
        }
    }
}

/// Decides, and says no more than which statement did. [`prove`](crate::prove) says the rest.
pub fn evaluate(policies: &Policies<'_>, request: &Request<'_>) -> Decision {
    let run = Run {
        policies,
        request,
        steps: Steps::new(),
    };
    let mut found = Found::default();
    for (source, policy) in policies.all() {
        for (index, statement) in policy.statements.iter().enumerate() {
            let place = Place {
                source,
                statement: index,
            };
            if run.steps.are_used_up() {
                return Decision::ImplicitDeny(Missing::Steps);
            }
            if statement.effect == Effect::Allow && found.has_best(source) {
                continue;
            }
            let Some(reach) = run.applies(statement) else {
                continue;
            };
            match statement.effect {
                Effect::Deny => return run.unless_used_up(Decision::ExplicitDeny(place)),
                Effect::Allow => found.add(place, reach),
            }
        }
    }
    run.unless_used_up(decide(&found, policies, request))
}

impl<'a> Policies<'a> {
    /// Every policy with where it comes from.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Source, &'a Policy)> + use<'a> {
        let identity = self.identity.iter().enumerate();
        let session = self.session.unwrap_or_default().iter().enumerate();
        let resource = self.resource.map(|policy| (Source::Resource, policy));
        resource
            .into_iter()
            .chain(identity.map(|(index, policy)| (Source::Identity(index), &**policy)))
            .chain(self.boundary.map(|policy| (Source::Boundary, policy)))
            .chain(session.map(|(index, policy)| (Source::Session(index), &**policy)))
    }
}

/// One decision on its way.
pub(crate) struct Run<'r> {
    pub(crate) policies: &'r Policies<'r>,
    pub(crate) request: &'r Request<'r>,
    pub(crate) steps: Steps,
}

impl Run<'_> {
    /// How directly `statement` speaks of the request; none where it does not, or where one of its conditions does not hold.
    fn applies(&self, statement: &Statement) -> Option<Reach> {
        let reach = self.reach(statement)?;
        let all = self.action_fits(statement)
            && self.resource_fits(statement)
            && self.conditions_hold(statement);
        all.then_some(reach)
    }

    pub(crate) fn reach(&self, statement: &Statement) -> Option<Reach> {
        let Some(principals) = &statement.principals else {
            return Some(Reach::Direct);
        };
        let request = self.request;
        let named = principals.reach(&request.principal, request.canonical_user);
        match (principals.negated, statement.effect) {
            (false, _) => named,
            // Whom an exception names at any level is not granted anything.
            (true, Effect::Allow) => named.is_none().then_some(Reach::Direct),
            // "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary."
            (true, Effect::Deny) => {
                let is_exempt = principals.name_every_level(&request.principal);
                (!is_exempt || self.policies.boundary.is_some()).then_some(Reach::Direct)
            }
        }
    }

    pub(crate) fn action_fits(&self, statement: &Statement) -> bool {
        let actions = &statement.actions;
        let named = actions.patterns.iter().any(|pattern| {
            let found = pattern.matches(self.request.action, self.request.context, &self.steps);
            // Actions have no variables.
            found == Some(true)
        });
        named != actions.negated
    }

    pub(crate) fn resource_fits(&self, statement: &Statement) -> bool {
        let Some(resources) = &statement.resources else {
            return true;
        };
        let mut unknown = false;
        let named = resources.patterns.iter().any(|pattern| {
            let found = pattern.matches(self.request.resource, self.request.context, &self.steps);
            unknown |= found.is_none();
            found == Some(true)
        });
        // A variable without a value makes the statement invalid. Guess: a denial then still denies all that its exceptions do not
        // name for sure.
        let is_invalid = unknown && resources.negated && statement.effect == Effect::Allow;
        named != resources.negated && !is_invalid
    }

    fn conditions_hold(&self, statement: &Statement) -> bool {
        let mut conditions = statement.conditions.iter();
        conditions.all(|condition| self.condition_holds(statement.effect, condition))
    }

    /// "Any attempt to match it fails and causes the statement to be invalid": a variable without a value permits nothing. Guess: to a
    /// denial it is equal to nothing, which is the safe side of it.
    pub(crate) fn condition_holds(&self, effect: Effect, condition: &Condition) -> bool {
        let context = self.request.context;
        let is_void = || condition.holds_by_absence(context) && condition.lacks_value(context);
        condition.holds(context, &self.steps) && (effect == Effect::Deny || !is_void())
    }

    pub(crate) fn unless_used_up(&self, decision: Decision) -> Decision {
        match self.steps.are_used_up() {
            true => Decision::ImplicitDeny(Missing::Steps),
            false => decision,
        }
    }
}

/// The first statements that allow the request, policy by policy.
#[derive(Clone, Copy, Default)]
pub(crate) struct Found {
    identity: Option<Place>,
    boundary: bool,
    session: bool,
    resource: Option<(Place, Reach)>,
}

impl Found {
    /// Whether nothing that follows in policies of this kind can change anything.
    fn has_best(&self, source: Source) -> bool {
        match source {
            Source::Identity(_) => self.identity.is_some(),
            Source::Boundary => self.boundary,
            Source::Session(_) => self.session,
            Source::Resource => self
                .resource
                .is_some_and(|(_, reach)| reach == Reach::Direct),
        }
    }

    pub(crate) fn with(mut self, place: Place, reach: Reach) -> Self {
        self.add(place, reach);
        self
    }

    fn add(&mut self, place: Place, reach: Reach) {
        match place.source {
            Source::Identity(_) => self.identity = self.identity.or(Some(place)),
            Source::Boundary => self.boundary = true,
            Source::Session(_) => self.session = true,
            Source::Resource => {
                if self.resource.is_none_or(|(_, known)| known < reach) {
                    self.resource = Some((place, reach));
                }
            }
        }
    }
}

/// What follows from the statements that allow, where none denies.
pub(crate) fn decide(found: &Found, policies: &Policies<'_>, request: &Request<'_>) -> Decision {
    let principal = &request.principal;
    let decided = match principal.account() {
        None => without_account(found, policies),
        Some(account) if account == request.owner => within_account(found, policies, principal),
        Some(_) => across_accounts(found, policies, principal),
    };
    match decided {
        Ok(grant) => Decision::Allow(grant),
        Err(missing) => Decision::ImplicitDeny(missing),
    }
}

/// Nobody's policies speak for the caller, but for what an authorizer said: either that or the resource's policy is enough.
fn without_account(found: &Found, policies: &Policies<'_>) -> Result<Grant, Missing> {
    if let Some((place, _)) = found.resource {
        return Ok(Grant::Statement(place));
    }
    match found.identity {
        Some(place) if !policies.resource_must_allow => Ok(Grant::Statement(place)),
        _ if policies.identity.is_empty() || policies.resource_must_allow => Err(Missing::Resource),
        _ => Err(Missing::Identity),
    }
}

fn within_account(
    found: &Found,
    policies: &Policies<'_>,
    principal: &Principal<'_>,
) -> Result<Grant, Missing> {
    let behind = match found.resource {
        Some((place, Reach::Direct)) => return Ok(Grant::Statement(place)),
        Some((place, Reach::Behind)) => Some(place),
        Some((_, Reach::Account)) => None,
        None if policies.resource_must_allow => return Err(Missing::Resource),
        None => None,
    };
    if matches!(principal, Principal::Root { .. }) {
        return Ok(Grant::Root);
    }
    let place = found.identity.or(behind).ok_or(Missing::Identity)?;
    within_limits(found, policies, principal)?;
    Ok(Grant::Statement(place))
}

/// "The request is allowed only if both evaluations return a decision of Allow."
fn across_accounts(
    found: &Found,
    policies: &Policies<'_>,
    principal: &Principal<'_>,
) -> Result<Grant, Missing> {
    if !matches!(principal, Principal::Root { .. }) {
        found.identity.ok_or(Missing::Identity)?;
        within_limits(found, policies, principal)?;
    }
    let (place, _) = found.resource.ok_or(Missing::Resource)?;
    Ok(Grant::Statement(place))
}

fn within_limits(
    found: &Found,
    policies: &Policies<'_>,
    principal: &Principal<'_>,
) -> Result<(), Missing> {
    if policies.boundary.is_some() && !found.boundary {
        return Err(Missing::Boundary);
    }
    // "If there is no session policy, the code checks whether the principal is a role session. […] Otherwise, the request is
    // implicitly denied."
    let needs_session =
        policies.session.is_some() || matches!(principal, Principal::FederatedUser { .. });
    match needs_session && !found.session {
        true => Err(Missing::Session),
        false => Ok(()),
    }
}
