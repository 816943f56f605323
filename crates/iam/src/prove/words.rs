//! Proofs for people: what decided, what was compared, and what would turn it.

use std::fmt;

use super::{Change, Compared, Finding, Fit, Part, Proof};
use crate::condition::operator::{Comparison, Operator, Order, Quantifier};
use crate::document::Effect;
use crate::evaluate::{Decision, Grant, Missing, Place};

/// Values of one element that are told; a policy may have thousands.
const VALUES_TOLD_MAX: usize = 6;
/// Characters of one value that are told.
const CHARACTERS_TOLD_MAX: usize = 300;
/// Statements that are told one by one.
const FINDINGS_TOLD_MAX: usize = 40;

impl fmt::Display for Proof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{}: {} of {} on {}",
            self.verdict(),
            shown(&self.action),
            shown(&self.principal),
            shown(&self.resource)
        )?;
        for finding in self.findings.iter().take(FINDINGS_TOLD_MAX) {
            writeln!(out, "  {}", Told(self, finding))?;
            for compared in &finding.conditions {
                writeln!(out, "    {compared}")?;
            }
        }
        if let Some(more @ 1..) = self.findings.len().checked_sub(FINDINGS_TOLD_MAX) {
            writeln!(out, "  and {more} statements more")?;
        }
        if !self.complete {
            return writeln!(out, "  the rest would cost too much to look at");
        }
        for line in self.turn() {
            writeln!(out, "  {line}")?;
        }
        Ok(())
    }
}

impl Proof {
    /// The decision in a few words, such as `denied: no identity-based policy allows it`.
    pub fn verdict(&self) -> String {
        match self.decision {
            Decision::Allow(Grant::Root) => "allowed to the account's root user".to_owned(),
            Decision::Allow(Grant::Statement(place)) => {
                format!("allowed by {}", self.name(place))
            }
            Decision::ExplicitDeny(place) => format!("denied by {}", self.name(place)),
            Decision::ImplicitDeny(Missing::Steps) => {
                "denied: deciding would cost more than is allowed".to_owned()
            }
            Decision::ImplicitDeny(missing) => format!("denied: no {missing} allows it"),
        }
    }

    /// The nearest change that would turn the decision, a sentence for each thing that it needs.
    pub fn turn(&self) -> Vec<String> {
        self.nearest
            .iter()
            .map(|change| self.sentence(change))
            .collect()
    }

    fn sentence(&self, change: &Change) -> String {
        match change {
            Change::Apply(place, parts) => {
                let conditions = parts.iter().map(|part| self.part(*place, *part, true));
                let would = match self.finding(*place).map(|finding| finding.effect) {
                    Some(Effect::Deny) => "would deny",
                    Some(Effect::Allow) | None => "would allow",
                };
                let conditions: Vec<String> = conditions.collect();
                format!(
                    "{} {would} it if {}",
                    self.name(*place),
                    conditions.join(" and ")
                )
            }
            Change::Spare(place, part) => {
                let would = match self.finding(*place).map(|finding| finding.effect) {
                    Some(Effect::Deny) => "would not deny",
                    Some(Effect::Allow) | None => "would not allow",
                };
                format!(
                    "{} {would} it if {}",
                    self.name(*place),
                    self.part(*place, *part, false)
                )
            }
            Change::Write(missing) => format!(
                "no {missing} has a statement that comes near to allowing {} on {}",
                shown(&self.action),
                shown(&self.resource)
            ),
        }
    }

    /// What would have to be so that the part fits, or that it does not.
    fn part(&self, place: Place, part: Part, fits: bool) -> String {
        let Some(finding) = self.finding(place) else {
            return String::new();
        };
        match part {
            Part::Condition(index) => finding
                .conditions
                .get(index)
                .map_or_else(String::new, |compared| compared.wish(fits)),
            Part::Action => wish("Action", &self.action, Some(&finding.action), fits),
            Part::Resource => wish("Resource", &self.resource, finding.resource.as_ref(), fits),
            Part::Principal => wish(
                "Principal",
                &self.principal,
                finding.principal.as_ref(),
                fits,
            ),
        }
    }

    fn finding(&self, place: Place) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.place == place)
    }

    fn name(&self, place: Place) -> String {
        let finding = self.finding(place);
        let policy = finding.and_then(|finding| finding.policy.as_deref());
        let policy = policy.map_or_else(
            || place.source.to_string(),
            |name| format!("{} {name}", place.source.kind()),
        );
        match finding.and_then(|finding| finding.sid.as_deref()) {
            Some(sid) if !sid.is_empty() => {
                format!(
                    "statement {} ({}) of the {policy}",
                    place.statement + 1,
                    shown(sid)
                )
            }
            _ => format!("statement {} of the {policy}", place.statement + 1),
        }
    }
}

/// A statement with what of it fits.
struct Told<'p>(&'p Proof, &'p Finding);

