//! Test invocations over a socket: AWS's log of a method with a backend, and what cannot be tried.

use std::sync::Arc;

use tollgate_gateway::plan::{ApiFacts, Plans};
use tollgate_gateway::{Gateway, Invalid, Settings, Targets, TestInvocation, TestInvoked};
use tollgate_http::ClientConfig;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_openapi::Options;
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::GatewayResponse;

use crate::backend;

const API: &str = r##"
openapi: 3.0.1
info: {title: test, version: '1'}
paths:
  /pets/{id}:
    post:
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: POST
        uri: 'http://${stageVariables.host}/body'
        requestTemplates: {application/json: '{"id": "$input.params("id")"}'}
        responses: {default: {statusCode: '200', responseTemplates: {application/json: 'got $input.body'}}}
  /context:
    get:
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses:
          default:
            statusCode: '200'
            responseTemplates:
              application/json: '$context.identity.sourceIp|$context.identity.apiKey|$context.identity.apiKeyId|$context.identity.accountId|$context.identity.caller|$context.identity.user|$context.identity.userArn|$context.identity.userAgent|$context.domainName|$context.domainPrefix|$context.stage|$context.path|$context.httpMethod|$context.protocol'
  /other:
    get:
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration: {type: aws, httpMethod: POST, uri: 'arn:aws:apigateway:us-east-1:sqs:path/x'}
"##;

fn invoke(change: impl FnOnce(&mut TestInvocation)) -> Result<TestInvoked, Invalid> {
    let mut imported = tollgate_openapi::import(API.as_bytes(), &Options::default()).expect("read");
    imported.bind("abc", |part| format!("{part:?}"));
    let mut asked = TestInvocation {
        api: Arc::new(ApiFacts {
            id: "abc".into(),
            account: "123456789012".into(),
            region: "cn-north-1".into(),
        }),
        definition: imported.definition,
        resource_id: "Resource(\"/pets/{id}\")".to_owned(),
        http_method: "POST".to_owned(),
        path_with_query: Some("/pets/7?a=1&b=%20".to_owned()),
        headers: vec![
            ("Authorization".to_owned(), "Bearer 123456".to_owned()),
            // The guide: the body is taken for JSON all the same.
            ("Content-Type".to_owned(), "text/plain".to_owned()),
        ],
        body: "asked".into(),
        stage_variables: vec![("host".to_owned(), backend::start().to_string())],
    };
    change(&mut asked);
    let gateway = Gateway::new(Settings {
        targets: Targets::any(),
        clock: Clock::at(1_795_558_449_000),
        ..Settings::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let client = gateway.client(ClientConfig::default());
        let plans = Plans::new(Counters::new(1));
        let mut random = Random::seeded(1);
        gateway
            .test_invoke(&plans, client, &mut random, asked)
            .await
    })
}

/// The lines after their time, as far as their first colon, or whole where `wanted` names them whole.
fn check(log: &str, wanted: &[&str]) {
    let mut lines = log.lines();
    let first = lines.next().unwrap_or_default();
    assert!(first.starts_with("Execution log for request "), "{first}");
    let lines: Vec<_> = lines
        .map(|line| {
            line.strip_prefix("Tue Nov 24 22:14:09 UTC 2026 : ")
                .expect(line)
        })
        .collect();
    assert_eq!(lines.len(), wanted.len(), "{lines:#?}");
    for (line, wanted) in lines.iter().zip(wanted) {
        assert!(line.starts_with(wanted), "{line} is no {wanted}");
    }
    assert!(log.ends_with('\n'));
}

#[test]
fn the_log_tells_what_was_sent_and_answered() {
    let invoked = invoke(|_| ()).expect("invoked");
    assert_eq!(
        (invoked.status, &*invoked.body),
        (200, &br#"got {"id": "7"}"#[..])
    );
    let names: Vec<_> = invoked.headers.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["X-Amzn-Trace-Id", "Content-Type"]);
    check(
        &invoked.log,
        &[
            "Starting execution for request: ",
            "HTTP Method: POST, Resource Path: /pets/7",
            "Method request path: {id=7}",
            "Method request query string: {a=1, b= }",
            "Method request headers: {Authorization=*******123456, Content-Type=text/plain}",
            "Method request body before transformations: asked",
            "Endpoint request URI: http://127.0.0.1:",
            "Endpoint request headers: {Host=127.0.0.1:",
            r#"Endpoint request body after transformations: {"id": "7"}"#,
            "Sending request to http://127.0.0.1:",
            "Received response. Status: 200, Integration latency: 0 ms",
            "Endpoint response headers: {Content-Type=text/plain",
            r#"Endpoint response body before transformations: {"id": "7"}"#,
            r#"Method response body after transformations: got {"id": "7"}"#,
            "Method response headers: {X-Amzn-Trace-Id=Root=",
            "Successfully completed execution",
            "Method completed with status: 200",
        ],
    );
}

