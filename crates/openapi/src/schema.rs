//! A schema of the document as the text of a model: references to other schemas become AWS's canonical model
//! references, OpenAPI 3 schemas take the member order that API Gateway's parser gives them (recorded: `required`
//! sorted and first, `description` last), and the text is laid out as Jackson does.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::document::Dialect;

/// Stands in canonical references for the id of an API that has none yet. Not a legal id, so nothing else matches it.
pub(crate) const API_ID_PLACEHOLDER: &str = "{restapi_id}";

/// The order of the members of an OpenAPI 3 schema in a recorded import and in every known export; those not named
/// keep the document's order, after these. `items` of a list comes last of all.
const MEMBER_ORDER: [&str; 23] = [
    "title",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "type",
    "not",
    "properties",
    "additionalProperties",
    "description",
    "format",
    "$ref",
    "enum",
];

/// The canonical reference to a model.
pub(crate) fn canonical(api_id: &str, model: &str) -> String {
    format!("https://apigateway.amazonaws.com/restapis/{api_id}/models/{model}")
}

/// Rewrites a schema; `reference` gives the new text of a `$ref`.
pub(crate) fn rewritten<E>(
    schema: &Value,
    dialect: Dialect,
    reference: &mut impl FnMut(&str) -> Result<String, E>,
) -> Result<Value, E> {
    let Value::Object(members) = schema else {
        return Ok(schema.clone());
    };
    if let Some(Value::String(target)) = members.get("$ref") {
        // Whatever stands beside a reference is void, in draft 4 as in OpenAPI 3.0.
        let target = reference(target)?;
        return Ok(Value::Object(Map::from_iter([(
            "$ref".to_owned(),
            Value::String(target),
        )])));
    }
    let mut rewrite = |schema: &Value| rewritten(schema, dialect, reference);
    let mut copy = Map::new();
    for (name, value) in ordered(members, dialect) {
        let value = match name {
            "properties" | "patternProperties" | "definitions" | "dependencies" => {
                each_member(value, &mut rewrite)?
            }
            "allOf" | "anyOf" | "oneOf" => each_item(value, &mut rewrite)?,
            "items" if value.is_array() => each_item(value, &mut rewrite)?,
            "items" | "not" | "additionalProperties" | "additionalItems" => rewrite(value)?,
            "required" if dialect == Dialect::OpenApi3 => sorted(value),
            _ => value.clone(),
        };
        copy.insert(name.to_owned(), value);
    }
    Ok(Value::Object(copy))
}

fn each_member<E>(
    value: &Value,
    rewrite: &mut impl FnMut(&Value) -> Result<Value, E>,
) -> Result<Value, E> {
    let Value::Object(members) = value else {
        return Ok(value.clone());
    };
    let members = members
        .iter()
        .map(|(name, schema)| Ok((name.clone(), rewrite(schema)?)));
    members.collect::<Result<_, E>>().map(Value::Object)
}

fn each_item<E>(
    value: &Value,
    rewrite: &mut impl FnMut(&Value) -> Result<Value, E>,
) -> Result<Value, E> {
    let Value::Array(items) = value else {
        return Ok(value.clone());
    };
    items
        .iter()
        .map(rewrite)
        .collect::<Result<_, E>>()
        .map(Value::Array)
}

/// The members in the order of the model's text. Nothing recorded shows that Swagger 2.0 is reordered.
fn ordered(members: &Map<String, Value>, dialect: Dialect) -> Vec<(&str, &Value)> {
    let mut list: Vec<(&str, &Value)> = members
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .collect();
    if dialect == Dialect::OpenApi3 {
        list.sort_by_key(|(name, _)| rank(name));
    }
    list
}

fn rank(name: &str) -> usize {
    match name {
        "items" => usize::MAX,
        _ => MEMBER_ORDER
            .iter()
            .position(|known| *known == name)
            .unwrap_or(MEMBER_ORDER.len()),
    }
}

fn sorted(value: &Value) -> Value {
    let Value::Array(names) = value else {
        return value.clone();
    };
    let mut names = names.clone();
    names.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
    Value::Array(names)
}

/// Jackson's layout, as models of imported APIs show it: two spaces, ` : `, lists on one line.
pub(crate) fn laid_out(value: &Value) -> String {
    let mut out = String::new();
    lay_out(value, 0, &mut out);
    out
}

fn lay_out(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(members) if members.is_empty() => out.push_str("{ }"),
        Value::Array(items) if items.is_empty() => out.push_str("[ ]"),
        Value::Object(members) => lay_out_object(members, depth, out),
        Value::Array(items) => lay_out_list(items, depth, out),
        scalar => write!(out, "{scalar}").expect("a String takes every write"),
    }
}

fn lay_out_object(members: &Map<String, Value>, depth: usize, out: &mut String) {
    let mut separator = "{";
    for (name, value) in members {
        let name = Value::String(name.clone());
        write!(out, "{separator}\n{:1$}{name} : ", "", 2 * (depth + 1))
            .expect("a String takes every write");
        lay_out(value, depth + 1, out);
        separator = ",";
    }
    write!(out, "\n{:1$}}}", "", 2 * depth).expect("a String takes every write");
}

fn lay_out_list(items: &[Value], depth: usize, out: &mut String) {
    let mut separator = "[ ";
    for item in items {
        out.push_str(separator);
        lay_out(item, depth, out);
        separator = ", ";
    }
    out.push_str(" ]");
}
