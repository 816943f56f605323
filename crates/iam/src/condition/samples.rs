//! The values of a condition as values to try: those that it names, and where it has wildcards some that fit.

use std::net::IpAddr;

use super::{Condition, Expected, date};
use crate::context::Context;
use crate::pattern::Pattern;
use crate::scope::Samples;

/// What stands for `*` in a sample; an address needs some of the later ones.
const FILLS: [&str; 5] = ["", "x", "1", "1.1", "1.1.1"];

impl Condition {
    /// The ranges that it compares an address with.
    pub(crate) fn sample_ranges(&self) -> Samples<(IpAddr, IpAddr)> {
        if let Expected::Address(networks) = &self.values {
            return Samples {
                values: networks.iter().map(|it| it.range()).collect(),
                is_complete: true,
            };
        }
        let texts = self.sample_texts();
        let addresses = texts.values.iter().filter_map(|it| it.parse().ok());
        Samples {
            values: addresses.map(|it: IpAddr| (it, it)).collect(),
            is_complete: texts.is_complete,
        }
    }

    /// The moments that it compares one with.
    pub(crate) fn sample_moments(&self) -> Samples<i64> {
        match &self.values {
            Expected::Date(_, dates) => Samples {
                values: dates.to_vec(),
                is_complete: true,
            },
            // A text that is a number is seconds; of one with a fraction the second before it begins what is compared alike.
            Expected::Number(_, numbers) => Samples {
                values: numbers.iter().filter_map(|it| seconds(it)).collect(),
                is_complete: numbers.iter().all(|it| seconds(it).is_some()),
            },
            Expected::Null(_) | Expected::Truth(_) | Expected::Address(_) => Samples {
                values: Vec::new(),
                is_complete: true,
            },
            Expected::Text(_)
            | Expected::TextWithoutCase(_)
            | Expected::TextWithWildcards(_)
            | Expected::Arn(_)
            | Expected::Binary(_) => {
                let texts = self.sample_texts().values;
                let moment = |it: &String| date::read(it).or_else(|| seconds(it));
                Samples {
                    values: texts.iter().filter_map(moment).collect(),
                    is_complete: false,
                }
            }
        }
    }

    /// The texts that it compares one with.
    pub(crate) fn sample_texts(&self) -> Samples<String> {
        match &self.values {
            Expected::Text(patterns) => of_patterns(patterns),
            Expected::TextWithoutCase(patterns) | Expected::Truth(patterns) => {
                of_patterns(patterns)
            }
            Expected::TextWithWildcards(patterns) => of_patterns(patterns),
            Expected::Null(_) => Samples {
                values: Vec::new(),
                is_complete: true,
            },
            Expected::Arn(_)
            | Expected::Number(..)
            | Expected::Date(..)
            | Expected::Binary(_)
            | Expected::Address(_) => {
                let sources = self.sources.iter();
                let plain = |it: &str| it.replace(['*', '?'], "x");
                let bare = |it: &str| it.split('/').next().unwrap_or_default().to_owned();
                Samples {
                    values: sources
                        .flat_map(|it| [it.to_string(), plain(it), bare(it)])
                        .collect(),
                    is_complete: false,
                }
            }
        }
    }

    /// Whether it takes texts for the same whose letters differ in case alone.
    pub(crate) fn ignores_case(&self) -> bool {
        matches!(
            self.values,
            Expected::TextWithoutCase(_) | Expected::Truth(_)
        )
    }
}

fn seconds(text: &str) -> Option<i64> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    whole.parse::<i64>().ok()?.checked_mul(1000)
}

fn of_patterns(patterns: &[Pattern]) -> Samples<String> {
    let nothing = Context::default();
    let mut samples = Samples {
        values: Vec::new(),
        is_complete: true,
    };
    for pattern in patterns {
        samples.is_complete &= pattern.is_text();
        let fills = if pattern.is_text() { 1 } else { FILLS.len() };
        for fill in &FILLS[..fills] {
            samples.values.extend(pattern.filled(fill, &nothing));
        }
    }
    samples
}
