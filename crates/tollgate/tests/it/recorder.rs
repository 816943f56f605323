//! The flight recorder from outside: what failed is explained, written to a file, and run again from that file alone.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tollgate_testkit::{Answer, Options, Request, Tollgate};

use crate::PROGRAM;
use crate::commands::{refused, run, said};
use crate::making;

/// Runs a command that needs no Tollgate, where there is none and no environment either.
fn alone(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .env_clear()
        .output()
        .unwrap()
}

fn id(answer: &Answer) -> &str {
    answer.header("x-amzn-RequestId").expect("an id")
}

/// An API with a template that fails on a price of 0, a validated body, and a backend behind a template and a mapping.
fn definition(backend: &str, greeting: &str) -> Value {
    let integration = |template: &str| {
        json!({
            "type": "mock",
            "requestTemplates": {"application/json": template},
            "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "{\"made\": true}"}}},
        })
    };
    json!({
        "openapi": "3.0.1",
        "info": {"title": "recorded", "version": "1"},
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": true, "validateRequestParameters": true}},
        "components": {"schemas": {"Pet": {"type": "object", "required": ["name"]}}},
        "paths": {
            "/price": {"post": {
                "responses": {"200": {"description": "ok"}},
                "x-amazon-apigateway-integration": integration("#set($pet = $input.path('$'))\n{\"statusCode\": 200,\n \"first\": \"$pet.tags.get($pet.at)\", \"none\": \"$pet.nothing\"}"),
            }},
            "/pets": {"post": {
                "x-amazon-apigateway-request-validator": "all",
                "parameters": [{"name": "X-Shop", "in": "header", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                "responses": {"200": {"description": "ok"}},
                "x-amazon-apigateway-integration": integration("{\"statusCode\": 200}"),
            }},
            "/orders/{id}": {"post": {
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ok"}, "502": {"description": "failed"}},
                "x-amazon-apigateway-integration": {
                    "type": "http",
                    "httpMethod": "POST",
                    "uri": format!("{backend}/{{id}}"),
                    "requestParameters": {
                        "integration.request.path.id": "method.request.path.id",
                        "integration.request.header.X-Api-Key": "'definition-secret-1'",
                    },
                    "requestTemplates": {"application/json": "{\"say\": \"$input.params('Authorization')\", \"pin\": $input.json('$.card.pin')}"},
                    "responses": {
                        "default": {"statusCode": "200"},
                        "5\\d\\d": {"statusCode": "502", "responseTemplates": {"application/json": greeting}},
                    },
                },
            }},
        },
    })
}

/// Answers 500 with a secret or two to everything that is sent.
fn failing_backend() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut length = 0;
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line != "\r\n" {
                    continue;
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let answer = "{\"error\": \"out of stock\", \"token\": \"backend-secret-2\"}";
                let head = format!(
                    "HTTP/1.1 500 No\r\nSet-Cookie: session=cookie-secret-3\r\nX-Tenant: tenant-secret-4\r\nContent-Length: {}\r\n\r\n",
                    answer.len()
                );
                // Head and body apart, as many servers send them.
                reader.get_mut().write_all(head.as_bytes()).unwrap();
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    format!("http://{address}")
}

const SETTINGS: &str =
    "[recorder]\nhide_headers = [\"X-Tenant\"]\nhide_json_paths = [\"$.card.pin\", \"$..token\"]\n";

fn started(folder: &Path, dev: bool) -> Tollgate {
    started_with(folder, dev, SETTINGS)
}

fn started_with(folder: &Path, dev: bool, settings: &str) -> Tollgate {
    let file = folder.join("tollgate.toml");
    std::fs::write(&file, settings).unwrap();
    let options = match dev {
        true => Options::dev(PROGRAM),
        false => Options::serve(PROGRAM).data(&folder.join("data")),
    };
    let options = options
        .argument("--config")
        .argument(file.display().to_string());
    Tollgate::start(options)
}

fn post(tollgate: &Tollgate, api: &str, target: &str, body: &Value) -> Answer {
    let request = tollgate.api_request(api, "POST", target).json(body);
    tollgate.send(&request)
}

fn order(tollgate: &Tollgate, api: &str) -> Answer {
    let body = json!({"card": {"pin": "pin-secret-5", "kind": "gold"}});
    let request = tollgate
        .api_request(
            api,
            "POST",
            "/dev/orders/7?X-Amz-Signature=query-secret-6&page=2",
        )
        .header("Authorization", "Bearer bearer-secret-7")
        .json(&body);
    tollgate.send(&request).expect(502)
}

#[test]
fn a_failing_template_a_refusal_and_a_failing_backend_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let tollgate = started(folder.path(), false);
    let api = making::serve(
        &tollgate,
        &definition(&failing_backend(), "{\"sorry\": true}"),
    );
    let told = |id: &str| said(&run(&tollgate, &["explain", id]));

    let failed = post(
        &tollgate,
        &api,
        "/dev/price",
        &json!({"tags": ["a"], "at": 7}),
    )
    .expect(500);
    let text = told(id(&failed));
    for expected in [
        "POST /dev/price",
        "decided     POST /price",
        "line 1, column 13: $input.path('$') = {",
        "$pet.at = 7",
        "decided     refused",
        "line 3",
        "gateway response API_CONFIGURATION_ERROR",
        "answered 500",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let extended = failed.header("x-amz-apigw-id").unwrap();
    assert_eq!(told(extended).lines().next(), text.lines().next());

    let refused_ = post(&tollgate, &api, "/dev/pets", &json!({"kind": "dog"})).expect(400);
    let text = told(id(&refused_));
    assert!(
        text.contains("required header X-Shop = missing or blank"),
        "{text}"
    );
    let request = tollgate
        .api_request(&api, "POST", "/dev/pets")
        .header("X-Shop", "1");
    let refused_ = tollgate
        .send(&request.json(&json!({"kind": "dog"})))
        .expect(400);
    let text = told(id(&refused_));
    assert!(text.contains("model Pet for application/json"), "{text}");
    assert!(
        text.contains("object has missing required properties"),
        "{text}"
    );

    let text = told(id(&order(&tollgate, &api)));
    for expected in [
        "path id from path id = 7",
        "500 for response 502 /5\\d\\d/ = the pattern matches",
        "decided     integration response 502",
        "out of stock",
        "hidden: ",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("-secret-"), "{text}");

    let nowhere = tollgate.api(&api, "GET", "/dev/nowhere").expect(403);
    assert!(told(id(&nowhere)).contains("no such route"));
    let nobody = tollgate.api("nobody", "GET", "/dev/x").expect(403);
    assert!(told(id(&nobody)).contains("there is no API nobody"));
}

#[test]
fn a_recording_is_replayed_alone_and_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let tollgate = started(folder.path(), false);
    let first = definition(&failing_backend(), "{\"sorry\": $input.json('$.error')}");
    let api = making::serve(&tollgate, &first);
    let answer = order(&tollgate, &api);
    assert_eq!(answer.text(), "{\"sorry\": \"out of stock\"}");
    let file = folder.path().join("failed.tollgate").display().to_string();
    let told = said(&run(&tollgate, &["record", id(&answer), "--output", &file]));
    assert!(told.contains("header Authorization"), "{told}");
    let again = refused(&run(&tollgate, &["record", id(&answer), "-o", &file]), 2);
    assert!(again.contains("cannot write"), "{again}");
    tollgate.terminate();
    drop(tollgate);

    let document = unzipped(&file);
    assert!(
        document.contains("out of stock") && document.contains("page=2"),
        "{document}"
    );
    for number in 1..=7 {
        let secret = format!("secret-{number}");
        assert!(!document.contains(&secret), "{secret}: {document}");
    }
    let text = said(&alone(&["show", &file]));
    assert!(
        text.contains("decided     integration response 502"),
        "{text}"
    );
    let text = said(&alone(&["replay", &file]));
    assert!(text.contains("no difference: status 502"), "{text}");

    let new = folder.path().join("new.json");
    let changed = definition("http://127.0.0.1:1", "{\"regret\": $input.json('$.error')}");
    std::fs::write(&new, changed.to_string()).unwrap();
    let new = new.display().to_string();
    let output = alone(&["replay", &file, "--definition", &new]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("call 1 address"), "{text}");
    assert!(
        text.contains("after:  {\"regret\": \"out of stock\"}"),
        "{text}"
    );
    let output = alone(&["replay", &file, "--definition", &new, "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let whats = told["differences"].as_array().unwrap().iter();
    let whats: Vec<_> = whats.filter_map(|it| it["what"].as_str()).collect();
    assert!(
        whats.contains(&"body") && !whats.contains(&"status"),
        "{whats:?}"
    );
}

/// The document in a recording, by the tool that everybody has.
fn unzipped(file: &str) -> String {
    let output = Command::new("gzip").args(["-dc", file]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_unknown_or_no_recording_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let tollgate = started(folder.path(), false);
    for command in [
        &["explain", "nothing"][..],
        &["record", "nothing", "-o", "x"],
    ] {
        let told = refused(&run(&tollgate, command), 2);
        assert!(told.contains("no request nothing is remembered"), "{told}");
    }
    let file = folder.path().join("other");
    std::fs::write(&file, "{}").unwrap();
    let file = file.display().to_string();
    for command in [&["show", &file][..], &["replay", &file]] {
        let told = refused(&alone(command), 2);
        assert!(told.contains("it is no recording"), "{told}");
    }
    refused(&alone(&["replay", "nowhere"]), 2);
}

/// Under `serve` what succeeds is kept by chance, under `dev` always; there the console says what to ask.
#[test]
fn dev_keeps_every_request_and_says_how_to_ask() {
    let folder = tempfile::tempdir().unwrap();
    let tollgate = started(folder.path(), true);
    let api = making::serve(&tollgate, &making::mock("\"hi\""));
    let answer = tollgate.api(&api, "GET", "/dev/word").expect(200);
    let told = said(&run(&tollgate, &["explain", id(&answer), "--json"]));
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["status"], 200);
    let names = told["steps"].as_array().unwrap().iter();
    let names: Vec<_> = names.filter_map(|step| step["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "address",
            "route",
            "authorize",
            "validate",
            "map request",
            "integrate",
            "map response",
            "respond"
        ]
    );
    let wrong = tollgate.api(&api, "GET", "/dev/none").expect(403);
    let hint = format!("[explain {}]", id(&wrong));
    let line = tollgate
        .stderr()
        .wait(Duration::from_secs(30), |line| line.contains(&hint));
    assert!(line.is_some(), "{}", tollgate.stderr().text());
}

/// Calls a template that fails, deploys the API anew, and deletes what the request ran on. The request's id.
fn failed_on_what_is_deleted(tollgate: &Tollgate, api: &str, whole_api: bool) -> String {
    let answer = post(
        tollgate,
        api,
        "/dev/price",
        &json!({"tags": ["a"], "at": 7}),
    )
    .expect(500);
    let before = deployment(tollgate, api);
    making::deploy(tollgate, api, "dev");
    let gone = match whole_api {
        true => format!("/restapis/{api}"),
        false => format!("/restapis/{api}/deployments/{before}"),
    };
    tollgate.control("DELETE", &gone, None).expect(202);
    id(&answer).to_owned()
}

fn deployment(tollgate: &Tollgate, api: &str) -> String {
    let stage = tollgate.control("GET", &format!("/restapis/{api}/stages/dev"), None);
    let stage = stage.expect(200).json();
    stage["deploymentId"].as_str().unwrap().to_owned()
}

#[test]
fn requests_are_told_of_whose_deployment_or_api_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let tollgate = started(folder.path(), false);
    for whole_api in [false, true] {
        let api = making::serve(&tollgate, &definition("http://127.0.0.1:9", "{}"));
        let id = failed_on_what_is_deleted(&tollgate, &api, whole_api);
        let told = said(&run(&tollgate, &["explain", &id]));
        assert!(told.contains("$pet.at = 7"), "{told}");
        let file = folder.path().join(&id).display().to_string();
        said(&run(&tollgate, &["record", &id, "-o", &file]));
        let told = said(&alone(&["replay", &file]));
        assert!(told.contains("no difference: status 500"), "{told}");
    }
}

#[test]
fn what_is_deleted_is_remembered_within_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "[recorder]\ndeleted_deployments_bytes_max = 100\n";
    let tollgate = started_with(folder.path(), false, settings);
    let api = making::serve(&tollgate, &definition("http://127.0.0.1:9", "{}"));
    let id = failed_on_what_is_deleted(&tollgate, &api, false);
    let told = refused(&run(&tollgate, &["explain", &id]), 2);
    assert!(
        told.contains("was deleted and is remembered no more"),
        "{told}"
    );
}

