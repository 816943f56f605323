//! OpenAPI 3.1 to 3.0, as far as it maps. API Gateway takes no 3.1; Tollgate reads it, and says in warnings what became
//! of it. What differs is in schemas: 3.1 has JSON Schema 2020-12 where API Gateway's models are draft 4.
//! <https://www.openapis.org/blog/2021/02/16/migrating-from-openapi-3-0-to-3-1-0>

use serde_json::{Map, Value};

use crate::document::escaped;
use crate::error::Problem;

/// The warning for every document of that version.
const READ_AS: &str =
    "OpenAPI 3.1 is read as OpenAPI 3.0: schemas become JSON Schema draft 4 as far as they map";

/// Keywords that draft 4 does not have and that nothing in it can say.
const WITHOUT_EQUAL: [&str; 13] = [
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "dependentSchemas",
    "contentSchema",
    "$dynamicRef",
    "$dynamicAnchor",
];

/// Rewrites the schemas of a whole document in place. Depth is bounded by the reader's.
pub(crate) fn to_3_0(root: &mut Value) -> Vec<Problem> {
    let mut warnings = vec![warning("/openapi", READ_AS.to_owned())];
    if root
        .get("webhooks")
        .and_then(Value::as_object)
        .is_some_and(|hooks| !hooks.is_empty())
    {
        let text = "Webhooks are left out: a REST API has none";
        warnings.push(warning("/webhooks", text.to_owned()));
    }
    let mut lost = Lost::default();
    let schemas = root.pointer_mut("/components/schemas");
    if let Some(Value::Object(schemas)) = schemas {
        for (name, schema) in schemas {
            let at = ["components", "schemas", name];
            lost.under(at, |lost| draft_4(schema, lost));
        }
    }
    for name in ["paths", "components"] {
        if let Some(part) = root.get_mut(name) {
            lost.under([name], |lost| find_schemas(part, lost));
        }
    }
    warnings.extend(lost.keywords.into_iter().map(|(keyword, pointer)| {
        let text =
            format!("Keyword '{keyword}' of schemas is left out: draft 4 has nothing for it");
        warning(&pointer, text)
    }));
    warnings
}

fn warning(pointer: &str, text: String) -> Problem {
    Problem {
        pointer: pointer.to_owned(),
        position: None,
        text,
    }
}

/// Keywords that were left out, each once, with the place where it was first.
#[derive(Default)]
struct Lost {
    keywords: Vec<(&'static str, String)>,
    /// The steps of a JSON pointer to where the walk is.
    at: Vec<String>,
}

impl Lost {
    fn note(&mut self, keyword: &'static str) {
        if self.keywords.iter().any(|(known, _)| *known == keyword) {
            return;
        }
        let steps = self.at.iter().map(|step| format!("/{}", escaped(step)));
        let pointer: String = steps.chain([format!("/{keyword}")]).collect();
        self.keywords.push((keyword, pointer));
    }

    fn under<const N: usize>(&mut self, steps: [&str; N], walk: impl FnOnce(&mut Self)) {
        let depth = self.at.len();
        self.at.extend(steps.map(str::to_owned));
        walk(self);
        self.at.truncate(depth);
    }