impl fmt::Display for Told<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(proof, finding) = self;
        let effect = match finding.effect {
            Effect::Allow => "allow",
            Effect::Deny => "deny",
        };
        write!(out, "{}, {effect}: ", proof.name(finding.place))?;
        if finding.applies() {
            return out.write_str("applies");
        }
        let differs = finding.unmet().map(|part| match part {
            Part::Principal => "the principal".to_owned(),
            Part::Action => "the action".to_owned(),
            Part::Resource => "the resource".to_owned(),
            Part::Condition(index) => format!("condition {}", index + 1),
        });
        write!(out, "differs in {}", differs.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match (self.unresolved, self.holds) {
            (true, true) => "holds, though a variable has no value",
            (true, false) => "a variable has no value",
            (false, true) => "holds",
            (false, false) => "does not hold",
        };
        write!(
            out,
            "{} {}: {} beside {}: {outcome}",
            self.operator,
            shown(&self.key),
            self.found(),
            list(&self.expected, "or")
        )
    }
}

impl Compared {
    /// What the request has.
    fn found(&self) -> String {
        match self.actual.as_slice() {
            [] => "absent".to_owned(),
            values => list(values, "and"),
        }
    }

    /// What the key would have to be so that the condition held, or that it did not.
    fn wish(&self, holds: bool) -> String {
        let Some(operator) = Operator::read(&self.operator) else {
            return String::new();
        };
        if operator.comparison == Comparison::Null {
            let absent = self
                .expected
                .iter()
                .any(|value| value.eq_ignore_ascii_case("true"));
            let state = if absent == holds { "absent" } else { "present" };
            return format!("{} were {state}", shown(&self.key));
        }
        if self.unresolved && holds {
            return format!("the variables beside {} had values", shown(&self.key));
        }
        // Each value that fails breaks "all", one that holds breaks "none": the set turns with what is wished.
        let subject = match (operator.quantifier, holds) {
            (Quantifier::One, _) => String::new(),
            (Quantifier::ForAllValues, true) | (Quantifier::ForAnyValue, false) => {
                "each of ".to_owned()
            }
            (Quantifier::ForAllValues, false) | (Quantifier::ForAnyValue, true) => {
                "one of ".to_owned()
            }
        };
        let verb = verb(operator.comparison, operator.negated != holds);
        format!(
            "{subject}{} ({}) {verb} {}",
            self.key,
            self.found(),
            list(&self.expected, "or")
        )
    }
}

fn verb(comparison: Comparison, matches: bool) -> &'static str {
    match (comparison, matches) {
        (Comparison::Address, true) => "were in",
        (Comparison::Address, false) => "were not in",
        (Comparison::TextWithWildcards | Comparison::Arn, true) => "matched",
        (Comparison::TextWithWildcards | Comparison::Arn, false) => "did not match",
        (Comparison::Number(order) | Comparison::Date(order), true) => match order {
            Order::Equal => "were",
            Order::Less => "were less than",
            Order::LessOrEqual => "were at most",
            Order::Greater => "were more than",
            Order::GreaterOrEqual => "were at least",
        },
        (Comparison::Number(order) | Comparison::Date(order), false) => match order {
            Order::Equal => "were not",
            Order::Less => "were not less than",
            Order::LessOrEqual => "were more than",
            Order::Greater => "were not more than",
            Order::GreaterOrEqual => "were less than",
        },
        (
            Comparison::Text
            | Comparison::TextWithoutCase
            | Comparison::Truth
            | Comparison::Binary
            | Comparison::Null,
            matches,
        ) => {
            if matches {
                "were"
            } else {
                "were not"
            }
        }
    }
}

/// What the element would have to do so that it fitted, or did not; the values that come nearest are told first.
fn wish(element: &str, asked: &str, fit: Option<&Fit>, fits: bool) -> String {
    let Some(fit) = fit else {
        return String::new();
    };
    let not = if fit.negated { "Not" } else { "" };
    let verb = if fit.negated == fits {
        "did not cover"
    } else {
        "covered"
    };
    let mut values = fit.values.clone();
    values.sort_by_key(|value| std::cmp::Reverse(common_prefix(value, asked)));
    let (asked, values) = (shown(asked), list(&values, "and"));
    format!("its {not}{element} {verb} {asked}: it has {values}")
}

fn common_prefix(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    pairs
        .take_while(|(one, other)| one.eq_ignore_ascii_case(other))
        .count()
}

fn list(values: &[String], joint: &str) -> String {
    let told = values
        .iter()
        .take(VALUES_TOLD_MAX)
        .map(|value| shown(value));
    let told: Vec<String> = told.collect();
    let joint = format!(" {joint} ");
    match values.len().checked_sub(VALUES_TOLD_MAX) {
        Some(more @ 1..) => format!("{}{joint}{more} more", told.join(&joint)),
        _ => told.join(&joint),
    }
}

/// A value for one line of a terminal or a log: callers choose paths and headers, so that control characters are escaped and the
/// rest of a long text is left out.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(CHARACTERS_TOLD_MAX) {
        match character.is_control() {
            true => shown.extend(character.escape_default()),
            false => shown.push(character),
        }
    }
    if text.chars().nth(CHARACTERS_TOLD_MAX).is_some() {
        shown.push('…');
    }
    shown
}