/// As events of tests show it that users publish.
#[test]
fn the_context_is_that_of_a_test() {
    let context = |headers: Vec<(String, String)>| {
        let invoked = invoke(|asked| {
            asked.resource_id = "Resource(\"/context\")".to_owned();
            asked.http_method = "GET".to_owned();
            asked.path_with_query = Some("/context?a=1".to_owned());
            asked.headers = headers;
        });
        String::from_utf8(invoked.expect("invoked").body.to_vec()).expect("text")
    };
    let shown = |user_agent: &str| {
        format!(
            "test-invoke-source-ip|test-invoke-api-key|test-invoke-api-key-id|123456789012|123456789012|123456789012|arn:aws-cn:iam::123456789012:root|{user_agent}|testPrefix.testDomainName|testPrefix|test-invoke-stage|/context|GET|HTTP/1.1"
        )
    };
    assert_eq!(context(Vec::new()), shown("aws-internal/3"));
    let own = ("User-Agent".to_owned(), "mine".to_owned());
    assert_eq!(context(vec![own]), shown("mine"));
}

#[test]
fn what_cannot_be_called_says_why_in_the_log() {
    let invoked = invoke(|asked| asked.stage_variables.clear()).expect("invoked");
    assert_eq!(invoked.status, 500);
    let end = "Execution failed due to configuration error: Invalid endpoint address\n";
    assert!(invoked.log.contains(end), "{}", invoked.log);
}

/// Recorded: the default has no type; one that the API gives stays.
#[test]
fn a_refusal_has_the_type_that_it_is_given() {
    let own = || "'text/plain'".to_owned();
    let name = || "gatewayresponse.header.Content-Type".to_owned();
    let typed = |template: Option<&str>, is_own: bool| {
        let response = GatewayResponse {
            response_type: Some("API_CONFIGURATION_ERROR".to_owned()),
            response_parameters: is_own.then(|| [(name(), Some(own()))].into_iter().collect()),
            response_templates: template.map(|kind| {
                [(kind.to_owned(), Some("no".to_owned()))]
                    .into_iter()
                    .collect()
            }),
            ..GatewayResponse::default()
        };
        let invoked = invoke(|asked| {
            asked.stage_variables.clear();
            asked.definition.gateway_responses = vec![response];
        });
        let headers = invoked.expect("invoked").headers.into_iter();
        let mut types = headers.filter(|(name, _)| name == "Content-Type");
        types.next().map(|(_, value)| value)
    };
    assert_eq!(typed(None, false), None);
    assert_eq!(typed(Some("a/b"), false).as_deref(), Some("a/b"));
    assert_eq!(typed(Some("a/b"), true).as_deref(), Some("text/plain"));
    assert_eq!(typed(None, true).as_deref(), Some("text/plain"));
}

#[test]
fn what_cannot_be_tried_is_refused() {
    let refused = |change: fn(&mut TestInvocation)| invoke(change).expect_err("refused");
    let request = |text: &str| Invalid::Request(text.to_owned());
    assert_eq!(
        refused(|asked| asked.path_with_query = Some("/a b".to_owned())),
        request("Invalid pathWithQueryString")
    );
    assert_eq!(
        refused(|asked| asked.headers.push(("a b".to_owned(), String::new()))),
        request("Invalid header a b")
    );
    assert_eq!(
        refused(|asked| asked.http_method = "PUT".to_owned()),
        request("Invalid Method identifier specified")
    );
    let other = refused(|asked| {
        asked.resource_id = "Resource(\"/other\")".to_owned();
        asked.http_method = "GET".to_owned();
    });
    let Invalid::Refused(refusals) = other else {
        panic!("{other:?}");
    };
    assert_eq!(refusals[0].member, "methodIntegration.type of GET /other");
}
