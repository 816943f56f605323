//! Filters: `[?(@.price < 10 && @.title)]`.
//!
//! <https://github.com/json-path/JsonPath#filter-operators>

mod compare;
mod parse;

use super::Path;
use super::literal::Literal;
use super::read::{Halt, Reader};
use crate::{Pattern, Value};

pub(super) use parse::parse;

/// A condition on an item.
#[derive(Debug)]
pub(super) enum Expression {
    Any(Box<[Expression]>),
    All(Box<[Expression]>),
    Not(Box<Expression>),
    Compare(Box<Operand>, Operator, Box<Operand>),
    /// `@.a`, or `!@.a` if the path should lead nowhere.
    Exists(Box<Path>, bool),
}

/// A side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    Path(Path),
    Literal(Literal),
    Pattern(Box<Pattern>),
}

/// What a comparison asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    SameKindEqual,
    NotSameKindEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    All,
    Size,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
}

impl Operator {
    const ALL: [Self; 18] = [
        Self::Equal,
        Self::NotEqual,
        Self::SameKindEqual,
        Self::NotSameKindEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Matches,
        Self::In,
        Self::NotIn,
        Self::Contains,
        Self::All,
        Self::Size,
        Self::Empty,
        Self::SubsetOf,
        Self::AnyOf,
        Self::NoneOf,
    ];

    /// Letter case does not count in the words.
    fn named(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operator| operator.text().eq_ignore_ascii_case(text))
    }

    fn text(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::SameKindEqual => "===",
            Self::NotSameKindEqual => "!==",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Matches => "=~",
            Self::In => "in",
            Self::NotIn => "nin",
            Self::Contains => "contains",
            Self::All => "all",
            Self::Size => "size",
            Self::Empty => "empty",
            Self::SubsetOf => "subsetof",
            Self::AnyOf => "anyof",
            Self::NoneOf => "noneof",
        }
    }
}

/// Why a condition has no answer.
pub(super) enum Unanswered {
    /// A side is of a kind that the operator cannot take: the item does not pass, whatever surrounds the comparison.
    Unfit,
    /// The read ends.
    Halt(Halt),
}

impl From<Halt> for Unanswered {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl Expression {
    /// Whether an item passes.
    pub(super) fn accepts(&self, item: &Value, reader: &mut Reader<'_>) -> Result<bool, Halt> {
        match self.holds(item, reader) {
            Ok(answer) => Ok(answer),
            Err(Unanswered::Unfit) => Ok(false),
            Err(Unanswered::Halt(halt)) => Err(halt),
        }
    }

    fn holds(&self, item: &Value, reader: &mut Reader<'_>) -> Result<bool, Unanswered> {
        match self {
            Self::Any(parts) => {
                for part in parts {
                    if part.holds(item, reader)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::All(parts) => {
                for part in parts {
                    if !part.holds(item, reader)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Not(part) => Ok(!part.holds(item, reader)?),
            Self::Compare(left, operator, right) => {
                compare::holds(left, *operator, right, item, reader)
            }
            Self::Exists(path, expected) => Ok(exists(path, item, reader)? == *expected),
        }
    }
}

/// Jayway's library starts at the item even where the path starts with `$`. An indefinite path exists as soon as it can be read.
fn exists(path: &Path, item: &Value, reader: &mut Reader<'_>) -> Result<bool, Halt> {
    match reader.requiring(|reader| reader.path(path, item)) {
        Ok(found) => Ok(found.is_some()),
        Err(Halt::Missing) => Ok(false),
        Err(halt @ (Halt::Outside | Halt::Refused | Halt::Steps)) => Err(halt),
    }
}
