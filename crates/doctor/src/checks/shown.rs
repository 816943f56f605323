//! Requests for what was found by looking alone: what becomes of a reference to nothing shows in what the backend gets.

use std::collections::{HashMap, HashSet};

use tollgate_openapi::Subject;

use super::probe::guessed;
use super::responses::{answer_of, good_answer};
use crate::bench::Bench;
use crate::code::Code;
use crate::exam::{Exam, Seen, Spot};
use crate::finding::Evidence;

/// What shows in a request that is run through to its end.
const SHOWN: [Code; 7] = [
    Code::UndeclaredParameter,
    Code::UnknownContextVariable,
    Code::UnknownReference,
    Code::UnknownMember,
    Code::BadJsonPath,
    Code::PlaceholderUnmapped,
    Code::MappingUnused,
];

/// Gives findings of methods a request each, where they have none yet.
pub(super) fn check(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) {
    let methods = exam.methods().into_iter();
    let methods: HashMap<String, Seen<'_>> = methods
        .filter(|seen| !blank.contains(&seen.label()))
        .map(|seen| (seen.label(), seen))
        .collect();
    let mut known: HashMap<Spot, Option<Evidence>> = HashMap::new();
    for draft in exam.drafts_mut() {
        if draft.evidence.is_some() || !SHOWN.contains(&draft.code) {
            continue;
        }
        let Some(seen) = methods.get(&draft.subject) else {
            continue;
        };
        let evidence = known
            .entry(draft.spot.clone())
            .or_insert_with(|| run(bench, seen, &draft.spot));
        draft.evidence.clone_from(evidence);
    }
}

fn run(bench: &mut Bench, seen: &Seen<'_>, spot: &Spot) -> Option<Evidence> {
    let (subject, within) = spot.part()?;
    let key = within.get(1).map(String::as_str);
    let (media_type, backend) = match subject {
        Subject::IntegrationResponse { status, .. } => (None, answer_of(seen, status)?),
        _ => {
            let is_template = within.first().is_some_and(|it| it == "requestTemplates");
            (key.filter(|_| is_template), good_answer(seen))
        }
    };
    let run = bench.run(&guessed(seen, media_type), backend)?;
    // A request that is refused before anything comes of it shows nothing.
    let is_through = run.why().is_none() || !run.tried.calls.is_empty();
    is_through.then(|| run.evidence())
}
