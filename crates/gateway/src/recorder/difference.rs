//! How two runs of one request differ: in what the client gets, in what the backend gets, and in what the steps decided.

use super::rerun::{Answer, Rerun};
use crate::trace::{Sent, Step};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs: `status`, `header X-A`, `body`, `call 1 body`, `step route`.
    pub what: String,
    /// What it was; nothing where it was not there.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// Every difference between two runs.
pub fn compare(before: &Rerun, after: &Rerun) -> Vec<Difference> {
    let mut found = compare_answers(&before.answer, &after.answer);
    compare_calls(&before.calls, &after.calls, &mut found);
    compare_steps(&before.steps, &after.steps, &mut found);
    found
}

/// Every difference between two answers.
pub fn compare_answers(before: &Answer, after: &Answer) -> Vec<Difference> {
    let mut found = Vec::new();
    let status = |answer: &Answer| Some(answer.status.to_string());
    note("status", status(before), status(after), &mut found);
    compare_fields("", &before.headers, &after.headers, &mut found);
    let body = |answer: &Answer| Some(text(&answer.body)).filter(|text| !text.is_empty());
    note("body", body(before), body(after), &mut found);
    let reason = |answer: &Answer| answer.reason.clone();
    note("reason", reason(before), reason(after), &mut found);
    found
}

fn note(
    what: impl Into<String>,
    before: Option<String>,
    after: Option<String>,
    found: &mut Vec<Difference>,
) {
    if before != after {
        found.push(Difference {
            what: what.into(),
            before,
            after,
        });
    }
}

type Fields = [(String, Vec<u8>)];

/// Order counts among fields of one name only.
fn compare_fields(of: &str, before: &Fields, after: &Fields, found: &mut Vec<Difference>) {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in before.iter().chain(after) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    for name in names {
        let values = |fields: &Fields| {
            let of_name = fields
                .iter()
                .filter(|(it, _)| it.eq_ignore_ascii_case(name));
            let values: Vec<_> = of_name.map(|(_, value)| text(value)).collect();
            (!values.is_empty()).then(|| values.join(", "))
        };
        note(
            format!("{of}header {name}"),
            values(before),
            values(after),
            found,
        );
    }
}

fn compare_calls(before: &[Sent], after: &[Sent], found: &mut Vec<Difference>) {
    for number in 0..before.len().max(after.len()) {
        let (was, is) = (before.get(number), after.get(number));
        let name = format!("call {} ", number + 1);
        let address =
            |sent: Option<&Sent>| sent.map(|sent| format!("{} {}", sent.method, sent.uri));
        note(format!("{name}address"), address(was), address(is), found);
        if let (Some(was), Some(is)) = (was, is) {
            let fields = super::rerun::fields;
            compare_fields(&name, &fields(&was.headers), &fields(&is.headers), found);
            let body = |sent: &Sent| Some(text(&sent.body)).filter(|text| !text.is_empty());
            note(format!("{name}body"), body(was), body(is), found);
        }
    }
}

/// What the steps decided; what they gave is seen in calls and answer.
fn compare_steps(before: &[Step], after: &[Step], found: &mut Vec<Difference>) {
    for number in 0..before.len().max(after.len()) {
        let (was, is) = (before.get(number), after.get(number));
        let Some(name) = was.or(is).map(|step| step.name.text()) else {
            return;
        };
        let decided = |step: Option<&Step>| step.map(shown);
        note(format!("step {name}"), decided(was), decided(is), found);
    }
}

fn shown(step: &Step) -> String {
    match &step.decision {
        Some(decision) => format!(
            "{}: {}, because {}",
            step.name.text(),
            decision.chosen,
            decision.because
        ),
        None => step.name.text().to_owned(),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
