//! `cloneFrom`. <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html>

use serde_json::json;

use crate::fixture::Fixture;
use crate::play::{NONE, any, play_on_mock};

/// Guess: AWS's answers are not recorded. Everything is there again under ids of its own.
#[tokio::test]
async fn a_clone_has_all_parts_and_no_id_of_its_source() {
    let fixture = Fixture::new();
    let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations";
    let reference =
        "{\"$ref\":\"https://apigateway.amazonaws.com/restapis/{api.id}/models/Empty\"}";
    let at = "/restapis/{clone.id}";
    let answers = play_on_mock(&fixture, &[
        ("validator", "POST /restapis/{api.id}/requestvalidators", json!({"name": "all"}), 201, any()),
        ("own", "POST /restapis/{api.id}/authorizers", json!({"name": "own", "type": "TOKEN", "authorizerUri": uri}), 201, any()),
        ("post", "PUT /restapis/{api.id}/resources/{pets.id}/methods/POST", json!({"authorizationType": "CUSTOM", "authorizerId": "{own.id}", "requestValidatorId": "{validator.id}"}), 201, any()),
        ("model", "POST /restapis/{api.id}/models", json!({"name": "Pet", "contentType": "application/json", "schema": reference}), 201, any()),
        ("part", "POST /restapis/{api.id}/documentation/parts", json!({"location": {"type": "API"}, "properties": "{}"}), 201, any()),
        ("response", "PUT /restapis/{api.id}/gatewayresponses/THROTTLED", json!({"statusCode": "503"}), 201, any()),
        ("clone", "POST /restapis", json!({"name": "clone", "cloneFrom": "{api.id}"}), 201, json!({"name": "clone", "...": true})),
        ("validators", &format!("GET {at}/requestvalidators"), NONE, 200, json!({"item": [{"name": "all", "...": true}]})),
        ("authorizers", &format!("GET {at}/authorizers"), NONE, 200, json!({"item": [{"name": "own", "...": true}]})),
        ("parts", &format!("GET {at}/documentation/parts"), NONE, 200, json!({"item": [{"location": {"type": "API"}, "...": true}]})),
        ("response", &format!("GET {at}/gatewayresponses/THROTTLED"), NONE, 200, json!({"statusCode": "503", "...": true})),
        ("model", &format!("GET {at}/models/Pet"), NONE, 200, json!({"schema": "{\"$ref\":\"https://apigateway.amazonaws.com/restapis/{clone.id}/models/Empty\"}", "...": true})),
        ("tree", &format!("GET {at}/resources?embed=methods"), NONE, 200, json!({"item": [{"id": "{clone.rootResourceId}", "path": "/"}, {"path": "/pets", "parentId": "{clone.rootResourceId}", "...": true}]})),
        ("none", "POST /restapis", json!({"name": "clone", "cloneFrom": "nothing"}), 404, json!("NotFoundException: Invalid API identifier specified 000000000000:nothing")),
    ]).await;
    let post = &answers["tree"]["item"][1]["resourceMethods"]["POST"];
    assert_eq!(
        post["authorizerId"],
        answers["authorizers"]["item"][0]["id"]
    );
    assert_eq!(
        post["requestValidatorId"],
        answers["validators"]["item"][0]["id"]
    );
    let get = &answers["tree"]["item"][1]["resourceMethods"]["GET"];
    assert_eq!(get["methodIntegration"]["type"], "MOCK");
    for (source, clone) in [
        ("pets", &answers["tree"]["item"][1]),
        ("own", &answers["authorizers"]["item"][0]),
    ] {
        assert_ne!(answers[source]["id"], clone["id"], "{source}");
    }
}
