//! Integration responses: which of them can be chosen, and what comes of each.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html>

use std::collections::HashSet;

use serde_json::json;
use tollgate_jsonpath::Pattern;
use tollgate_vtl::Template;
use tollgate_wire::apigateway::IntegrationResponse;

use super::probe::{
    Fault, classified, has_body, inside, is_of_path, not_json_answered, plain_answer,
};
use crate::bench::{Ask, Backend, Bench, Run};
use crate::code::Code;
use crate::exam::{Exam, Seen, texts};
use crate::finding::Severity;
use crate::shape::Shape;
use crate::text::is_json;

/// What a backend may answer with.
const STATUSES: std::ops::RangeInclusive<u16> = 100..=599;
/// What an unknown backend answers with most, tried first.
const USUAL: [u16; 8] = [200, 201, 204, 400, 404, 500, 502, 503];

/// An integration response, and the statuses of a backend that it is chosen for.
struct Choice<'d> {
    status: &'d str,
    response: &'d IntegrationResponse,
    pattern: Result<Option<Pattern>, String>,
    /// All that its pattern matches.
    matches: Vec<u16>,
    /// Those of them that no other takes before.
    chosen: Vec<u16>,
}

/// Looks at the responses of every method.
pub(super) fn check(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) {
    for seen in exam.methods() {
        if blank.contains(&seen.label()) {
            continue;
        }
        match seen.kind() {
            "HTTP" | "AWS" => of_backend(exam, bench, &seen),
            "MOCK" => of_mock(exam, &seen),
            _ => {}
        }
    }
}

fn of_backend(exam: &mut Exam<'_>, bench: &mut Bench, seen: &Seen<'_>) {
    let choices = choices(seen);
    for (at, choice) in choices.iter().enumerate() {
        of_pattern(exam, seen, choice);
        if seen.kind() == "AWS" {
            of_words(exam, seen, choice, &choices[..at]);
        }
    }
    for choice in &choices {
        if let Some(status) = usual(&choice.chosen) {
            of_choice(exam, bench, seen, choice, status);
        }
    }
    unmatched(exam, bench, seen, &choices);
}

/// An answer of the backend that one of the method's responses is for.
pub(super) fn good_answer(seen: &Seen<'_>) -> Backend {
    if !matches!(seen.kind(), "HTTP" | "AWS") {
        return plain_answer();
    }
    let choices = choices(seen);
    let usable = choices.iter().filter(|choice| !choice.chosen.is_empty());
    let statuses = usable.filter_map(|choice| Some((usual(&choice.chosen)?, choice)));
    match statuses.min_by_key(|(status, _)| *status) {
        Some((status, choice)) => Backend::Answers(status, bodies(choice.response)[0].clone()),
        None => plain_answer(),
    }
}

/// In the order in which they are tried: by status, and then the one without a pattern.
fn choices<'d>(seen: &Seen<'d>) -> Vec<Choice<'d>> {
    let is_of_words = seen.kind() == "AWS";
    let mut choices: Vec<Choice<'d>> = seen
        .responses()
        .into_iter()
        .map(|(status, response)| {
            let text = response
                .selection_pattern
                .as_deref()
                .filter(|it| !it.is_empty());
            let pattern = text
                .map(Pattern::parse)
                .transpose()
                .map_err(|it| it.to_string());
            Choice {
                matches: match (&pattern, is_of_words) {
                    // Patterns of AWS integrations are for words; the made-up answer has the response's own status instead.
                    (Ok(Some(_)), true) => status.parse().ok().into_iter().collect(),
                    (Ok(Some(pattern)), false) => matching(pattern),
                    (Ok(None) | Err(_), _) => Vec::new(),
                },
                status,
                response,
                pattern,
                chosen: Vec::new(),
            }
        })
        .collect();
    choose(&mut choices);
    choices
}

fn matching(pattern: &Pattern) -> Vec<u16> {
    let matches = |status: &u16| pattern.matches(&status.to_string()).unwrap_or(false);
    STATUSES.filter(matches).collect()
}

