//! Method responses. <https://docs.aws.amazon.com/apigateway/latest/api/API_MethodResponse.html>

use serde_json::json;

use crate::fixture::Fixture;
use crate::play::{NONE, each, patch, play_on_get};

const RESPONSE: &str = "/restapis/{api.id}/resources/{pets.id}/methods/GET/responses/200";
const UNKNOWN: &str = "NotFoundException: Invalid Response status code specified";

fn on(method: &str) -> String {
    format!("{method} {RESPONSE}")
}

/// Recorded: TestApigatewayMethodResponse::test_lifecycle_method_response.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let response = json!({"statusCode": "200", "responseParameters": {}, "responseModels": {"application/json": "Empty"}});
    play_on_get(&fixture, &[
        ("put", &on("PUT"), json!({"responseParameters": {}, "responseModels": {"application/json": "Empty"}}), 201, response.clone()),
        ("get", &on("GET"), NONE, 200, response),
        // Widely seen; not recorded.
        ("again", &on("PUT"), json!({}), 409, json!("ConflictException: Response already exists for this resource")),
        ("delete", &on("DELETE"), NONE, 204, NONE),
        ("gone", &on("GET"), NONE, 404, json!(UNKNOWN)),
        ("gone", &on("DELETE"), NONE, 404, json!(UNKNOWN)),
        ("no method", "PUT /restapis/{api.id}/resources/{pets.id}/methods/POST/responses/200", json!({}), 404, json!("NotFoundException: Invalid Method identifier specified")),
        ("no resource", "PUT /restapis/{api.id}/resources/nothing/methods/GET/responses/200", json!({}), 404, json!("NotFoundException: Invalid Resource identifier specified")),
        ("no status", "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET/responses/wrong", json!({}), 400,
            json!("ValidationException: 1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d")),
        ("no such model", &on("PUT"), json!({"responseModels": {"application/json": "None"}}), 400, json!("BadRequestException: Invalid model identifier specified: None")),
        ("no header", &on("PUT"), json!({"responseParameters": {"method.response.body": true}}), 400, json!("BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.body]")),
    ]).await;
}

/// Recorded: test_update_method_response, …_lack_response_parameters_and_models, …_wrong_param_names, …_negative_tests.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let header = "/responseParameters/method.response.header.my-header";
    let cases = [
        (
            patch(json!([
                ["add", header, "true"],
                ["add", "/responseModels/application~1json", "Empty"]
            ])),
            201,
            json!({"statusCode": "200", "responseParameters": {"method.response.header.my-header": true}, "responseModels": {"application/json": "Empty"}}),
        ),
        (
            patch(json!([
                ["replace", header, "false"],
                ["replace", "/responseModels/application~1json", "Error"]
            ])),
            201,
            json!({"statusCode": "200", "responseParameters": {"method.response.header.my-header": false}, "responseModels": {"application/json": "Error"}}),
        ),
        (
            patch(json!([
                ["remove", header],
                ["remove", "/responseModels/application~1json"]
            ])),
            201,
            json!({"statusCode": "200"}),
        ),
        (
            patch(json!([["remove", header]])),
            404,
            json!("NotFoundException: Invalid parameter name specified"),
        ),
        (
            patch(json!([["replace", header, "true"]])),
            404,
            json!("NotFoundException: Invalid parameter name specified"),
        ),
        (
            patch(json!([["remove", "/responseModels/application~1json"]])),
            404,
            json!("NotFoundException: Content-Type specified was not found"),
        ),
        (
            patch(json!([[
                "add",
                "/wrong/method.response.header.my-header",
                "true"
            ]])),
            400,
            json!(
                "BadRequestException: Invalid patch path /wrong/method.response.header.my-header"
            ),
        ),
        (
            patch(json!([["add", "/responseParameters", "true"]])),
            400,
            json!("BadRequestException: Invalid patch path /responseParameters"),
        ),
    ];
    let (put, update) = (on("PUT"), on("PATCH"));
    let mut steps = vec![(
        "put",
        put.as_str(),
        json!({}),
        201,
        json!({"statusCode": "200"}),
    )];
    steps.extend(each(&update, cases));
    play_on_get(&fixture, &steps).await;
}
