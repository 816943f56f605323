//! What runs a pattern: an engine without backtracking wherever the pattern allows it, and one with a limit for the others.

use std::ops::Range;

use super::MatchError;

#[derive(Debug)]
pub(super) enum Engine {
    /// A pattern that is nothing but characters.
    Literal(Box<str>),
    /// Takes time in proportion to the text.
    Linear(Box<regex::Regex>),
    Backtracking(Box<Backtracking>),
}

/// Most searches succeed at once, and those that do not are tried again with more patience; so a text with many matches is not
/// charged the worst case for each.
#[derive(Debug)]
pub(super) struct Backtracking {
    quick: fancy_regex::Regex,
    patient: fancy_regex::Regex,
}

/// Bytes that a compiled pattern may take.
const COMPILED_BYTES_MAX: usize = 4 << 20;
/// Bytes that it may take again in each thread while it runs; with less it is slower.
const RUNNING_BYTES_MAX: usize = 512 << 10;
/// How often an engine may step back.
const QUICK_BACKTRACKS_MAX: usize = 20_000;
const PATIENT_BACKTRACKS_MAX: usize = 1_000_000;

/// What all searches of one operation may cost together.
pub(super) struct Budget {
    left: u64,
}

/// Enough for fifty thousand matches in a text of a megabyte, each of which took a look at all of the rest.
const BUDGET: u64 = 50_000_000_000;
/// What a step back costs beside a byte looked at.
const BACKTRACK_COST: u64 = 20;

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: BUDGET }
    }

    pub(super) fn spend(&mut self, cost: u64) -> Result<(), MatchError> {
        self.left = self.left.checked_sub(cost).ok_or(MatchError::Steps)?;
        Ok(())
    }
}

/// The places of a match and of its groups.
pub(super) struct Groups(Vec<Option<Range<usize>>>);

impl Groups {
    pub(super) fn whole(&self) -> Range<usize> {
        self.0.first().cloned().flatten().unwrap_or_default()
    }

    /// The place of a group; nothing where it took no part in the match.
    pub(super) fn get(&self, group: usize) -> Option<Range<usize>> {
        self.0.get(group).cloned().flatten()
    }
}

impl Engine {
    pub(super) fn build(syntax: &str, backtracks: bool) -> Result<Self, String> {
        if backtracks {
            return Ok(Self::Backtracking(Box::new(Backtracking {
                quick: backtracking(syntax, QUICK_BACKTRACKS_MAX)?,
                patient: backtracking(syntax, PATIENT_BACKTRACKS_MAX)?,
            })));
        }
        let built = regex::RegexBuilder::new(syntax)
            .size_limit(COMPILED_BYTES_MAX)
            .dfa_size_limit(RUNNING_BYTES_MAX)
            .build();
        built
            .map(|regex| Self::Linear(Box::new(regex)))
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => "pattern is too large".to_owned(),
                other => last_line(&other.to_string()),
            })
    }

    /// Whether the whole text matches, by an engine that was built for that.
    pub(super) fn is_match(&self, text: &str) -> Result<bool, MatchError> {
        match self {
            Self::Literal(literal) => Ok(**literal == *text),
            Self::Linear(regex) => Ok(regex.is_match(text)),
            Self::Backtracking(regex) => {
                regex.patient.is_match(text).map_err(|_| MatchError::Steps)
            }
        }
    }

    /// The first match that starts at `from` or later, by an engine that was built for matches anywhere.
    pub(super) fn find(
        &self,
        text: &str,
        from: usize,
        budget: &mut Budget,
    ) -> Result<Option<Groups>, MatchError> {
        match self {
            Self::Literal(literal) => {
                let start = text[from..].find(&**literal).map(|place| from + place);
                Ok(start.map(|start| Groups(vec![Some(start..start + literal.len())])))
            }
            Self::Linear(regex) => Ok(regex.captures_at(text, from).map(|found| {
                Groups(
                    found
                        .iter()
                        .map(|group| group.map(|group| group.range()))
                        .collect(),
                )
            })),
            Self::Backtracking(regex) => regex.find(text, from, budget),
        }
    }
}

impl Backtracking {
    fn find(
        &self,
        text: &str,
        from: usize,
        budget: &mut Budget,
    ) -> Result<Option<Groups>, MatchError> {
        // A tenth of the worst case: most searches stay far below.
        budget.spend(QUICK_BACKTRACKS_MAX as u64 / 10 * BACKTRACK_COST)?;
        let found = match self.quick.captures_from_pos(text, from) {
            Ok(found) => found,
            Err(_) => {
                budget.spend(PATIENT_BACKTRACKS_MAX as u64 * BACKTRACK_COST)?;
                self.patient
                    .captures_from_pos(text, from)
                    .map_err(|_| MatchError::Steps)?
            }
        };
        Ok(found.map(|found| {
            Groups(
                found
                    .iter()
                    .map(|group| group.map(|group| group.range()))
                    .collect(),
            )
        }))
    }
}

fn backtracking(syntax: &str, backtracks_max: usize) -> Result<fancy_regex::Regex, String> {
    fancy_regex::RegexBuilder::new(syntax)
        .backtrack_limit(backtracks_max)
        .delegate_size_limit(COMPILED_BYTES_MAX)
        .delegate_dfa_size_limit(RUNNING_BYTES_MAX)
        .build()
        .map_err(|error| last_line(&error.to_string()))
}

/// The engines draw the pattern above the reason; the pattern they draw is not the one that was written.
fn last_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or(text);
    line.trim_start_matches("error: ").to_owned()
}
