//! Content types that a method declares and its integration refuses.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html>

use std::collections::HashSet;

use super::probe::request_template;
use crate::bench::{Ask, Backend, Bench};
use crate::code::Code;
use crate::exam::{Exam, Seen, texts};
use crate::finding::Severity;

/// Tells which declared content types are answered 415.
pub(super) fn check(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) {
    for seen in exam.methods() {
        if refuses(&seen) && seen.is_mapped() && !blank.contains(&seen.label()) {
            of_method(exam, bench, &seen);
        }
    }
}

/// Whether bodies that no template is for are refused.
fn refuses(seen: &Seen<'_>) -> bool {
    let given = seen.integration();
    let has_templates =
        given.is_some_and(|it| texts(it.request_templates.as_ref()).next().is_some());
    match given.and_then(|it| it.passthrough_behavior.as_deref()) {
        Some("NEVER") => true,
        Some("WHEN_NO_TEMPLATES") => has_templates,
        _ => false,
    }
}

fn of_method(exam: &mut Exam<'_>, bench: &mut Bench, seen: &Seen<'_>) {
    let declared: Vec<&str> = texts(seen.method.request_models.as_ref())
        .map(|(media_type, _)| media_type)
        .filter(|media_type| *media_type != "$default")
        .collect();
    for media_type in &declared {
        if request_template(seen, media_type).is_none() {
            let ask = Ask::of(seen).with_body(media_type, "{}");
            let reason = format!(
                "the method declares {media_type}, and the integration has no request template for it"
            );
            tell(exam, bench, seen, &ask, reason);
        }
    }
    if declared.is_empty() && request_template(seen, "application/json").is_none() {
        let reason = "a request that names no content type counts as application/json, for which there is no request template";
        tell(exam, bench, seen, &Ask::of(seen), reason.to_owned());
    }
}

/// What validation or anything else refuses first shows nothing.
fn tell(exam: &mut Exam<'_>, bench: &mut Bench, seen: &Seen<'_>, ask: &Ask, reason: String) {
    let run = bench.run(ask, Backend::fine());
    let is_refused = run.as_ref().is_none_or(|run| run.tried.status == 415);
    let is_valid = run.as_ref().is_some_and(|run| run.tried.status == 400);
    let place = seen.at_integration(&["passthroughBehavior"]);
    let evidence = run
        .filter(|run| run.tried.status == 415)
        .map(|run| run.evidence());
    if is_refused || is_valid {
        exam.tell(
            Code::MediaTypeRefused,
            Severity::Error,
            place,
            reason,
            evidence,
        );
    }
}
