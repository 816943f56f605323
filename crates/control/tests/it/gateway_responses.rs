//! Gateway responses. <https://docs.aws.amazon.com/apigateway/latest/api/API_GatewayResponse.html>

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::play::{NONE, any, patch, play_on_pets};

const ONE: &str = "/restapis/{api.id}/gatewayresponses/MISSING_AUTHENTICATION_TOKEN";
const TEMPLATE: &str = "{\"message\":$context.error.messageString}";

fn default_of(kind: &str, status: Value) -> Value {
    let mut it = json!({"responseType": kind, "responseParameters": {}, "responseTemplates": {"application/json": TEMPLATE}, "defaultResponse": true});
    if !status.is_null() {
        it["statusCode"] = status;
    }
    it
}

/// Recorded: TestApiGatewayGatewayResponse::test_gateway_response_crud.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let own = json!({
        "responseType": "MISSING_AUTHENTICATION_TOKEN", "statusCode": "404", "defaultResponse": false,
        "responseParameters": {"gatewayresponse.header.a": "'b'"}, "responseTemplates": {"application/json": "{}"}
    });
    let answers = play_on_pets(&fixture, &[
        ("the default", &format!("GET {ONE}"), NONE, 200, default_of("MISSING_AUTHENTICATION_TOKEN", json!("403"))),
        ("own", &format!("PUT {ONE}"), json!({"statusCode": "404", "responseParameters": {"gatewayresponse.header.a": "'b'"}, "responseTemplates": {"application/json": "{}"}}), 201, own.clone()),
        ("get", &format!("GET {ONE}"), NONE, 200, own),
        ("all", "GET /restapis/{api.id}/gatewayresponses", NONE, 200, json!({"item": "*"})),
        ("delete", &format!("DELETE {ONE}"), NONE, 202, NONE),
        ("the default again", &format!("GET {ONE}"), NONE, 200, default_of("MISSING_AUTHENTICATION_TOKEN", json!("403"))),
        ("not there", &format!("DELETE {ONE}"), NONE, 404, json!("NotFoundException: Gateway response type not defined on api")),
        ("the rest is the default's", "PUT /restapis/{api.id}/gatewayresponses/DEFAULT_4XX", json!({"statusCode": "499"}), 201, json!({
            "responseType": "DEFAULT_4XX", "statusCode": "499", "responseParameters": {}, "responseTemplates": {"application/json": TEMPLATE}, "defaultResponse": false
        })),
        ("no status", "GET /restapis/{api.id}/gatewayresponses/DEFAULT_5XX", NONE, 200, default_of("DEFAULT_5XX", Value::Null)),
    ]).await;
    let all = answers["all"]["item"].as_array().unwrap();
    let kinds: Vec<_> = all
        .iter()
        .map(|it| it["responseType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.len(), 21);
    assert!(kinds.is_sorted(), "{kinds:?}");
}

/// Recorded: test_gateway_response_validation.
#[tokio::test]
async fn refused() {
    let fixture = Fixture::new();
    let no_api = json!("NotFoundException: Invalid API identifier specified 000000000000:nothing");
    let answers = play_on_pets(
        &fixture,
        &[
            (
                "no API",
                "GET /restapis/nothing/gatewayresponses",
                NONE,
                404,
                no_api.clone(),
            ),
            (
                "no API",
                "GET /restapis/nothing/gatewayresponses/THROTTLED",
                NONE,
                404,
                no_api.clone(),
            ),
            (
                "no API",
                "DELETE /restapis/nothing/gatewayresponses/THROTTLED",
                NONE,
                404,
                no_api.clone(),
            ),
            (
                "no API",
                "PATCH /restapis/nothing/gatewayresponses/THROTTLED",
                patch(json!([])),
                404,
                no_api,
            ),
        ],
    )
    .await;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let target = crate::play::fill(
            "/restapis/{api.id}/gatewayresponses/FAKE_RESPONSE_TYPE",
            &answers,
        );
        let answer = fixture.call(method, &target, "{}").await;
        let start = "ValidationException: 1 validation error detected: Value 'FAKE_RESPONSE_TYPE' at 'responseType' failed to satisfy constraint: Member must satisfy enum value set: [";
        assert!(
            answer.status == 400 && answer.refusal().starts_with(start),
            "{method}: {}",
            answer.refusal()
        );
    }
}

/// Recorded: test_update_gateway_response.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let on = format!("PATCH {ONE}");
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    let parameter = "/responseParameters/gatewayresponse.header.a";
    play_on_pets(
        &fixture,
        &[
            (
                "customised by it",
                &on,
                patch(json!([["replace", "/statusCode", "404"]])),
                200,
                json!({"statusCode": "404", "defaultResponse": false, "...": true}),
            ),
            (
                "parameters",
                &on,
                patch(json!([["add", parameter, "'b'"]])),
                200,
                json!({"responseParameters": {"gatewayresponse.header.a": "'b'"}, "...": true}),
            ),
            (
                "replaced",
                &on,
                patch(json!([["replace", parameter, "'c'"]])),
                200,
                json!({"responseParameters": {"gatewayresponse.header.a": "'c'"}, "...": true}),
            ),
            (
                "removed",
                &on,
                patch(json!([["remove", parameter]])),
                200,
                json!({"responseParameters": {}, "...": true}),
            ),
            (
                "templates",
                &on,
                patch(json!([
                    ["add", "/responseTemplates/application~1xml", "<x/>"],
                    ["remove", "/responseTemplates/application~1json"]
                ])),
                200,
                json!({"responseTemplates": {"application/xml": "<x/>"}, "...": true}),
            ),
            (
                "not there",
                &on,
                patch(json!([["replace", parameter, "'b'"]])),
                404,
                json!("NotFoundException: Invalid parameter name specified"),
            ),
            (
                "no value",
                &on,
                patch(json!([["add", parameter]])),
                400,
                bad("Invalid null or empty value in responseParameters"),
            ),
            (
                "no value",
                &on,
                patch(json!([[
                    "replace",
                    "/responseTemplates/application~1xml",
                    ""
                ]])),
                400,
                bad("Invalid null or empty value in responseTemplates"),
            ),
            (
                "add of a status",
                &on,
                patch(json!([["add", "/statusCode", "404"]])),
                400,
                bad("Invalid patch path /statusCode"),
            ),
            (
                "no such path",
                &on,
                patch(json!([["replace", "/wrongPath", "a"]])),
                400,
                bad("Invalid patch path /wrongPath"),
            ),
            (
                "no path",
                &on,
                patch(json!([["replace"]])),
                400,
                bad("Invalid patch path null"),
            ),
            // Guess: AWS's text is not recorded.
            (
                "no status",
                &on,
                patch(json!([["replace", "/statusCode", "999"]])),
                400,
                bad("Invalid Response status code specified"),
            ),
            ("after all", &format!("GET {ONE}"), NONE, 200, any()),
        ],
    )
    .await;
}
