//! Why a document could not be imported. What the caller of the API reads (AWS's words where they are known) and what
//! the operator reads (where in the document, and why) are two texts.

use std::fmt::{self, Write as _};

/// What AWS answers for anything it cannot read as OpenAPI. Recorded for a text file; users report it for OpenAPI 3.1
/// documents too (aws/serverless-application-model issue 3449).
pub const INVALID_INPUT: &str = "Invalid OpenAPI input.";

/// The largest document accepted, in bytes: the quota "API definition file size" of API Gateway, 6 MB.
pub const DOCUMENT_BYTES_MAX: usize = 6 * 1024 * 1024;

/// Problems shown in one refusal; the rest is counted.
const PROBLEMS_SHOWN_MAX: usize = 20;

/// A document that was refused as a whole: nothing of it is imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// An import parameter that Tollgate does not know, or a value it cannot take.
    #[error("{0}")]
    Parameter(String),
    /// Not JSON, not YAML, too large, too deep, or not a version of OpenAPI that API Gateway imports.
    #[error("{INVALID_INPUT} {0}")]
    Unreadable(Unreadable),
    /// The document is OpenAPI, but what it says cannot become an API.
    #[error("{}", problems_text(.0))]
    Problems(Vec<Problem>),
    /// `failonwarnings=true`, and there are warnings.
    #[error("{}", warnings_text(.0))]
    Warnings(Vec<Problem>),
}

impl ImportError {
    /// The message of the `BadRequestException` that the caller reads.
    pub fn message(&self) -> String {
        match self {
            Self::Unreadable(_) => INVALID_INPUT.to_owned(),
            other => other.to_string(),
        }
    }

    /// What the operator should read in the log: where it is and why, with JSON pointers.
    pub fn detail(&self) -> String {
        match self {
            Self::Unreadable(unreadable) => unreadable.to_string(),
            Self::Problems(problems) | Self::Warnings(problems) => {
                let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
                lines.join("\n")
            }
            Self::Parameter(text) => text.clone(),
        }
    }
}

/// Why the bytes are no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The reason, in the parser's or our words.
    pub reason: String,
    /// JSON pointer to what is wrong, where the text could be read and is no definition.
    pub pointer: Option<String>,
    /// Line and column, from 1, of that, or where reading stopped.
    pub position: Option<(u64, u64)>,
}

impl Unreadable {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            pointer: None,
            position: None,
        }
    }

    /// About something in the document.
    pub(crate) fn at(pointer: &str, reason: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.to_owned()),
            ..Self::new(reason)
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.pointer, self.position) {
            (Some(pointer), position) => {
                out.write_str(&self.reason)?;
                write_place(out, pointer, position)
            }
            (None, Some((line, column))) => {
                write!(out, "line {line}, column {column}: {}", self.reason)
            }
            (None, None) => out.write_str(&self.reason),
        }
    }
}

/// One thing in a readable document that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// JSON pointer (RFC 6901) to the place in the document.
    pub pointer: String,
    /// Line and column, from 1, in the text of the document, where it has a place there.
    pub position: Option<(u64, u64)>,
    /// What is wrong with it.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)?;
        write_place(out, &self.pointer, self.position)
    }
}

fn write_place(
    out: &mut fmt::Formatter<'_>,
    pointer: &str,
    position: Option<(u64, u64)>,
) -> fmt::Result {
    write!(out, " (at {}", shown(pointer))?;
    if let Some((line, column)) = position {
        write!(out, ", line {line}, column {column}")?;
    }
    out.write_str(")")
}

/// The whole document has the empty pointer, which would read as nothing.
fn shown(pointer: &str) -> &str {
    if pointer.is_empty() {
        "the root"
    } else {
        pointer
    }
}

/// The frame around several problems as users quote it from API Gateway; not in the recordings.
fn problems_text(problems: &[Problem]) -> String {
    listed("Errors found during import:", problems)
}

/// The frame around warnings under `failonwarnings=true`, likewise as users quote it.
fn warnings_text(warnings: &[Problem]) -> String {
    listed("Warnings found during import:", warnings)
}

fn listed(title: &str, problems: &[Problem]) -> String {
    let mut out = title.to_owned();
    let left_off = problems.len().saturating_sub(PROBLEMS_SHOWN_MAX);
    for problem in problems.iter().take(PROBLEMS_SHOWN_MAX) {
        out.push_str("\n\t");
        out.push_str(&problem.text);
    }
    if left_off > 0 {
        write!(out, "\n\tand {left_off} more").expect("a String takes every write");
    }
    out
}
