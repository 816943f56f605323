//! JSONPath as Jayway's library for Java reads it, which is the dialect of `$input.path`, `$input.json` and body mappings.
//!
//! <https://github.com/json-path/JsonPath>

mod cursor;
mod filter;
mod function;
mod literal;
mod parse;
mod read;

use crate::{List, ListKind, Value};
use function::Call;
use read::{Halt, Reader, Sink};

/// A path into a document. It is parsed once, holds no document and may be shared between threads.
#[derive(Debug)]
pub struct Path {
    steps: Box<[Step]>,
    /// Starts at the document (`$`) or, inside a filter, at the item under test (`@`).
    rooted: bool,
    /// Leads to one value at most. All others give lists.
    definite: bool,
}

/// A path that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at column {column}")]
pub struct PathError {
    /// What is wrong.
    pub problem: String,
    /// In characters, counted from one.
    pub column: usize,
}

/// A path that could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The document is too large for what the path asks.
    #[error("path takes too many steps in this document")]
    Steps,
}

/// What one read may cost where the caller does not say. The largest documents have some five million values.
pub const STEPS_MAX: u64 = 16_000_000;

#[derive(Debug)]
struct Step {
    kind: Kind,
    /// All steps before this one lead to one value at most, so that a thing of the wrong kind here ends the whole read.
    settled: bool,
}

#[derive(Debug)]
enum Kind {
    /// `.a`, `['a']`
    Member(Box<str>),
    /// `['a','b']`
    Members(Box<[Box<str>]>),
    /// `[0]`, `[-1]`
    Index(i32),
    /// `[0,1]`
    Indexes(Box<[i32]>),
    /// `[1:3]`, `[1:]`, `[:3]`
    Slice(Option<i32>, Option<i32>),
    /// `.*`, `[*]`
    Wildcard,
    /// `..`: what follows is tried everywhere below.
    Scan,
    /// `[?(…)]`
    Filter(Box<filter::Expression>),
    /// `.length()`
    Function(Box<Call>),
}

impl Path {
    /// Reads the text of a path. As in Jayway's library, `$.` may be left out.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        parse::path(text)
    }

    /// Reads the path in a document. A definite path gives the value it leads to, if any; an indefinite one a list, which may be empty,
    /// or nothing where the part before its first indefinite step leads nowhere.
    pub fn read(&self, document: &Value) -> Result<Option<Value>, ReadError> {
        self.read_within(document, &mut { STEPS_MAX })
    }

    /// [`Path::read`] with a budget of the caller's own, which shrinks by what the read took: a step is about one value looked at.
    pub fn read_within(
        &self,
        document: &Value,
        steps: &mut u64,
    ) -> Result<Option<Value>, ReadError> {
        match Reader::new(document, steps).path(self, document) {
            Ok(found) => Ok(found),
            Err(Halt::Missing | Halt::Outside | Halt::Refused) => Ok(None),
            Err(Halt::Steps) => Err(ReadError::Steps),
        }
    }

    /// Whether the path leads to one value at most.
    pub fn is_definite(&self) -> bool {
        self.definite
    }

    fn new(kinds: Vec<Kind>, rooted: bool) -> Self {
        let count = kinds.len();
        let mut settled = true;
        let mut steps = Vec::with_capacity(count);
        for (index, kind) in kinds.into_iter().enumerate() {
            let definite = kind.is_definite(index + 1 == count);
            steps.push(Step { kind, settled });
            settled &= definite;
        }
        Self {
            steps: steps.into(),
            rooted,
            definite: settled,
        }
    }

    fn is_function(&self) -> bool {
        matches!(
            self.steps.last(),
            Some(Step {
                kind: Kind::Function(_),
                ..
            })
        )
    }

    /// Ends in `keys()`, whose result is of a kind that filters cannot take.
    fn gives_keys(&self) -> bool {
        match self.steps.last().map(|step| &step.kind) {
            Some(Kind::Function(call)) => call.function == function::Function::Keys,
            _ => false,
        }
    }

    fn sink(&self) -> Sink {
        if self.definite {
            Sink::One(None)
        } else {
            Sink::Many(Vec::new())
        }
    }
}

impl Kind {
    fn is_definite(&self, last: bool) -> bool {
        match self {
            Self::Member(_) | Self::Index(_) | Self::Function(_) => true,
            // At the end of a path several names give one map of those members.
            Self::Members(_) => last,
            Self::Indexes(_) | Self::Slice(..) | Self::Wildcard | Self::Scan | Self::Filter(_) => {
                false
            }
        }
    }
}

impl Sink {
    fn into_value(self) -> Option<Value> {
        match self {
            Self::One(found) => found,
            Self::Many(found) => Some(Value::List(List::new(ListKind::Json, found))),
        }
    }
}

impl std::str::FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}
