//! Schemas that nothing can pass. Only what is certain is told: of two words that contradict each other both have to apply to every value
//! that the schema's type lets through.
//!
//! <https://datatracker.ietf.org/doc/html/draft-fge-json-schema-validation-00>

use serde_json::Value;
use tollgate_gateway::Models;

use crate::sample::Schemas;

/// Schemas within each other that are looked into.
const DEPTH_MAX: usize = 12;

/// Why nothing passes, and where in the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Never {
    pub(super) within: Vec<String>,
    pub(super) reason: String,
}

/// Why no value passes this schema; nothing when some may.
pub(super) fn never(schemas: &Schemas, root: &Value) -> Option<Never> {
    let mut within = Vec::new();
    of(schemas, root, root, &mut within, 0)
}

fn of(
    schemas: &Schemas,
    root: &Value,
    schema: &Value,
    within: &mut Vec<String>,
    depth: usize,
) -> Option<Never> {
    if depth == DEPTH_MAX || schema.get("$ref").is_some() && depth > DEPTH_MAX / 2 {
        return None;
    }
    let (root, schema) = schemas.resolved(root, schema);
    bounds(schema, within)
        .or_else(|| of_enum(schema, within))
        .or_else(|| of_not(schema, within))
        .or_else(|| of_object(schemas, root, schema, within, depth))
        .or_else(|| of_branches(schemas, root, schema, within, depth))
}

fn found(within: &[String], last: &str, reason: String) -> Option<Never> {
    let mut within = within.to_vec();
    within.push(last.to_owned());
    Some(Never { within, reason })
}

/// A least above the most, for the type that it is about.
fn bounds(schema: &Value, within: &[String]) -> Option<Never> {
    const PAIRS: [(&[&str], &str, &str); 4] = [
        (&["integer", "number"], "minimum", "maximum"),
        (&["string"], "minLength", "maxLength"),
        (&["array"], "minItems", "maxItems"),
        (&["object"], "minProperties", "maxProperties"),
    ];
    let kind = schema.get("type").and_then(Value::as_str)?;
    PAIRS.iter().find_map(|(kinds, least, most)| {
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        let (low, high) = (bound(least)?, bound(most)?);
        let is_empty = kinds.contains(&kind) && low > high;
        is_empty.then(|| {
            found(
                within,
                least,
                format!("{least} {low} is above {most} {high}"),
            )
        })?
    })
}

/// Values that the rest of the schema refuses, all of them.
fn of_enum(schema: &Value, within: &[String]) -> Option<Never> {
    let values = schema.get("enum").and_then(Value::as_array)?;
    let refers = schema.to_string().contains("\"$ref\"");
    if refers {
        return None;
    }
    let text = schema.to_string();
    let models = Models::new("", [("enum", text.as_str())].into_iter());
    let judge = models.compile("enum").ok()?;
    let passes = values
        .iter()
        .any(|it| judge.judge(it, it.to_string().len()).is_ok());
    match passes {
        true => None,
        false => found(
            within,
            "enum",
            "no value of the enum passes the rest of its schema".to_owned(),
        ),
    }
}

/// `not` of what everything passes.
fn of_not(schema: &Value, within: &[String]) -> Option<Never> {
    let refused = schema.get("not").and_then(Value::as_object)?;
    match refused.is_empty() {
        true => found(
            within,
            "not",
            "everything passes {}, so nothing passes its opposite".to_owned(),
        ),
        false => None,
    }
}

fn of_object(
    schemas: &Schemas,
    root: &Value,
    schema: &Value,
    within: &mut Vec<String>,
    depth: usize,
) -> Option<Never> {
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return None;
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false))
        && schema.get("patternProperties").is_none();
    let required = schema.get("required").and_then(Value::as_array)?;
    for name in required.iter().filter_map(Value::as_str) {
        match properties.and_then(|it| it.get(name)) {
            Some(property) => {
                let steps = within.len();
                within.extend(["properties".to_owned(), name.to_owned()]);
                let never = of(schemas, root, property, within, depth + 1);
                within.truncate(steps);
                if let Some(never) = never {
                    let reason =
                        format!("the required member {name} never passes: {}", never.reason);
                    return Some(Never { reason, ..never });
                }
            }
            None if is_closed => {
                let reason = format!(
                    "the member {name} is required, and additionalProperties: false forbids it"
                );
                return found(within, "required", reason);
            }
            None => {}
        }
    }
    None
}

