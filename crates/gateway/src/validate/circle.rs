//! Finds models that refer to themselves without looking into the body in between: judging with one would never end.

use std::collections::HashSet;

use serde_json::Value;

use super::schema::address;

/// Whether `start` can come back to itself by references alone.
pub(super) fn found(documents: &[(&str, &Value)], api: &str, start: &str) -> bool {
    let mut search = Search {
        documents,
        prefix: address(api, ""),
        open: HashSet::new(),
        done: HashSet::new(),
    };
    let root = documents.iter().find(|(name, _)| *name == start);
    root.is_some_and(|(name, schema)| search.visit_all(name, schema, 0))
}

struct Search<'d> {
    documents: &'d [(&'d str, &'d Value)],
    prefix: String,
    /// References that are being followed now.
    open: HashSet<String>,
    done: HashSet<String>,
}

/// Deeper than any schema in 400 KB needs to be; beyond it counts as a circle.
const DEPTH_MAX: usize = 128;

impl<'d> Search<'d> {
    /// Every place of a document may be where a circle begins.
    fn visit_all(&mut self, model: &'d str, schema: &'d Value, depth: usize) -> bool {
        if depth > DEPTH_MAX || self.visit(model, schema, depth) {
            return true;
        }
        children(schema).any(|child| self.visit_all(model, child, depth + 1))
    }

    /// Follows what is judged against the same part of a body: `$ref`, `allOf`, `anyOf`, `oneOf`, `not`.
    fn visit(&mut self, model: &'d str, schema: &'d Value, depth: usize) -> bool {
        if depth > DEPTH_MAX {
            return true;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.follow(model, reference, depth);
        }
        let lists = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
        let same = lists.flatten().chain(schema.get("not"));
        same.into_iter().any(|part| self.visit(model, part, depth + 1))
    }

    fn follow(&mut self, model: &'d str, reference: &'d str, depth: usize) -> bool {
        let (document, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if document.is_empty() { model } else { document.strip_prefix(&*self.prefix).unwrap_or(document) };
        let key = format!("{target}#{pointer}");
        if self.open.contains(&key) {
            return true;
        }
        if self.done.contains(&key) {
            return false;
        }
        let Some((name, schema)) = self.documents.iter().find(|(name, _)| *name == target) else { return false };
        let Some(schema) = schema.pointer(pointer) else { return false };
        self.open.insert(key.clone());
        let circle = self.visit(name, schema, depth + 1) || self.visit_all(name, schema, depth + 1);
        self.open.remove(&key);
        self.done.insert(key);
        circle
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
        let documents: Vec<_> = members.iter().map(|(name, schema)| (&**name, schema)).collect();
        assert_eq!(found(&documents, "api", "A"), expected, "{documents:?}");
    }

    fn model(name: &str) -> Value {
        json!({"$ref": address("api", name)})
    }

    #[test]
    fn circles_through_the_body_are_fine() {
        check(json!({"A": {"properties": {"b": model("B")}}, "B": {"items": model("A")}}), false);
        check(json!({"A": {"properties": {"next": {"$ref": "#"}}}}), false);
        check(json!({"A": {"allOf": [model("B"), model("B")]}, "B": {"type": "object"}}), false);
    }

    #[test]
    fn circles_of_references_alone_are_found() {
        check(json!({"A": model("A")}), true);
        check(json!({"A": {"allOf": [model("B")]}, "B": {"not": model("A")}}), true);
        check(json!({"A": {"properties": {"x": {"$ref": "#/definitions/y"}}, "definitions": {"y": {"$ref": "#/definitions/y"}}}}), true);
        check(json!({"A": {"properties": {"x": model("B")}}, "B": {"anyOf": [model("B")]}}), true);
    }
}