/// A body beyond the bound streams on, and a recording says that it is not there and what would have kept it.
#[test]
fn long_bodies_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let tollgate = started(folder.path(), false);
    let api = making::serve(&tollgate, &making::proxy(&failing_backend()));
    let answer = send_long(&tollgate, &api);
    let text = said(&run(&tollgate, &["explain", id(&answer)]));
    let note = "note: the request's body (100000 bytes) was not kept: it is run without one. \
                [recorder] body_bytes_max and streamed_body_bytes_max of as many keep the next one";
    assert!(text.contains(note), "{text}");
    let file = folder.path().join("long").display().to_string();
    said(&run(&tollgate, &["record", id(&answer), "-o", &file]));
    let text = said(&alone(&["replay", &file]));
    assert!(text.contains(note), "{text}");
    assert!(text.contains("no difference: status 500"), "{text}");
}

#[test]
fn long_bodies_are_kept_where_the_settings_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "[recorder]\nbody_bytes_max = 100000\nstreamed_body_bytes_max = 100000\n";
    let tollgate = started_with(folder.path(), false, settings);
    let api = making::serve(&tollgate, &making::proxy(&failing_backend()));
    let answer = send_long(&tollgate, &api);
    let text = said(&run(&tollgate, &["explain", id(&answer)]));
    assert!(!text.contains("was not kept"), "{text}");
    let file = folder.path().join("long").display().to_string();
    said(&run(&tollgate, &["record", id(&answer), "-o", &file]));
    assert!(unzipped(&file).contains(&"x".repeat(100_000)));
}

fn send_long(tollgate: &Tollgate, api: &str) -> Answer {
    let request = Request {
        body: vec![b'x'; 100_000],
        ..tollgate.api_request(api, "POST", "/dev/long")
    };
    tollgate.send(&request).expect(500)
}
