//! Resources and methods as paths and operations.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html>

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};
use tollgate_model::rest::MethodOf;
use tollgate_wire::apigateway::{Method, MethodResponse};

use super::security::Schemes;
use super::{Export, Format, integration, models, put, put_some, put_text};

/// Paths in their order, each with its operations.
pub(super) fn paths(of: &Export<'_>, schemes: &Schemes<'_>) -> Value {
    let mut by_resource: HashMap<&str, Vec<&MethodOf>> = HashMap::new();
    for it in &of.definition.methods {
        by_resource.entry(&it.resource_id).or_default().push(it);
    }
    let parents = of.definition.resources.iter();
    let parents: BTreeSet<&str> = parents.filter_map(|it| it.parent_id.as_deref()).collect();
    let mut paths: BTreeMap<&str, Value> = BTreeMap::new();
    for resource in &of.definition.resources {
        let id = resource.id.as_deref().unwrap_or_default();
        let path = resource.path.as_deref().unwrap_or_default();
        match by_resource.get(id) {
            Some(methods) => {
                paths.insert(path, item(of, methods, schemes));
            }
            // Recorded: a resource that is only on the way to others is not said. Guess: one at the end of a path is.
            None if path != "/" && !parents.contains(id) => {
                paths.insert(path, json!({}));
            }
            None => {}
        }
    }
    let paths = paths.into_iter();
    Value::Object(paths.map(|(path, item)| (path.to_owned(), item)).collect())
}

fn item(of: &Export<'_>, methods: &[&MethodOf], schemes: &Schemes<'_>) -> Value {
    let operations = methods.iter().map(|it| {
        let name = it.method.http_method.as_deref().unwrap_or_default();
        let name = match name {
            "ANY" => "x-amazon-apigateway-any-method".to_owned(),
            other => other.to_ascii_lowercase(),
        };
        (name, operation(of, it, schemes))
    });
    let sorted: BTreeMap<String, Value> = operations.collect();
    Value::Object(sorted.into_iter().collect())
}

