//! The nearest change that would turn a decision: the statement that misses the request by the least, or the part of a statement
//! that hits it by the least.

use super::Finding;
use crate::document::Effect;
use crate::document::principal::Reach;
use crate::evaluate::{Decision, Found, Missing, Place, Run, Source, decide};

/// Of more statements than these that all allow, none is needed but by accident, and each would be tried against all.
const NEEDED_MAX: usize = 32;

/// One thing that would have to be otherwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The statement would apply if all of these parts fitted.
    Apply(Place, Vec<Part>),
    /// The statement would not apply if this part did not fit.
    Spare(Place, Part),
    /// No statement comes near: one would have to be written.
    Write(Missing),
}

/// A part of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// The condition of this index.
    Condition(usize),
}

impl Part {
    /// How far away a request is that differs in it: most callers can sooner come from elsewhere than want something else, and sooner
    /// that than be someone else.
    fn distance(self) -> usize {
        match self {
            Self::Condition(_) => 2,
            Self::Resource => 3,
            Self::Action => 4,
            Self::Principal => 5,
        }
    }
}

/// What would turn `decision`; all of it is needed.
pub(super) fn changes(decision: Decision, findings: &[Finding], run: &Run<'_>) -> Vec<Change> {
    match decision {
        Decision::ImplicitDeny(Missing::Steps) => Vec::new(),
        Decision::ImplicitDeny(_) => to_allow(findings, run),
        Decision::ExplicitDeny(_) => {
            let denials = findings.iter().filter(|each| each.effect == Effect::Deny);
            let applying = denials.filter(|each| each.applies());
            let spared = applying.map(|each| Change::Spare(each.place, nearest_part(each)));
            spared.chain(to_allow(findings, run)).collect()
        }
        Decision::Allow(_) => match to_deny(findings, run) {
            Some(change) => vec![change],
            None => to_spare_all(findings, run),
        },
    }
}

/// Takes the nearest statement that brings the decision further until nothing is missing.
fn to_allow(findings: &[Finding], run: &Run<'_>) -> Vec<Change> {
    let mut found = found_by(applying_allows(findings));
    let mut changes = Vec::new();
    let decision = |found: &Found| decide(found, run.policies, run.request);
    while let Decision::ImplicitDeny(missing) = decision(&found) {
        let allows = findings.iter().filter(|each| each.effect == Effect::Allow);
        let misses = allows.filter(|each| !each.applies());
        let outcome = |candidate: &Finding| decision(&found.with(candidate.place, candidate.reach));
        let helping = misses.filter(|each| outcome(each) != Decision::ImplicitDeny(missing));
        // What helps at once is better than what helps in part, however near.
        let rank = |candidate: &&Finding| {
            let allows = matches!(outcome(candidate), Decision::Allow(_));
            (!allows, distance(candidate))
        };
        match helping.min_by_key(rank) {
            Some(nearest) => {
                changes.push(Change::Apply(nearest.place, nearest.unmet().collect()));
                found = found.with(nearest.place, nearest.reach);
            }
            None => {
                changes.push(Change::Write(missing));
                found = found.with(written(missing), Reach::Direct);
            }
        }
    }
    changes
}

/// Where a statement would stand that does not stand anywhere yet.
fn written(missing: Missing) -> Place {
    let source = match missing {
        Missing::Identity => Source::Identity(usize::MAX),
        Missing::Boundary => Source::Boundary,
        Missing::Session => Source::Session(usize::MAX),
        Missing::Resource | Missing::Steps => Source::Resource,
    };
    Place {
        source,
        statement: usize::MAX,
    }
}

/// The denial that misses by the least, or the part without which the statement that allows would not.
fn to_deny(findings: &[Finding], run: &Run<'_>) -> Option<Change> {
    let denials = findings.iter().filter(|each| each.effect == Effect::Deny);
    let denial = denials.min_by_key(|each| distance(each));
    let spare = needed_allow(findings, run).map(|each| (each.place, nearest_part(each)));
    match (denial, spare) {
        (Some(denial), None) => Some(Change::Apply(denial.place, denial.unmet().collect())),
        (Some(denial), Some((_, part))) if distance(denial) <= part.distance() => {
            Some(Change::Apply(denial.place, denial.unmet().collect()))
        }
        (_, Some((place, part))) => Some(Change::Spare(place, part)),
        (None, None) => None,
    }
}

/// Where every statement that grants has another beside it, none of them may apply; boundaries and session policies grant nothing.
fn to_spare_all(findings: &[Finding], run: &Run<'_>) -> Vec<Change> {
    let grants =
        |each: &&Finding| matches!(each.place.source, Source::Identity(_) | Source::Resource);
    let rest = found_by(applying_allows(findings).filter(|each| !grants(each)));
    let granting: Vec<&Finding> = applying_allows(findings).filter(grants).collect();
    let turns = !matches!(decide(&rest, run.policies, run.request), Decision::Allow(_));
    match turns && granting.len() <= NEEDED_MAX {
        true => granting
            .iter()
            .map(|each| Change::Spare(each.place, nearest_part(each)))
            .collect(),
        false => Vec::new(),
    }
}

/// The statement without which the request would not be allowed, of several the one that is most easily otherwise.
fn needed_allow<'f>(findings: &'f [Finding], run: &Run<'_>) -> Option<&'f Finding> {
    let applying: Vec<&Finding> = applying_allows(findings).collect();
    if applying.len() > NEEDED_MAX {
        return None;
    }
    let is_needed = |each: &&Finding| {
        let rest = applying
            .iter()
            .copied()
            .filter(|other| other.place != each.place);
        !matches!(
            decide(&found_by(rest), run.policies, run.request),
            Decision::Allow(_)
        )
    };
    let needed = applying.iter().copied().filter(is_needed);
    needed.min_by_key(|each| nearest_part(each).distance())
}

fn applying_allows(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let allows = findings.iter().filter(|each| each.effect == Effect::Allow);
    allows.filter(|each| each.applies())
}

fn found_by<'f>(allowing: impl Iterator<Item = &'f Finding>) -> Found {
    allowing.fold(Found::default(), |found, each| {
        found.with(each.place, each.reach)
    })
}

fn distance(finding: &Finding) -> usize {
    finding.unmet().map(Part::distance).sum()
}

/// The part of a statement that applies which is most easily otherwise.
fn nearest_part(finding: &Finding) -> Part {
    let is_fixed =
        |values: &[String], negated: bool| !negated && values.iter().any(|value| value == "*");
    if !finding.conditions.is_empty() {
        return Part::Condition(0);
    }
    match &finding.resource {
        Some(resource) if !is_fixed(&resource.values, resource.negated) => Part::Resource,
        _ if !is_fixed(&finding.action.values, finding.action.negated) => Part::Action,
        _ => match &finding.principal {
            Some(principal) if !is_fixed(&principal.values, principal.negated) => Part::Principal,
            _ => Part::Resource,
        },
    }
}
