//! Answers that pages of other origins may not read, though the API opens itself to them: an error without
//! `Access-Control-Allow-Origin` shows in a browser as no answer at all.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html>

use std::collections::HashSet;

use tollgate_wire::Map;
use tollgate_wire::apigateway::IntegrationResponse;

use super::responses::answer_of;
use crate::bench::{Ask, Backend, Bench, Run};
use crate::code::Code;
use crate::exam::{Exam, Seen, at_api, at_gateway_response, texts};
use crate::finding::Severity;

const HEADER: &str = "Access-Control-Allow-Origin";
const ORIGIN: (&str, &str) = ("Origin", "https://example.com");

/// Looks at an API that opens any of its methods.
pub(super) fn check(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) {
    let open: Vec<Seen<'_>> = exam.methods().into_iter().filter(is_open).collect();
    let runs = |seen: &&Seen<'_>| !blank.contains(&seen.label());
    let Some(first) = open.iter().find(runs).or(open.first()) else {
        return;
    };
    for class in ["DEFAULT_4XX", "DEFAULT_5XX"] {
        of_class(exam, bench, blank, first, class);
    }
    customised(exam, bench, blank, first);
    for seen in &open {
        of_statuses(exam, bench, blank, seen);
        preflight(exam, bench, seen);
    }
    let preflights: HashSet<&str> = open
        .iter()
        .filter(|seen| seen.name == "OPTIONS")
        .map(|seen| seen.path)
        .collect();
    for seen in exam.methods() {
        if preflights.contains(seen.path) && seen.is_mapped() && !is_open(&seen) {
            announced(exam, bench, blank, &seen);
        }
    }
}

/// Whether any of its successes lets other origins read it.
fn is_open(seen: &Seen<'_>) -> bool {
    let responses = seen.responses();
    let mut successes = responses
        .iter()
        .filter(|(status, _)| status.starts_with('2'));
    successes.any(|(_, response)| opens(response))
}

fn opens(response: &IntegrationResponse) -> bool {
    let maps = has_header(response.response_parameters.as_ref());
    // A template can set headers too.
    let mut templates = texts(response.response_templates.as_ref());
    maps || templates.any(|(_, text)| text.contains(HEADER))
}

fn has_header(parameters: Option<&Map<Option<String>>>) -> bool {
    texts(parameters).any(|(name, _)| {
        let name = name.rsplit('.').next().unwrap_or_default();
        name.eq_ignore_ascii_case(HEADER)
    })
}

/// What the gateway itself answers, by class.
fn of_class(
    exam: &mut Exam<'_>,
    bench: &mut Bench,
    blank: &HashSet<String>,
    open: &Seen<'_>,
    class: &str,
) {
    let given = &exam.definition.gateway_responses;
    let own = given
        .iter()
        .find(|it| it.response_type.as_deref() == Some(class));
    if own.is_some_and(|it| has_header(it.response_parameters.as_ref())) {
        return;
    }
    let place = match own {
        Some(_) => at_gateway_response(class, &[]),
        None => at_api("/x-amazon-apigateway-gateway-responses"),
    };
    let label = open.label();
    let reason = format!(
        "{label} lets other origins read its answers, and the gateway response {class} has no {HEADER}"
    );
    let run = match class {
        "DEFAULT_4XX" => missing_route(bench, open).or_else(|| missing_input(exam, bench, blank)),
        _ => silent_backend(exam, bench, blank),
    };
    let evidence = run.map(|run| run.evidence());
    exam.tell(
        Code::CorsMissingOnErrors,
        Severity::Warning,
        place,
        reason,
        evidence,
    );
}

/// An error of the gateway that may not be read.
fn closed(run: Option<Run>, status: std::ops::Range<u16>) -> Option<Run> {
    run.filter(|run| status.contains(&run.tried.status) && run.header(HEADER).is_none())
}

/// Greedy paths and variables may take the nearest ones.
fn missing_route(bench: &mut Bench, open: &Seen<'_>) -> Option<Run> {
    let ask = Ask::of(open).with_header(ORIGIN.0, ORIGIN.1);
    let own = ask.path.trim_end_matches('/').to_owned();
    let paths = [
        format!("{own}/no-such-route"),
        format!("{own}/no/such/route"),
        "/no/such/route".to_owned(),
    ];
    paths.into_iter().find_map(|path| {
        let ask = Ask {
            path,
            ..ask.clone()
        };
        let run = bench
            .run(&ask, Backend::fine())
            .filter(|run| run.tried.resource.is_none());
        closed(run, 400..500)
    })
}

