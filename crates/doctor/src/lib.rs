//! The definition doctor: what an OpenAPI definition will do wrong once it is deployed, found before it is.
//!
//! A definition is imported and compiled as a deployment is, looked through part by part, and called: made-up requests run through the
//! gateway's own engine, with made-up backends behind them, and what fails is told with the request that shows it. Nothing leaves the
//! process.
//!
//! What cannot be known from the file is not guessed: values of stage variables, what backends and authorizers answer, quotas that
//! were raised.

mod bench;
mod checks;
mod code;
mod exam;
mod exposed;
mod finding;
mod import;
mod place;
mod report;
mod runnable;
mod sample;
mod shape;
mod text;

use tollgate_model::clock::Clock;
use tollgate_model::rest::Definition;
use tollgate_openapi::Imported;

pub use code::Code;
pub use exposed::{Deployed, Unproven, prove};
pub use finding::{Evidence, Finding, Severity};
pub use report::{Style, of_file, summary};

use bench::Bench;
use exam::Exam;

/// How a definition is checked.
#[derive(Clone, Debug)]
pub struct Options {
    /// Values of the stage's variables.
    pub stage_variables: Vec<(String, String)>,
    /// Measures how long the check takes; the requests run under a clock that stands.
    pub clock: Clock,
    /// No request is begun later than this after the check began.
    pub time_ms_max: u64,
    /// So many requests are run at most.
    pub requests_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            stage_variables: Vec::new(),
            clock: Clock::System,
            time_ms_max: 10_000,
            requests_max: 20_000,
        }
    }
}

/// Checks one document: everything that is found, by its place in the text.
pub fn check(document: &[u8], options: &Options) -> Vec<Finding> {
    let (imported, drafts) = import::read(document);
    let mut drafts = drafts;
    if let Some(imported) = imported {
        drafts.extend(examine(&bound(imported), options));
    }
    place::placed(document, drafts)
}

/// The parts go by their paths and names, as nobody else has to know them.
fn bound(mut imported: Imported) -> Definition {
    imported.bind(runnable::API, |part| part.name().to_owned());
    imported.definition
}

fn examine(definition: &Definition, options: &Options) -> Vec<exam::Draft> {
    let mut exam = Exam::new(definition, options);
    let runnable = runnable::of(definition, options);
    checks::refused::check(&mut exam, &runnable.refused);
    checks::look(&mut exam);
    let Some(plan) = runnable.plan else {
        return exam.into_drafts();
    };
    let bench = Bench::new(plan, options);
    checks::run(&mut exam, bench, &runnable.blank);
    exam.into_drafts()
}
