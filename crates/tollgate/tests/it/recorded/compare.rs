//! Compares what came with what AWS answered.
//!
//! - `<any>` is anything, `<time>` a number; `<id:1>` is the same text wherever the case has it; `<account>`, `<region>` and
//!   `<partition>` are what they are in development.
//! - Lists named `item` are sets: AWS orders them by random ids.
//! - A member that is null is one that is absent.
//! - Text that holds JSON was recorded parsed (templates, schemas).
//! - Where fields of an answer were recorded, they are all of them; the error type stands beside the status.
//! - An object with the member `<others>` may have more members.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tollgate_testkit::Answer;

use super::case::Expected;

/// What an object has that may have more.
const OTHERS: &str = "<others>";

/// What the numbered placeholders of a case stand for.
#[derive(Clone, Default)]
pub(super) struct Bindings(BTreeMap<String, String>);

/// All that differs, each with its place.
pub(super) fn differences(
    expected: &Expected,
    answer: &Answer,
    bindings: &mut Bindings,
) -> Vec<String> {
    let mut found = Found::default();
    let (status, error_type) = &expected.message.first;
    found.same("status", status, &answer.status.to_string());
    let came = answer.header("x-amzn-errortype").unwrap_or_default();
    let came = came.split(':').next().unwrap_or_default();
    text(error_type, came, "error type", bindings, &mut found);
    if !expected.message.headers.is_empty() {
        headers(expected, answer, bindings, &mut found);
    }
    body(expected, answer, bindings, &mut found);
    found.0
}

#[derive(Default)]
struct Found(Vec<String>);

impl Found {
    fn add(&mut self, path: &str, what: impl Into<String>) {
        self.0.push(format!("{path}: {}", what.into()));
    }

    fn same(&mut self, path: &str, expected: &str, actual: &str) {
        if expected != actual {
            self.add(path, format!("{expected:?} was recorded, {actual:?} came"));
        }
    }
}

fn headers(expected: &Expected, answer: &Answer, bindings: &mut Bindings, found: &mut Found) {
    let mut left: Vec<&(String, String)> = answer.headers.iter().collect();
    left.retain(|(name, _)| expected.message.first.1.is_empty() || name != "x-amzn-ErrorType");
    for (name, pattern) in &expected.message.headers {
        let at = left.iter().position(|(other, _)| other == name);
        match at.map(|at| left.remove(at)) {
            Some((_, value)) => text(pattern, value, name, bindings, found),
            None => found.add(name, format!("missing, {pattern:?} was recorded")),
        }
    }
    for (name, value) in left {
        found.add(name, format!("{value:?} was not recorded"));
    }
}

fn body(expected: &Expected, answer: &Answer, bindings: &mut Bindings, found: &mut Found) {
    let recorded = &expected.message.body;
    let came = answer.text();
    match serde_json::from_str(recorded) {
        Ok(recorded) if !expected.is_text => match serde_json::from_str(&came) {
            Ok(came) => value(&recorded, &came, "body", bindings, found),
            Err(_) => found.add("body", format!("not JSON: {came:?}")),
        },
        _ if recorded.is_empty() && came == "{}" => {}
        _ => text(recorded, &came, "body", bindings, found),
    }
}

fn value(expected: &Value, actual: &Value, path: &str, bindings: &mut Bindings, found: &mut Found) {
    match (expected, actual) {
        (Value::String(pattern), _) => text(pattern, &shown(actual), path, bindings, found),
        (Value::Object(_) | Value::Array(_), Value::String(inside)) => {
            match serde_json::from_str(inside) {
                Ok(parsed @ (Value::Object(_) | Value::Array(_))) => {
                    value(expected, &parsed, path, bindings, found);
                }
                _ => found.add(path, format!("{expected} was recorded, {actual} came")),
            }
        }
        (Value::Object(expected), Value::Object(actual)) => {
            members(expected, actual, path, bindings, found);
        }
        (Value::Array(expected), Value::Array(actual)) => {
            items(expected, actual, path, bindings, found);
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        _ if expected == actual => {}
        _ => found.add(path, format!("{expected} was recorded, {actual} came")),
    }
}

/// A value as the text that a pattern is held against.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn members(
    expected: &Map<String, Value>,
    actual: &Map<String, Value>,
    path: &str,
    bindings: &mut Bindings,
    found: &mut Found,
) {
    for (name, recorded) in expected.iter().filter(|(name, _)| *name != OTHERS) {
        let path = format!("{path}.{name}");
        match actual.get(name) {
            Some(came) if !is_absent(came) => value(recorded, came, &path, bindings, found),
            _ if is_absent(recorded) => {}
            _ => found.add(&path, format!("missing, {recorded} was recorded")),
        }
    }
    if expected.contains_key(OTHERS) {
        return;
    }
    let known = |name: &String| expected.contains_key(name);
    for (name, came) in actual
        .iter()
        .filter(|(name, came)| !known(name) && !is_absent(came))
    {
        found.add(
            &format!("{path}.{name}"),
            format!("{came} was not recorded"),
        );
    }
}

/// The recordings were made through a client that shows no difference.
fn is_absent(value: &Value) -> bool {
    value.is_null()
}

