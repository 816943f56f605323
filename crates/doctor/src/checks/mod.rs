//! The checks. Those of [`look`] read the definition; those of [`run`] send requests through it.

mod caches;
mod content_types;
mod context;
mod cross_origin;
mod gateway_responses;
mod limits;
mod mappings;
mod models;
mod never;
mod probe;
mod references;
pub(crate) mod refused;
mod responses;
mod routes;
mod shown;

use std::collections::HashSet;

use crate::bench::Bench;
use crate::code::Code;
use crate::exam::{Exam, at_api};
use crate::finding::Severity;

/// What shows without running anything.
pub(crate) fn look(exam: &mut Exam<'_>) {
    refused::rules(exam);
    mappings::check(exam);
    caches::check(exam);
    references::check(exam);
    limits::check(exam);
}

/// What shows when requests run. `blank` are the methods that cannot be run.
pub(crate) fn run(exam: &mut Exam<'_>, mut bench: Bench, blank: &HashSet<String>) {
    routes::check(exam, &mut bench, blank);
    models::check(exam, &mut bench, blank);
    content_types::check(exam, &mut bench, blank);
    probe::check(exam, &mut bench, blank);
    responses::check(exam, &mut bench, blank);
    cross_origin::check(exam, &mut bench, blank);
    gateway_responses::check(exam);
    references::unparsed(exam);
    shown::check(exam, &mut bench, blank);
    if bench.is_exhausted {
        exam.tell(
            Code::CheckIncomplete,
            Severity::Note,
            at_api(""),
            "the definition is too large to try every request in the time that a check has",
            None,
        );
    }
}
