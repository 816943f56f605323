//! The JSON paths of what never leaves, and where they lead in a body. The body's text is cut by bytes, so that all else in it stays as it
//! came: spaces, numbers, doubled keys.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A path such as `$.user.password`, `$..token` or `$.items[*].key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    text: Box<str>,
    steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `.name`, `['name']`
    Name(Box<str>),
    /// `[7]`
    Index(usize),
    /// `.*`, `[*]`
    Any,
    /// `..`: what follows, at any depth.
    Below,
}

/// A path of another form. Filters, slices and functions are not known here: what is to be hidden is named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path of names, indexes, `*` and `..` as in $.user.password or $..token")]
pub struct JsonPathError(pub String);

/// Deeper values are hidden as a whole, where a path could lead below them.
const DEPTH_MAX: usize = 64;

impl FromStr for JsonPath {
    type Err = JsonPathError;

    fn from_str(text: &str) -> Result<Self, JsonPathError> {
        let fault = || JsonPathError(text.to_owned());
        let mut rest = text.strip_prefix('$').ok_or_else(fault)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            rest = step(rest, &mut steps).ok_or_else(fault)?;
        }
        match steps.last() {
            None | Some(Step::Below) => Err(fault()),
            Some(Step::Name(_) | Step::Index(_) | Step::Any) => Ok(Self {
                text: text.into(),
                steps,
            }),
        }
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Reads one step, and gives what follows.
fn step<'t>(text: &'t str, steps: &mut Vec<Step>) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix("..") {
        steps.push(Step::Below);
        return match rest.starts_with('[') {
            true => Some(rest),
            false => name(rest, steps),
        };
    }
    if let Some(rest) = text.strip_prefix('.') {
        return name(rest, steps);
    }
    let (inner, rest) = text.strip_prefix('[')?.split_once(']')?;
    let quoted = ['\'', '"'].into_iter().find_map(|quote| {
        let inner = inner.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.is_empty() && !inner.contains(quote)).then_some(inner)
    });
    steps.push(match quoted {
        Some(name) => Step::Name(name.into()),
        None if inner == "*" => Step::Any,
        None => Step::Index(inner.parse().ok()?),
    });
    Some(rest)
}

fn name<'t>(text: &'t str, steps: &mut Vec<Step>) -> Option<&'t str> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_plain = !name.is_empty() && !name.contains(|it: char| " ()'\"?@,:]".contains(it));
    steps.push(match name {
        "*" => Step::Any,
        _ => Step::Name(name.into()),
    });
    is_plain.then_some(rest)
}

/// The places in a text that paths lead to, in order and without overlaps; none where the text is no JSON.
pub(super) fn places(paths: &[JsonPath], text: &str) -> Vec<Range<usize>> {
    if paths.is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for path in paths {
        walk(text, text, &path.steps, 0, &mut found);
    }
    found.sort_by_key(|place| (place.start, usize::MAX - place.end));
    let mut kept: Vec<Range<usize>> = Vec::new();
    for place in found {
        if kept.last().is_none_or(|last| place.start >= last.end) {
            kept.push(place);
        }
    }
    kept
}

/// Follows the steps from a value, which is a part of `whole`.
fn walk(whole: &str, value: &str, steps: &[Step], depth: usize, found: &mut Vec<Range<usize>>) {
    let Some((first, rest)) = steps.split_first() else {
        let start = value.as_ptr().addr() - whole.as_ptr().addr();
        found.push(start..start + value.len());
        return;
    };
    let value = value.trim();
    if depth == DEPTH_MAX {
        if value.starts_with(['{', '[']) {
            walk(whole, value, &[], depth, found);
        }
        return;
    }
    let mut go = |value: &str, steps: &[Step]| walk(whole, value, steps, depth + 1, found);
    for (at, (key, member)) in members(value).into_iter().enumerate() {
        match first {
            Step::Below => {
                go(member, steps);
                if fits(rest.first(), key.as_deref(), at) {
                    go(member, rest.get(1..).unwrap_or_default());
                }
            }
            Step::Name(_) | Step::Index(_) | Step::Any => {
                if fits(Some(first), key.as_deref(), at) {
                    go(member, rest);
                }
            }
        }
    }
}

