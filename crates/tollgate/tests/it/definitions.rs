//! Definitions that `tollgate dev` cannot use: it says what is wrong and where, and ends.

use tollgate_testkit::{Options, Tollgate};

use crate::{PROGRAM, making};

fn refused(name: &str, content: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, content).unwrap();
    let ended = Tollgate::try_start(Options::dev(PROGRAM).argument(file.display().to_string()))
        .unwrap_err();
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains(name), "{}", ended.stderr);
    ended.stderr
}

#[test]
fn faults_of_syntax_have_line_and_column() {
    for (name, content, place) in [
        (
            "a.json",
            "{\n  \"openapi\": \"3.0.1\",\n  oops\n}",
            "a.json:3:3: Invalid OpenAPI input. ",
        ),
        (
            "a.yaml",
            "openapi: 3.0.1\npaths:\n  /a: [1, 2\ninfo: {}\n",
            "a.yaml:4:",
        ),
    ] {
        let said = refused(name, content);
        assert!(said.contains(place), "{said}");
    }
}

/// What the control plane's own checks find has a place as well.
#[test]
fn faults_of_a_method_have_line_column_and_pointer() {
    let content = "openapi: 3.0.1\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get:\n      responses: {}\n      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: a}\n";
    let said = refused("a.yaml", content);
    for part in [
        "a.yaml:7:7: ",
        "Invalid HTTP endpoint specified for URI",
        "(at /paths/~1a/get/x-amazon-apigateway-integration)",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn what_is_no_definition_is_refused() {
    refused("a.json", "");
    refused("a.yaml", "just text");
    refused("a.yaml", "openapi: 4.0.0\npaths: {}\n");
    refused("not an id.yaml", "openapi: 3.0.1\npaths: {}\n");
}

#[test]
fn what_cannot_be_honoured_is_named() {
    let mut definition = making::mock("1");
    let integration = "x-amazon-apigateway-integration";
    definition["paths"]["/word"]["get"][integration]["connectionType"] = "VPC_LINK".into();
    let definition = serde_json::to_string_pretty(&definition).unwrap();
    let line = definition
        .lines()
        .position(|line| line.contains(integration));
    let said = refused("linked.json", &definition);
    let place = format!("linked.json:{}:9: ", line.unwrap() + 1);
    assert!(said.contains(&place), "{said}");
    assert!(
        said.contains("methodIntegration.connectionType of GET /word"),
        "{said}"
    );
    assert!(
        said.contains("(at /paths/~1word/get/x-amazon-apigateway-integration)"),
        "{said}"
    );
}

#[test]
fn a_file_that_is_not_there() {
    let ended = Tollgate::try_start(Options::dev(PROGRAM).argument("none.yaml")).unwrap_err();
    assert_eq!(ended.status.code(), Some(2));
    assert!(
        ended.stderr.contains("cannot read none.yaml"),
        "{}",
        ended.stderr
    );
}
