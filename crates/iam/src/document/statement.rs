//! One statement: whom and what it speaks of, and under which conditions.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use super::principal::Principals;
use super::{Kind, Version, as_text, member, texts};
use crate::condition::Condition;
use crate::condition::operator::Operator;
use crate::json::Node;
use crate::limits::VALUE_BYTES_MAX;
use crate::malformed::{Malformed, Rule};
use crate::pattern::{Pattern, Reading};

/// A statement, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// None in policies of identities, which speak of whom they are attached to.
    pub(crate) principals: Option<Principals>,
    pub(crate) actions: Patterns,
    /// None in trust policies, which speak of the role they are attached to.
    pub(crate) resources: Option<Patterns>,
    pub(crate) conditions: Box<[Condition]>,
}

/// What follows where a statement applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The request is permitted, as far as this policy is asked.
    Allow,
    /// The request is refused, whatever else is said.
    Deny,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub(crate) struct Patterns {
    /// Whether it speaks of all but these.
    pub(crate) negated: bool,
    pub(crate) patterns: Box<[Pattern]>,
}

const MEMBERS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

type Members<'n> = &'n [(String, Node)];

impl Statement {
    /// Reads a statement. What is wrong goes to `errors`, all of it, because AWS tells what comes first in its order and not in the
    /// document's.
    pub(crate) fn read(
        node: &Node,
        kind: Kind,
        version: Version,
        errors: &mut Vec<Malformed>,
    ) -> Option<Self> {
        let members = kept(members_of(node), errors)?;
        let sid = kept(read_sid(members, kind), errors);
        let effect = kept(read_effect(members), errors);
        let principals = kept(read_principals(members, kind), errors);
        let actions = kept(read_actions(members), errors);
        let resources = kept(read_resources(members, kind, version), errors);
        let conditions = kept(read_conditions(members, version), errors);
        Some(Self {
            sid: sid?,
            effect: effect?,
            principals: principals?,
            actions: actions?,
            resources: resources?,
            conditions: conditions?.into(),
        })
    }

    /// The condition keys that it asks for, some of them more than once.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let resources = self
            .resources
            .iter()
            .flat_map(|resources| &*resources.patterns);
        let conditions = self.conditions.iter().flat_map(Condition::keys);
        resources.flat_map(Pattern::keys).chain(conditions)
    }
}

fn kept<T>(read: Result<T, Malformed>, errors: &mut Vec<Malformed>) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}

fn members_of(node: &Node) -> Result<Members<'_>, Malformed> {
    let Node::Map(members) = node else {
        return Err(syntax("a statement is a JSON object"));
    };
    let unknown = members
        .iter()
        .find(|(name, _)| !MEMBERS.contains(&name.as_str()));
    match unknown {
        Some((name, _)) => Err(syntax(format!("a statement has no member {name:?}"))),
        None => Ok(members),
    }
}

fn read_sid(members: Members<'_>, kind: Kind) -> Result<Option<Box<str>>, Malformed> {
    let Some(node) = member(members, "Sid") else {
        return Ok(None);
    };
    let sid = as_text(node).ok_or_else(|| syntax("Sid is no text"))?;
    let is_plain = sid.bytes().all(|b| b.is_ascii_alphanumeric());
    match is_plain || kind != Kind::Identity {
        true => Ok(Some(sid.into())),
        false => Err(Malformed::new(Rule::Sid, format!("Sid is {sid:?}"))),
    }
}

fn read_effect(members: Members<'_>) -> Result<Effect, Malformed> {
    match member(members, "Effect").and_then(as_text) {
        Some("Allow") => Ok(Effect::Allow),
        Some("Deny") => Ok(Effect::Deny),
        Some(text) if ["allow", "deny"].contains(&text.to_ascii_lowercase().as_str()) => {
            Err(Malformed::new(Rule::Legacy, format!("Effect is {text:?}")))
        }
        _ => Err(syntax("Effect is neither Allow nor Deny")),
    }
}

