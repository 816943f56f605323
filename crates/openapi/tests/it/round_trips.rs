//! Import, export, import: the same API again. Over every document of the corpus, in both formats, as JSON and as YAML.

use serde_json::{Map, Value, json};
use tollgate_model::rest::Definition;
use tollgate_openapi::{Documentation, Export, Extensions, Format, Options, export, to_yaml};

use crate::{files, parsed, shown};

const API: &str = "abcdef1234";

/// What Swagger 2.0 cannot say of an API that OpenAPI 3.0 can: media types of bodies are an operation's in Swagger, and
/// every body of one direction has one schema.
const NOT_IN_SWAGGER: [&str; 3] = ["composed-schemas", "schemas", "templates"];

#[test]
fn what_is_exported_is_imported_as_the_same_api() {
    let mut held = 0;
    let mut documents = 0;
    let mut differences = Vec::new();
    for file in corpus() {
        documents += 1;
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let first = bound(&std::fs::read(&file).unwrap());
        for (way, again) in ways(&first) {
            let is_left_out = way.starts_with("swagger") && NOT_IN_SWAGGER.contains(&&*name);
            let holds = comparable(&again) == comparable(&first);
            match (holds, is_left_out) {
                (true, false) => held += 1,
                (false, true) => {}
                (true, true) => differences.push(format!("{name} as {way} holds after all")),
                (false, false) => differences.push(difference(&name, way, &first, &again)),
            }
        }
    }
    println!("{held} round trips of {documents} documents hold");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(documents >= 25, "{documents} documents");
}

fn corpus() -> impl Iterator<Item = std::path::PathBuf> {
    let own = files("inputs", &[".json", ".yaml"]);
    own.into_iter()
        .chain(files("recorded", &[".document.json", ".document.yaml"]))
}

fn bound(document: &[u8]) -> Definition {
    let mut imported =
        tollgate_openapi::import(document, &Options::default()).unwrap_or_else(|error| {
            panic!("{}\n{}", error.detail(), String::from_utf8_lossy(document))
        });
    imported.bind(API, |part| part.name().to_owned());
    imported.definition
}

fn ways(first: &Definition) -> [(&'static str, Definition); 4] {
    let [swagger, openapi] =
        [Format::Swagger2, Format::OpenApi3].map(|format| exported(first, format));
    [
        ("swagger", bound(swagger.to_string().as_bytes())),
        ("swagger in YAML", bound(to_yaml(&swagger).as_bytes())),
        ("oas30", bound(openapi.to_string().as_bytes())),
        ("oas30 in YAML", bound(to_yaml(&openapi).as_bytes())),
    ]
}

fn exported(definition: &Definition, format: Format) -> Value {
    let documentation = Documentation {
        version: "1",
        parts: &definition.documentation_parts,
    };
    export(&Export {
        definition,
        format,
        extensions: Extensions::parse("apigateway,documentation").unwrap(),
        host: "abcdef1234.execute-api.us-east-1.amazonaws.com",
        stage: "dev",
        version: definition.api.version.as_deref().unwrap_or_default(),
        documentation: (!definition.documentation_parts.is_empty()).then_some(documentation),
    })
}

/// The definition without what an import may not keep: the order of lists, and of members and names in schemas. What
/// a document does not say is as the control plane fills it in.
fn comparable(definition: &Definition) -> Value {
    let mut shown = shown(&tollgate_openapi::Imported {
        definition: definition.clone(),
        warnings: Vec::new(),
        unsupported: Vec::new(),
    });
    let unsaid = json!({"name": "", "version": "", "apiKeySource": "HEADER", "disableExecuteApiEndpoint": false});
    let api = shown["api"].as_object_mut().unwrap();
    for (name, value) in unsaid.as_object().unwrap() {
        api.entry(name).or_insert_with(|| value.clone());
    }
    for (list, member) in [("models", "schema"), ("documentationParts", "properties")] {
        for part in shown[list].as_array_mut().unwrap() {
            let text = part[member].as_str().unwrap().to_owned();
            part[member] = sorted_names(parsed(text.into_bytes()));
        }
    }
    if let Some(policy) = shown["api"].get_mut("policy") {
        *policy = parsed(policy.as_str().unwrap().as_bytes().to_vec());
    }
    for list in shown.as_object_mut().unwrap().values_mut() {
        if let Some(items) = list.as_array_mut() {
            items.sort_by_key(|item| item.get("id").unwrap_or(item).to_string());
        }
    }
    let responses = shown["gatewayResponses"].as_array_mut().unwrap();
    responses.sort_by_key(|it| it["responseType"].to_string());
    shown
}

fn sorted_names(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, member)| {
                let mut member = sorted_names(member);
                if let ("required", Value::Array(names)) = (name.as_str(), &mut member) {
                    names.sort_by_key(Value::to_string);
                }
                (name, member)
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted_names).collect()),
        scalar => scalar,
    }
}

/// The first place where two definitions differ.
fn difference(name: &str, way: &str, first: &Definition, again: &Definition) -> String {
    let (first, again) = (comparable(first), comparable(again));
    let at = first_difference(&first, &again, String::new()).unwrap_or_default();
    let [first, again] = [first, again].map(|it| it.pointer(&at).cloned().unwrap_or_default());
    format!("{name} as {way}: {at} was {first}, is {again}")
}

fn first_difference(left: &Value, right: &Value, at: String) -> Option<String> {
    match (left, right) {
        (Value::Object(members), Value::Object(others)) => {
            let names = members.keys().chain(others.keys());
            names
                .filter(|name| members.get(*name) != others.get(*name))
                .find_map(|name| {
                    let step = name.replace('~', "~0").replace('/', "~1");
                    let none = Value::Null;
                    let [left, right] = [members, others].map(|it| it.get(name).unwrap_or(&none));
                    first_difference(left, right, format!("{at}/{step}"))
                })
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let mut pairs = items.iter().zip(others).enumerate();
            pairs.find_map(|(index, (left, right))| {
                first_difference(left, right, format!("{at}/{index}"))
            })
        }
        _ => (left != right).then_some(at),
    }
}
