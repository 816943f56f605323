//! Reads JSON, strictly or as leniently as API Gateway reads the request template of a MOCK integration.

mod build;
mod lenient;
mod strict;
mod string;

use build::Builder;

use crate::Value;

/// No document nests deeper; Jackson, which AWS's own libraries read JSON with, has the same limit.
pub(crate) const DEPTH_MAX: usize = 1000;

/// How much a document may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of lists and maps, at most 1000.
    pub depth: usize,
    /// Roughly the bytes of memory that the values take.
    pub memory_bytes: usize,
}

impl Default for Limits {
    /// Enough for any sensible document of API Gateway's 10 MB.
    fn default() -> Self {
        Self {
            depth: DEPTH_MAX,
            memory_bytes: 128 << 20,
        }
    }
}

/// A text that is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at line {line}, column {column}")]
pub struct JsonError {
    /// What is wrong.
    pub problem: Problem,
    /// Counted from one.
    pub line: usize,
    /// In characters, counted from one.
    pub column: usize,
}

/// What can be wrong with a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text ends too early.
    #[error("unexpected end of the text")]
    End,
    /// A value should stand here.
    #[error("expected a value")]
    Value,
    /// A key should stand here.
    #[error("expected a key in double quotes")]
    Key,
    /// A colon should stand here.
    #[error("expected `:` after a key")]
    Colon,
    /// The list goes on or ends here.
    #[error("expected `,` or `]`")]
    ListGoesOn,
    /// The map goes on or ends here.
    #[error("expected `,` or `}}`")]
    MapGoesOn,
    /// Something follows the document.
    #[error("unexpected text after the document")]
    Trailing,
    /// A number that JSON does not know.
    #[error("malformed number")]
    Number,
    /// A string never ends.
    #[error("string without an end")]
    OpenString,
    /// A raw control character in a string.
    #[error("control character in a string")]
    Control,
    /// A backslash before something that needs none.
    #[error("malformed escape in a string")]
    Escape,
    /// Too many levels.
    #[error("nested too deep")]
    Depth,
    /// Too many values.
    #[error("document takes too much memory")]
    Memory,
}

impl JsonError {
    fn at(problem: Problem, text: &str, offset: usize) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        // Bytes that continue a character do not count.
        let characters = before[line_start..]
            .iter()
            .filter(|byte| **byte & 0xc0 != 0x80)
            .count();
        Self {
            problem,
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: 1 + characters,
        }
    }
}

impl Value {
    /// Reads a JSON text as RFC 8259 has it, within the default [`Limits`].
    pub fn parse_json(text: &str) -> Result<Self, JsonError> {
        Self::parse_json_within(text, Limits::default())
    }

    /// Reads a JSON text within limits.
    pub fn parse_json_within(text: &str, limits: Limits) -> Result<Self, JsonError> {
        strict::Reader::new(text, limits)
            .document()
            .map_err(|(problem, offset)| JsonError::at(problem, text, offset))
    }

    /// Reads a text as leniently as API Gateway reads the rendered request template of a MOCK integration, within the default [`Limits`].
    pub fn parse_lenient(text: &str) -> Result<Self, JsonError> {
        Self::parse_lenient_within(text, Limits::default())
    }

    /// [`Value::parse_lenient`] within limits.
    pub fn parse_lenient_within(text: &str, limits: Limits) -> Result<Self, JsonError> {
        lenient::Reader::new(text, limits)
            .document()
            .map_err(|(problem, offset)| JsonError::at(problem, text, offset))
    }
}

/// A problem and the offset in bytes where it is.
type Fault = (Problem, usize);