/// A request without the parameters or the body that its method requires.
fn missing_input(exam: &Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) -> Option<Run> {
    let mut methods = exam.methods().into_iter().filter(|seen| {
        let (parameters, body) = exam.validated(seen.method);
        (parameters || body) && !blank.contains(&seen.label())
    });
    methods.find_map(|seen| {
        let mut ask = Ask::of(&seen).with_body("application/json", "[]");
        ask.query.clear();
        ask.headers.retain(|(name, _)| name == "Content-Type");
        let ask = ask.with_header(ORIGIN.0, ORIGIN.1);
        closed(bench.run(&ask, Backend::fine()), 400..500)
    })
}

fn silent_backend(exam: &Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) -> Option<Run> {
    let mut methods = exam
        .methods()
        .into_iter()
        .filter(|seen| seen.kind() != "MOCK" && !blank.contains(&seen.label()));
    methods.find_map(|seen| {
        let ask = Ask::of(&seen).with_header(ORIGIN.0, ORIGIN.1);
        closed(bench.run(&ask, Backend::Silent), 500..600)
    })
}

/// A type that is customised by itself has nothing of its class.
fn customised(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>, open: &Seen<'_>) {
    for given in &exam.definition.gateway_responses {
        let kind = given.response_type.as_deref().unwrap_or_default();
        if kind.starts_with("DEFAULT_") || has_header(given.response_parameters.as_ref()) {
            continue;
        }
        let run = match kind {
            "MISSING_AUTHENTICATION_TOKEN" => missing_route(bench, open),
            "INTEGRATION_TIMEOUT" => silent_backend(exam, bench, blank),
            _ => None,
        };
        let reason = format!(
            "{} lets other origins read its answers, and the gateway response {kind} has no {HEADER}; those of DEFAULT_4XX and DEFAULT_5XX are not added to it",
            open.label()
        );
        let evidence = run.map(|run| run.evidence());
        let place = at_gateway_response(kind, &[]);
        exam.tell(
            Code::CorsMissingOnErrors,
            Severity::Warning,
            place,
            reason,
            evidence,
        );
    }
}

/// The method's other statuses.
fn of_statuses(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>, seen: &Seen<'_>) {
    for (status, response) in seen.responses() {
        if opens(response) {
            continue;
        }
        let reason =
            format!("the method's other answers have {HEADER}, its answer {status} has not");
        of_status(exam, bench, blank, seen, status, reason);
    }
}

/// An answer without the header, with a request that gets it.
fn of_status(
    exam: &mut Exam<'_>,
    bench: &mut Bench,
    blank: &HashSet<String>,
    seen: &Seen<'_>,
    status: &str,
    reason: String,
) {
    let run = match (blank.contains(&seen.label()), answer_of(seen, status)) {
        (false, Some(backend)) => {
            let ask = Ask::of(seen).with_header(ORIGIN.0, ORIGIN.1);
            bench.run(&ask, backend)
        }
        _ => None,
    };
    let shows = |run: &Run| run.tried.status.to_string() == status && run.why().is_none();
    let evidence = run.filter(shows).map(|run| run.evidence());
    let place = seen.at_response(status, &["responseParameters"]);
    let code = Code::CorsMissingOnStatus;
    exam.tell(code, Severity::Warning, place, reason, evidence);
}

/// A method that a preflight announces, and whose own answers may not be read.
fn announced(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>, seen: &Seen<'_>) {
    for (status, _) in seen.responses() {
        let reason = format!(
            "OPTIONS {} tells browsers that they may ask, and the answer {status} has no {HEADER}",
            seen.path
        );
        of_status(exam, bench, blank, seen, status, reason);
    }
}

/// Browsers ask before they send what no form could.
fn preflight(exam: &mut Exam<'_>, bench: &mut Bench, seen: &Seen<'_>) {
    if !matches!(seen.name, "PUT" | "PATCH" | "DELETE" | "POST") {
        return;
    }
    let mut beside = exam.methods().into_iter().filter(|it| it.path == seen.path);
    if beside.any(|it| matches!(it.name, "OPTIONS" | "ANY")) {
        return;
    }
    let ask = Ask {
        method: "OPTIONS".to_owned(),
        path: Ask::of(seen).path,
        ..Ask::default()
    };
    let ask = ask
        .with_header(ORIGIN.0, ORIGIN.1)
        .with_header("Access-Control-Request-Method", seen.name);
    let run = bench.run(&ask, Backend::fine());
    let Some(run) = run.filter(|run| run.tried.resource.is_none()) else {
        return;
    };
    let reason = format!(
        "the method lets other origins read its answers, but {} has no OPTIONS: browsers that ask whether they may send {} get {}",
        seen.path, seen.name, run.tried.status
    );
    exam.tell(
        Code::CorsNoPreflight,
        Severity::Warning,
        seen.at(&[]),
        reason,
        Some(run.evidence()),
    );
}
