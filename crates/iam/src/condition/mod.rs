//! Conditions of a statement: an operator, a key, and the values of which one must match.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>

pub(crate) mod binary;
pub(crate) mod date;
mod network;
mod number;
pub(crate) mod operator;
mod samples;

use std::net::IpAddr;

use crate::context::{Context, Value};
use crate::pattern::{Pattern, Reading};
use crate::steps::Steps;
use network::Network;
use number::Number;
use operator::{Comparison, Operator, Order, Quantifier};

/// One operator and one key of a statement's conditions.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    /// The operator's name, for people.
    pub(crate) name: Box<str>,
    pub(crate) key: Box<str>,
    values: Expected,
    /// The values as the policy has them, for people.
    pub(crate) sources: Box<[Box<str>]>,
}

/// The policy's values, compiled for their operator.
#[derive(Clone, Debug)]
enum Expected {
    Text(Box<[Pattern]>),
    TextWithoutCase(Box<[Pattern]>),
    TextWithWildcards(Box<[Pattern]>),
    Number(Order, Box<[Box<str>]>),
    /// Milliseconds since 1970.
    Date(Order, Box<[i64]>),
    Truth(Box<[Pattern]>),
    Binary(Box<[Vec<u8>]>),
    Address(Box<[Network]>),
    Arn(Box<[ArnPattern]>),
    Null(Box<[bool]>),
}

/// The six components of an ARN, each with its own wildcards.
type ArnPattern = [Pattern; 6];

impl Condition {
    /// Compiles the condition; the error says which value the operator cannot compare.
    pub(crate) fn read(
        operator: Operator,
        name: &str,
        key: &str,
        sources: Vec<String>,
        variables: bool,
    ) -> Result<Self, String> {
        Ok(Self {
            operator,
            name: name.into(),
            key: key.into(),
            values: Expected::read(operator.comparison, &sources, variables)?,
            sources: sources.into_iter().map(Into::into).collect(),
        })
    }

    /// Whether it holds, where a value whose variable has none is equal to nothing.
    pub(crate) fn holds(&self, context: &Context<'_>, steps: &Steps) -> bool {
        let values = context.values(&self.key);
        if let Expected::Null(expected) = &self.values {
            return expected.contains(&values.is_empty());
        }
        if values.is_empty() && self.operator.if_exists {
            return true;
        }
        let negated = self.operator.negated;
        let mut matches = values
            .iter()
            .map(|value| self.values.matches(value, context, steps) != negated);
        match self.operator.quantifier {
            // An absent key matches nothing, and what matches nothing is what a negated operator wants.
            Quantifier::One if negated => matches.all(|wanted| wanted),
            Quantifier::One => matches.any(|wanted| wanted),
            Quantifier::ForAllValues => is_empty_set(values) || matches.all(|wanted| wanted),
            Quantifier::ForAnyValue => !is_empty_set(values) && matches.any(|wanted| wanted),
        }
    }

    /// Its key, and those of the variables of its values.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let variables = self.values.patterns().flat_map(Pattern::keys);
        std::iter::once(&*self.key).chain(variables)
    }

    /// Whether a variable of its values has none.
    pub(crate) fn lacks_value(&self, context: &Context<'_>) -> bool {
        self.values
            .patterns()
            .any(|pattern| pattern.lacks_value(context))
    }

    /// Whether it holds, if it does, because nothing matches.
    pub(crate) fn holds_by_absence(&self, context: &Context<'_>) -> bool {
        let values = context.values(&self.key);
        let is_vacuous = match self.operator.quantifier {
            Quantifier::One | Quantifier::ForAnyValue => false,
            Quantifier::ForAllValues => is_empty_set(values),
        };
        let is_optional = values.is_empty() && self.operator.if_exists;
        (self.operator.negated || is_vacuous) && !is_optional
    }
}

