//! Client commands against a Tollgate that runs.

use std::process::{Command, Output};

use serde_json::json;
use tollgate_testkit::{Options, Tollgate};

use crate::{PROGRAM, making};

/// Runs a client command with the key that Tollgate printed.
pub(crate) fn run(tollgate: &Tollgate, arguments: &[&str]) -> Output {
    let key = tollgate.key();
    Command::new(PROGRAM)
        .args(arguments)
        .env_clear()
        .env("AWS_ENDPOINT_URL", format!("http://{}", tollgate.address()))
        .env("AWS_ACCESS_KEY_ID", &key.id)
        .env("AWS_SECRET_ACCESS_KEY", &key.secret)
        .output()
        .unwrap()
}

/// What it says, where it succeeds.
#[track_caller]
pub(crate) fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
pub(crate) fn refused(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn deployed(tollgate: &Tollgate, api: &str) -> String {
    let stage = tollgate
        .control("GET", &format!("/restapis/{api}/stages/dev"), None)
        .expect(200);
    stage.json()["deploymentId"].as_str().unwrap().to_owned()
}

#[test]
fn a_stage_is_rolled_back_and_forth() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let api = making::serve(&tollgate, &making::mock("\"first\""));
    let first = deployed(&tollgate, &api);
    tollgate
        .control_bytes(
            "PUT",
            &format!("/restapis/{api}?mode=overwrite"),
            making::mock("\"second\"").to_string(),
        )
        .expect(200);
    making::deploy(&tollgate, &api, "dev");
    let second = deployed(&tollgate, &api);
    let answer = || {
        tollgate
            .send(&tollgate.api_request(&api, "GET", "/dev/word"))
            .expect(200)
            .text()
    };
    assert_eq!(answer(), "\"second\"");
    for (to, from, expected) in [
        (&first, &second, "\"first\""),
        (&second, &first, "\"second\""),
    ] {
        let told = said(&run(&tollgate, &["rollback", &api, "dev", to]));
        assert_eq!(
            told,
            format!("stage dev of API {api} serves deployment {to} (before: {from})\n")
        );
        assert_eq!(answer(), expected);
    }
}

#[test]
fn what_cannot_be_rolled_back_is_told() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let api = making::serve(&tollgate, &making::mock("\"only\""));
    for (arguments, expected) in [
        (
            ["rollback", "nothere", "dev", "x"],
            "Invalid stage identifier specified",
        ),
        (
            ["rollback", &api, "other", "x"],
            "Invalid stage identifier specified",
        ),
        (["rollback", &api, "dev", "nothere"], "deployment"),
    ] {
        let told = refused(&run(&tollgate, &arguments), 2);
        assert!(
            told.to_lowercase().contains(&expected.to_lowercase()),
            "{told}"
        );
    }
}

#[test]
fn own_calls_are_signed_as_all_others() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let mut command = Command::new(PROGRAM);
    command
        .args([
            "rollback",
            "api",
            "dev",
            "x",
            "--url",
            &format!("http://{}", tollgate.address()),
        ])
        .env_clear();
    command
        .env("AWS_ACCESS_KEY_ID", &tollgate.key().id)
        .env("AWS_SECRET_ACCESS_KEY", "wrong");
    let told = refused(&command.output().unwrap(), 2);
    assert!(told.contains("signature"), "{told}");
    let host = tollgate.address().to_string();
    let target = "/_tollgate/restapis/a/stages/b/rollback";
    let unsigned = tollgate_testkit::Request::new("POST", target, &host);
    assert_eq!(
        tollgate.send(&unsigned).expect(403).json(),
        json!({"message": "Missing Authentication Token"})
    );
}

#[test]
fn an_address_that_nobody_listens_on_is_told() {
    let mut command = Command::new(PROGRAM);
    command
        .args(["rollback", "api", "dev", "x", "--url", "http://127.0.0.1:1"])
        .env_clear();
    let told = refused(&command.output().unwrap(), 1);
    assert!(told.contains("no answer from http://127.0.0.1:1"), "{told}");
    let mut command = Command::new(PROGRAM);
    command
        .args(["rollback", "api", "dev", "x", "--url", "http://192.0.2.1:1"])
        .env_clear();
    let told = refused(&command.output().unwrap(), 2);
    assert!(told.contains("no credentials"), "{told}");
}

#[test]
fn drift_and_history_are_told() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM));
    let api = making::serve(&tollgate, &making::mock("\"first\""));
    let first = deployed(&tollgate, &api);
    let none = format!("nothing not deployed: API {api}, stage dev, deployment {first}\n");
    assert_eq!(said(&run(&tollgate, &["drift", &api])), none);

    let definition = making::mock("\"second\"").to_string();
    let target = format!("/restapis/{api}?mode=overwrite");
    tollgate
        .control_bytes("PUT", &target, definition)
        .expect(200);
    for arguments in [&["drift", &api][..], &["drift", &api, "dev"]] {
        let output = run(&tollgate, arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!(
                "1 change not deployed: API {api}, stage dev, deployment {first}\n  changed integration response 200 of GET /word /responseTemplates/application~1json: \"\\\"first\\\"\" -> \"\\\"second\\\"\"\n"
            )
        );
    }
    let output = run(&tollgate, &["drift", &api, "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["stages"][0]["changes"][0]["present"], "\"second\"");

    making::deploy(&tollgate, &api, "dev");
    let second = deployed(&tollgate, &api);
    assert!(run(&tollgate, &["drift", &api]).status.success());
    let told = said(&run(&tollgate, &["history", &api]));
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert!(
        lines[0].starts_with(&second) && lines[0].contains("served by dev since "),
        "{told}"
    );
    assert!(
        lines[1].starts_with(&first) && lines[1].contains("served by dev from "),
        "{told}"
    );
    let told = refused(&run(&tollgate, &["drift", "none"]), 2);
    assert!(told.contains("Invalid API identifier"), "{told}");
}
