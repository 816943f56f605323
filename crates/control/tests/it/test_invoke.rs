//! TestInvokeMethod. <https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html>

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::play::{Step, any, play_on_mock};

const GET: &str = "POST /restapis/{api.id}/resources/{pets.id}/methods/GET";

/// The fixture's gateway gives back what reached it.
#[tokio::test]
async fn what_is_asked_reaches_the_gateway_and_its_answer_comes_back() {
    let asked = json!({
        "pathWithQueryString": "/pets?a=1", "body": "text", "stageVariables": {"v": "1"},
        "headers": {"Accept": "a/b", "X": "0"}, "multiValueHeaders": {"X": ["1", "2"]}
    });
    let answer = json!({
        "status": 201, "body": "text", "latency": 5, "log": "GET [(\"v\", \"1\")]",
        "headers": {"Accept": "a/b", "X": "2"}, "multiValueHeaders": {"Accept": ["a/b"], "X": ["1", "2"]}
    });
    let nothing = json!({
        "status": 201, "body": "", "latency": 5, "log": "GET []", "headers": {}, "multiValueHeaders": {}
    });
    let steps: [Step<'_>; 2] = [
        ("all", GET, asked, 200, answer),
        ("nothing", GET, json!({}), 200, nothing),
    ];
    play_on_mock(&Fixture::new(), &steps).await;
}

/// The first three are recorded: TestApigatewayTestInvoke::test_invoke_test_method.
#[tokio::test]
async fn refused() {
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    let missing = |what: &str| {
        json!(format!(
            "NotFoundException: Invalid {what} identifier specified"
        ))
    };
    let put = "PUT /restapis/{api.id}/resources/{pets.id}/methods/PUT";
    let steps: [Step<'_>; 7] = [
        (
            "unknown method",
            "POST /restapis/{api.id}/resources/{pets.id}/methods/HEAD",
            json!({}),
            404,
            missing("Method"),
        ),
        (
            "unknown resource",
            "POST /restapis/{api.id}/resources/none/methods/GET",
            json!({}),
            404,
            missing("Resource"),
        ),
        (
            "unknown api",
            "POST /restapis/none/resources/{pets.id}/methods/GET",
            json!({}),
            404,
            missing("Resource"),
        ),
        (
            "by the gateway",
            GET,
            json!({"pathWithQueryString": "refused"}),
            400,
            bad("refused by the gateway"),
        ),
        (
            "certificate",
            GET,
            json!({"clientCertificateId": "abc"}),
            400,
            bad(
                "Tollgate cannot honour clientCertificateId of TestInvokeMethod: client certificates towards backends are not served yet",
            ),
        ),
        (
            "bare",
            put,
            json!({"authorizationType": "NONE"}),
            201,
            any(),
        ),
        (
            "no integration",
            "POST /restapis/{api.id}/resources/{pets.id}/methods/PUT",
            Value::Null,
            400,
            bad("No integration defined for method"),
        ),
    ];
    play_on_mock(&Fixture::new(), &steps).await;
}