fn choose(choices: &mut [Choice<'_>]) {
    let mut taken: HashSet<u16> = HashSet::new();
    for choice in choices.iter_mut() {
        let matches = choice.matches.iter().copied();
        choice.chosen = matches.filter(|status| taken.insert(*status)).collect();
    }
    let mut defaults = choices
        .iter_mut()
        .filter(|it| matches!(it.pattern, Ok(None)));
    if let Some(default) = defaults.next() {
        default.chosen = STATUSES.filter(|status| !taken.contains(status)).collect();
    }
}

fn usual(chosen: &[u16]) -> Option<u16> {
    let known = USUAL.iter().find(|status| chosen.contains(status));
    known
        .or_else(|| chosen.iter().find(|status| **status >= 200))
        .copied()
}

fn of_pattern(exam: &mut Exam<'_>, seen: &Seen<'_>, choice: &Choice<'_>) {
    let text = choice
        .response
        .selection_pattern
        .as_deref()
        .unwrap_or_default();
    let place = seen.at_response(choice.status, &[]);
    let (code, reason) = match &choice.pattern {
        Err(error) => (
            Code::PatternNeverMatches,
            format!("the selection pattern {text} does not parse, so it matches nothing: {error}"),
        ),
        Ok(Some(_)) if choice.matches.is_empty() => (
            Code::PatternNeverMatches,
            format!("the selection pattern {text} has to match all of a status, and matches none"),
        ),
        Ok(Some(_)) if choice.chosen.is_empty() => (
            Code::ResponseShadowed,
            format!("responses of lower statuses match all that {text} matches, and come first"),
        ),
        Ok(None) if choice.chosen.is_empty() => (
            Code::ResponseShadowed,
            "another response without a pattern, or patterns for every status, come first"
                .to_owned(),
        ),
        Ok(_) => return,
    };
    exam.tell(code, Severity::Warning, place, reason, None);
}

/// Patterns of AWS integrations match the words of an error, which are not known: only what matches them all, or the same again, is certain.
fn of_words(exam: &mut Exam<'_>, seen: &Seen<'_>, choice: &Choice<'_>, before: &[Choice<'_>]) {
    const ALL: [&str; 6] = [".*", ".+", "(.|\\n)*", "(.|\\n)+", "[\\s\\S]*", "[\\s\\S]+"];
    let text = |choice: &Choice<'_>| {
        choice
            .response
            .selection_pattern
            .clone()
            .unwrap_or_default()
    };
    let own = text(choice);
    let shadows = |other: &&Choice<'_>| {
        let other = text(other);
        !other.is_empty() && (other == own || ALL.contains(&other.as_str()))
    };
    let Some(other) = before.iter().find(shadows).filter(|_| !own.is_empty()) else {
        return;
    };
    let reason = format!(
        "the response {} matches all that {own} matches, and comes first",
        other.status
    );
    let place = seen.at_response(choice.status, &[]);
    exam.tell(
        Code::ResponseShadowed,
        Severity::Warning,
        place,
        reason,
        None,
    );
}

/// What the templates of a response may be given: numbers or texts wherever they read.
fn bodies(response: &IntegrationResponse) -> Vec<String> {
    let templates = texts(response.response_templates.as_ref());
    let shapes = templates.filter_map(|(_, text)| Template::parse(text).ok());
    let shape = shapes
        .map(|it| Shape::of(&it))
        .find(|shape| !shape.is_empty());
    match shape {
        Some(shape) => [json!(1), json!("text")]
            .iter()
            .map(|leaf| shape.body(leaf).to_string())
            .collect(),
        None => vec!["{}".to_owned()],
    }
}

