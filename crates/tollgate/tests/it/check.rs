//! `tollgate check` as people and CI run it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::PROGRAM;

/// One error, one warning and one note.
const BROKEN: &str = r#"openapi: 3.0.1
info: {title: broken, version: "1"}
paths:
  /pets/{petId}:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: GET
        uri: http://${stageVariables.backend}/pets
        requestTemplates: {application/json: '{"id": "$input.params("petid")"}'}
        responses:
          default: {statusCode: 200}
          "404": {statusCode: 404}
"#;

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(PROGRAM)
        .arg("check")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // One that reads only files may have ended already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[test]
fn findings_come_by_file_with_the_request_that_shows_them() {
    let folder = tempfile::tempdir().unwrap();
    let broken = file(&folder, "broken.yaml", BROKEN);
    let fine = file(
        &folder,
        "fine.json",
        r#"{"openapi": "3.0.1", "info": {"title": "fine", "version": "1"}, "paths": {}}"#,
    );
    let output = run(&[&broken, &fine], "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = out(&output);
    for part in [
        broken.as_str(),
        "  14:19  error  undeclared-status  GET /pets/{petId}\n",
        "      request: GET /pets/1\n",
        "      backend: 404 {}\n",
        "      answer:  500 {\"message\": \"Internal server error\"}\n",
        "  11:28  warning  undeclared-parameter  GET /pets/{petId}\n",
        "(did you mean petId?)",
        "  10:9  note  unset-stage-variable  GET /pets/{petId}\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        text.ends_with("1 error, 1 warning, 1 note in 2 files\n"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "no colours into a pipe: {text}");
}

#[test]
fn json_is_one_object_a_line_and_nothing_else() {
    let output = run(&["--json", "-"], BROKEN);
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    let findings: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let error = findings
        .iter()
        .find(|it| it["severity"] == "error")
        .unwrap();
    assert_eq!(error["code"], "undeclared-status");
    assert_eq!(error["file"], "standard input");
    assert_eq!(
        (&error["line"], &error["column"]),
        (&Value::from(14), &Value::from(19))
    );
    assert_eq!(error["subject"], "GET /pets/{petId}");
    assert_eq!(error["evidence"]["request"]["target"], "/pets/1");
    assert_eq!(error["evidence"]["response"]["status"], 500);
    let members = [
        "code", "severity", "file", "line", "column", "pointer", "subject", "reason", "evidence",
    ];
    for finding in &findings {
        let finding = finding.as_object().unwrap();
        assert!(finding.keys().eq(members), "{finding:?}");
    }
}

#[test]
fn exit_codes_are_for_ci() {
    let declared = BROKEN.replace(
        r#"{"200": {description: ok}}"#,
        r#"{"200": {description: ok}, "404": {description: none}}"#,
    );
    let meant = declared.replace("petid", "petId");
    for (text, arguments, expected) in [
        (BROKEN, &["-"][..], 1),
        (declared.as_str(), &["-"], 0),
        (&declared, &["--strict", "-"], 1),
        (&meant, &["--strict", "-"], 0),
        (&meant, &["--strict", "--stage-variables", "host=x", "-"], 1),
        (
            &meant,
            &["--strict", "--stage-variables", "backend=example.com", "-"],
            0,
        ),
        ("{", &["-"], 1),
        ("", &["no-such-file.yaml"], 2),
        ("", &["--stage-variables", "backend", "-"], 2),
        ("", &[], 2),
    ] {
        let output = run(arguments, text);
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{arguments:?}: {output:?}"
        );
    }
}

#[test]
fn the_help_says_what_the_codes_mean() {
    let output = run(&["--help"], "");
    let text = out(&output);
    for part in [
        "Exit code 0",
        "--strict",
        "--json",
        "--stage-variables <NAME=VALUE>",
        "docs/check.md",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
