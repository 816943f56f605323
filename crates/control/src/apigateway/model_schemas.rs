//! What is made of a model's schema: the schema with all that it refers to, and a mapping template to start from.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetModelTemplate.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Schemas by the names of their models.
pub(super) type Schemas = BTreeMap<String, Value>;

/// The most of one answer; references to references could make it any size.
const BYTES_MAX: usize = 1024 * 1024;
/// Schemas within schemas.
const DEPTH_MAX: usize = 32;

/// The schema of `name` with every model that it refers to under `definitions`, so that it stands by itself.
/// Guess: how AWS names them is not recorded.
pub(super) fn flatten(name: &str, schemas: &Schemas) -> Option<Value> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![name.to_owned()];
    while let Some(next) = waiting.pop() {
        let Some(schema) = schemas.get(&next).filter(|_| !found.contains_key(&next)) else {
            continue;
        };
        let mut schema = schema.clone();
        localise(&mut schema, &mut waiting);
        found.insert(next, schema);
    }
    let refers_to_itself = found.values().any(|schema| refers_to(schema, name));
    let mut flat = match refers_to_itself {
        true => found.get(name)?.clone(),
        false => found.remove(name)?,
    };
    if !found.is_empty() {
        let own = flat.as_object_mut()?.entry("definitions");
        let own = own.or_insert_with(|| json!({})).as_object_mut()?;
        for (name, schema) in found {
            own.entry(name).or_insert(schema);
        }
    }
    Some(flat)
}

