//! The account, and what AWS generates of an API. <https://docs.aws.amazon.com/apigateway/latest/api/API_Account.html>

use serde_json::json;

use crate::fixture::Fixture;
use crate::play::{NONE, bad, each, ok, play};

const ROLE: &str = "arn:aws:iam::000000000000:role/logs";

/// AWS's defaults and the API reference's table; the refusals are guesses.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let account = json!({"throttleSettings": {"burstLimit": 5000, "rateLimit": 10000}, "features": ["UsagePlans"], "apiKeyVersion": "4"});
    let mut steps = vec![("get", "GET /account", NONE, 200, account)];
    steps.extend(each("PATCH /account", [
        ok(json!([["replace", "/cloudwatchRoleArn", ROLE]]), "cloudwatchRoleArn", json!(ROLE)),
        ok(json!([["add", "/features", "UsagePlans"]]), "features", json!(["UsagePlans"])),
        bad(json!([["remove", "/features", "UsagePlans"]]), "Usage Plans cannot be disabled once enabled"),
        bad(json!([["add", "/features", "Other"]]), "Invalid feature specified. Valid options are UsagePlans"),
        bad(json!([["replace", "/cloudwatchRoleArn", "role"]]), "Invalid ARN specified in the request"),
        bad(json!([["replace", "/apiKeyVersion", "5"]]), "Invalid patch path  '/apiKeyVersion' specified for op 'replace'. Must be one of: [/cloudwatchRoleArn, /features]"),
    ]));
    steps.push((
        "kept",
        "GET /account",
        NONE,
        200,
        json!({"cloudwatchRoleArn": ROLE, "...": true}),
    ));
    play(&fixture, &steps).await;
    let elsewhere = fixture.call_in("eu-west-1", "GET", "/account", "").await;
    assert_eq!(elsewhere.json().get("cloudwatchRoleArn"), None);
}

/// The ids are the reference's of GetSdk; the names and the refusal are guesses.
#[tokio::test]
async fn kinds_of_client_libraries() {
    let java = json!({"id": "java", "friendlyName": "Java SDK", "configurationProperties": [
        {"name": "serviceName", "friendlyName": "serviceName", "required": true},
        {"name": "javaPackageName", "friendlyName": "javaPackageName", "required": true}]});
    play(
        &Fixture::new(),
        &[
            ("one", "GET /sdktypes/java", NONE, 200, java),
            (
                "none",
                "GET /sdktypes/cobol",
                NONE,
                404,
                json!("NotFoundException: Invalid SDK type identifier specified"),
            ),
            (
                "all",
                "GET /sdktypes?limit=1",
                NONE,
                200,
                json!({"item": [{"id": "android", "...": true}], "position": "*"}),
            ),
        ],
    )
    .await;
}