    fn under_item(&mut self, index: usize, walk: impl FnOnce(&mut Self)) {
        self.under([&index.to_string()], walk);
    }
}

/// Outside of schemas, a member `schema` is one.
fn find_schemas(value: &mut Value, lost: &mut Lost) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "schema" => lost.under([name], |lost| draft_4(member, lost)),
                    // Done before, and values that only look like parts of a document.
                    "schemas" | "example" | "examples" => {}
                    _ => lost.under([name], |lost| find_schemas(member, lost)),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                lost.under_item(index, |lost| find_schemas(item, lost));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn draft_4(schema: &mut Value, lost: &mut Lost) {
    // `true` takes everything, `false` nothing; draft 4 knows neither.
    if let Value::Bool(takes_all) = schema {
        *schema = match takes_all {
            true => Value::Object(Map::new()),
            false => serde_json::json!({"not": {}}),
        };
    }
    let Value::Object(members) = schema else {
        return;
    };
    bound(members, "exclusiveMinimum", "minimum");
    bound(members, "exclusiveMaximum", "maximum");
    constant(members);
    rename(members, "$defs", "definitions");
    rename(members, "dependentRequired", "dependencies");
    tuple(members);
    for keyword in WITHOUT_EQUAL {
        if members.shift_remove(keyword).is_some() {
            lost.note(keyword);
        }
    }
    within(members, lost);
    beside_reference(members);
}

/// A bound of its own in 2020-12, a flag on the other bound in draft 4. Where both bounds are given, the tighter holds.
fn bound(members: &mut Map<String, Value>, exclusive: &str, inclusive: &str) {
    let Some(limit) = members.get(exclusive).and_then(Value::as_f64) else {
        return;
    };
    let other = members.get(inclusive).and_then(Value::as_f64);
    let is_lower = inclusive == "minimum";
    let other_is_tighter = other.is_some_and(|other| match is_lower {
        true => other > limit,
        false => other < limit,
    });
    let limit = members.insert(exclusive.to_owned(), Value::Bool(true));
    match (other_is_tighter, limit) {
        (false, Some(limit)) => drop(members.insert(inclusive.to_owned(), limit)),
        _ => drop(members.shift_remove(exclusive)),
    }
}

fn constant(members: &mut Map<String, Value>) {
    if let Some(value) = members.shift_remove("const") {
        members.insert("enum".to_owned(), Value::Array(vec![value]));
    }
}

fn rename(members: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = members.shift_remove(from) {
        members.insert(to.to_owned(), value);
    }
}

/// `prefixItems` and `items` were `items` and `additionalItems`.
fn tuple(members: &mut Map<String, Value>) {
    if let Some(first) = members.shift_remove("prefixItems") {
        rename(members, "items", "additionalItems");
        members.insert("items".to_owned(), first);
    }
}

fn within(members: &mut Map<String, Value>, lost: &mut Lost) {
    for (name, value) in members {
        match (name.as_str(), value) {
            (
                "properties" | "patternProperties" | "definitions" | "dependencies",
                Value::Object(schemas),
            ) => {
                for (of, schema) in schemas.iter_mut().filter(|(_, it)| !it.is_array()) {
                    lost.under([name, of], |lost| draft_4(schema, lost));
                }
            }
            ("allOf" | "anyOf" | "oneOf" | "items", Value::Array(schemas)) => {
                for (index, schema) in schemas.iter_mut().enumerate() {
                    let index = index.to_string();
                    lost.under([name, &index], |lost| draft_4(schema, lost));
                }
            }
            // A flag is what draft 4 wants here.
            ("additionalProperties" | "additionalItems", Value::Bool(_)) => {}
            ("items" | "not" | "additionalProperties" | "additionalItems", schema) => {
                lost.under([name], |lost| draft_4(schema, lost));
            }
            _ => {}
        }
    }
}

/// In draft 4 whatever stands beside a reference is void; in 2020-12 it counts too.
fn beside_reference(members: &mut Map<String, Value>) {
    const SAYS_NOTHING: [&str; 6] = [
        "description",
        "summary",
        "title",
        "deprecated",
        "example",
        "examples",
    ];
    let counts = |name: &String| name != "$ref" && !SAYS_NOTHING.contains(&name.as_str());
    if !members.contains_key("$ref") || !members.keys().any(counts) {
        return;
    }
    let Some(reference) = members.shift_remove("$ref") else {
        return;
    };
    let rest = std::mem::take(members);
    let all = vec![serde_json::json!({"$ref": reference}), Value::Object(rest)];
    members.insert("allOf".to_owned(), Value::Array(all));
}
