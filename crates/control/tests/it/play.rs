//! Plays a list of calls and compares the answers.
//!
//! A step has a name, by which later steps refer to its answer: `{api.id}` is the member `id` of the answer to the step
//! `api`, in paths, bodies and expected answers alike. In an expected answer `"*"` is any value; an object with the member
//! `"..."` may have more members than are named; a refusal is the text `{code}: {message}`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::fixture::Fixture;

/// Name, request line, body, status, answer.
pub(crate) type Step<'a> = (&'a str, &'a str, Value, u16, Value);

/// Answers by the names of their steps.
pub(crate) type Answers = BTreeMap<String, Value>;

/// No body, or no answer.
pub(crate) const NONE: Value = Value::Null;

/// Any answer.
pub(crate) fn any() -> Value {
    json!("*")
}

/// `PATCH` with these operations, each `[op, path, value?, from?]`.
pub(crate) fn patch(operations: Value) -> Value {
    let operations = operations.as_array().cloned().unwrap_or_default();
    let operation = |it: Value| {
        let mut members = serde_json::Map::new();
        for (name, value) in ["op", "path", "value", "from"]
            .iter()
            .zip(it.as_array().cloned().unwrap_or_default())
        {
            if !value.is_null() {
                members.insert((*name).to_owned(), value);
            }
        }
        Value::Object(members)
    };
    json!({ "patchOperations": operations.into_iter().map(operation).collect::<Vec<_>>() })
}

/// A body, the status that it is answered with, and the answer.
pub(crate) type Case = (Value, u16, Value);

/// A patch that is taken, and what the answer says of one member then.
pub(crate) fn ok(operations: Value, member: &str, value: Value) -> Case {
    (patch(operations), 200, json!({member: value, "...": true}))
}

/// A patch that is refused.
pub(crate) fn bad(operations: Value, text: &str) -> Case {
    let refusal = json!(format!("BadRequestException: {text}"));
    (patch(operations), 400, refusal)
}

/// The steps that send each case's body to the same request line.
pub(crate) fn each<'a>(
    line: &'a str,
    cases: impl IntoIterator<Item = Case>,
) -> impl Iterator<Item = Step<'a>> {
    let cases = cases.into_iter();
    cases.map(move |(body, status, expect)| ("patch", line, body, status, expect))
}

/// `base` with more members, or others.
pub(crate) fn with(base: Value, more: Value) -> Value {
    match (base, more) {
        (Value::Object(base), Value::Object(more)) => base.into_iter().chain(more).collect(),
        (base, _) => base,
    }
}

/// An API with the resource `/pets`, as `api` and `pets`; then `steps`.
pub(crate) async fn play_on_pets(fixture: &Fixture, steps: &[Step<'_>]) -> Answers {
    let first = [
        ("api", "POST /restapis", json!({"name": "pets"}), 201, any()),
        (
            "pets",
            "POST /restapis/{api.id}/resources/{api.rootResourceId}",
            json!({"pathPart": "pets"}),
            201,
            any(),
        ),
    ];
    let answers = play_after(fixture, Answers::new(), &first).await;
    play_after(fixture, answers, steps).await
}

/// The same with the method GET, as `get`.
pub(crate) async fn play_on_get(fixture: &Fixture, steps: &[Step<'_>]) -> Answers {
    let answers = play_on_pets(fixture, &[]).await;
    let line = "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET";
    let first = [(
        "get",
        line,
        json!({"authorizationType": "NONE"}),
        201,
        any(),
    )];
    let answers = play_after(fixture, answers, &first).await;
    play_after(fixture, answers, steps).await
}

/// The same with an integration of type MOCK, as `mock`.
pub(crate) async fn play_on_mock(fixture: &Fixture, steps: &[Step<'_>]) -> Answers {
    let answers = play_on_get(fixture, &[]).await;
    let line = "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/integration";
    let first = [("mock", line, json!({"type": "MOCK"}), 201, any())];
    let answers = play_after(fixture, answers, &first).await;
    play_after(fixture, answers, steps).await
}

pub(crate) async fn play(fixture: &Fixture, steps: &[Step<'_>]) -> Answers {
    play_after(fixture, Answers::new(), steps).await
}

pub(crate) async fn play_after(
    fixture: &Fixture,
    mut answers: Answers,
    steps: &[Step<'_>],
) -> Answers {
    for (name, line, body, status, expect) in steps {
        let line = fill(line, &answers);
        let (method, target) = line.split_once(' ').expect("a method and a target");
        let body = fill(&text(body), &answers);
        let answer = fixture.call(method, target, &body).await;
        let expect = fill_value(expect, &answers);
        let got = match (answer.status, answer.text.is_empty()) {
            (400.., _) => Value::String(answer.refusal()),
            (_, true) => Value::Null,
            _ => answer.json(),
        };
        assert_eq!(answer.status, *status, "{name}: {line} {body}\n{got:#}");
        if let Some(difference) = compare("", &expect, &got) {
            panic!("{name}: {line} {body}\n{difference}\nexpected {expect:#}\ngot {got:#}");
        }
        answers.insert((*name).to_owned(), got);
    }
    answers
}

fn text(body: &Value) -> String {
    match body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Fills in what earlier answers said; braces that name no answer stay.
pub(crate) fn fill(text: &str, answers: &Answers) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let named = after
            .split_once('}')
            .and_then(|(name, after)| Some((value_of(name, answers)?, after)));
        match named {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

fn value_of(name: &str, answers: &Answers) -> Option<String> {
    let (step, member) = name.split_once('.')?;
    let value = answers
        .get(step)?
        .pointer(&format!("/{}", member.replace('.', "/")))?;
    Some(
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    )
}

fn fill_value(value: &Value, answers: &Answers) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text, answers)),
        Value::Array(items) => items.iter().map(|item| fill_value(item, answers)).collect(),
        Value::Object(members) => {
            let filled = members
                .iter()
                .map(|(name, value)| (fill(name, answers), fill_value(value, answers)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

/// The first difference.
fn compare(at: &str, expect: &Value, got: &Value) -> Option<String> {
    match (expect, got) {
        (Value::String(any), _) if any == "*" => None,
        (Value::Object(expect), Value::Object(got)) => {
            let is_open = expect.contains_key("...");
            let named = expect.iter().filter(|(name, _)| *name != "...");
            let differs = named.filter_map(|(name, expect)| match got.get(name) {
                Some(got) => compare(&format!("{at}.{name}"), expect, got),
                None => Some(format!("{at}.{name} is missing")),
            });
            let more = got
                .keys()
                .find(|name| !is_open && !expect.contains_key(*name));
            differs
                .into_iter()
                .next()
                .or_else(|| more.map(|name| format!("{at}.{name} is not expected")))
        }
        (Value::Array(expect), Value::Array(got)) if expect.len() == got.len() => {
            let pairs = expect.iter().zip(got).enumerate();
            pairs
                .filter_map(|(index, (expect, got))| {
                    compare(&format!("{at}[{index}]"), expect, got)
                })
                .next()
        }
        (Value::Number(expect), Value::Number(got)) if expect.as_f64() == got.as_f64() => None,
        _ => (expect != got).then(|| format!("{at} is {got}, expected {expect}")),
    }
}
