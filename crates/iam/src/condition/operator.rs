//! The names of condition operators: `ForAllValues:`, the operator, `IfExists`.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::cmp::Ordering;

/// An operator with all that its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) comparison: Comparison,
    /// `Not…`: true where the comparison is not.
    pub(crate) negated: bool,
    pub(crate) quantifier: Quantifier,
    /// `…IfExists`: true where the key is absent.
    pub(crate) if_exists: bool,
}

/// What is compared, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Text,
    TextWithoutCase,
    TextWithWildcards,
    Number(Order),
    Date(Order),
    Truth,
    Binary,
    Address,
    Arn,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What several values of a key mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// The operator without a prefix, for keys of one value. Guess: of several values, which AWS leaves open, one that matches is
    /// a match, and a negated operator wants none that matches.
    One,
    ForAllValues,
    ForAnyValue,
}

use Comparison::{
    Address, Arn, Binary, Date, Null, Number, Text, TextWithWildcards, TextWithoutCase, Truth,
};

const OPERATORS: &[(&str, Comparison, bool)] = &[
    ("StringEquals", Text, false),
    ("StringNotEquals", Text, true),
    ("StringEqualsIgnoreCase", TextWithoutCase, false),
    ("StringNotEqualsIgnoreCase", TextWithoutCase, true),
    ("StringLike", TextWithWildcards, false),
    ("StringNotLike", TextWithWildcards, true),
    ("NumericEquals", Number(Order::Equal), false),
    ("NumericNotEquals", Number(Order::Equal), true),
    ("NumericLessThan", Number(Order::Less), false),
    ("NumericLessThanEquals", Number(Order::LessOrEqual), false),
    ("NumericGreaterThan", Number(Order::Greater), false),
    (
        "NumericGreaterThanEquals",
        Number(Order::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Date(Order::Equal), false),
    ("DateNotEquals", Date(Order::Equal), true),
    ("DateLessThan", Date(Order::Less), false),
    ("DateLessThanEquals", Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Date(Order::Greater), false),
    ("DateGreaterThanEquals", Date(Order::GreaterOrEqual), false),
    ("Bool", Truth, false),
    ("BinaryEquals", Binary, false),
    ("IpAddress", Address, false),
    ("NotIpAddress", Address, true),
    ("ArnEquals", Arn, false),
    ("ArnNotEquals", Arn, true),
    ("ArnLike", Arn, false),
    ("ArnNotLike", Arn, true),
    ("Null", Null, false),
];

impl Operator {
    /// The operator called `name`; case matters.
    pub(crate) fn read(name: &str) -> Option<Self> {
        let (quantifier, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Quantifier::ForAllValues, rest),
            Some(("ForAnyValue", rest)) => (Quantifier::ForAnyValue, rest),
            Some(_) => return None,
            None => (Quantifier::One, name),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let known = OPERATORS.iter().find(|(known, ..)| *known == base);
        let (_, comparison, negated) = *known?;
        // "Any condition operator name except the Null condition." Guess: sets of values have no say in it either.
        let is_bare = quantifier == Quantifier::One && !if_exists;
        (comparison != Null || is_bare).then_some(Self {
            comparison,
            negated,
            quantifier,
            if_exists,
        })
    }
}

impl Order {
    /// Whether a value that compares with the policy's as `found` is in this order to it.
    pub(crate) fn holds(self, found: Ordering) -> bool {
        match self {
            Self::Equal => found.is_eq(),
            Self::Less => found.is_lt(),
            Self::LessOrEqual => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::GreaterOrEqual => found.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let read = Operator::read("ForAnyValue:StringNotLikeIfExists").unwrap();
        assert_eq!(read.quantifier, Quantifier::ForAnyValue);
        assert!(read.negated && read.if_exists && read.comparison == TextWithWildcards);
        for name in [
            "stringEquals",
            "StringEqualsIf",
            "NullIfExists",
            "ForAllValues:Null",
            "ForAll:Bool",
            "ForAnyValue:ForAllValues:Bool",
            "IfExists",
            "",
        ] {
            assert_eq!(Operator::read(name), None, "{name}");
        }
    }
}
