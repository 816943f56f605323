//! Policy documents, read once into what decisions run on.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

pub(crate) mod principal;
mod resource;
mod statement;

use std::collections::{BTreeSet, HashSet};

use crate::json::{self, Node};
use crate::limits::{DEPTH_MAX, DOCUMENT_BYTES_MAX, STATEMENTS_MAX};
use crate::malformed::{Malformed, Rule};
pub use statement::Effect;
pub(crate) use statement::{Patterns, Statement};

/// A policy, compiled. Deciding by it reads no text of it again.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) name: Option<Box<str>>,
    document: Box<str>,
    pub(crate) statements: Box<[Statement]>,
}

/// What a policy is attached to, which decides what it may and must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identity-based policy, a permissions boundary or a session policy: version 2012-10-17, resources, no principal.
    Identity,
    /// A policy of a resource, such as of a REST API: principals and resources.
    Resource,
    /// A role's trust policy: principals, no resources.
    Trust,
    /// What a Lambda authorizer returns. Guess: as for an identity, of any version, and with statement ids of any form.
    Authorizer,
}

/// A version of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// What a document has that names none: `${…}` is text.
    V2008,
    V2012,
}

impl Policy {
    /// Reads a document. The error has AWS's message and the place.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Malformed> {
        if text.len() > DOCUMENT_BYTES_MAX {
            let cause = format!("more than {DOCUMENT_BYTES_MAX} bytes");
            return Err(Malformed::new(Rule::TooLarge, cause));
        }
        let document = json::read(text, DEPTH_MAX).map_err(|error| {
            // A member that comes twice, or nesting, is JSON all the same.
            let rule = match error.is_data() || kind != Kind::Trust {
                true => Rule::Syntax,
                false => Rule::Json,
            };
            Malformed::new(rule, error.to_string())
        })?;
        let statements = read(&document, kind)?;
        Ok(Self {
            name: None,
            document: text.into(),
            statements,
        })
    }

    /// The same with a name, such as its ARN, by which proofs call it.
    #[must_use]
    pub fn named(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The condition keys that it asks for, those of its variables among them, in small letters. What sets no others decides alike.
    pub fn keys(&self) -> BTreeSet<String> {
        let statements = self.statements.iter();
        let keys = statements.flat_map(Statement::keys);
        keys.map(str::to_ascii_lowercase).collect()
    }

    /// The name that it was given.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The document that it was read from.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// How many statements it has.
    pub fn statements(&self) -> usize {
        self.statements.len()
    }
}

fn read(document: &Node, kind: Kind) -> Result<Box<[Statement]>, Malformed> {
    let Node::Map(members) = document else {
        return Err(Malformed::new(Rule::Syntax, "a policy is a JSON object"));
    };
    let known = |name: &str| matches!(name, "Version" | "Id" | "Statement");
    if let Some((name, _)) = members.iter().find(|(name, _)| !known(name)) {
        let cause = format!("a policy has no member {name:?}");
        return Err(Malformed::new(Rule::Syntax, cause));
    }
    let version = read_version(member(members, "Version"))?;
    if !matches!(member(members, "Id"), None | Some(Node::Text(_))) {
        return Err(Malformed::new(Rule::Syntax, "Id is no text"));
    }
    let nodes = match member(members, "Statement") {
        Some(Node::List(nodes)) if !nodes.is_empty() => nodes.as_slice(),
        Some(one @ Node::Map(_)) => std::slice::from_ref(one),
        _ => return Err(Malformed::new(Rule::Syntax, "a policy has statements")),
    };
    let mut errors = Vec::new();
    if kind == Kind::Identity && version != Version::V2012 {
        errors.push(Malformed::new(
            Rule::Version,
            "the version is not 2012-10-17",
        ));
    }
    if nodes.len() > STATEMENTS_MAX {
        let cause = format!("more than {STATEMENTS_MAX} statements");
        return Err(Malformed::new(Rule::TooLarge, cause));
    }
    let statements = read_statements(nodes, kind, version, &mut errors);
    if kind != Kind::Authorizer {
        check_sids(nodes, &mut errors);
    }
    match errors
        .into_iter()
        .min_by(|one, other| one.rule.cmp(&other.rule))
    {
        Some(first) => Err(first),
        None => Ok(statements.into()),
    }
}

fn read_statements(
    nodes: &[Node],
    kind: Kind,
    version: Version,
    errors: &mut Vec<Malformed>,
) -> Vec<Statement> {
    let mut statements = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let mut found = Vec::new();
        statements.extend(Statement::read(node, kind, version, &mut found));
        let place = format!("statement {}", index + 1);
        errors.extend(found.into_iter().map(|error| error.at(&place)));
    }
    statements
}

fn read_version(node: Option<&Node>) -> Result<Version, Malformed> {
    match node {
        None => Ok(Version::V2008),
        Some(Node::Text(text)) if text == "2008-10-17" => Ok(Version::V2008),
        Some(Node::Text(text)) if text == "2012-10-17" => Ok(Version::V2012),
        Some(_) => Err(Malformed::new(
            Rule::Syntax,
            "the version is neither 2012-10-17 nor 2008-10-17",
        )),
    }
}

fn check_sids(nodes: &[Node], errors: &mut Vec<Malformed>) {
    let sid = |node: &Node| match node {
        Node::Map(members) => member(members, "Sid").and_then(as_text).map(str::to_owned),
        _ => None,
    };
    let mut seen = HashSet::new();
    for sid in nodes.iter().filter_map(sid).filter(|sid| !sid.is_empty()) {
        if seen.contains(&sid) {
            let cause = format!("the statement id {sid:?} comes twice");
            errors.push(Malformed::new(Rule::SidTwice, cause));
        }
        seen.insert(sid);
    }
}

fn member<'n>(members: &'n [(String, Node)], name: &str) -> Option<&'n Node> {
    let found = members.iter().find(|(known, _)| known == name);
    found.map(|(_, node)| node)
}

/// A text, or a list of texts.
pub(crate) fn texts(node: &Node) -> Result<Vec<&str>, Malformed> {
    let text = |node: &'_ Node| -> bool { matches!(node, Node::Text(_)) };
    let nodes = match node {
        Node::Text(_) => std::slice::from_ref(node),
        Node::List(nodes) if nodes.iter().all(text) => nodes,
        _ => {
            return Err(Malformed::new(
                Rule::Syntax,
                "neither a text nor a list of texts",
            ));
        }
    };
    Ok(nodes.iter().filter_map(as_text).collect())
}

fn as_text(node: &Node) -> Option<&str> {
    match node {
        Node::Text(text) => Some(text),
        Node::Null | Node::Truth(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => None,
    }
}
