//! Authorizers. <https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::play::{NONE, any, bad, each, ok, patch, play_on_get, play_on_pets, with};

const CREATE: &str = "POST /restapis/{api.id}/authorizers";
const ONE: &str = "/restapis/{api.id}/authorizers/{own.id}";
const UNKNOWN: &str = "NotFoundException: Invalid Authorizer identifier specified";
const URI: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:mine/invocations";
const POOL: &str = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc";

fn token() -> Value {
    json!({"name": "own", "type": "TOKEN", "authorizerUri": URI, "identitySource": "method.request.header.Authorization"})
}

fn pool() -> Value {
    json!({"name": "pool", "type": "COGNITO_USER_POOLS", "providerARNs": [POOL]})
}

/// Recorded: TestApiGatewayApiAuthorizer::test_authorizer_crud_no_api, and `authType` in imports.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let shown = with(token(), json!({"id": "*", "authType": "custom"}));
    let no_api = "NotFoundException: Invalid API identifier specified 000000000000:nothing";
    let race = "ConflictException: Unable to complete operation due to concurrent modification. Please try again later.";
    play_on_pets(
        &fixture,
        &[
            ("own", CREATE, token(), 201, shown.clone()),
            ("get", &format!("GET {ONE}"), NONE, 200, shown.clone()),
            (
                "list",
                "GET /restapis/{api.id}/authorizers",
                NONE,
                200,
                json!({"item": [shown]}),
            ),
            (
                "request",
                CREATE,
                with(token(), json!({"name": "r", "type": "REQUEST"})),
                201,
                json!({"type": "REQUEST", "authorizerResultTtlInSeconds": 300, "...": true}),
            ),
            (
                "pool",
                CREATE,
                pool(),
                201,
                with(pool(), json!({"id": "*", "authType": "cognito_user_pools"})),
            ),
            (
                "its own type",
                CREATE,
                with(token(), json!({"name": "o", "authType": "oauth2"})),
                201,
                json!({"authType": "oauth2", "...": true}),
            ),
            ("delete", &format!("DELETE {ONE}"), NONE, 202, NONE),
            ("gone", &format!("GET {ONE}"), NONE, 404, json!(UNKNOWN)),
            ("gone", &format!("DELETE {ONE}"), NONE, 404, json!(UNKNOWN)),
            (
                "gone",
                &format!("PATCH {ONE}"),
                patch(json!([])),
                404,
                json!(UNKNOWN),
            ),
            (
                "no API",
                "POST /restapis/nothing/authorizers",
                token(),
                409,
                json!(race),
            ),
            (
                "no API",
                "GET /restapis/nothing/authorizers",
                NONE,
                404,
                json!(no_api),
            ),
            (
                "no API",
                "GET /restapis/nothing/authorizers/abc123",
                NONE,
                404,
                json!(UNKNOWN),
            ),
            (
                "gone with its API",
                "DELETE /restapis/{api.id}",
                NONE,
                202,
                NONE,
            ),
        ],
    )
    .await;
}

/// Guess: of the texts, those on names and URIs are widely seen with AWS.
#[tokio::test]
async fn refused_creations() {
    let fixture = Fixture::new();
    let ttl = "Invalid authorizer result TTL specified, must be between 0 and 3600";
    let uri = |uri: &str| {
        format!(
            "Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."
        )
    };
    let source = "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: header.x]";
    let cases = [
        (
            json!({"name": " "}),
            "Authorizer name cannot be blank".to_owned(),
        ),
        (json!({"authorizerResultTtlInSeconds": -1}), ttl.to_owned()),
        (
            json!({"authorizerResultTtlInSeconds": 3601}),
            ttl.to_owned(),
        ),
        (json!({"authorizerUri": null}), uri("null")),
        (
            json!({"authorizerUri": "arn:aws:lambda:us-east-1:1:function:f"}),
            uri("arn:aws:lambda:us-east-1:1:function:f"),
        ),
        (json!({"identitySource": "header.x"}), source.to_owned()),
        (
            json!({"type": "COGNITO_USER_POOLS"}),
            "Invalid ARN specified in the request".to_owned(),
        ),
        (
            json!({"type": "COGNITO_USER_POOLS", "providerARNs": [URI]}),
            "Invalid ARN specified in the request".to_owned(),
        ),
        (
            json!({"type": "JWT"}),
            "Tollgate does not serve authorizers of type JWT yet".to_owned(),
        ),
    ];
    let cases = cases.map(|(more, text)| {
        (
            with(token(), more),
            400,
            json!(format!("BadRequestException: {text}")),
        )
    });
    play_on_pets(&fixture, &each(CREATE, cases).collect::<Vec<_>>()).await;
    let taken = "ConflictException: Authorizer name must be unique. Authorizer own already exists in this RestApi.";
    play_on_pets(
        &fixture,
        &[
            ("own", CREATE, token(), 201, any()),
            ("the same name", CREATE, token(), 409, json!(taken)),
        ],
    )
    .await;
}

