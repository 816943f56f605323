//! Models as named schemas of a document.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>

use serde_json::{Map, Value, json};
use tollgate_model::rest::Definition;

use super::Format;

/// The schemas of all models, named by something or not, so that none is lost. What is no JSON schema cannot stand there.
pub(super) fn schemas(definition: &Definition, format: Format) -> Map<String, Value> {
    let mut shown = Map::new();
    for model in &definition.models {
        let name = model.name.clone().unwrap_or_default();
        let text = model.schema.as_deref().unwrap_or_default();
        let Ok(mut schema) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        localise(&mut schema, format);
        shown.insert(name, schema);
    }
    shown
}

/// A reference to a model of this document.
pub(super) fn reference(name: &str, format: Format) -> Value {
    json!({"$ref": format!("{}{name}", folder(format))})
}

fn folder(format: Format) -> &'static str {
    match format {
        Format::Swagger2 => "#/definitions/",
        Format::OpenApi3 => "#/components/schemas/",
    }
}

/// AWS's references between models to references within the document. Depth is bounded by the JSON reader's.
fn localise(schema: &mut Value, format: Format) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => {
                        if let Some(model) = model_of(target) {
                            *member = json!(format!("{}{model}", folder(format)));
                        }
                    }
                    _ => localise(member, format),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| localise(item, format)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn model_of(target: &str) -> Option<&str> {
    let rest = target.strip_prefix("https://apigateway.amazonaws.com/restapis/")?;
    let (_, model) = rest.split_once("/models/")?;
    Some(model)
}
