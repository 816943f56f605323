//! Every document whose import was recorded against AWS gives what was recorded.

use serde_json::Value;
use tollgate_openapi::Options;

use crate::{files, folder, parsed, shown};

#[test]
fn equals_what_aws_answered() {
    let mut differences = Vec::new();
    for file in files("recorded", &[".json"])
        .into_iter()
        .filter(|file| !file.to_string_lossy().contains(".document."))
    {
        let case: Value = parsed(std::fs::read(&file).unwrap());
        for difference in differences_of(&case) {
            differences.push(format!(
                "{}: {difference}",
                file.file_name().unwrap().display()
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn differences_of(case: &Value) -> Vec<String> {
    let document =
        std::fs::read(folder("recorded").join(case["document"].as_str().unwrap())).unwrap();
    let mut options = Options::default();
    let parameters = case["parameters"].as_object().unwrap().iter();
    options
        .take_parameters(parameters.map(|(name, value)| (name.as_str(), value.as_str().unwrap())))
        .unwrap();
    let mut imported = match tollgate_openapi::import(&document, &options) {
        Ok(imported) => imported,
        Err(error) => return vec![error.detail()],
    };
    let actual_paths = sorted(shown(&imported)["resources"].clone());
    imported.bind("abcdef1234", |part| part.name().to_owned());
    let actual = shown(&imported);
    let expected = &case["expected"];
    let mut out = Vec::new();
    for (part, expected) in expected.as_object().unwrap() {
        match part.as_str() {
            "resources" => compare(expected, &actual_paths, "resources", &mut out),
            "operations" => {
                let names = actual["methods"]
                    .as_object()
                    .unwrap()
                    .keys()
                    .cloned()
                    .map(Value::String)
                    .collect();
                compare(
                    expected,
                    &sorted(Value::Array(names)),
                    "operations",
                    &mut out,
                );
            }
            "api" => compare_members(expected, &actual["api"], "api", &mut out),
            "methods" => {
                for (name, method) in expected.as_object().unwrap() {
                    compare(
                        method,
                        &without_ids(&actual["methods"][name]),
                        name,
                        &mut out,
                    );
                }
            }
            "models" | "validators" => compare_sets(expected, &actual[part], part, &mut out),
            _ => compare(expected, &actual[part], part, &mut out),
        }
    }
    out
}

fn sorted(list: Value) -> Value {
    let Value::Array(mut items) = list else {
        return list;
    };
    items.sort_by_key(Value::to_string);
    Value::Array(items)
}

fn without_ids(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| {
            !matches!(name.as_str(), "id" | "authorizerId" | "requestValidatorId")
        });
    }
    value
}

/// Lists that AWS orders by random ids.
fn compare_sets(expected: &Value, actual: &Value, path: &str, out: &mut Vec<String>) {
    let mut left: Vec<Value> = actual.as_array().unwrap().iter().map(without_ids).collect();
    for item in expected.as_array().unwrap() {
        let matches = |candidate: &Value| {
            let mut differences = Vec::new();
            compare(item, candidate, path, &mut differences);
            differences.is_empty()
        };
        match left.iter().position(matches) {
            Some(at) => drop(left.remove(at)),
            None => out.push(format!("{path}: no match for {item} among {left:?}")),
        }
    }
    if !left.is_empty() {
        out.push(format!("{path}: unexpected {left:?}"));
    }
}

fn compare_members(expected: &Value, actual: &Value, path: &str, out: &mut Vec<String>) {
    for (name, value) in expected.as_object().unwrap() {
        compare(value, &actual[name], &format!("{path}.{name}"), out);
    }
}

fn compare(expected: &Value, actual: &Value, path: &str, out: &mut Vec<String>) {
    match (expected, actual) {
        (Value::String(pattern), Value::String(text)) if matches(pattern, text) => {}
        // The recordings show texts that hold JSON parsed.
        (Value::Object(_), Value::String(text)) if text.starts_with('{') => {
            let inner: Value = serde_json::from_str(text).unwrap();
            assert_order(expected, &inner, path, out);
            compare(expected, &inner, path, out);
        }
        (Value::Object(members), Value::Object(others)) => {
            compare_members(expected, actual, path, out);
            let extra = others.keys().filter(|name| !members.contains_key(*name));
            out.extend(extra.map(|name| format!("{path}.{name}: unexpected {}", others[name])));
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (at, (item, other)) in items.iter().zip(others).enumerate() {
                compare(item, other, &format!("{path}[{at}]"), out);
            }
        }
        _ if expected == actual => {}
        _ => out.push(format!("{path}: expected {expected}, got {actual}")),
    }
}

/// The order of members in a model's text was recorded too.
fn assert_order(expected: &Value, actual: &Value, path: &str, out: &mut Vec<String>) {
    let (Value::Object(members), Value::Object(others)) = (expected, actual) else {
        return;
    };
    if path.starts_with("models") && !members.keys().eq(others.keys()) {
        out.push(format!(
            "{path}: members {:?}, expected {:?}",
            others.keys(),
            members.keys()
        ));
    }
    for (name, value) in members {
        assert_order(value, others.get(name).unwrap_or(&Value::Null), path, out);
    }
}

/// `<name:1>`, `<region>` and their like stand for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    let mut pieces = pieces(pattern).into_iter();
    let first = pieces.next().unwrap();
    let Some(after) = rest.strip_prefix(first) else {
        return false;
    };
    rest = after;
    let mut last = first;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
        last = piece;
    }
    rest.is_empty() || (last.is_empty() && pattern.ends_with('>') && pattern != text)
}

/// The fixed pieces of a pattern, between its placeholders.
fn pieces(pattern: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, _) in pattern.match_indices('<') {
        let Some(length) = pattern[at..].find('>') else {
            continue;
        };
        let inside = &pattern[at + 1..at + length];
        let named = inside
            .split_once(':')
            .is_some_and(|(name, number)| plain(name) && number.parse::<u32>().is_ok());
        if named
            || matches!(
                inside,
                "region" | "partition" | "model-base-url" | "external-aws-endpoint"
            )
        {
            pieces.push(&pattern[start..at]);
            start = at + length + 1;
        }
    }
    pieces.push(&pattern[start..]);
    pieces
}

fn plain(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}
