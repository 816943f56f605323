//! Methods. <https://docs.aws.amazon.com/apigateway/latest/api/API_Method.html>

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::play::{NONE, any, bad, each, patch, play_on_get, play_on_pets, with};

const GET: &str = "/restapis/{api.id}/resources/{pets.id}/methods/GET";

fn on(method: &str) -> String {
    format!("{method} {GET}")
}

/// Recorded: TestApiGatewayApiMethod::test_method_lifecycle.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let method = json!({"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false});
    play_on_pets(
        &fixture,
        &[
            (
                "put",
                &on("PUT"),
                json!({"authorizationType": "none"}),
                201,
                method.clone(),
            ),
            ("get", &on("GET"), NONE, 200, method),
            (
                "again",
                &on("PUT"),
                json!({"authorizationType": "NONE"}),
                409,
                json!("ConflictException: Method already exists for this resource"),
            ),
            ("delete", &on("DELETE"), NONE, 204, NONE),
            (
                "gone",
                &on("GET"),
                NONE,
                404,
                json!("NotFoundException: Invalid Method identifier specified"),
            ),
            (
                "gone",
                &on("DELETE"),
                NONE,
                404,
                json!("NotFoundException: Invalid Method identifier specified"),
            ),
        ],
    )
    .await;
}

/// Recorded: test_put_method_validation, test_method_request_parameters, test_put_method_model.
#[tokio::test]
async fn refused_creations() {
    let fixture = Fixture::new();
    let no_authorizer = "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.";
    let none = |more: Value| with(json!({"authorizationType": "NONE"}), more);
    let answers = play_on_pets(&fixture, &[
        ("no resource", "PUT /restapis/{api.id}/resources/nothing/methods/GET", none(json!({})), 404, json!("NotFoundException: Invalid Resource identifier specified")),
        ("no API", "PUT /restapis/nothing/resources/nothing/methods/GET", none(json!({})), 404, json!("NotFoundException: Invalid Resource identifier specified")),
        ("no such verb", "PUT /restapis/{api.id}/resources/{pets.id}/methods/WRONG", none(json!({})), 400, json!("BadRequestException: Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")),
    ]).await;
    for (body, text) in [
        (json!({"authorizationType": "CUSTOM"}), no_authorizer),
        (
            json!({"authorizationType": "COGNITO_USER_POOLS", "authorizerId": "abc123"}),
            no_authorizer,
        ),
        (
            json!({"authorizationType": "WRONG"}),
            "Invalid Authorization Type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS",
        ),
        (
            none(json!({"requestValidatorId": "abc123"})),
            "Invalid Request Validator identifier specified",
        ),
        (
            none(json!({"requestModels": {"application/json": "petModel"}})),
            "Invalid model identifier specified: petModel",
        ),
        (
            none(
                json!({"requestParameters": {"method.request.querystring.a": true, "method.request.header.a": false}}),
            ),
            "Parameter names must be unique across querystring, header and path",
        ),
        (
            none(json!({"requestParameters": {"wrong": true}})),
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: wrong]",
        ),
        (
            none(json!({"requestParameters": {"method.request.querystring.": true}})),
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.querystring.]",
        ),
        (
            none(json!({"requestParameters": {"method.request.body.a": true}})),
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.body.a]",
        ),
    ] {
        let expect = json!(format!("BadRequestException: {text}"));
        crate::play::play_after(
            &fixture,
            answers.clone(),
            &[("refused", &on("PUT"), body, 400, expect)],
        )
        .await;
    }
}

