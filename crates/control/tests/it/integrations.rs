//! Integrations. <https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::play::{NONE, any, bad, each, ok, patch, play_after, play_on_get, with};

const GET: &str = "/restapis/{api.id}/resources/{pets.id}/methods/GET";
const LAMBDA: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations";

fn on(method: &str) -> String {
    format!("{method} {GET}/integration")
}

/// Recorded, per type: test_put_integration_validation, TestApigatewayIntegration::…, imports.
#[tokio::test]
async fn defaults_of_each_type() {
    let fixture = Fixture::new();
    let whole = |more: Value| {
        with(
            json!({"passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000, "cacheNamespace": "{pets.id}", "cacheKeyParameters": []}),
            more,
        )
    };
    let put = on("PUT");
    play_on_get(&fixture, &[
        ("mock", &put, json!({"type": "MOCK"}), 201, whole(json!({"type": "MOCK"}))),
        ("mock calls nothing", &put, json!({"type": "MOCK", "httpMethod": "GET", "uri": "http://a"}), 201, whole(json!({"type": "MOCK"}))),
        ("http", &put, json!({"type": "HTTP", "httpMethod": "POST", "uri": "http://a/b"}), 201,
            whole(json!({"type": "HTTP", "httpMethod": "POST", "uri": "http://a/b", "connectionType": "INTERNET"}))),
        ("http proxy", &put, json!({"type": "HTTP_PROXY", "httpMethod": "ANY", "uri": "https://${stageVariables.host}/{id}"}), 201,
            whole(json!({"type": "HTTP_PROXY", "httpMethod": "ANY", "uri": "https://${stageVariables.host}/{id}", "connectionType": "INTERNET"}))),
        ("lambda", &put, json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": LAMBDA}), 201, whole(json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": LAMBDA}))),
        ("an empty template is null", &put, json!({"type": "MOCK", "requestTemplates": {"application/json": "", "text/plain": "x"}}), 201,
            whole(json!({"type": "MOCK", "requestTemplates": {"application/json": null, "text/plain": "x"}}))),
        ("get", &on("GET"), NONE, 200, whole(json!({"type": "MOCK", "requestTemplates": {"application/json": null, "text/plain": "x"}}))),
        ("delete", &on("DELETE"), NONE, 204, NONE),
        ("gone", &on("GET"), NONE, 404, json!("NotFoundException: Invalid Integration identifier specified")),
        ("gone", &on("DELETE"), NONE, 404, json!("NotFoundException: Invalid Integration identifier specified")),
    ]).await;
}

