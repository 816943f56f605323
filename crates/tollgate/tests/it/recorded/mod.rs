//! What real AWS answered: each case of `tests/recorded` is played against `tollgate dev`, and its answers compared.
//! `tests/recorded/README.md` says where the cases come from and how to read one, `differences.md` beside it lists the
//! answers that do not hold. That list is held to the truth from both sides.

mod backend;
mod case;
mod compare;
mod compare_tests;
mod differences;
mod play;

use std::path::PathBuf;

use tollgate_testkit::{Options, Tollgate};

use backend::Backend;
use differences::Differences;

/// The least part of all answers that must hold.
const PERCENT_MIN: usize = 95;

/// One answer that was compared.
#[derive(Clone)]
struct Outcome {
    case: String,
    step: String,
    differences: Vec<String>,
}

impl Outcome {
    fn holds(&self) -> bool {
        self.differences.is_empty()
    }

    fn name(&self) -> (String, String) {
        (self.case.clone(), self.step.clone())
    }

    fn shown(&self) -> String {
        let differences = self.differences.join("\n    ");
        format!("{} / {}\n    {differences}", self.case, self.step)
    }
}

#[test]
fn what_aws_answered_holds() {
    let backend = Backend::start();
    let tollgate = Tollgate::start(Options::dev(env!("CARGO_BIN_EXE_tollgate")));
    let own = played(&tollgate, &backend);

    let faults = faults(&own, &Differences::read());
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    let held = own.iter().filter(|outcome| outcome.holds()).count();
    assert!(
        held * 100 >= own.len() * PERCENT_MIN,
        "only {held} of {} answers hold",
        own.len()
    );
}

fn played(tollgate: &Tollgate, backend: &Backend) -> Vec<Outcome> {
    let cases = case::all();
    let outcomes = cases
        .iter()
        .flat_map(|case| play::case(tollgate, backend, case));
    let outcomes: Vec<Outcome> = outcomes.collect();
    let held = outcomes.iter().filter(|outcome| outcome.holds()).count();
    let (cases, answers) = (cases.len(), outcomes.len());
    println!("{cases} sequences, {answers} answers compared, {held} hold");
    outcomes
}

/// Where the outcomes and the list of known differences disagree.
fn faults(outcomes: &[Outcome], known: &Differences) -> Vec<String> {
    let mut faults = Vec::new();
    for outcome in outcomes {
        match (outcome.holds(), known.lists(&outcome.name())) {
            (true, false) | (false, true) => {}
            (true, true) => faults.push(format!(
                "{} / {} holds now: take it off differences.md",
                outcome.case, outcome.step
            )),
            (false, false) => faults.push(outcome.shown()),
        }
    }
    let names: Vec<_> = outcomes.iter().map(Outcome::name).collect();
    let unknown = known.names().filter(|name| !names.contains(name));
    faults
        .extend(unknown.map(|(case, step)| {
            format!("differences.md lists {case} / {step}, which no case has")
        }));
    faults
}

/// A file or folder of `tests/recorded`.
fn recorded(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/recorded")
        .join(path)
}
