//! What many deployed APIs cost: `cargo run --release -p tollgate-gateway --example many_apis [count]` stores so many APIs of twelve methods
//! each, loads them, and changes one; it prints times and memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tollgate_gateway::plan::Plans;
use tollgate_gateway::{Gateway, Loader, Settings};
use tollgate_model::rest::StoredDeployment;
use tollgate_openapi::Options;
use tollgate_store::{Commit, Content, Key, Kind, Put, Sqlite, Store};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::Stage;
use tollgate_wire::json;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let count = std::env::args()
        .nth(1)
        .and_then(|count| count.parse().ok())
        .unwrap_or(10_000);
    let folder = tempfile::tempdir().expect("a folder");
    let store: Arc<dyn Store> =
        Arc::new(Sqlite::open(folder.path(), tollgate_store::Options::default()).expect("a store"));
    for from in (0..count).step_by(100) {
        let commit = (from..count.min(from + 100)).fold(Commit::default(), deploy);
        store.commit(commit).await.expect("committed");
    }
    let before_kib = resident_kib();
    let gateway = Arc::new(Gateway::new(Settings::default()));
    let plans = Arc::new(Plans::new(Counters::new(1)));
    let began = Instant::now();
    let mut loader = Loader::load(store.clone(), gateway.clone(), plans)
        .await
        .expect("a readable store");
    let loaded = began.elapsed();
    let kib = resident_kib().saturating_sub(before_kib);
    let changes = 100;
    let began = Instant::now();
    for number in 0..changes {
        store
            .commit(deploy(Commit::default(), number))
            .await
            .expect("committed");
        loader.catch_up().await.expect("a readable store");
    }
    let changed = began.elapsed() / changes;
    let apis = gateway.table().apis().count();
    #[expect(clippy::print_stdout, reason = "an example's result")]
    {
        println!(
            "{apis} APIs loaded in {loaded:?}, {} KiB each; one change committed and served in {changed:?}",
            kib / count.max(1)
        );
    }
}

/// Puts the deployment and the stage of one API.
fn deploy(mut commit: Commit, number: impl Into<u64>) -> Commit {
    let id = format!("api{:07}", number.into());
    let mut imported =
        tollgate_openapi::import(document().as_bytes(), &Options::default()).expect("a document");
    imported.bind(&id, |part| format!("{part:?}"));
    let (manifest, contents) = imported.definition.freeze();
    let contents: Vec<_> = contents
        .into_iter()
        .map(|(_, bytes)| Content::new(bytes))
        .collect();
    let stored = StoredDeployment {
        description: None,
        manifest,
    };
    let stage = Stage {
        stage_name: Some("prod".to_owned()),
        deployment_id: Some("dep".to_owned()),
        ..Stage::default()
    };
    let api = Key::top("000000000000", "us-east-1", Kind::RestApi, &id);
    let put = |kind, id: &str, body| Put {
        key: api.child(kind, id),
        format: 1,
        created_ms: 0,
        tags: BTreeMap::new(),
        body,
        contents: Vec::new(),
    };
    commit.puts.push(Put {
        contents: contents.iter().map(Content::hash).collect(),
        ..put(Kind::Deployment, "dep", stored.to_json())
    });
    commit
        .puts
        .push(put(Kind::Stage, "prod", json::to_vec(&stage)));
    commit.contents.extend(contents);
    commit
}

/// Four resources with a validated body, templates both ways and a preflight each.
fn document() -> String {
    let mut document = "openapi: 3.0.1\ninfo: {title: many, version: '1'}\nx-amazon-apigateway-request-validators: {all: {validateRequestBody: true, validateRequestParameters: true}}\nx-amazon-apigateway-request-validator: all\npaths:\n".to_owned();
    for name in ["pets", "orders", "users", "carts"] {
        document.push_str(&RESOURCE.replace("NAME", name));
    }
    document
}

const RESOURCE: &str = r##"  /NAME/{id}:
    get:
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: 'http://127.0.0.1:9/NAME/{id}', requestParameters: {integration.request.path.id: method.request.path.id}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}, age: {type: integer}}}}}}
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: POST
        uri: http://127.0.0.1:9/NAME
        requestTemplates: {application/json: "#set($in = $input.path('$')){\"name\": \"$in.name\", \"by\": \"$context.requestId\"}"}
        responses: {default: {statusCode: '200', responseTemplates: {application/json: "{\"id\": $input.json('$.id')}"}}}
    options:
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {statusCode: '200', responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}}}}
"##;

/// Memory of this process, from Linux.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok())
        .unwrap_or_default()
}