fn of_branches(
    schemas: &Schemas,
    root: &Value,
    schema: &Value,
    within: &mut Vec<String>,
    depth: usize,
) -> Option<Never> {
    let branches = |name: &str| schema.get(name).and_then(Value::as_array);
    if let Some(all) = branches("allOf") {
        if let Some(never) = of_kinds(schemas, root, schema, all, within) {
            return Some(never);
        }
        return all.iter().enumerate().find_map(|(at, branch)| {
            let steps = within.len();
            within.extend(["allOf".to_owned(), at.to_string()]);
            let never = of(schemas, root, branch, within, depth + 1);
            within.truncate(steps);
            never
        });
    }
    for name in ["anyOf", "oneOf"] {
        let Some(any) = branches(name).filter(|any| !any.is_empty()) else {
            continue;
        };
        let all_fail = any
            .iter()
            .all(|branch| of(schemas, root, branch, &mut Vec::new(), depth + 1).is_some());
        if all_fail {
            return found(within, name, format!("none of {name} can be passed"));
        }
    }
    None
}

/// `allOf` two types at once.
fn of_kinds(
    schemas: &Schemas,
    root: &Value,
    schema: &Value,
    all: &[Value],
    within: &[String],
) -> Option<Never> {
    let kinds = std::iter::once(schema).chain(all).filter_map(|branch| {
        let (_, branch) = schemas.resolved(root, branch);
        let kind = branch.get("type").and_then(Value::as_str)?;
        // An integer is a number.
        Some(if kind == "integer" { "number" } else { kind })
    });
    let kinds: Vec<&str> = kinds.collect();
    let first = kinds.first()?;
    let other = kinds.iter().find(|kind| *kind != first)?;
    found(
        within,
        "allOf",
        format!("nothing is {first} and {other} at once"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tollgate_model::rest::Definition;

    use super::*;

    #[test]
    fn only_what_is_certain_is_told() {
        let schemas = Schemas::of(&Definition::default());
        for (schema, expected) in [
            (
                json!({"type": "integer", "minimum": 5, "maximum": 4}),
                Some("minimum 5 is above maximum 4"),
            ),
            (json!({"minimum": 5, "maximum": 4}), None),
            (
                json!({"type": "string", "enum": [1, 2]}),
                Some("no value of the enum passes the rest of its schema"),
            ),
            (json!({"type": "string", "enum": [1, "a"]}), None),
            (
                json!({"not": {}}),
                Some("everything passes {}, so nothing passes its opposite"),
            ),
            (
                json!({"type": "object", "required": ["a"], "additionalProperties": false}),
                Some("the member a is required, and additionalProperties: false forbids it"),
            ),
            (
                json!({"required": ["a"], "additionalProperties": false}),
                None,
            ),
            (
                json!({"type": "object", "required": ["a"], "properties": {"a": {"not": {}}}}),
                Some(
                    "the required member a never passes: everything passes {}, so nothing passes its opposite",
                ),
            ),
            (
                json!({"type": "object", "properties": {"a": {"not": {}}}}),
                None,
            ),
            (
                json!({"allOf": [{"type": "string"}, {"type": "object"}]}),
                Some("nothing is string and object at once"),
            ),
            (
                json!({"allOf": [{"type": "integer"}, {"type": "number"}]}),
                None,
            ),
            (
                json!({"anyOf": [{"not": {}}, {"type": "string", "minLength": 2, "maxLength": 1}]}),
                Some("none of anyOf can be passed"),
            ),
            (json!({"anyOf": [{"not": {}}, {"type": "string"}]}), None),
        ] {
            let reason = never(&schemas, &schema).map(|it| it.reason);
            assert_eq!(reason.as_deref(), expected, "{schema}");
        }
    }
}