/// The API reference's table of patch operations; the refusals are a guess after other parts.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let line = format!("PATCH {ONE}");
    let replace = |path: &str, value: &str| json!([["replace", path, value]]);
    let cases = [
        ok(replace("/name", "new"), "name", json!("new")),
        ok(replace("/authType", "oauth2"), "authType", json!("oauth2")),
        ok(
            replace("/authorizerResultTtlInSeconds", "0"),
            "authorizerResultTtlInSeconds",
            json!(0),
        ),
        ok(
            replace("/identityValidationExpression", "^x"),
            "identityValidationExpression",
            json!("^x"),
        ),
        ok(
            replace("/authorizerCredentials", "arn:aws:iam::1:role/r"),
            "authorizerCredentials",
            json!("arn:aws:iam::1:role/r"),
        ),
        ok(
            json!([[
                "add",
                "/identitySource",
                "method.request.header.a,context.b"
            ]]),
            "identitySource",
            json!("method.request.header.a,context.b"),
        ),
        ok(
            json!([
                ["add", "/providerARNs", POOL],
                ["replace", "/type", "COGNITO_USER_POOLS"]
            ]),
            "providerARNs",
            json!([POOL]),
        ),
        bad(
            json!([["remove", "/providerARNs", POOL]]),
            "Invalid ARN specified in the request",
        ),
        ok(
            json!([
                ["replace", "/type", "REQUEST"],
                ["remove", "/identitySource"]
            ]),
            "type",
            json!("REQUEST"),
        ),
        bad(
            replace("/type", "OTHER"),
            "Invalid authorizer type specified. Valid options are TOKEN,REQUEST,COGNITO_USER_POOLS",
        ),
        bad(
            replace("/authorizerResultTtlInSeconds", "soon"),
            "Invalid authorizer result TTL specified, must be between 0 and 3600",
        ),
        bad(
            replace("/id", "a"),
            "Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/name, /type, /authType, /authorizerUri, /authorizerCredentials, /identitySource, /identityValidationExpression, /authorizerResultTtlInSeconds, /providerARNs]",
        ),
        bad(
            json!([["add", "/name", "a"]]),
            "Invalid patch path  '/name' specified for op 'add'. Please choose supported operations",
        ),
    ];
    let mut steps = vec![("own", CREATE, token(), 201, any())];
    steps.extend(each(&line, cases));
    play_on_pets(&fixture, &steps).await;
}

/// Recorded: TestApiGatewayApiMethod::test_update_method, test_put_method_validation. Guess: that an authorizer which a
/// method names stays, and one of another type does not fit.
#[tokio::test]
async fn methods_name_authorizers_that_fit() {
    let fixture = Fixture::new();
    let get = "/restapis/{api.id}/resources/{pets.id}/methods/GET";
    let post = "PUT /restapis/{api.id}/resources/{pets.id}/methods/POST";
    let on = format!("PATCH {get}");
    let named = |kind: &str, id: &str| json!({"authorizationType": kind, "authorizerId": id});
    let change = |kind: &str, id: &str| {
        patch(json!([
            ["replace", "/authorizerId", id],
            ["replace", "/authorizationType", kind]
        ]))
    };
    let no_authorizer = "BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.";
    play_on_get(&fixture, &[
        ("own", CREATE, token(), 201, any()),
        ("pool", CREATE, pool(), 201, any()),
        ("no such", post, named("CUSTOM", "abc123"), 400, json!(no_authorizer)),
        ("another type", post, named("CUSTOM", "{pool.id}"), 400, json!(no_authorizer)),
        ("another type", post, named("COGNITO_USER_POOLS", "{own.id}"), 400, json!(no_authorizer)),
        ("fits", post, named("COGNITO_USER_POOLS", "{pool.id}"), 201, json!({"authorizerId": "{pool.id}", "...": true})),
        ("changed", &on, change("CUSTOM", "{own.id}"), 200, json!({"authorizationType": "CUSTOM", "authorizerId": "{own.id}", "...": true})),
        ("does not fit", &on, change("CUSTOM", "{pool.id}"), 400, json!(no_authorizer)),
        ("stays", &format!("DELETE {ONE}"), NONE, 409, json!("ConflictException: Cannot delete authorizer 'own', is referenced in method: /pets/GET")),
        ("stays", &format!("PATCH {ONE}"), patch(json!([["add", "/providerARNs", POOL], ["replace", "/type", "COGNITO_USER_POOLS"]])), 409,
            json!("ConflictException: Cannot change the type of authorizer 'own', is referenced in method: /pets/GET")),
        ("open", &on, patch(json!([["replace", "/authorizationType", "NONE"]])), 200, json!({"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false})),
        ("goes", &format!("DELETE {ONE}"), NONE, 202, NONE),
    ]).await;
}
