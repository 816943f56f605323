//! Finds models that no body can be judged with: they refer to themselves without looking into the body in between, or the same
//! part of a body would be judged again and again.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::schema::address;

/// Why no body can be judged with a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Judging would come back to where it was.
    Circular,
    /// One part of a body would be judged more than [`JUDGED_MAX`] times.
    TooLarge,
}

/// Whether bodies can be judged with `start`.
pub(super) fn check(documents: &[(&str, &Value)], api: &str, start: &str) -> Result<(), Fault> {
    let mut search = Search {
        documents,
        prefix: address(api, ""),
        open: HashSet::new(),
        done: HashMap::new(),
    };
    let root = documents.iter().find(|(name, _)| *name == start);
    let mut waiting: Vec<Place<'_>> = root.into_iter().copied().collect();
    let mut seen = HashSet::new();
    // Every place that can be reached may be where a circle begins.
    while let Some(place) = waiting.pop() {
        if !seen.insert(std::ptr::from_ref(place.1)) {
            continue;
        }
        if search.judged(place, 0)? > JUDGED_MAX {
            return Err(Fault::TooLarge);
        }
        waiting.extend(children(place.1).map(|child| (place.0, child)));
        waiting.extend(search.referred(place));
    }
    Ok(())
}

/// A model's name and a schema in it.
type Place<'d> = (&'d str, &'d Value);

struct Search<'d> {
    documents: &'d [Place<'d>],
    prefix: String,
    /// Schemas that are being followed now.
    open: HashSet<*const Value>,
    /// Schemas that lead into no circle, and how often they look at one part of a body.
    done: HashMap<*const Value, u64>,
}

/// More schemas than anybody needs to pass from one to the next; beyond it counts as a circle.
const DEPTH_MAX: usize = 128;

/// `allOf` of `allOf` of … grows by powers.
const JUDGED_MAX: u64 = 1_000;

impl<'d> Search<'d> {
    /// How often the part of a body that a schema is for is judged by it and by what it hands the part on to.
    fn judged(&mut self, place: Place<'d>, depth: usize) -> Result<u64, Fault> {
        let schema = std::ptr::from_ref(place.1);
        if let Some(known) = self.done.get(&schema) {
            return Ok(*known);
        }
        if depth > DEPTH_MAX || !self.open.insert(schema) {
            return Err(Fault::Circular);
        }
        let mut times: u64 = 1;
        for next in self.same(place) {
            times = times.saturating_add(self.judged(next, depth + 1)?);
        }
        self.open.remove(&schema);
        self.done.insert(schema, times);
        Ok(times)
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

    fn expect(models: Value, expected: Result<(), Fault>) {
        let members = models.as_object().expect("an object").clone();
        let documents: Vec<_> = members
            .iter()
            .map(|(name, schema)| (&**name, schema))
            .collect();
        assert_eq!(check(&documents, "api", "A"), expected, "{documents:?}");
    }

    fn model(name: &str) -> Value {
        json!({"$ref": address("api", name)})
    }

    #[test]
    fn circles_through_the_body_are_fine() {
        expect(
            json!({"A": {"properties": {"b": model("B")}}, "B": {"items": model("A")}}),
            Ok(()),
        );
        expect(
            json!({"A": {"properties": {"next": {"$ref": "#"}}}}),
            Ok(()),
        );
        expect(
            json!({"A": {"allOf": [model("B"), model("B")]}, "B": {"type": "object"}}),
            Ok(()),
        );
    }

    #[test]
    fn circles_of_references_alone_are_found() {
        expect(json!({"A": model("A")}), Err(Fault::Circular));
        expect(
            json!({"A": {"allOf": [model("B")]}, "B": {"not": model("A")}}),
            Err(Fault::Circular),
        );
        expect(
            json!({"A": {"properties": {"x": {"$ref": "#/definitions/y"}}, "definitions": {"y": {"$ref": "#/definitions/y"}}}}),
            Err(Fault::Circular),
        );
        expect(
            json!({"A": {"properties": {"x": model("B")}}, "B": {"anyOf": [model("B")]}}),
            Err(Fault::Circular),
        );
    }

    #[test]
    fn powers_of_references_are_found() {
        let definitions: serde_json::Map<_, _> = (0..20)
            .map(|number| {
                let next = json!({"$ref": format!("#/definitions/d{}", number + 1)});
                (format!("d{number}"), json!({"allOf": [next, next]}))
            })
            .collect();
        let schema = json!({"$ref": "#/definitions/d0", "definitions": definitions});
        expect(json!({"A": schema}), Err(Fault::TooLarge));
    }
}