/// Recorded: test_put_integration_validation, test_put_integration_aws_proxy_uri, test_put_integration_wrong_type,
/// test_put_integration_request_parameter_bool_type.
#[tokio::test]
async fn refused_integrations() {
    let fixture = Fixture::new();
    let answers = play_on_get(&fixture, &[]).await;
    let bad = |text: &str| format!("BadRequestException: {text}");
    let mapping = |errors: &str| {
        bad(&format!(
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [{errors}]"
        ))
    };
    let only_lambda = bad(
        "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    );
    let mock = |destination: &str, source: &str| json!({"type": "MOCK", "requestParameters": {destination: source}});
    for (body, expect) in [
        (
            json!({"type": "HTTP", "uri": "http://a"}),
            bad("Enumeration value for HttpMethod must be non-empty"),
        ),
        (
            json!({"type": "AWS", "uri": LAMBDA}),
            bad("Enumeration value for HttpMethod must be non-empty"),
        ),
        // Guess: as for methods.
        (
            json!({"type": "HTTP", "uri": "http://a", "httpMethod": "GET /b HTTP/1.1"}),
            bad(
                "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
            ),
        ),
        (
            json!({"type": "HTTP", "httpMethod": "GET"}),
            bad("Invalid HTTP endpoint specified for URI"),
        ),
        (
            json!({"type": "HTTP_PROXY", "httpMethod": "GET", "uri": "ftp://a"}),
            bad("Invalid HTTP endpoint specified for URI"),
        ),
        (
            json!({"type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http:///a"}),
            bad("Invalid HTTP endpoint specified for URI"),
        ),
        (
            json!({"type": "AWS", "httpMethod": "POST", "uri": "http://a"}),
            bad("Invalid ARN specified in the request"),
        ),
        (
            json!({"type": "AWS", "httpMethod": "POST", "uri": "arn:aws:lambda:us-east-1:000000000000:function:f"}),
            bad("AWS ARN for integration must contain path or action"),
        ),
        (
            json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:sqs:path/1/q"}),
            only_lambda,
        ),
        (
            json!({"type": "MOCK", "timeoutInMillis": 49}),
            bad("Timeout should be between 50 ms and 29000 ms"),
        ),
        (
            json!({"type": "MOCK", "timeoutInMillis": 29001}),
            bad("Timeout should be between 50 ms and 29000 ms"),
        ),
        (
            json!({"type": "MOCK", "requestTemplates": {"123": "x"}}),
            bad("Validation Result: warnings : [], errors : [Invalid content type specified: 123]"),
        ),
        (
            json!({"type": "MOCK", "requestTemplates": {"a/b": "x".repeat(300 * 1024 + 1)}}),
            bad("Mapping template must not be larger than 307200 bytes"),
        ),
        (
            mock("integration.request.header.a", "true"),
            mapping("Invalid mapping expression specified: true"),
        ),
        (
            mock(
                "integration.request.header.a",
                "method.request.header.undeclared",
            ),
            mapping(
                "Invalid mapping expression parameter specified: method.request.header.undeclared",
            ),
        ),
        (
            mock("integration.request.body.a", "'b'"),
            mapping("Invalid mapping expression parameter specified: integration.request.body.a"),
        ),
        (
            mock("integration.request.header.a", "context."),
            mapping("Invalid mapping expression specified: context."),
        ),
        (
            json!({"type": "MOCK", "passthroughBehavior": "WRONG"}),
            bad(
                "Invalid passthroughBehavior specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER",
            ),
        ),
        (
            json!({"type": "MOCK", "requestParameters": {"integration.request.header.a": true}}),
            "SerializationException: class java.lang.Boolean can not be converted to an String"
                .to_owned(),
        ),
    ] {
        play_after(
            &fixture,
            answers.clone(),
            &[("refused", &on("PUT"), body, 400, json!(expect))],
        )
        .await;
    }
    let answer = fixture
        .call(
            "PUT",
            &crate::play::fill(&format!("{GET}/integration"), &answers),
            r#"{"type":"HTTPS_PROXY"}"#,
        )
        .await;
    let start = "ValidationException: 1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [";
    assert!(answer.refusal().starts_with(start), "{}", answer.refusal());
}

#[tokio::test]
async fn every_source_that_aws_maps_from() {
    let fixture = Fixture::new();
    let declared = json!([
        ["add", "/requestParameters/method.request.path.p", "true"],
        [
            "add",
            "/requestParameters/method.request.querystring.q",
            "true"
        ],
        ["add", "/requestParameters/method.request.header.h", "true"]
    ]);
    let sources = json!({
        "integration.request.path.a": "method.request.path.p",
        "integration.request.querystring.a": "method.request.querystring.q",
        "integration.request.querystring.b": "method.request.multivaluequerystring.q",
        "integration.request.header.a": "method.request.header.h",
        "integration.request.header.b": "method.request.multivalueheader.h",
        "integration.request.header.c": "method.request.body",
        "integration.request.header.d": "method.request.body.a.b",
        "integration.request.header.e": "stageVariables.x",
        "integration.request.header.f": "context.identity.sourceIp",
        "integration.request.header.g": "'text'"
    });
    play_on_get(
        &fixture,
        &[
            (
                "declared",
                &format!("PATCH {GET}"),
                patch(declared),
                200,
                any(),
            ),
            (
                "mapped",
                &on("PUT"),
                json!({"type": "MOCK", "requestParameters": sources}),
                201,
                json!({"requestParameters": sources, "...": true}),
            ),
        ],
    )
    .await;
}

/// The API reference's table; the family of refusals is a guess after that of methods.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let cases = [
        ok(
            json!([["replace", "/uri", "http://b"]]),
            "uri",
            json!("http://b"),
        ),
        ok(
            json!([["replace", "/httpMethod", "PUT"]]),
            "httpMethod",
            json!("PUT"),
        ),
        ok(
            json!([["replace", "/passthroughBehavior", "never"]]),
            "passthroughBehavior",
            json!("NEVER"),
        ),
        ok(
            json!([["replace", "/contentHandling", "CONVERT_TO_TEXT"]]),
            "contentHandling",
            json!("CONVERT_TO_TEXT"),
        ),
        ok(
            json!([["replace", "/timeoutInMillis", "100"]]),
            "timeoutInMillis",
            json!(100),
        ),
        ok(
            json!([["replace", "/tlsConfig/insecureSkipVerification", "true"]]),
            "tlsConfig",
            json!({"insecureSkipVerification": true}),
        ),
        ok(
            json!([["replace", "/cacheNamespace", "n"]]),
            "cacheNamespace",
            json!("n"),
        ),
        ok(
            json!([["add", "/cacheKeyParameters/method.request.header.a"]]),
            "cacheKeyParameters",
            json!(["method.request.header.a"]),
        ),
        ok(
            json!([["remove", "/cacheKeyParameters/method.request.header.a"]]),
            "cacheKeyParameters",
            json!([]),
        ),
        ok(
            json!([[
                "add",
                "/requestParameters/integration.request.header.a",
                "'b'"
            ]]),
            "requestParameters",
            json!({"integration.request.header.a": "'b'"}),
        ),
        ok(
            json!([
                ["add", "/requestTemplates/application~1json", "{}"],
                ["replace", "/requestTemplates/text~1plain", "x"]
            ]),
            "requestTemplates",
            json!({"application/json": "{}", "text/plain": "x"}),
        ),
        ok(
            json!([["remove", "/requestTemplates/text~1plain"]]),
            "requestTemplates",
            json!({"application/json": "{}"}),
        ),
        bad(
            json!([["replace", "/type", "MOCK"]]),
            "Invalid patch path /type",
        ),
        bad(
            json!([["add", "/uri", "http://c"]]),
            "Invalid patch operation specified. Must be one of: [replace]",
        ),
        bad(
            json!([["replace", "/uri", "c"]]),
            "Invalid HTTP endpoint specified for URI",
        ),
        bad(
            json!([["replace", "/httpMethod", ""]]),
            "Enumeration value for HttpMethod must be non-empty",
        ),
        bad(
            json!([["replace", "/timeoutInMillis", "1"]]),
            "Timeout should be between 50 ms and 29000 ms",
        ),
        bad(
            json!([["replace", "/timeoutInMillis", "soon"]]),
            "Timeout should be between 50 ms and 29000 ms",
        ),
        bad(
            json!([["replace", "/connectionType", "PIGEON"]]),
            "Invalid connectionType specified. Valid options are INTERNET,VPC_LINK",
        ),
        (
            patch(json!([["remove", "/requestTemplates/text~1plain"]])),
            404,
            json!("NotFoundException: Content-Type specified was not found"),
        ),
        (
            patch(json!([[
                "remove",
                "/requestParameters/integration.request.header.b"
            ]])),
            404,
            json!("NotFoundException: Invalid parameter name specified"),
        ),
    ];
    let (put, update) = (on("PUT"), on("PATCH"));
    let mut steps = vec![(
        "put",
        put.as_str(),
        json!({"type": "HTTP", "httpMethod": "GET", "uri": "http://a"}),
        201,
        any(),
    )];
    steps.extend(each(&update, cases));
    steps.push(("mock", put.as_str(), json!({"type": "MOCK"}), 201, any()));
    let text =
        "BadRequestException: Invalid patch operation specified for an integration of type MOCK";
    steps.push((
        "no URI of a mock",
        update.as_str(),
        patch(json!([["replace", "/uri", "http://a"]])),
        400,
        json!(text),
    ));
    play_on_get(&fixture, &steps).await;
}