fn items(
    expected: &[Value],
    actual: &[Value],
    path: &str,
    bindings: &mut Bindings,
    found: &mut Found,
) {
    if expected.len() != actual.len() {
        let (recorded, came) = (expected.len(), actual.len());
        return found.add(
            path,
            format!("{recorded} items were recorded, {came} came: {actual:?}"),
        );
    }
    if path.ends_with(".item") {
        match paired(expected, &actual.iter().collect::<Vec<_>>(), bindings) {
            Some(chosen) => *bindings = chosen,
            None => found.add(path, unpaired(expected, actual, bindings)),
        }
        return;
    }
    for (at, (recorded, came)) in expected.iter().zip(actual).enumerate() {
        value(recorded, came, &format!("{path}[{at}]"), bindings, found);
    }
}

/// The bindings under which each recorded item has an item of its own that is like it.
fn paired(expected: &[Value], actual: &[&Value], bindings: &Bindings) -> Option<Bindings> {
    let Some((first, rest)) = expected.split_first() else {
        return Some(bindings.clone());
    };
    (0..actual.len()).find_map(|at| {
        let mut chosen = bindings.clone();
        let mut found = Found::default();
        value(first, actual[at], "", &mut chosen, &mut found);
        let left = [&actual[..at], &actual[at + 1..]].concat();
        found
            .0
            .is_empty()
            .then(|| paired(rest, &left, &chosen))
            .flatten()
    })
}

/// What to say of lists that cannot be paired: the first item that is like none, beside the one that is nearest.
fn unpaired(expected: &[Value], actual: &[Value], bindings: &Bindings) -> String {
    let distance = |recorded: &Value, came: &Value| {
        let mut found = Found::default();
        value(recorded, came, "", &mut bindings.clone(), &mut found);
        found.0
    };
    let nearest = |recorded: &Value| {
        let all = actual.iter().map(|came| distance(recorded, came));
        all.min_by_key(Vec::len).unwrap_or_default()
    };
    let mut worst = expected
        .iter()
        .map(|recorded| (recorded, nearest(recorded)));
    match worst.find(|(_, found)| !found.is_empty()) {
        Some((recorded, found)) => format!("like none: {recorded}; nearest: {}", found.join(", ")),
        None => "each item is like one, but not all at once".to_owned(),
    }
}

fn text(pattern: &str, actual: &str, path: &str, bindings: &mut Bindings, found: &mut Found) {
    if !fits(&pieces(pattern), actual, bindings) {
        found.add(path, format!("{pattern:?} was recorded, {actual:?} came"));
    }
}

#[derive(Debug)]
enum Piece<'a> {
    Plain(&'a str),
    Any,
    Time,
    Bound(&'a str),
}

fn pieces(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some(start) = rest.find('<') {
        let Some(end) = rest[start..].find('>').map(|length| start + length) else {
            break;
        };
        match placeholder(&rest[start + 1..end]) {
            Some(piece) => pieces.extend([Piece::Plain(&rest[..start]), piece]),
            None => pieces.push(Piece::Plain(&rest[..=end])),
        }
        rest = &rest[end + 1..];
    }
    pieces.push(Piece::Plain(rest));
    pieces
}

fn placeholder(name: &str) -> Option<Piece<'_>> {
    match name {
        "any" => Some(Piece::Any),
        "time" => Some(Piece::Time),
        "account" => Some(Piece::Plain("000000000000")),
        "region" => Some(Piece::Plain("us-east-1")),
        "partition" => Some(Piece::Plain("aws")),
        _ => {
            let (word, number) = name.split_once(':')?;
            let is_word = word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            let is_number = number.parse::<u32>().is_ok();
            (is_word && is_number).then_some(Piece::Bound(name))
        }
    }
}

fn fits(pieces: &[Piece<'_>], text: &str, bindings: &mut Bindings) -> bool {
    let Some((piece, rest)) = pieces.split_first() else {
        return text.is_empty();
    };
    let mut ends = (0..=text.len()).filter(|end| text.is_char_boundary(*end));
    match piece {
        Piece::Plain(plain) => text
            .strip_prefix(plain)
            .is_some_and(|text| fits(rest, text, bindings)),
        Piece::Any => ends.any(|end| fits(rest, &text[end..], bindings)),
        Piece::Time => ends.any(|end| is_time(&text[..end]) && fits(rest, &text[end..], bindings)),
        Piece::Bound(name) => match bindings.0.get(*name).cloned() {
            Some(bound) => text
                .strip_prefix(&*bound)
                .is_some_and(|text| fits(rest, text, bindings)),
            None => ends.any(|end| end > 0 && binds(name, text, end, rest, bindings)),
        },
    }
}

fn is_time(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|seconds| seconds > 1e9)
}

fn binds(name: &str, text: &str, end: usize, rest: &[Piece<'_>], bindings: &mut Bindings) -> bool {
    let mut tried = bindings.clone();
    tried.0.insert(name.to_owned(), text[..end].to_owned());
    let is_fit = fits(rest, &text[end..], &mut tried);
    if is_fit {
        *bindings = tried;
    }
    is_fit
}
