//! Finds models that refer to themselves without looking into the body in between: judging with one would never end.

use std::collections::HashSet;

use serde_json::Value;

use super::schema::address;

/// Whether judging with `start` could come back to where it was without having looked further into the body.
pub(super) fn found(documents: &[(&str, &Value)], api: &str, start: &str) -> bool {
    let mut search = Search {
        documents,
        prefix: address(api, ""),
        open: HashSet::new(),
        done: HashSet::new(),
    };
    let root = documents.iter().find(|(name, _)| *name == start);
    let mut waiting: Vec<Place<'_>> = root.into_iter().copied().collect();
    let mut seen = HashSet::new();
    // Every place that can be reached may be where a circle begins.
    while let Some(place) = waiting.pop() {
        if !seen.insert(std::ptr::from_ref(place.1)) {
            continue;
        }
        if search.comes_back(place, 0) {
            return true;
        }
        waiting.extend(children(place.1).map(|child| (place.0, child)));
        waiting.extend(search.referred(place));
    }
    false
}

/// A model's name and a schema in it.
type Place<'d> = (&'d str, &'d Value);

struct Search<'d> {
    documents: &'d [Place<'d>],
    prefix: String,
    /// Schemas that are being followed now.
    open: HashSet<*const Value>,
    /// Schemas that lead into no circle.
    done: HashSet<*const Value>,
}

/// More schemas than anybody needs to pass from one to the next; beyond it counts as a circle.
const DEPTH_MAX: usize = 128;

impl<'d> Search<'d> {
    fn comes_back(&mut self, place: Place<'d>, depth: usize) -> bool {
        let schema = std::ptr::from_ref(place.1);
        if self.done.contains(&schema) {
            return false;
        }
        if depth > DEPTH_MAX || !self.open.insert(schema) {
            return true;
        }
        let comes_back = self
            .same(place)
            .into_iter()
            .any(|next| self.comes_back(next, depth + 1));
        self.open.remove(&schema);
        self.done.insert(schema);
        comes_back
    }

    /// What is judged against the same part of a body: `$ref`, which stands alone, or `allOf`, `anyOf`, `oneOf` and `not`.
    fn same(&self, place: Place<'d>) -> Vec<Place<'d>> {
        let (model, schema) = place;
        if schema.get("$ref").is_some_and(Value::is_string) {
            return self.referred(place).into_iter().collect();
        }
        let lists = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter_map(|key| schema.get(key)?.as_array());
        lists
            .flatten()
            .chain(schema.get("not"))
            .map(|part| (model, part))
            .collect()
    }

    fn referred(&self, (model, schema): Place<'d>) -> Option<Place<'d>> {
        let reference = schema.get("$ref")?.as_str()?;
        let (document, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if document.is_empty() {
            model
        } else {
            document.strip_prefix(&*self.prefix).unwrap_or(document)
        };
        let (name, schema) = self.documents.iter().find(|(name, _)| *name == target)?;
        Some((name, schema.pointer(pointer)?))
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(models: Value, expected: bool) {
        let members = models.as_object().expect("an object").clone();
        let documents: Vec<_> = members
            .iter()
            .map(|(name, schema)| (&**name, schema))
            .collect();
        assert_eq!(found(&documents, "api", "A"), expected, "{documents:?}");
    }

    fn model(name: &str) -> Value {
        json!({"$ref": address("api", name)})
    }

    #[test]
    fn circles_through_the_body_are_fine() {
        check(
            json!({"A": {"properties": {"b": model("B")}}, "B": {"items": model("A")}}),
            false,
        );
        check(json!({"A": {"properties": {"next": {"$ref": "#"}}}}), false);
        check(
            json!({"A": {"allOf": [model("B"), model("B")]}, "B": {"type": "object"}}),
            false,
        );
    }

    #[test]
    fn circles_of_references_alone_are_found() {
        check(json!({"A": model("A")}), true);
        check(
            json!({"A": {"allOf": [model("B")]}, "B": {"not": model("A")}}),
            true,
        );
        check(
            json!({"A": {"properties": {"x": {"$ref": "#/definitions/y"}}, "definitions": {"y": {"$ref": "#/definitions/y"}}}}),
            true,
        );
        check(
            json!({"A": {"properties": {"x": model("B")}}, "B": {"anyOf": [model("B")]}}),
            true,
        );
    }
}