/// Recorded: test_update_method, test_update_method_validation; else the API reference's table.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let ok = |operations, expect| (patch(operations), 200, expect);
    let method = |more: Value| {
        let mut method =
            json!({"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false});
        method
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        method
    };
    let parameter = "/requestParameters/method.request.header.a";
    let scopes: Vec<_> = (0..101).map(|n| format!("s{n}")).collect();
    let scopes = scopes.join(",");
    let cases = [
        ok(
            json!([
                ["add", parameter, "true"],
                ["add", "/requestModels/application~1json", "Empty"]
            ]),
            method(
                json!({"requestParameters": {"method.request.header.a": true}, "requestModels": {"application/json": "Empty"}}),
            ),
        ),
        ok(
            json!([
                ["replace", parameter, "no"],
                ["replace", "/operationName", "op"]
            ]),
            method(
                json!({"operationName": "op", "requestParameters": {"method.request.header.a": false}, "requestModels": {"application/json": "Empty"}}),
            ),
        ),
        ok(
            json!([
                ["remove", parameter],
                ["remove", "/requestModels/application~1json"]
            ]),
            method(json!({"operationName": "op"})),
        ),
        ok(
            json!([
                ["replace", "/operationName", ""],
                ["replace", "/apiKeyRequired", "true"]
            ]),
            method(json!({"apiKeyRequired": true})),
        ),
        ok(
            json!([
                ["replace", "/apiKeyRequired", "false"],
                ["replace", "/authorizationType", "AWS_IAM"]
            ]),
            method(json!({"authorizationType": "AWS_IAM"})),
        ),
        ok(
            json!([
                ["add", "/authorizationScopes", "a"],
                ["add", "/authorizationScopes", "b"],
                ["remove", "/authorizationScopes", "a"]
            ]),
            method(json!({"authorizationType": "AWS_IAM", "authorizationScopes": ["b"]})),
        ),
        ok(
            json!([
                ["remove", "/authorizationScopes", "b"],
                ["replace", "/authorizationType", "NONE"],
                ["replace", "/authorizerId", "ignored"]
            ]),
            method(json!({})),
        ),
        bad(
            json!([["add", "/authorizationScopes", scopes]]),
            "Tollgate takes at most 100 authorization scopes of a method",
        ),
        bad(
            json!([["replace", "/httpMethod", "POST"]]),
            "Invalid patch path /httpMethod",
        ),
        bad(
            json!([["add", "/requestParameters", "a"]]),
            "Invalid patch path /requestParameters",
        ),
        bad(
            json!([["add", "/requestModels/application/json", "Empty"]]),
            "Invalid patch path /requestModels/application/json",
        ),
        bad(
            json!([["add", "/operationName", "a"]]),
            "Invalid patch operation specified. Must be one of: [replace]",
        ),
        bad(
            json!([["add", "/requestModels/application~1json", "None"]]),
            "Invalid model identifier specified: None",
        ),
        bad(
            json!([["replace", "/requestValidatorId", "abc123"]]),
            "Invalid Request Validator identifier specified",
        ),
        bad(
            json!([["replace", "/authorizationType", "CUSTOM"]]),
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
        ),
        (
            patch(json!([["remove", parameter]])),
            404,
            json!("NotFoundException: Invalid parameter name specified"),
        ),
        (
            patch(json!([["remove", "/requestModels/text~1plain"]])),
            404,
            json!("NotFoundException: Content-Type specified was not found"),
        ),
    ];
    let update = on("PATCH");
    let steps: Vec<_> = each(&update, cases).collect();
    play_on_get(&fixture, &steps).await;
}

#[tokio::test]
async fn a_method_is_shown_with_its_parts() {
    let fixture = Fixture::new();
    play_on_get(&fixture, &[
        ("integration", &format!("PUT {GET}/integration"), json!({"type": "MOCK"}), 201, any()),
        ("response", &format!("PUT {GET}/responses/200"), json!({}), 201, any()),
        ("integration response", &format!("PUT {GET}/integration/responses/200"), json!({}), 201, any()),
        ("whole", &on("GET"), NONE, 200, json!({
            "httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false,
            "methodResponses": {"200": {"statusCode": "200"}},
            "methodIntegration": {"integrationResponses": {"200": {"statusCode": "200"}}, "type": "MOCK", "...": true}
        })),
    ]).await;
}
