//! Two definitions side by side.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::parts::{Kind, Part, Parts, Place, Unreadable};

/// Characters of a value that are told.
const VALUE_CHARS_MAX: usize = 4_096;

/// Something that one definition has otherwise than the other.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Difference {
    pub(super) what: What,
    pub(super) part: Kind,
    /// How people call the part: `GET /pets`, a model's name, …
    pub(super) name: String,
    /// The member that changed, as a JSON pointer into the part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) member: Option<String>,
    /// What is deployed; nothing where it has no such member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deployed: Option<Value>,
    /// What the API has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) present: Option<Value>,
}

/// What would happen if the API were deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum What {
    Added,
    Removed,
    Changed,
}

/// Every difference, in the order of paths.
pub(super) fn all(deployed: &Parts, present: &Parts) -> Result<Vec<Difference>, Unreadable> {
    let places: BTreeSet<&Place> = deployed.0.keys().chain(present.0.keys()).collect();
    let mut differences = Vec::new();
    for place in places {
        match (deployed.0.get(place), present.0.get(place)) {
            (Some(before), Some(now)) => members(place.kind, before, now, &mut differences),
            (Some(before), None) if is_told(place, present) => {
                differences.push(whole(What::Removed, place.kind, before));
            }
            (None, Some(now)) if is_told(place, deployed) => {
                differences.push(whole(What::Added, place.kind, now));
            }
            _ => {}
        }
    }
    Ok(differences)
}

/// A method that came or went says it for its responses too.
fn is_told(place: &Place, other: &Parts) -> bool {
    let around = place.around();
    around.is_none_or(|around| other.0.contains_key(&around))
}

fn whole(what: What, part: Kind, it: &Part) -> Difference {
    Difference {
        what,
        part,
        name: it.name.clone(),
        member: None,
        deployed: None,
        present: None,
    }
}

fn members(part: Kind, before: &Part, now: &Part, differences: &mut Vec<Difference>) {
    let mut each = |pointer: &str, deployed: &Value, present: &Value| {
        differences.push(Difference {
            what: What::Changed,
            part,
            name: now.name.clone(),
            member: Some(pointer.to_owned()),
            deployed: shown(deployed),
            present: shown(present),
        });
    };
    walk(&mut String::new(), &before.members, &now.members, &mut each);
}

/// Walks down to the members that differ. What is absent and what is empty are shown alike by AWS, and count as the same. Depth
/// is that of wire shapes, which the reader of stored bodies bounds.
fn walk(
    pointer: &mut String,
    before: &Value,
    now: &Value,
    each: &mut impl FnMut(&str, &Value, &Value),
) {
    let are_objects = [before, now]
        .iter()
        .all(|it| it.is_object() || is_empty(it));
    if !are_objects {
        if before != now {
            each(pointer, before, now);
        }
        return;
    }
    let names = |value: &'_ Value| -> Vec<String> {
        let members = value.as_object().into_iter().flatten();
        members.map(|(name, _)| name.clone()).collect()
    };
    let all: BTreeSet<String> = names(before).into_iter().chain(names(now)).collect();
    for name in all {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        walk(pointer, &before[&name], &now[&name], each);
        pointer.truncate(length);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn shown(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Value::String(cut(text))),
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        Value::Array(_) | Value::Object(_) => {
            let text = value.to_string();
            match text.len() > VALUE_CHARS_MAX {
                true => Some(Value::String(cut(&text))),
                false => Some(value.clone()),
            }
        }
    }
}

fn cut(text: &str) -> String {
    let shown: String = text.chars().take(VALUE_CHARS_MAX).collect();
    match text.len() - shown.len() {
        0 => shown,
        left => format!("{shown}… ({left} bytes more)"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(before: Value, now: Value, expected: &[(&str, Value, Value)]) {
        let mut found = Vec::new();
        let mut each = |pointer: &str, before: &Value, now: &Value| {
            found.push((pointer.to_owned(), before.clone(), now.clone()));
        };
        walk(&mut String::new(), &before, &now, &mut each);
        let expected = expected.iter();
        let expected: Vec<_> = expected
            .map(|(pointer, before, now)| ((*pointer).to_owned(), before.clone(), now.clone()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn members_that_differ_are_found() {
        check(json!({"a": 1, "b": [1]}), json!({"b": [1], "a": 1}), &[]);
        check(json!({"a": {}, "b": []}), json!({"c": null}), &[]);
        check(
            json!({"a": {"x/y": "1", "z": 2}}),
            json!({"a": {"z": 3}}),
            &[
                ("/a/x~1y", json!("1"), Value::Null),
                ("/a/z", json!(2), json!(3)),
            ],
        );
        check(
            json!({}),
            json!({"templates": {"application/json": "t"}}),
            &[("/templates/application~1json", Value::Null, json!("t"))],
        );
        check(
            json!({"a": [1, 2]}),
            json!({"a": [2, 1]}),
            &[("/a", json!([1, 2]), json!([2, 1]))],
        );
    }

    #[test]
    fn long_values_are_cut() {
        let long = "é".repeat(VALUE_CHARS_MAX + 3);
        let shown = shown(&Value::from(long)).and_then(|it| it.as_str().map(str::to_owned));
        assert!(shown.is_some_and(|it| it.ends_with("é… (6 bytes more)")));
        assert_eq!(cut("short"), "short");
    }
}