fn of_choice(
    exam: &mut Exam<'_>,
    bench: &mut Bench,
    seen: &Seen<'_>,
    choice: &Choice<'_>,
    status: u16,
) {
    let templates: Vec<_> = texts(choice.response.response_templates.as_ref()).collect();
    let keys = templates
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, _)| *key);
    let keys: Vec<&str> = keys.collect();
    // One that names no template shows what all others meet.
    for accept in keys
        .iter()
        .copied()
        .map(Some)
        .chain(keys.is_empty().then_some(None))
    {
        let runs = bodies(choice.response).into_iter().map_while(|body| {
            let mut ask = fitting(seen);
            if let Some(accept) = accept {
                ask = ask.with_header("Accept", accept);
            }
            bench.run(&ask, Backend::Answers(status, body))
        });
        let runs: Vec<Run> = runs.collect();
        of_runs(exam, seen, choice, accept, runs);
    }
}

/// A request that its own side lets through, so far as that is simple.
fn fitting(seen: &Seen<'_>) -> Ask {
    let ask = Ask::of(seen);
    let templates = seen
        .integration()
        .and_then(|it| it.request_templates.as_ref());
    let first = texts(templates).next().map(|(key, _)| key);
    let has_body = has_body(seen);
    match first {
        // What names no content type counts as JSON.
        None | Some("$default" | "application/json") if !has_body => ask,
        None | Some("$default") => ask.with_body("application/json", "{}"),
        Some(key) => ask.with_body(key, "{}"),
    }
}

/// A fault of every answer that was tried.
fn of_runs(
    exam: &mut Exam<'_>,
    seen: &Seen<'_>,
    choice: &Choice<'_>,
    accept: Option<&str>,
    runs: Vec<Run>,
) {
    let faults = runs.iter().map(|run| answered(seen, choice, accept, run));
    let faults: Option<Vec<Fault>> = faults.collect();
    let (Some(mut faults), Some(run)) = (faults, runs.first()) else {
        return;
    };
    if faults.is_empty() {
        return;
    }
    let fault = faults.swap_remove(0);
    if is_of_path(exam, &fault) {
        return;
    }
    let severity = match (fault.code, form(choice, accept)) {
        (Code::TemplateFails | Code::TemplateNotJson, Form::Unknown) => return,
        (Code::TemplateFails | Code::TemplateNotJson, Form::Guessed) => Severity::Warning,
        _ => Severity::Error,
    };
    exam.tell(
        fault.code,
        severity,
        fault.place,
        fault.reason,
        Some(run.evidence()),
    );
}

/// What is known of the answers that a template is for.
enum Form {
    /// It gives the same for all.
    Any,
    /// What it reads says how they look.
    Guessed,
    /// It reads what cannot be told from its text.
    Unknown,
}

fn form(choice: &Choice<'_>, accept: Option<&str>) -> Form {
    let mut templates = texts(choice.response.response_templates.as_ref());
    let text = templates.find(|(key, _)| Some(*key) == accept);
    let Some(template) = text.and_then(|(_, text)| Template::parse(text).ok()) else {
        return Form::Any;
    };
    match template.mentions().iter().any(|it| it.variable == "input") {
        false => Form::Any,
        true if Shape::of(&template).is_empty() => Form::Unknown,
        true => Form::Guessed,
    }
}

fn answered(
    seen: &Seen<'_>,
    choice: &Choice<'_>,
    accept: Option<&str>,
    run: &Run,
) -> Option<Fault> {
    let Some(text) = run.fault() else {
        return not_json_answered(seen, run).filter(|_| accept.is_none_or(is_json));
    };
    let mut fault = classified(seen, text)?;
    match fault.code {
        Code::TemplateFails if text.starts_with("response template ") => {
            let key = accept.unwrap_or_default();
            let (subject, spot) = seen.at_response(choice.status, &["responseTemplates", key]);
            fault.place = (subject, inside(spot, text));
            Some(fault)
        }
        Code::UndeclaredStatus => {
            fault.reason = undeclared(choice.status);
            Some(fault)
        }
        // The request's own side, which is looked at elsewhere.
        _ => None,
    }
}

fn undeclared(status: &str) -> String {
    format!(
        "the method declares no response {status}: whatever this response is chosen for is answered 500"
    )
}