fn fits(step: Option<&Step>, key: Option<&str>, at: usize) -> bool {
    match step {
        Some(Step::Name(name)) => key == Some(&**name),
        Some(Step::Index(index)) => key.is_none() && *index == at,
        Some(Step::Any) => true,
        Some(Step::Below) | None => false,
    }
}

/// The members of a map with their keys, or the items of a list; nothing of anything else.
fn members(value: &str) -> Vec<(Option<String>, &str)> {
    match value.as_bytes().first() {
        Some(b'{' | b'[') => serde_json::from_str::<Members<'_>>(value)
            .map(|members| members.0)
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

struct Members<'t>(Vec<(Option<String>, &'t str)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            members.push((Some(key), value.get()));
        }
        Ok(Members(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(value) = list.next_element::<&RawValue>()? {
            members.push((None, value.get()));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &[&str], text: &str, expected: &[&str]) {
        let paths: Vec<JsonPath> = paths
            .iter()
            .map(|path| path.parse().expect("a path"))
            .collect();
        let found: Vec<_> = places(&paths, text)
            .into_iter()
            .map(|place| &text[place])
            .collect();
        assert_eq!(found, expected, "{paths:?} {text}");
    }

    #[test]
    fn paths_lead_to_the_bytes_of_values() {
        check(&["$.a"], r#"{"a" : 1.50, "b": 2}"#, &["1.50"]);
        check(&["$.a.b"], r#"{"a": {"b": {"c": 1}}}"#, &[r#"{"c": 1}"#]);
        check(&["$['a b'][1]"], r#"{"a b": [1, "2"]}"#, &[r#""2""#]);
        check(&["$[*].k"], r#"[{"k": 1}, {"k": 2}, 3]"#, &["1", "2"]);
        check(
            &["$..pin"],
            r#"{"pin": 1, "x": [{"pin": [2, {"pin": 3}]}]}"#,
            &["1", r#"[2, {"pin": 3}]"#],
        );
        check(&["$.a"], r#"{"a": 1, "a": 2}"#, &["1", "2"]);
        check(&["$.*"], r#"{"a": 1, "b": [2]}"#, &["1", "[2]"]);
        check(&["$..*"], "[[1]]", &["[1]"]);
        check(&["$.\u{e4}"], r#"{"ä": 1}"#, &["1"]);
        check(&["$.a"], r#"{"\u0061": 1}"#, &["1"]);
        check(&["$.a", "$.a.b"], r#"{"a": {"b": 1}}"#, &[r#"{"b": 1}"#]);
        check(&["$.a"], "not JSON", &[]);
        check(&["$.a"], "7", &[]);
    }

    #[test]
    fn what_is_too_deep_is_hidden_whole() {
        let text = format!("{}\"secret\"{}", "[".repeat(100), "]".repeat(100));
        let path: JsonPath = "$..pin".parse().expect("a path");
        let found = places(&[path], &text);
        assert_eq!(found.len(), 1);
        assert!(text[found[0].clone()].contains("secret"));
        // What serde_json does not read is no JSON to anyone here.
        let deeper = "[".repeat(100_000);
        assert!(places(&["$..pin".parse().expect("a path")], &deeper).is_empty());
    }

    #[test]
    fn other_paths_are_refused() {
        for text in [
            "",
            "a",
            "$",
            "$..",
            "$.",
            "$.a[?(@.b)]",
            "$.a[1:2]",
            "$.a.length()",
            "$[",
            "$['']",
            "$a",
        ] {
            assert!(text.parse::<JsonPath>().is_err(), "{text}");
        }
    }
}
