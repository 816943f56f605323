//! `tollgate prove` as people and CI run it, of definitions and of what a Tollgate serves.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tollgate_testkit::{Options, Tollgate};

use crate::commands::{refused, run, said};
use crate::{PROGRAM, making};

fn definition() -> Value {
    let mock = json!({"type": "mock", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}, "responses": {"default": {"statusCode": "200"}}});
    let method = |security: Value| {
        json!({
            "responses": {"200": {"description": "ok"}},
            "security": security,
            "x-amazon-apigateway-integration": mock,
        })
    };
    json!({
        "openapi": "3.0.1",
        "info": {"title": "proven", "version": "1"},
        "paths": {
            "/health": {"get": method(json!([]))},
            "/pets": {"get": method(json!([{"key": []}])), "options": method(json!([]))},
            "/signed/{proxy+}": {"x-amazon-apigateway-any-method": method(json!([{"signature": []}]))},
        },
        "components": {"securitySchemes": {
            "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "signature": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
        }},
    })
}

/// Runs the command where there is no Tollgate.
fn of_file(arguments: &[&str], definition: &Value) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api.json");
    std::fs::write(&file, definition.to_string()).unwrap();
    let command = Command::new(PROGRAM)
        .arg("prove")
        .arg(&file)
        .args(arguments)
        .env_clear()
        .output();
    command.unwrap()
}

const ALLOWED: [&str; 4] = ["--allow", "OPTIONS", "--allow", "GET /health"];

fn check_table(text: &str) {
    for part in [
        "EXPOSED  GET /health",
        "passes: GET /health\n",
        "guarded  GET /pets",
        "API key\n",
        "guarded  ANY /signed/{proxy+} (DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT), all below",
        "AWS_IAM\n",
        "preflight requests (accept them with --allow OPTIONS):\n  EXPOSED  OPTIONS /pets  nothing\n",
        "10 methods: 8 guarded, 1 exposed, 1 exposed to preflight; ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_definition_is_exposed_until_what_is_open_is_allowed() {
    let output = of_file(&[], &definition());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    check_table(&String::from_utf8_lossy(&output.stdout));
    // All but the health check: a preflight alone is exposure too.
    let output = of_file(&["--allow", "GET /health"], &definition());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = said(&of_file(&ALLOWED, &definition()));
    let claim = "API prove, stage prove: no route answers an anonymous caller but those that are allowed to\n";
    assert!(text.starts_with(claim), "{text}");
    let text = said(&of_file(
        &[&ALLOWED[..], &["--json"]].concat(),
        &definition(),
    ));
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["outcome"], "proven");
    assert_eq!(told["routes"][0]["methods"][0]["verdict"], "exposed");
    assert_eq!(told["routes"][0]["methods"][0]["isAllowed"], true);
}

#[test]
fn what_cannot_be_known_is_no_yes() {
    let mut unknown = definition();
    unknown["x-amazon-apigateway-policy"] = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
        "Condition": {"StringEquals": {"aws:nobody-knows": "x"}},
    }]});
    let output = of_file(&[], &unknown);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("of which Tollgate knows nothing"), "{text}");
    let mut refusing = definition();
    refusing["x-amazon-apigateway-policy"] = json!({"Version": "2012-10-17", "Statement": []});
    let said = refused(&of_file(&[], &refusing), 2);
    assert!(said.contains("policy of the API"), "{said}");
    assert!(refused(&of_file(&["--allow", "health"], &definition()), 2).contains("--allow"));
    assert!(refused(&of_file(&["--arn", "arn:aws:s3:::x"], &definition()), 2).contains("--arn"));
}

#[test]
fn a_stage_is_proven_by_the_tollgate_that_serves_it() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let api = making::serve(&tollgate, &definition());
    let output = run(&tollgate, &["prove", &api, "dev"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    check_table(&String::from_utf8_lossy(&output.stdout));
    said(&run(
        &tollgate,
        &[&["prove", &api, "dev"][..], &ALLOWED].concat(),
    ));
    // What is deployed counts, not what the API has become.
    tollgate
        .control_bytes(
            "PUT",
            &format!("/restapis/{api}?mode=overwrite"),
            making::mock("1").to_string(),
        )
        .expect(200);
    said(&run(
        &tollgate,
        &[&["prove", &api, "dev"][..], &ALLOWED].concat(),
    ));
    making::deploy(&tollgate, &api, "dev");
    let output = run(&tollgate, &["prove", &api, "dev"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("passes: GET /word\n"), "{text}");
    let text = refused(&run(&tollgate, &["prove", &api, "none"]), 2);
    assert!(
        text.contains("Invalid stage identifier specified"),
        "{text}"
    );
}