impl Condition {
    /// The policy's values with their variables replaced, for people; those without a value stay as they are written.
    pub(crate) fn expected(&self, context: &Context<'_>) -> Vec<String> {
        let patterns: Vec<&Pattern> = match &self.values {
            // An ARN is told as it is written: it is matched component by component.
            Expected::Arn(_) => Vec::new(),
            values => values.patterns().collect(),
        };
        let sources = self.sources.iter().enumerate();
        let texts = sources.map(|(index, source)| {
            let text = patterns
                .get(index)
                .and_then(|pattern| pattern.text(context));
            text.map_or_else(|| source.to_string(), Into::into)
        });
        texts.collect()
    }
}

/// "If the key values in the request resolve to an empty data set (for example, an empty string)".
fn is_empty_set(values: &[Value<'_>]) -> bool {
    let is_empty = |value: &Value<'_>| matches!(value, Value::Text(text) if text.is_empty());
    values.iter().all(is_empty)
}

impl Expected {
    fn read(comparison: Comparison, texts: &[String], variables: bool) -> Result<Self, String> {
        let plain = Reading {
            wildcards: false,
            variables,
            fold: false,
        };
        let wild = Reading {
            wildcards: true,
            ..plain
        };
        Ok(match comparison {
            Comparison::Text => Self::Text(each(texts, |text| Pattern::read(text, plain))?),
            Comparison::TextWithoutCase => {
                Self::TextWithoutCase(each(texts, |text| Pattern::read(text, plain))?)
            }
            Comparison::TextWithWildcards => {
                Self::TextWithWildcards(each(texts, |text| Pattern::read(text, wild))?)
            }
            Comparison::Number(order) => Self::Number(order, each(texts, read_number)?),
            Comparison::Date(order) => Self::Date(order, each(texts, read_date)?),
            Comparison::Truth => Self::Truth(each(texts, |text| read_truth(text, plain))?),
            Comparison::Binary => Self::Binary(each(texts, read_binary)?),
            Comparison::Address => Self::Address(each(texts, read_network)?),
            Comparison::Arn => Self::Arn(each(texts, |text| read_arn(text, wild))?),
            Comparison::Null => Self::Null(each(texts, read_null)?),
        })
    }

    /// Whether one of the policy's values matches `value`.
    fn matches(&self, value: &Value<'_>, context: &Context<'_>, steps: &Steps) -> bool {
        match self {
            Self::Text(patterns) | Self::TextWithWildcards(patterns) => {
                let text = value.text();
                let matches = |pattern: &Pattern| pattern.matches(&text, context, steps);
                patterns
                    .iter()
                    .any(|pattern| matches(pattern) == Some(true))
            }
            Self::TextWithoutCase(patterns) => {
                let text = value.text();
                patterns.iter().any(|pattern| {
                    let expected = pattern.text(context).filter(|_| steps.take(text.len()));
                    expected.is_some_and(|expected| same_without_case(&expected, &text))
                })
            }
            Self::Truth(patterns) => {
                let text = value.text();
                patterns.iter().any(|pattern| {
                    let expected = pattern.text(context).filter(|_| steps.take(text.len()));
                    expected.is_some_and(|expected| expected.eq_ignore_ascii_case(&text))
                })
            }
            Self::Arn(patterns) => {
                let text = value.text();
                patterns
                    .iter()
                    .any(|pattern| arn_matches(pattern, &text, context, steps))
            }
            Self::Number(order, numbers) => number_matches(*order, numbers, value, steps),
            Self::Date(order, dates) => moment_of(value).is_some_and(|moment| {
                let mut affordable = dates.iter().take_while(|_| steps.take(1));
                affordable.any(|date| order.holds(moment.cmp(date)))
            }),
            Self::Binary(binaries) => binaries.iter().any(|bytes| {
                steps.take(bytes.len())
                    && match value {
                        Value::Bytes(found) => **found == **bytes,
                        Value::Text(_)
                        | Value::Number(_)
                        | Value::Truth(_)
                        | Value::Time(_)
                        | Value::Address(_) => value.text().as_bytes() == bytes,
                    }
            }),
            Self::Address(networks) => address_of(value).is_some_and(|address| {
                let mut affordable = networks.iter().take_while(|_| steps.take(1));
                affordable.any(|network| network.has(address))
            }),
            // Decided before any value is looked at.
            Self::Null(_) => false,
        }
    }

    /// All patterns, which may have variables; those of ARNs come component by component.
    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let (texts, arns): (&[Pattern], &[ArnPattern]) = match self {
            Self::Text(patterns)
            | Self::TextWithoutCase(patterns)
            | Self::TextWithWildcards(patterns)
            | Self::Truth(patterns) => (patterns, &[]),
            Self::Arn(patterns) => (&[], patterns),
            Self::Number(..)
            | Self::Date(..)
            | Self::Binary(_)
            | Self::Address(_)
            | Self::Null(_) => (&[], &[]),
        };
        texts.iter().chain(arns.iter().flatten())
    }
}

