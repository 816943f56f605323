//! Regular expressions of Java's flavour, for selection patterns, `replaceAll`, `matches`, `split` and `=~`.
//!
//! <https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html>

mod class;
mod engine;
mod escape;
mod flags;
mod replace;
mod source;
mod split;
mod translate;
mod translation;

use std::ops::Range;
use std::sync::OnceLock;

use engine::Engine;
use translation::Translation;

/// A regular expression. It is parsed once and may be shared between threads.
#[derive(Debug)]
pub struct Pattern {
    translation: Translation,
    whole: Pair,
    anywhere: Pair,
}

/// Two engines for one pattern: most texts have one line, and there `$` means the end, which every engine knows.
#[derive(Debug, Default)]
struct Pair {
    one_line: OnceLock<Result<Engine, MatchError>>,
    lines: OnceLock<Result<Engine, MatchError>>,
}

/// A pattern that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at column {column} of the pattern")]
pub struct PatternError {
    /// What is wrong.
    pub problem: String,
    /// In characters, counted from one.
    pub column: usize,
}

/// A match that was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatchError {
    /// Too many steps.
    #[error("pattern takes too many steps on this text")]
    Steps,
    /// The pattern needs more memory than it may have, which shows only on texts of several lines.
    #[error("pattern is too large")]
    Size,
    /// The result grew beyond what the caller allows.
    #[error("result is longer than {0} bytes")]
    Length(usize),
    /// `$` or a backslash in a replacement where Java does not allow it, or a group that the pattern does not have.
    #[error("malformed replacement: {0}")]
    Replacement(&'static str),
}

/// Patterns come from definitions and templates, whose own size is limited; this keeps the engines small, too.
const PATTERN_BYTES_MAX: usize = 32 << 10;

impl Pattern {
    /// Reads the text of a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > PATTERN_BYTES_MAX {
            return Err(PatternError {
                problem: format!("pattern is longer than {PATTERN_BYTES_MAX} bytes"),
                column: 1,
            });
        }
        let translation = translate::translate(text)?;
        let engine = build(&translation, Translation::whole, true)
            .map_err(|problem| PatternError { problem, column: 1 })?;
        Ok(Self {
            translation,
            whole: Pair {
                one_line: OnceLock::from(Ok(engine)),
                lines: OnceLock::new(),
            },
            anywhere: Pair::default(),
        })
    }

    /// Whether the whole text matches, as Java's `matches`.
    pub fn matches(&self, text: &str) -> Result<bool, MatchError> {
        self.engine(&self.whole, text, Translation::whole)?
            .is_match(text)
    }

    /// The first place that matches, as Java's `find`.
    pub fn find(&self, text: &str) -> Result<Option<Range<usize>>, MatchError> {
        let found = self
            .searcher(text)?
            .find(text, 0, &mut engine::Budget::new())?;
        Ok(found.map(|groups| groups.whole()))
    }

    /// Roughly what one [`Pattern::matches`] costs, in steps of about a value looked at.
    pub(crate) fn cost(&self, text: &str) -> u64 {
        let bytes = text.len() as u64;
        if self.translation.backtracks {
            100 + bytes
        } else {
            1 + bytes / 64
        }
    }

    fn searcher(&self, text: &str) -> Result<&Engine, MatchError> {
        self.engine(&self.anywhere, text, Translation::anywhere)
    }

    fn engine<'p>(
        &self,
        pair: &'p Pair,
        text: &str,
        syntax: fn(&Translation, bool) -> String,
    ) -> Result<&'p Engine, MatchError> {
        // `^` is particular about empty texts, too.
        let one_line =
            !self.translation.knows_lines || !(text.is_empty() || has_line_terminator(text));
        let place = if one_line {
            &pair.one_line
        } else {
            &pair.lines
        };
        let built = place.get_or_init(|| {
            build(&self.translation, syntax, one_line).map_err(|_| MatchError::Size)
        });
        built.as_ref().map_err(|error| *error)
    }
}

fn build(
    translation: &Translation,
    syntax: fn(&Translation, bool) -> String,
    one_line: bool,
) -> Result<Engine, String> {
    match &translation.literal {
        Some(literal) => Ok(Engine::Literal(literal.clone())),
        None => Engine::build(
            &syntax(translation, one_line),
            translation.backtracks || !one_line,
        ),
    }
}

/// Line feed, carriage return, next line, line separator, paragraph separator.
fn has_line_terminator(text: &str) -> bool {
    text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

/// Writes a character that stands for itself, in a class or outside.
fn literal(character: char, out: &mut String) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$'
        | '#' | '&' | '-' | '~' => {
            out.extend(['\\', character]);
        }
        control if control.is_ascii_control() => {
            out.push_str(&format!("\\x{:02X}", control as u32))
        }
        other => out.push(other),
    }
}
