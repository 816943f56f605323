//! Integration responses. <https://docs.aws.amazon.com/apigateway/latest/api/API_IntegrationResponse.html>

use serde_json::json;

use crate::fixture::Fixture;
use crate::play::{NONE, any, bad, each, ok, patch, play_on_get, play_on_mock};

const GET: &str = "/restapis/{api.id}/resources/{pets.id}/methods/GET";
const UNKNOWN: &str = "NotFoundException: Invalid Response status code specified";

fn on(method: &str) -> String {
    format!("{method} {GET}/integration/responses/200")
}

/// Recorded: TestApigatewayIntegrationResponse::test_lifecycle_integration_response, test_put_integration_responses.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    play_on_mock(
        &fixture,
        &[
            (
                "plain",
                &on("PUT"),
                json!({}),
                201,
                json!({"statusCode": "200"}),
            ),
            (
                "in its place",
                &on("PUT"),
                json!({"selectionPattern": "", "responseTemplates": {}}),
                201,
                json!({"statusCode": "200", "selectionPattern": "", "responseTemplates": {}}),
            ),
            (
                "an empty template is null",
                &on("PUT"),
                json!({"responseTemplates": {"application/json": ""}}),
                201,
                json!({"statusCode": "200", "responseTemplates": {"application/json": null}}),
            ),
            (
                "get",
                &on("GET"),
                NONE,
                200,
                json!({"statusCode": "200", "responseTemplates": {"application/json": null}}),
            ),
            ("delete", &on("DELETE"), NONE, 204, NONE),
            ("gone", &on("GET"), NONE, 404, json!(UNKNOWN)),
            ("gone", &on("DELETE"), NONE, 404, json!(UNKNOWN)),
        ],
    )
    .await;
}

/// Recorded: test_integration_response_wrong_api, …_wrong_resource, …_invalid_integration, …_invalid_statuscode,
/// …_invalid_responsetemplates.
#[tokio::test]
async fn refused_responses() {
    let fixture = Fixture::new();
    let resource = "NotFoundException: Invalid Resource identifier specified";
    play_on_get(&fixture, &[
        ("no API", "PUT /restapis/nothing/resources/a/methods/GET/integration/responses/200", json!({}), 404, json!(resource)),
        ("no resource", "PUT /restapis/{api.id}/resources/nothing/methods/GET/integration/responses/200", json!({}), 404, json!(resource)),
        ("no method", "PUT /restapis/{api.id}/resources/{pets.id}/methods/POST/integration/responses/200", json!({}), 404, json!("NotFoundException: Invalid Method identifier specified")),
        ("no integration", &on("PUT"), json!({}), 404, json!("NotFoundException: Invalid Integration identifier specified")),
        ("no integration", &on("GET"), NONE, 404, json!("NotFoundException: Invalid Integration identifier specified")),
        ("mock", &format!("PUT {GET}/integration"), json!({"type": "MOCK"}), 201, any()),
        ("no status", &format!("PUT {GET}/integration/responses/wrong"), json!({}), 400,
            json!("ValidationException: 1 validation error detected: Value 'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d")),
        ("no content type", &on("PUT"), json!({"responseTemplates": {"123": "x"}}), 400, json!("BadRequestException: Validation Result: warnings : [], errors : [Invalid content type specified: 123]")),
        ("no text", &on("PUT"), json!({"responseTemplates": {"application/json": 1}}), 400, json!("SerializationException: class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String")),
        ("an undeclared header", &on("PUT"), json!({"responseParameters": {"method.response.header.a": "'b'"}}), 400, json!("BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [No method response exists for method.]")),
        ("declared", &format!("PUT {GET}/responses/200"), json!({}), 201, any()),
        ("a header that is not", &on("PUT"), json!({"responseParameters": {"method.response.header.a": "'b'"}}), 400, json!("BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.header.a]")),
        ("declared", &format!("PATCH {GET}/responses/200"), patch(json!([["add", "/responseParameters/method.response.header.a", "false"]])), 201, any()),
        ("taken", &on("PUT"), json!({"responseParameters": {"method.response.header.a": "integration.response.body.x"}}), 201, any()),
        ("no source", &on("PUT"), json!({"responseParameters": {"method.response.header.a": "method.request.header.b"}}), 400,
            json!("BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: method.request.header.b]")),
        ("a pattern", &format!("PUT {GET}/integration/responses/400"), json!({"selectionPattern": "4.."}), 201, any()),
        // Known from Terraform's issues.
        ("the same pattern", &on("PUT"), json!({"selectionPattern": "4.."}), 409, json!("ConflictException: Integration response with selection pattern 4.. already exists")),
    ]).await;
}

/// The API reference's table; the family of refusals is a guess after method responses.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let cases = [
        ok(
            json!([["replace", "/selectionPattern", "2.."]]),
            "selectionPattern",
            json!("2.."),
        ),
        ok(
            json!([["replace", "/contentHandling", "CONVERT_TO_BINARY"]]),
            "contentHandling",
            json!("CONVERT_TO_BINARY"),
        ),
        ok(
            json!([["add", "/responseTemplates/application~1json", "{}"]]),
            "responseTemplates",
            json!({"application/json": "{}"}),
        ),
        ok(
            json!([["add", "/responseParameters/method.response.header.a", "'b'"]]),
            "responseParameters",
            json!({"method.response.header.a": "'b'"}),
        ),
        bad(
            json!([["add", "/responseParameters/method.response.header.b", "'b'"]]),
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.header.b]",
        ),
        bad(
            json!([["replace", "/statusCode", "201"]]),
            "Invalid patch path /statusCode",
        ),
        bad(
            json!([["replace", "/contentHandling", "CONVERT"]]),
            "Invalid contentHandling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT",
        ),
        (
            patch(json!([["remove", "/responseTemplates/text~1plain"]])),
            404,
            json!("NotFoundException: Content-Type specified was not found"),
        ),
        (
            patch(json!([
                ["remove", "/responseTemplates/application~1json"],
                ["remove", "/responseParameters/method.response.header.a"],
                ["replace", "/contentHandling", ""]
            ])),
            200,
            json!({"statusCode": "200", "selectionPattern": "2.."}),
        ),
    ];
    let (put, update, declare) = (on("PUT"), on("PATCH"), format!("PUT {GET}/responses/200"));
    let mut steps = vec![
        (
            "declare",
            declare.as_str(),
            json!({"responseParameters": {"method.response.header.a": true}}),
            201,
            any(),
        ),
        ("put", put.as_str(), json!({}), 201, any()),
    ];
    steps.extend(each(&update, cases));
    play_on_mock(&fixture, &steps).await;
}