/// The one of two elements that exclude each other, with whether it is the negated one.
fn either<'n>(
    members: Members<'n>,
    name: &'static str,
    negated: &'static str,
) -> Result<Option<(&'static str, &'n Node, bool)>, Malformed> {
    match (member(members, name), member(members, negated)) {
        (Some(_), Some(_)) => Err(syntax(format!("both {name} and {negated}"))),
        (Some(node), None) => Ok(Some((name, node, false))),
        (None, Some(node)) => Ok(Some((negated, node, true))),
        (None, None) => Ok(None),
    }
}

fn read_principals(members: Members<'_>, kind: Kind) -> Result<Option<Principals>, Malformed> {
    let found = either(members, "Principal", "NotPrincipal")?;
    match (found, kind) {
        (None, Kind::Identity | Kind::Authorizer) => Ok(None),
        (Some((name, ..)), Kind::Identity | Kind::Authorizer) => Err(Malformed::new(
            Rule::PrincipalGiven,
            "only the policy of a resource names principals",
        )
        .at(name)),
        (None, Kind::Resource | Kind::Trust) => Err(Malformed::new(
            Rule::PrincipalMissing,
            "it names no principal",
        )),
        (Some((name, node, negated)), Kind::Resource | Kind::Trust) => {
            let read = Principals::read(node, negated);
            read.map(Some).map_err(|error| error.at(name))
        }
    }
}

fn read_actions(members: Members<'_>) -> Result<Patterns, Malformed> {
    let none = || Malformed::new(Rule::NoActions, "it names no action");
    let (name, node, negated) = either(members, "Action", "NotAction")?.ok_or_else(none)?;
    let texts = texts(node).map_err(|error| error.at(name))?;
    if texts.is_empty() {
        return Err(none());
    }
    let patterns: Result<Vec<_>, _> = texts.iter().map(|text| read_action(text)).collect();
    Ok(Patterns {
        negated,
        patterns: patterns.map_err(|error| error.at(name))?.into(),
    })
}

fn read_action(text: &str) -> Result<Pattern, Malformed> {
    check_length(text)?;
    let wrong = |told: String| {
        Err(Malformed::new(
            Rule::ActionPrefix(told),
            format!("{text:?} is no action"),
        ))
    };
    let is_vendor_character = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    match *text.split(':').collect::<Vec<_>>().as_slice() {
        ["*"] | ["*", _] => {}
        [_] => {
            return wrong(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
                    .to_owned(),
            );
        }
        [vendor, _] if vendor.bytes().all(is_vendor_character) => {}
        [vendor, _] => return wrong(format!("Vendor {vendor} is not valid")),
        _ => return wrong("Actions/Condition can contain only one colon.".to_owned()),
    }
    // "You can use a policy variable in the Resource element and in string comparisons": not in actions.
    let reading = Reading {
        wildcards: true,
        variables: false,
        fold: true,
    };
    Pattern::read(text, reading).map_err(syntax)
}

fn read_resources(
    members: Members<'_>,
    kind: Kind,
    version: Version,
) -> Result<Option<Patterns>, Malformed> {
    let found = either(members, "Resource", "NotResource")?;
    let (name, node, negated) = match (found, kind) {
        (None, Kind::Trust) => return Ok(None),
        (Some((name, ..)), Kind::Trust) => {
            return Err(
                Malformed::new(Rule::ResourceGiven, "a trust policy names no resource").at(name),
            );
        }
        (None, _) => return Err(Malformed::new(Rule::NoResources, "it names no resource")),
        (Some(found), _) => found,
    };
    let texts = texts(node).map_err(|error| error.at(name))?;
    if texts.is_empty() {
        return Err(Malformed::new(Rule::NoResources, "it names no resource").at(name));
    }
    let patterns: Result<Vec<_>, _> = texts
        .iter()
        .map(|text| read_resource(text, version))
        .collect();
    Ok(Some(Patterns {
        negated,
        patterns: patterns.map_err(|error| error.at(name))?.into(),
    }))
}