/// References to models become references within the schema; the models are `waiting` then. serde_json reads no deeper
/// than 128 levels, which bounds the recursion.
fn localise(schema: &mut Value, waiting: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value.as_str().and_then(model_of)) {
                    ("$ref", Some(model)) => {
                        waiting.push(model.to_owned());
                        *value = Value::String(format!("{DEFINITIONS}{model}"));
                    }
                    _ => localise(value, waiting),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| localise(item, waiting)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn refers_to(schema: &Value, name: &str) -> bool {
    match schema {
        Value::Object(members) => members.iter().any(|(key, value)| {
            let target = value.as_str().and_then(|it| it.strip_prefix(DEFINITIONS));
            key == "$ref" && target == Some(name) || refers_to(value, name)
        }),
        Value::Array(items) => items.iter().any(|item| refers_to(item, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

const DEFINITIONS: &str = "#/definitions/";

/// The model that a reference names: `https://apigateway.amazonaws.com/restapis/{api}/models/{name}`.
fn model_of(reference: &str) -> Option<&str> {
    let rest = reference.strip_prefix("https://apigateway.amazonaws.com/restapis/")?;
    rest.split_once("/models/").map(|(_, name)| name)
}

/// A mapping template with a sample of every member. The developer guide shows templates of this kind; that samples
/// are `foo`, 42, 3.14 and true is a guess after them.
pub(super) fn template(schema: &Value) -> Option<String> {
    let mut writer = Writer {
        text: "#set($inputRoot = $input.path('$'))\n".to_owned(),
        root: schema,
        elements: 0,
    };
    writer.value(schema, "$inputRoot", 0)?;
    Some(writer.text)
}

struct Writer<'a> {
    text: String,
    root: &'a Value,
    elements: usize,
}

impl<'a> Writer<'a> {
    /// None when it would be too large.
    fn value(&mut self, schema: &'a Value, at: &str, depth: usize) -> Option<()> {
        if depth > DEPTH_MAX || self.text.len() > BYTES_MAX {
            return None;
        }
        let schema = self.resolve(schema);
        match type_of(schema) {
            "object" => self.object(schema, at, depth),
            "array" => self.array(schema, at, depth),
            "integer" => self.push("42"),
            "number" => self.push("3.14"),
            "boolean" => self.push("true"),
            "null" => self.push("null"),
            _ => self.push("\"foo\""),
        }
    }

    fn object(&mut self, schema: &'a Value, at: &str, depth: usize) -> Option<()> {
        static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        let properties = schema.get("properties").and_then(Value::as_object);
        let properties = properties.unwrap_or(&NONE);
        self.push("{")?;
        for (index, (name, value)) in properties.iter().enumerate() {
            self.push(if index == 0 { "" } else { "," })?;
            self.line(depth + 1)?;
            let quoted = Value::String(name.clone()).to_string();
            self.push(&format!("{quoted} : "))?;
            self.value(value, &format!("{at}.{name}"), depth + 1)?;
        }
        if !properties.is_empty() {
            self.line(depth)?;
        }
        self.push("}")
    }

    fn array(&mut self, schema: &'a Value, at: &str, depth: usize) -> Option<()> {
        static ANY: Value = Value::Null;
        let items = schema.get("items").filter(|it| it.is_object());
        let element = match self.elements {
            0 => "$elem".to_owned(),
            number => format!("$elem{number}"),
        };
        self.elements += 1;
        self.push("[\n##TODO: Update this foreach loop to reference array from input json\n")?;
        self.push(&format!("#foreach({element} in {at})\n"))?;
        self.push(&"  ".repeat(depth + 1))?;
        self.value(items.unwrap_or(&ANY), &element, depth + 1)?;
        self.push("#if($foreach.hasNext),#end\n#end\n")?;
        self.push(&"  ".repeat(depth))?;
        self.push("]")
    }

    fn push(&mut self, text: &str) -> Option<()> {
        self.text.push_str(text);
        (self.text.len() <= BYTES_MAX).then_some(())
    }

    fn line(&mut self, depth: usize) -> Option<()> {
        self.push("\n")?;
        self.push(&"  ".repeat(depth))
    }

    /// What a reference within the schema leads to; a circle ends by the depth.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..DEPTH_MAX {
            let reference = schema.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|it| self.root.pointer(it.strip_prefix('#')?));
            match target {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }
}

fn type_of(schema: &Value) -> &str {
    let named = match schema.get("type") {
        Some(Value::Array(types)) => types.first().and_then(Value::as_str),
        Some(named) => named.as_str(),
        None => None,
    };
    match named {
        Some(named) => named,
        None if schema.get("properties").is_some() => "object",
        None if schema.get("items").is_some() => "array",
        None => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemas() -> Schemas {
        let at = |name: &str| format!("https://apigateway.amazonaws.com/restapis/a/models/{name}");
        let house = json!({"type": "object", "properties": {"owner": {"$ref": at("Person")}}});
        let person = json!({"type": "object", "properties": {"house": {"$ref": at("House")}}});
        let street = json!({"type": "array", "items": {"$ref": at("Pet")}});
        let pet = json!({"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}});
        [
            ("House", house),
            ("Person", person),
            ("Street", street),
            ("Pet", pet),
        ]
        .map(|(name, schema)| (name.to_owned(), schema))
        .into()
    }

    #[test]
    fn a_flat_schema_stands_by_itself() {
        let street = flatten("Street", &schemas()).expect("it is there");
        assert_eq!(street["items"]["$ref"], "#/definitions/Pet");
        assert_eq!(street["definitions"]["Pet"]["type"], "object");
        let house = flatten("House", &schemas()).expect("it is there");
        let person = &house["definitions"]["Person"];
        assert_eq!(person["properties"]["house"]["$ref"], "#/definitions/House");
        assert!(house["definitions"]["House"].is_object());
        assert_eq!(flatten("Nobody", &schemas()), None);
    }

    #[test]
    fn templates_have_every_member() {
        let street = flatten("Street", &schemas()).expect("it is there");
        let expect = "#set($inputRoot = $input.path('$'))\n[\n##TODO: Update this foreach loop to reference array from input json\n\
            #foreach($elem in $inputRoot)\n  {\n    \"id\" : 42,\n    \"name\" : \"foo\"\n  }#if($foreach.hasNext),#end\n#end\n]";
        assert_eq!(template(&street).as_deref(), Some(expect));
    }

    #[test]
    fn circles_and_powers_end() {
        let house = flatten("House", &schemas()).expect("it is there");
        assert_eq!(template(&house), None);
        let mut definitions = Map::new();
        for level in 0..30 {
            let next = json!({"$ref": format!("#/definitions/l{}", level + 1)});
            let both = json!({"type": "object", "properties": {"a": next, "b": next}});
            definitions.insert(format!("l{level}"), both);
        }
        let bomb = json!({"$ref": "#/definitions/l0", "definitions": definitions});
        assert_eq!(template(&bomb), None);
    }
}