fn each<T>(texts: &[String], read: impl Fn(&str) -> Result<T, String>) -> Result<Box<[T]>, String> {
    texts.iter().map(|text| read(text)).collect()
}

fn read_number(text: &str) -> Result<Box<str>, String> {
    let number = Number::read(text).map(|_| text.into());
    number.ok_or_else(|| format!("{text:?} is no number"))
}

fn read_date(text: &str) -> Result<i64, String> {
    date::read(text).ok_or_else(|| format!("{text:?} is no date"))
}

fn read_truth(text: &str, reading: Reading) -> Result<Pattern, String> {
    let is_truth = matches!(text.to_ascii_lowercase().as_str(), "true" | "false");
    let has_variable = reading.variables && text.contains("${");
    match is_truth || has_variable {
        true => Pattern::read(text, reading),
        false => Err(format!("{text:?} is neither true nor false")),
    }
}

fn read_binary(text: &str) -> Result<Vec<u8>, String> {
    binary::decode(text).ok_or_else(|| format!("{text:?} is no base64"))
}

fn read_network(text: &str) -> Result<Network, String> {
    Network::read(text).ok_or_else(|| format!("{text:?} is no address or range of addresses"))
}

fn read_null(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}

/// Guess: `*` alone is every ARN; what else has fewer than six components is refused, because it could match none.
fn read_arn(text: &str, reading: Reading) -> Result<ArnPattern, String> {
    let whole = if text == "*" { "*:*:*:*:*:*" } else { text };
    let components: Vec<Pattern> = whole
        .splitn(6, ':')
        .map(|component| Pattern::read(component, reading))
        .collect::<Result<_, _>>()?;
    <[Pattern; 6]>::try_from(components).map_err(|_| format!("{text:?} is no ARN"))
}

fn arn_matches(pattern: &ArnPattern, text: &str, context: &Context<'_>, steps: &Steps) -> bool {
    let mut components = text.splitn(6, ':');
    pattern.iter().all(|expected| {
        let component = components.next();
        component.and_then(|component| expected.matches(component, context, steps)) == Some(true)
    })
}

fn number_matches(order: Order, numbers: &[Box<str>], value: &Value<'_>, steps: &Steps) -> bool {
    let text = value.text();
    let Some(found) = Number::read(&text) else {
        return false;
    };
    let affordable = numbers.iter().take_while(|number| steps.take(number.len()));
    let mut expected = affordable.filter_map(|number| Number::read(number));
    expected.any(|number| order.holds(found.compare(number)))
}

/// The moment in milliseconds: a number is seconds since 1970, as `aws:EpochTime` is.
fn moment_of(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Time(ms) => Some(*ms),
        Value::Number(seconds) => seconds.checked_mul(1000),
        Value::Text(text) => date::read(text),
        Value::Truth(_) | Value::Address(_) | Value::Bytes(_) => None,
    }
}

fn address_of(value: &Value<'_>) -> Option<IpAddr> {
    match value {
        Value::Address(address) => Some(*address),
        Value::Text(text) => text.parse().ok(),
        Value::Number(_) | Value::Truth(_) | Value::Time(_) | Value::Bytes(_) => None,
    }
}

fn same_without_case(one: &str, other: &str) -> bool {
    let mut one = one.chars().flat_map(char::to_lowercase);
    let mut other = other.chars().flat_map(char::to_lowercase);
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (left, right) if left != right => return false,
            _ => {}
        }
    }
}