fn read_resource(text: &str, version: Version) -> Result<Pattern, Malformed> {
    check_length(text)?;
    if let Some(rule) = super::resource::broken_rule(text) {
        return Err(Malformed::new(rule, format!("{text:?} is no ARN")));
    }
    let reading = Reading {
        wildcards: true,
        variables: version == Version::V2012,
        fold: false,
    };
    // An ARN with fewer than six parts stands for one with stars in their place, as the guide says of incomplete ARNs.
    let missing = 5_usize.saturating_sub(text.matches(':').count());
    let whole = match text {
        "*" => text.to_owned(),
        _ => text.to_owned() + &":*".repeat(missing),
    };
    let pattern = Pattern::read(&whole, reading).map_err(syntax)?;
    // "You can't use a variable to replace parts of the ARN before the fifth colon."
    match pattern.colons_before_variables() {
        Some(colons) if colons < 5 => Err(syntax(format!(
            "{text:?} has a variable before its fifth colon"
        ))),
        _ => Ok(pattern.into_resource()),
    }
}

fn read_conditions(members: Members<'_>, version: Version) -> Result<Vec<Condition>, Malformed> {
    let read = member(members, "Condition").map(|node| read_operators(node, version));
    let read = read.unwrap_or_else(|| Ok(Vec::new()));
    read.map_err(|error| error.at("Condition"))
}

fn read_operators(node: &Node, version: Version) -> Result<Vec<Condition>, Malformed> {
    let Node::Map(operators) = node else {
        return Err(syntax("it is no JSON object"));
    };
    let mut conditions = Vec::new();
    for (name, keys) in operators {
        let Node::Map(keys) = keys else {
            return Err(syntax(format!("{name} holds no condition keys")));
        };
        let operator = Operator::read(name);
        for (key, values) in keys {
            let operator =
                operator.ok_or_else(|| syntax(format!("no operator is called {name:?}")))?;
            let condition = read_condition(operator, name, key, values, version);
            conditions.push(condition.map_err(|error| error.at(&format!("{name} {key}")))?);
        }
        reject_keys_twice(keys)?;
    }
    Ok(conditions)
}

/// Keys have no case, so that two that differ in it are one.
fn reject_keys_twice(keys: &[(String, Node)]) -> Result<(), Malformed> {
    let mut seen = std::collections::HashSet::new();
    let twice = keys
        .iter()
        .find(|(key, _)| !seen.insert(key.to_ascii_lowercase()));
    twice.map_or(Ok(()), |(key, _)| {
        Err(syntax(format!("the key {key:?} comes twice")))
    })
}

fn read_condition(
    operator: Operator,
    name: &str,
    key: &str,
    values: &Node,
    version: Version,
) -> Result<Condition, Malformed> {
    let values = match values {
        Node::List(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    let values: Result<Vec<String>, Malformed> = values.iter().map(read_value).collect();
    let variables = version == Version::V2012;
    Condition::read(operator, name, key, values?, variables)
        .map_err(|cause| Malformed::new(Rule::Legacy, cause))
}

fn read_value(node: &Node) -> Result<String, Malformed> {
    let text = match node {
        Node::Text(text) | Node::Number(text) => text.clone(),
        Node::Truth(truth) => truth.to_string(),
        Node::Null | Node::List(_) | Node::Map(_) => {
            return Err(syntax("a value is a text, a number or a truth"));
        }
    };
    check_length(&text).map(|()| text)
}

fn check_length(text: &str) -> Result<(), Malformed> {
    match text.len() > VALUE_BYTES_MAX {
        true => Err(Malformed::new(
            Rule::TooLarge,
            format!("more than {VALUE_BYTES_MAX} bytes in one value"),
        )),
        false => Ok(()),
    }
}

fn syntax(cause: impl Into<String>) -> Malformed {
    Malformed::new(Rule::Syntax, cause)
}
