//! Bad input of every kind gets an answer in AWS's form, and never a 5xx.

use serde_json::json;

use crate::fixture::Fixture;
use crate::play::{any, fill, play};

async fn check(
    fixture: &Fixture,
    method: &str,
    target: &str,
    body: &str,
    status: u16,
    expect: &str,
) {
    let answer = fixture.call(method, target, body).await;
    assert_eq!(
        (answer.status, answer.refusal().as_str()),
        (status, expect),
        "{method} {target} {body}"
    );
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["x-amzn-requestid"].len(), 36);
}

#[tokio::test]
async fn operations_that_are_not_served_are_named() {
    let fixture = Fixture::new();
    for (method, target, name) in [
        ("POST", "/clientcertificates", "GenerateClientCertificate"),
        ("POST", "/restapis/a/authorizers/b", "TestInvokeAuthorizer"),
        ("GET", "/vpclinks", "GetVpcLinks"),
    ] {
        let text = format!("BadRequestException: Tollgate does not serve {name} yet");
        check(&fixture, method, target, "", 400, &text).await;
    }
}

#[tokio::test]
async fn what_is_no_operation() {
    let fixture = Fixture::new();
    for (method, target) in [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("BREW", "/restapis"),
        ("GET", "/restapis/a/b/c/d/e/f/g/h"),
        ("PUT", "/restapis"),
        ("GET", "//restapis/%"),
        ("", ""),
    ] {
        let path = target.split('?').next().unwrap();
        let text =
            format!("UnknownOperationException: API Gateway has no operation {method} {path}");
        check(&fixture, method, target, "", 404, &text).await;
    }
}

#[tokio::test]
async fn bodies_that_are_no_request() {
    let fixture = Fixture::new();
    let answers = play(
        &fixture,
        &[("api", "POST /restapis", json!({"name": "a"}), 201, any())],
    )
    .await;
    let deep = "[".repeat(100_000);
    let nested = format!("{}1{}", "{\"name\":".repeat(2000), "}".repeat(2000));
    for body in [
        "{",
        "[]",
        "\"a\"",
        "1",
        "null",
        "{\"name\":",
        "\u{0}",
        "{\"name\":1e999}",
        &deep,
        &nested,
    ] {
        for (method, target) in [
            ("POST", "/restapis"),
            ("PATCH", "/restapis/{api.id}"),
            ("POST", "/restapis?mode=import"),
            ("PUT", "/restapis/{api.id}?mode=overwrite"),
        ] {
            let answer = fixture.call(method, &fill(target, &answers), body).await;
            assert!(
                answer.status < 500 && answer.status != 201,
                "{method} {target} {}: {} {}",
                &body[..body.len().min(20)],
                answer.status,
                answer.text
            );
        }
    }
}

/// Ids and labels of every kind: whatever they hold, they name nothing.
#[tokio::test]
async fn hostile_labels() {
    let fixture = Fixture::new();
    for label in [
        "%00",
        "%2e%2e",
        "..%2f..",
        "%ff%fe",
        "a%2Fb",
        "%",
        "%zz",
        "'%20or%201=1--",
        "%F0%9F%9A%80",
        &"a".repeat(60_000),
        "%1f",
    ] {
        for target in [
            format!("/restapis/{label}"),
            format!("/restapis/a/resources/{label}"),
            format!("/restapis/a/models/{label}"),
            format!("/tags/{label}"),
        ] {
            let answer = fixture.call("GET", &target, "").await;
            assert!(
                (400..500).contains(&answer.status),
                "{}: {} {}",
                &target[..target.len().min(60)],
                answer.status,
                answer.text
            );
        }
    }
}