fn operation(of: &Export<'_>, it: &MethodOf, schemes: &Schemes<'_>) -> Value {
    let method = &it.method;
    let mut shown = Map::new();
    put_text(&mut shown, "operationId", method.operation_name.as_ref());
    let mut parameters = parameters(method, of.format);
    match of.format {
        Format::Swagger2 => {
            put(&mut shown, "consumes", listed(consumes(method)));
            put(&mut shown, "produces", listed(produces(method)));
            parameters.extend(swagger_body(method));
        }
        Format::OpenApi3 => {}
    }
    if !parameters.is_empty() {
        shown.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if of.format == Format::OpenApi3 {
        let content = content(method.request_models.as_ref());
        let body = content.map(|content| json!({"content": content, "required": true}));
        put(&mut shown, "requestBody", body);
    }
    shown.insert("responses".to_owned(), responses(method, of.format));
    put(&mut shown, "security", schemes.required(method));
    if of.extensions.validators {
        let validator = validator(of, method);
        put_text(
            &mut shown,
            "x-amazon-apigateway-request-validator",
            validator,
        );
    }
    if of.extensions.integrations {
        let name = "x-amazon-apigateway-integration";
        put(&mut shown, name, integration::of(it));
    }
    Value::Object(shown)
}

fn validator<'e>(of: &'e Export<'_>, method: &Method) -> Option<&'e String> {
    let id = method.request_validator_id.as_ref()?;
    let mut validators = of.definition.validators.iter();
    let validator = validators.find(|it| it.id.as_ref() == Some(id))?;
    validator.name.as_ref()
}

fn parameters(method: &Method, format: Format) -> Vec<Value> {
    let parameters = method.request_parameters.iter().flatten();
    let parameters = parameters.filter_map(|(source, required)| {
        let (place, name) = source.strip_prefix("method.request.")?.split_once('.')?;
        let place = match place {
            "querystring" => "query",
            "path" | "header" => place,
            _ => return None,
        };
        Some(parameter(place, name, *required, format))
    });
    parameters.collect()
}

/// Recorded: Swagger says also that a parameter is not required, OpenAPI 3 does not.
fn parameter(place: &str, name: &str, required: bool, format: Format) -> Value {
    let mut shown = Map::new();
    shown.insert("name".to_owned(), json!(name));
    shown.insert("in".to_owned(), json!(place));
    let is_said = required || format == Format::Swagger2;
    put(&mut shown, "required", is_said.then(|| json!(required)));
    match format {
        Format::Swagger2 => shown.insert("type".to_owned(), json!("string")),
        Format::OpenApi3 => shown.insert("schema".to_owned(), json!({"type": "string"})),
    };
    Value::Object(shown)
}

/// Swagger has one schema for all media types: JSON's, or else the first. It is named after its model (recorded).
fn swagger_body(method: &Method) -> Option<Value> {
    let model = one_model(method.request_models.as_ref())?;
    Some(json!({
        "in": "body", "name": model, "required": true,
        "schema": models::reference(model, Format::Swagger2),
    }))
}

fn one_model(by_type: Option<&tollgate_wire::Map<Option<String>>>) -> Option<&str> {
    let by_type = by_type?;
    let json = by_type.get("application/json");
    let model = json.or_else(|| by_type.values().next())?;
    model.as_deref()
}

/// The media types of bodies; those of templates where there are no models. Guess that agrees with what is recorded.
fn consumes(method: &Method) -> BTreeSet<&str> {
    let types = keys(method.request_models.as_ref());
    let integration = method.method_integration.as_ref();
    match types.is_empty() {
        true => keys(integration.and_then(|it| it.request_templates.as_ref())),
        false => types,
    }
}

fn produces(method: &Method) -> BTreeSet<&str> {
    let responses = method.method_responses.iter().flatten();
    let types: BTreeSet<&str> = responses
        .flat_map(|(_, it)| keys(it.response_models.as_ref()))
        .collect();
    if !types.is_empty() {
        return types;
    }
    let integration = method.method_integration.as_ref();
    let responses = integration.and_then(|it| it.integration_responses.as_ref());
    let responses = responses.into_iter().flatten();
    responses
        .flat_map(|(_, it)| keys(it.response_templates.as_ref()))
        .collect()
}

fn keys<V>(map: Option<&tollgate_wire::Map<V>>) -> BTreeSet<&str> {
    let map = map.into_iter().flatten();
    map.map(|(key, _)| key.as_str()).collect()
}

fn listed(types: BTreeSet<&str>) -> Option<Value> {
    (!types.is_empty()).then(|| json!(types))
}

fn responses(method: &Method, format: Format) -> Value {
    let responses = method.method_responses.iter().flatten();
    let sorted: BTreeMap<&String, Value> = responses
        .map(|(status, it)| (status, response(status, it, format)))
        .collect();
    let sorted = sorted.into_iter();
    Value::Object(sorted.map(|(status, it)| (status.clone(), it)).collect())
}

fn response(status: &str, of: &MethodResponse, format: Format) -> Value {
    let mut shown = Map::new();
    let description = json!(format!("{status} response"));
    shown.insert("description".to_owned(), description);
    let models = of.response_models.as_ref();
    match format {
        Format::Swagger2 => {
            let model = one_model(models);
            let schema = model.map(|model| models::reference(model, format));
            put(&mut shown, "schema", schema);
            put_some(
                &mut shown,
                "headers",
                headers(of, &json!({"type": "string"})),
            );
        }
        Format::OpenApi3 => {
            let header = json!({"schema": {"type": "string"}});
            put_some(&mut shown, "headers", headers(of, &header));
            // Recorded: without a model the content is empty, and is said.
            let content = content(models).unwrap_or_else(|| json!({}));
            shown.insert("content".to_owned(), content);
        }
    }
    Value::Object(shown)
}

fn headers(of: &MethodResponse, header: &Value) -> Map<String, Value> {
    let parameters = of.response_parameters.iter().flatten();
    let names = parameters.filter_map(|(name, _)| name.strip_prefix("method.response.header."));
    names
        .map(|name| (name.to_owned(), header.clone()))
        .collect()
}

fn content(by_type: Option<&tollgate_wire::Map<Option<String>>>) -> Option<Value> {
    let by_type = by_type.filter(|by_type| !by_type.is_empty())?;
    let shown = by_type.iter().map(|(media_type, model)| {
        let schema = model
            .as_deref()
            .map(|it| models::reference(it, Format::OpenApi3));
        let schema = schema.map_or_else(|| json!({}), |schema| json!({"schema": schema}));
        (media_type.clone(), schema)
    });
    Some(Value::Object(shown.collect()))
}
