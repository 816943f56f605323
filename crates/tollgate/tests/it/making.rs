//! APIs for the tests, made by control calls as clients make them.

use serde_json::{Value, json};
use tollgate_testkit::Tollgate;

/// A definition with `GET /word`, answered by the gateway with `answer`.
pub(crate) fn mock(answer: &str) -> Value {
    json!({
        "openapi": "3.0.1",
        "info": {"title": "mock", "version": "1"},
        "paths": {"/word": {"get": {
            "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": "mock",
                "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
                "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": answer}}},
            },
        }}},
    })
}

/// A definition that passes everything on to `backend`.
pub(crate) fn proxy(backend: &str) -> Value {
    json!({
        "openapi": "3.0.1",
        "info": {"title": "proxy", "version": "1"},
        "paths": {"/{proxy+}": {"x-amazon-apigateway-any-method": {
            "parameters": [{"name": "proxy", "in": "path", "required": true, "schema": {"type": "string"}}],
            "x-amazon-apigateway-integration": {
                "type": "http_proxy",
                "httpMethod": "ANY",
                "uri": format!("{backend}/{{proxy}}"),
                "requestParameters": {"integration.request.path.proxy": "method.request.path.proxy"},
            },
        }}},
    })
}

/// Imports a definition. The API's id.
#[track_caller]
pub(crate) fn import(tollgate: &Tollgate, definition: &Value) -> String {
    let answer = tollgate
        .control_bytes("POST", "/restapis?mode=import", definition.to_string())
        .expect(201);
    answer.json()["id"].as_str().expect("an id").to_owned()
}

/// Deploys an API to a stage.
#[track_caller]
pub(crate) fn deploy(tollgate: &Tollgate, api: &str, stage: &str) {
    let body = json!({"stageName": stage});
    tollgate
        .control("POST", &format!("/restapis/{api}/deployments"), Some(&body))
        .expect(201);
}

/// Imports a definition and deploys it to the stage `dev`. The API's id.
#[track_caller]
pub(crate) fn serve(tollgate: &Tollgate, definition: &Value) -> String {
    let api = import(tollgate, definition);
    deploy(tollgate, &api, "dev");
    api
}
