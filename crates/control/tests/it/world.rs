//! An API with every part, and for each operation a request that is answered well: what bad requests are made from.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tollgate_wire::schema::{Location, Member, Operation, Shape, Structure};

use crate::fixture::Fixture;
use crate::play::{Answers, Step, any, play_after, play_on_get};

const URI: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations";
const DEFINITION: &str = r#"{"openapi":"3.0.1","info":{"title":"made","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"d"}}}}}}"#;

/// A control plane with such an API.
pub(crate) struct World {
    pub(crate) fixture: Fixture,
    answers: Answers,
}

/// A request in its parts.
#[derive(Clone, Debug)]
pub(crate) struct Good {
    pub(crate) labels: BTreeMap<&'static str, String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// What a request carries.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Nothing,
    Json(Value),
    Raw(Vec<u8>),
}

impl World {
    pub(crate) async fn new() -> Self {
        let fixture = Fixture::new();
        let steps = parts();
        let answers = play_on_get(&fixture, &[]).await;
        let answers = play_after(&fixture, answers, &steps).await;
        Self { fixture, answers }
    }

    /// A request of `operation` that holds.
    pub(crate) fn good(&self, operation: &'static Operation) -> Good {
        let mut good = Good {
            labels: BTreeMap::new(),
            query: Vec::new(),
            body: Body::Nothing,
        };
        let mut body = Map::new();
        for (index, member) in operation.input.members.iter().enumerate() {
            match member.location {
                Location::Label => {
                    let label = self.label(operation.name, member.wire_name);
                    good.labels.insert(member.wire_name, label);
                }
                Location::Query if member.is_required => {
                    let value = match member.wire_name {
                        "startDate" | "endDate" => "2026-01-01",
                        "format" => "csv",
                        _ => "a",
                    };
                    good.query
                        .push((member.wire_name.to_owned(), value.to_owned()));
                }
                Location::Query | Location::Header => {}
                Location::Body if operation.input.payload == Some(index) => {
                    let document = match operation.name {
                        "ImportApiKeys" => "name,key\nmade,made-by-a-file-of-keys",
                        _ => DEFINITION,
                    };
                    good.body = Body::Raw(document.into());
                }
                Location::Body => {
                    if let Some(value) = self.value(operation.name, member) {
                        body.insert(member.wire_name.to_owned(), value);
                    }
                }
            }
        }
        let has_body = operation
            .input
            .members
            .iter()
            .any(|member| member.location == Location::Body);
        if has_body && matches!(good.body, Body::Nothing) {
            good.body = Body::Json(Value::Object(body));
        }
        good
    }

    fn id(&self, step: &str) -> String {
        text(&self.answers[step]["id"])
    }

    fn label(&self, operation: &str, name: &str) -> String {
        match name {
            "restapi_id" => self.id("api"),
            "resource_id" => self.id("pets"),
            "parent_id" => text(&self.answers["api"]["rootResourceId"]),
            "http_method" if operation == "PutMethod" => "POST".to_owned(),
            "http_method" => "GET".to_owned(),
            "status_code" if operation == "PutMethodResponse" => "201".to_owned(),
            "status_code" => "200".to_owned(),
            "model_name" => "Empty".to_owned(),
            "requestvalidator_id" => self.id("validator"),
            "authorizer_id" => self.id("own"),
            "part_id" => self.id("part"),
            "doc_version" => "v1".to_owned(),
            "response_type" => "THROTTLED".to_owned(),
            // No stage has it.
            "deployment_id" => self.id("spare"),
            "stage_name" => "dev".to_owned(),
            "sdktype_id" => "java".to_owned(),
            "export_type" => "oas30".to_owned(),
            "api_Key" | "keyId" => self.id("key"),
            "usageplanId" if operation == "DeleteUsagePlan" => self.id("spare plan"),
            "usageplanId" => self.id("plan"),
            "resource_arn" => format!("arn:aws:apigateway:us-east-1::/restapis/{}", self.id("api")),
            _ => "abc123".to_owned(),
        }
    }

    /// The value of a member that must be there, or that an operation is empty without.
    fn value(&self, operation: &str, member: &Member) -> Option<Value> {
        let special = match (operation, member.wire_name) {
            ("CreateStage", "deploymentId") => json!(self.id("deployed")),
            ("CreateStage", "stageName") => json!("second"),
            ("CreateAuthorizer", "type") => json!("TOKEN"),
            ("CreateAuthorizer", "authorizerUri") => json!(URI),
            ("CreateModel", "contentType") => json!("application/json"),
            ("CreateModel", "schema") => json!("{\"type\":\"object\"}"),
            ("CreateDocumentationPart", "location") => json!({"type": "MODEL", "name": "Empty"}),
            (_, "properties") => json!("{}"),
            ("PutIntegration", "type") => json!("MOCK"),
            ("PutMethod", "authorizationType") => json!("NONE"),
            ("CreateUsagePlanKey", "keyId") => json!(self.id("spare key")),
            ("CreateUsagePlanKey", "keyType") => json!("API_KEY"),
            (_, "tags") => json!({"a": "b"}),
            (_, "patchOperations") => json!([]),
            _ if !member.is_required => return None,
            _ => json!("made"),
        };
        Some(special)
    }
}