/// Statuses of the backend that no response is for.
fn unmatched(exam: &mut Exam<'_>, bench: &mut Bench, seen: &Seen<'_>, choices: &[Choice<'_>]) {
    if choices
        .iter()
        .any(|choice| matches!(choice.pattern, Ok(None)))
    {
        return;
    }
    let is_free = |status: &&u16| !choices.iter().any(|it| it.chosen.contains(status));
    let Some(status) = USUAL.iter().find(is_free) else {
        return;
    };
    let run = bench.run(&fitting(seen), Backend::Answers(*status, "{}".to_owned()));
    let Some(run) = run.filter(|run| {
        let text = run.fault().unwrap_or_default();
        text.starts_with("no match for output mapping")
    }) else {
        return;
    };
    let succeeds = choices
        .iter()
        .flat_map(|it| &it.chosen)
        .any(|it| (200..300).contains(it));
    let (severity, reason) = match (choices.is_empty(), succeeds) {
        (true, _) => (
            Severity::Error,
            "no integration response at all: every request is answered 500".to_owned(),
        ),
        (false, false) => (
            Severity::Warning,
            format!(
                "no response is for success, and none is without a pattern: a {status} of the backend is answered 500"
            ),
        ),
        (false, true) => (
            Severity::Note,
            format!("no response is without a pattern: a {status} of the backend is answered 500"),
        ),
    };
    let place = seen.at_integration(&["responses"]);
    exam.tell(
        Code::NoResponseMatches,
        severity,
        place,
        reason,
        Some(run.evidence()),
    );
}

/// A MOCK answers with what its own template says; requests show what is reached of it.
fn of_mock(exam: &mut Exam<'_>, seen: &Seen<'_>) {
    let constant = constant_status(seen);
    for choice in choices(seen) {
        let place = seen.at_response(choice.status, &["statusCode"]);
        let declared = seen.method.method_responses.iter().flatten();
        let mut declared = declared.map(|(key, it)| it.status_code.as_deref().unwrap_or(key));
        if !declared.any(|known| known == choice.status)
            && !exam.has(Code::UndeclaredStatus, &place.1)
        {
            let reason = undeclared(choice.status);
            exam.tell(Code::UndeclaredStatus, Severity::Error, place, reason, None);
        }
        let text = choice
            .response
            .selection_pattern
            .as_deref()
            .unwrap_or_default();
        let misses = |status: u16| !choice.matches.contains(&status);
        match (&choice.pattern, constant) {
            (Ok(Some(_)), Some(status)) if misses(status) => {
                let reason = format!(
                    "the request template always gives status {status}, which the selection pattern {text} does not match"
                );
                let place = seen.at_response(choice.status, &[]);
                exam.tell(
                    Code::PatternNeverMatches,
                    Severity::Warning,
                    place,
                    reason,
                    None,
                );
            }
            (Ok(Some(_)) | Err(_), _) => of_pattern(exam, seen, &choice),
            (Ok(None), _) => {}
        }
    }
}

/// The status that all request templates of a MOCK give to every request.
fn constant_status(seen: &Seen<'_>) -> Option<u16> {
    let templates = seen.integration()?.request_templates.as_ref();
    let statuses = texts(templates).map(|(_, text)| {
        let template = Template::parse(text).ok()?;
        let is_plain = template.mentions().is_empty() && !text.contains('#');
        let given: serde_json::Value = serde_json::from_str(text).ok().filter(|_| is_plain)?;
        u16::try_from(given.get("statusCode")?.as_u64()?).ok()
    });
    let statuses: Option<Vec<u16>> = statuses.collect();
    let statuses = statuses?;
    let first = *statuses.first()?;
    statuses
        .iter()
        .all(|status| *status == first)
        .then_some(first)
}

/// An answer of the backend for which the response with this status is chosen.
pub(super) fn answer_of(seen: &Seen<'_>, status: &str) -> Option<Backend> {
    let choices = choices(seen);
    let choice = choices.iter().find(|choice| choice.status == status)?;
    let given = usual(&choice.chosen)?;
    let body = bodies(choice.response).swap_remove(0);
    Some(Backend::Answers(given, body))
}
