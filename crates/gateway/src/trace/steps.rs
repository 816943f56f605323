//! A trace for reading.

use tollgate_vtl::Position;

use super::telling::{Output, write_fields};
use super::{Noted, NotedDetail, Piece, Sent, Trace};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which one.
    pub name: StepName,
    /// What it was given.
    pub input: String,
    /// What it produced.
    pub output: String,
    /// What it decided, and why.
    pub decision: Option<Decision>,
    /// What it looked at on its way.
    pub details: Vec<Detail>,
    /// Microseconds after the request's arrival.
    pub start_us: u64,
    /// How long it took.
    pub duration_us: u64,
}

/// The steps of the pipeline, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names are those of the pipeline's functions"
)]
pub enum StepName {
    FrontDoor,
    Address,
    Route,
    Authorize,
    ApiKey,
    Throttle,
    Validate,
    Cache,
    MapRequest,
    Integrate,
    MapResponse,
    Respond,
}

/// A choice that a step made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was chosen.
    pub chosen: String,
    /// Because of what: a template's line, a pattern, a table's row.
    pub because: String,
}

/// Something that a step looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What kind of thing.
    pub kind: DetailKind,
    /// Line and column in the template, for what a template tells.
    pub place: Option<Position>,
    /// The reference, the mapping's row, the pattern, what was checked.
    pub subject: String,
    /// Its value, or what came of it.
    pub value: String,
    /// Whether that is all of the value.
    pub is_whole: bool,
}

/// The kinds of details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetailKind {
    /// A parameter or model that a request was held against.
    Check,
    /// A row of a parameter mapping.
    Mapping,
    /// The template that was chosen.
    Template,
    /// A template's reference with its value.
    Reference,
    /// A template's reference that has none.
    Unresolved,
    /// What `#set` made of a reference.
    Set,
    /// A selection pattern that was tried.
    Pattern,
}

impl StepName {
    /// For people and files.
    pub fn text(self) -> &'static str {
        match self {
            Self::FrontDoor => "front door",
            Self::Address => "address",
            Self::Route => "route",
            Self::Authorize => "authorize",
            Self::ApiKey => "api key",
            Self::Throttle => "throttle",
            Self::Validate => "validate",
            Self::Cache => "cache",
            Self::MapRequest => "map request",
            Self::Integrate => "integrate",
            Self::MapResponse => "map response",
            Self::Respond => "respond",
        }
    }
}

impl DetailKind {
    /// For people and files.
    pub fn text(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Mapping => "mapping",
            Self::Template => "template",
            Self::Reference => "reference",
            Self::Unresolved => "unresolved",
            Self::Set => "set",
            Self::Pattern => "pattern",
        }
    }
}

impl Trace {
    /// The steps so far.
    pub fn steps(&self) -> Vec<Step> {
        let mut start_us = 0;
        let mut first = 0;
        let mut steps = Vec::with_capacity(self.steps.len());
        for noted in &self.steps {
            steps.push(self.step(noted, first..noted.details, start_us));
            (start_us, first) = (noted.end_us, noted.details);
        }
        steps
    }

    /// How many details there was no room for.
    pub fn lost(&self) -> usize {
        self.lost
    }

    fn step(&self, noted: &Noted, details: Piece, start_us: u64) -> Step {
        let chosen = self.of(&noted.chosen);
        let details = self.details[details].iter();
        Step {
            name: noted.name,
            input: self.of(&noted.input),
            output: self.output(&noted.output),
            decision: (!chosen.is_empty()).then(|| Decision {
                chosen,
                because: self.of(&noted.because),
            }),
            details: details.map(|detail| self.detail_of(detail)).collect(),
            start_us,
            duration_us: noted.end_us.saturating_sub(start_us),
        }
    }

    fn detail_of(&self, noted: &NotedDetail) -> Detail {
        let in_template = noted
            .place
            .map(|(template, at)| self.templates[template].reference(at));
        Detail {
            kind: noted.kind,
            place: in_template.map(|(place, _)| place),
            subject: in_template.map_or_else(
                || self.of(&noted.subject),
                |(_, reference)| reference.to_owned(),
            ),
            value: self.of(&noted.value),
            is_whole: noted.is_whole,
        }
    }

    fn output(&self, output: &Output) -> String {
        match output {
            Output::Nothing => String::new(),
            Output::Text(piece) => self.of(piece),
            Output::Message(number) => {
                let message = self.messages.get(*number);
                message.map_or_else(String::new, ToString::to_string)
            }
            Output::Call(number) => self.calls.get(*number).map_or_else(String::new, sent),
        }
    }

    fn of(&self, piece: &Piece) -> String {
        self.text[piece.clone()].to_owned()
    }
}

fn sent(call: &Sent) -> String {
    let mut text = format!("{} {}\n", call.method, call.uri);
    // Writing to a text cannot fail.
    let _ = write_fields(&mut text, &call.headers, &call.body);
    text
}