impl Good {
    /// The target: path and query.
    pub(crate) fn target(&self, operation: &Operation) -> String {
        let (path, query) = operation.uri.split_once('?').unwrap_or((operation.uri, ""));
        let mut path = path.to_owned();
        for (name, value) in &self.labels {
            path = path.replace(&format!("{{{name}}}"), &escape(value));
        }
        let own = (!query.is_empty()).then(|| query.to_owned());
        let given = self
            .query
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        let query: Vec<String> = own.into_iter().chain(given).collect();
        format!("{path}?{}", query.join("&"))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Body::Nothing => Vec::new(),
            Body::Json(value) => value.to_string().into_bytes(),
            Body::Raw(bytes) => bytes.clone(),
        }
    }
}

/// Everything but what a line can hold as it is; `%` stays, so that a case can bring escapes of its own.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn parts() -> Vec<Step<'static>> {
    const GET: &str = "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/integration";
    const RESPONSE: &str = "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/responses/200";
    const ANSWER: &str =
        "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/integration/responses/200";
    const DEPLOY: &str = "POST /restapis/{api.id}/deployments";
    let authorizer = json!({"name": "own", "type": "TOKEN", "authorizerUri": URI});
    let plan = json!({"name": "p", "apiStages": [{"apiId": "{api.id}", "stage": "dev"}], "quota": {"limit": 9, "period": "DAY"}});
    let part = json!({"location": {"type": "API"}, "properties": "{}"});
    [
        ("mock", GET, json!({"type": "MOCK"})),
        ("response", RESPONSE, json!({})),
        ("answer", ANSWER, json!({})),
        (
            "validator",
            "POST /restapis/{api.id}/requestvalidators",
            json!({"name": "v"}),
        ),
        ("own", "POST /restapis/{api.id}/authorizers", authorizer),
        ("part", "POST /restapis/{api.id}/documentation/parts", part),
        (
            "version",
            "POST /restapis/{api.id}/documentation/versions",
            json!({"documentationVersion": "v1"}),
        ),
        (
            "throttled",
            "PUT /restapis/{api.id}/gatewayresponses/THROTTLED",
            json!({"statusCode": "503"}),
        ),
        ("spare", DEPLOY, json!({})),
        ("deployed", DEPLOY, json!({"stageName": "dev"})),
        ("key", "POST /apikeys", json!({})),
        ("spare key", "POST /apikeys", json!({})),
        ("plan", "POST /usageplans", plan),
        ("spare plan", "POST /usageplans", json!({"name": "p"})),
        (
            "in",
            "POST /usageplans/{plan.id}/keys",
            json!({"keyId": "{key.id}", "keyType": "API_KEY"}),
        ),
    ]
    .into_iter()
    .map(|(name, line, body)| (name, line, body, 201, any()))
    .collect()
}

/// Every way to a value within a body that the model knows, with its shape and whether it must be there.
pub(crate) fn places(structure: &'static Structure) -> Vec<Place> {
    let mut places = Vec::new();
    let body = structure
        .members
        .iter()
        .filter(|it| it.location == Location::Body);
    for member in body {
        walk(
            vec![Down::Member(member.wire_name)],
            member.shape,
            member.is_required,
            0,
            &mut places,
        );
    }
    places
}

/// A value within a body.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) way: Vec<Down>,
    pub(crate) shape: &'static Shape,
    pub(crate) is_required: bool,
}

/// One step down.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Down {
    Member(&'static str),
    Item,
    Entry,
}

const DEPTH_MAX: usize = 4;

fn walk(
    way: Vec<Down>,
    shape: &'static Shape,
    is_required: bool,
    depth: usize,
    into: &mut Vec<Place>,
) {
    into.push(Place {
        way: way.clone(),
        shape,
        is_required,
    });
    if depth == DEPTH_MAX {
        return;
    }
    let down = |step| [way.as_slice(), &[step]].concat();
    match shape {
        Shape::Structure(structure) => {
            for member in structure.members {
                let way = down(Down::Member(member.wire_name));
                walk(way, member.shape, member.is_required, depth + 1, into);
            }
        }
        Shape::List(item, _) => walk(down(Down::Item), item, false, depth + 1, into),
        Shape::Map(entry, _) => walk(down(Down::Entry), entry, false, depth + 1, into),
        Shape::Boolean
        | Shape::Integer(_)
        | Shape::Long(_)
        | Shape::Double(_)
        | Shape::Timestamp
        | Shape::Blob(_)
        | Shape::Text(_) => {}
    }
}

/// Puts `value` where `way` leads, or takes away what is there.
pub(crate) fn put(body: &mut Value, way: &[Down], value: Option<Value>) {
    let Some((first, rest)) = way.split_first() else {
        *body = value.unwrap_or(Value::Null);
        return;
    };
    let name = match first {
        Down::Member(name) => *name,
        Down::Entry => "k",
        Down::Item => {
            if !body.is_array() {
                *body = json!([null]);
            }
            let items = body.as_array_mut().expect("it is a list");
            match (items.is_empty(), rest.is_empty(), &value) {
                (_, true, None) => items.clear(),
                (true, _, _) => items.push(Value::Null),
                _ => {}
            }
            if let Some(item) = items.first_mut() {
                put(item, rest, value);
            }
            return;
        }
    };
    if !body.is_object() {
        *body = json!({});
    }
    let members = body.as_object_mut().expect("it is an object");
    if rest.is_empty() && value.is_none() {
        members.remove(name);
        return;
    }
    put(members.entry(name).or_insert(Value::Null), rest, value);
}
