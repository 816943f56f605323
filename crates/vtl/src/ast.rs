//! What the parser makes of a template.

use std::collections::HashMap;
use std::sync::OnceLock;

use tollgate_jsonpath::{Path, PathError, Pattern, PatternError};

/// A whole template.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) body: Block,
    /// The variables that it names, each at the place of its number.
    pub(crate) names: Box<[Box<str>]>,
    pub(crate) known: Known,
    /// Bytes of the text, which is about what it renders.
    pub(crate) length: usize,
}

/// Statements one after another.
pub(crate) type Block = Box<[Statement]>;

/// The number of a variable.
pub(crate) type Slot = usize;

/// The variables that a template names, by number, while it is parsed.
#[derive(Debug, Default)]
pub(crate) struct Names {
    slots: HashMap<Box<str>, Slot>,
}

impl Names {
    /// The number of a name, new ones included.
    pub(crate) fn number(&mut self, name: &str) -> Slot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        let slot = self.slots.len();
        self.slots.insert(name.into(), slot);
        slot
    }

    /// The variables that the engine itself gives values.
    pub(crate) fn known(&self) -> Known {
        let known = |name: &str| {
            let slot = self.slots.get(name)?;
            u32::try_from(*slot).ok()
        };
        Known {
            input: known("input"),
            context: known("context"),
            stage_variables: known("stageVariables"),
            util: known("util"),
            foreach: known("foreach"),
            count: known("velocityCount"),
            has_next: known("velocityHasNext"),
        }
    }

    /// The names, each at the place of its number.
    pub(crate) fn into_list(self) -> Box<[Box<str>]> {
        let mut names: Vec<_> = self.slots.into_iter().collect();
        names.sort_unstable_by_key(|(_, slot)| *slot);
        names.into_iter().map(|(name, _)| name).collect()
    }
}

/// The variables that the engine itself gives values, where the template names them. Small, because of very many templates each byte that a
/// rendering looks at must be brought from memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) input: Option<u32>,
    pub(crate) context: Option<u32>,
    pub(crate) stage_variables: Option<u32>,
    pub(crate) util: Option<u32>,
    pub(crate) foreach: Option<u32>,
    pub(crate) count: Option<u32>,
    pub(crate) has_next: Option<u32>,
}

/// One statement.
#[derive(Debug)]
pub(crate) enum Statement {
    Text(Box<str>),
    Print(Box<Print>),
    Set(Box<Set>),
    If(Box<If>),
    Foreach(Box<Foreach>),
    Define(Box<Define>),
    Break(Option<Box<Expression>>),
    Stop,
}

/// A reference among text.
#[derive(Debug)]
pub(crate) struct Print {
    /// What stands before it: halved backslashes, and marks that belong to nothing.
    pub(crate) prefix: Box<str>,
    /// Whether a backslash keeps it from being replaced.
    pub(crate) escaped: bool,
    /// What prints in place of a value that has no text.
    pub(crate) fallback: Box<str>,
    pub(crate) reference: Reference,
}

impl Print {
    /// The variable, the member and its place, where it is `$variable.name` and may print what that holds. `class` is Java's and never a member.
    pub(crate) fn member(&self) -> Option<(Slot, &str, usize)> {
        match (&self.reference.root, &*self.reference.parts) {
            (
                Root::Variable(slot),
                [
                    Part {
                        kind: PartKind::Property(name),
                        at,
                    },
                ],
            ) if !self.escaped && **name != *"class" => Some((*slot, name, *at)),
            _ => None,
        }
    }
}

/// `#set( … )`
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) target: Reference,
    pub(crate) value: Expression,
}

/// `#if( … )` with its branches in order.
#[derive(Debug)]
pub(crate) struct If {
    pub(crate) branches: Box<[(Expression, Block)]>,
    pub(crate) otherwise: Option<Block>,
}

/// `#foreach( … )`
#[derive(Debug)]
pub(crate) struct Foreach {
    pub(crate) variable: Slot,
    pub(crate) items: Expression,
    pub(crate) body: Block,
    /// Where it stands.
    pub(crate) at: usize,
}

/// `#define( … )`
#[derive(Debug)]
pub(crate) struct Define {
    pub(crate) variable: Slot,
    pub(crate) body: Block,
}

/// A variable and the way from it.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) root: Root,
    pub(crate) parts: Box<[Part]>,
    /// Where it stands.
    pub(crate) at: usize,
}

/// Where a reference begins.
#[derive(Debug)]
pub(crate) enum Root {
    Variable(Slot),
    /// A bare word as an argument: Java's null.
    Null,
}

/// One part of a reference behind its root.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) kind: PartKind,
    /// Where it stands.
    pub(crate) at: usize,
}

#[derive(Debug)]
pub(crate) enum PartKind {
    Property(Box<str>),
    Method(Box<str>, Box<[Expression]>),
    Index(Expression),
}

/// What has a value.
#[derive(Debug)]
pub(crate) enum Expression {
    Text(Box<Literal>),
    /// A text in double quotes with references or directives in it.
    Interpolated(Box<Interpolated>),
    Number(Constant),
    Bool(bool),
    Reference(Box<Reference>),
    List(Box<[Expression]>),
    Map(Box<[(Expression, Expression)]>),
    Range(Box<(Expression, Expression)>),
    Not(Box<Expression>),
    Binary(Box<Binary>),
}

/// A text that is the same at each rendering, and what it means as a path or a pattern, found out when first needed.
#[derive(Debug)]
pub(crate) struct Literal {
    pub(crate) text: Box<str>,
    pub(crate) path: OnceLock<Result<Path, PathError>>,
    pub(crate) pattern: OnceLock<Result<Pattern, PatternError>>,
}

impl Literal {
    pub(crate) fn new(text: impl Into<Box<str>>) -> Self {
        Self {
            text: text.into(),
            path: OnceLock::new(),
            pattern: OnceLock::new(),
        }
    }
}

/// The statements within a text in double quotes.
#[derive(Debug)]
pub(crate) struct Interpolated {
    pub(crate) body: Block,
    /// Velocity adds a blank before it parses, and takes the last character away when it has rendered.
    pub(crate) padded: bool,
    pub(crate) at: usize,
}

/// A number as it was written.
#[derive(Debug, PartialEq)]
pub(crate) enum Constant {
    Int(i32),
    Long(i64),
    Big(Box<str>),
    Double(f64),
}

/// Two operands.
#[derive(Debug)]
pub(crate) struct Binary {
    pub(crate) operator: Operator,
    pub(crate) left: Expression,
    pub(crate) right: Expression,
    /// Where the operator stands.
    pub(crate) at: usize,
}

/// What is done with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Operator {
    /// Higher binds tighter.
    pub(crate) fn binding(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Modulo => 6,
        }
    }
}
