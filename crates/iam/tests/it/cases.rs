//! Walks the files of cases.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::case::{self, word};

#[test]
fn every_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a file");
        let file: Json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        assert!(file["evidence"].is_string(), "{path:?} has no evidence");
        for case in file["cases"].as_array().expect("cases") {
            let case = with_defaults(case, &file["defaults"]);
            check(&case, &format!("{:?}: {}", path.file_name(), case["name"]));
            count += 1;
        }
    }
    assert!(count > 150, "{count} cases");
}

/// What the cases of a file have in common stands once; a condition alone is that of a statement which allows everything.
fn with_defaults(case: &Json, defaults: &Json) -> Json {
    let mut whole = defaults.as_object().cloned().unwrap_or_default();
    whole.extend(case.as_object().expect("a case").clone());
    if let Some(condition) = whole.remove("condition") {
        let identity = serde_json::json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
        whole.insert("identity".to_owned(), identity);
    }
    Json::Object(whole)
}

fn check(case: &Json, name: &str) {
    let outcome = case::run(case).unwrap_or_else(|error| panic!("{name}: {error}"));
    let told = outcome.proof.to_string();
    assert_eq!(case["expect"], word(outcome.decision), "{name}\n{told}");
    assert_eq!(outcome.proof.decision, outcome.decision, "{name}");
    if let Some(expected) = case["turn"].as_array() {
        let expected: Vec<&str> = expected.iter().filter_map(Json::as_str).collect();
        assert_eq!(outcome.proof.turn(), expected, "{name}\n{told}");
    }
}

/// AWS's words for refusals, as the guide's page on troubleshooting them has them.
#[test]
fn reasons() {
    let refused = |members: &str| {
        let case: Json = serde_json::from_str(members).expect("a case");
        let decision = case::run(&case).expect("policies").decision;
        decision.reason("execute-api:Invoke")
    };
    let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let other = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    let deny_all = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#;
    for (case, expected) in [
        (
            "{}".to_owned(),
            "because no identity-based policy allows the execute-api:Invoke action",
        ),
        (
            r#"{"principal":"anonymous"}"#.to_owned(),
            "because no resource-based policy allows the execute-api:Invoke action",
        ),
        (
            format!(r#"{{"identity":{all},"boundary":{other}}}"#),
            "because no permissions boundary allows the execute-api:Invoke action",
        ),
        (
            format!(r#"{{"identity":{all},"session":{other}}}"#),
            "because no session policy allows the execute-api:Invoke action",
        ),
        (
            format!(r#"{{"identity":{deny}}}"#),
            "with an explicit deny in an identity-based policy",
        ),
        (
            format!(r#"{{"boundary":{deny}}}"#),
            "with an explicit deny in a permissions boundary",
        ),
        (
            format!(r#"{{"session":{deny}}}"#),
            "with an explicit deny in a session policy",
        ),
        (
            format!(r#"{{"resource_policy":{deny_all}}}"#),
            "with an explicit deny in a resource-based policy",
        ),
    ] {
        assert_eq!(refused(&case).as_deref(), Some(expected), "{case}");
    }
    assert_eq!(refused(&format!(r#"{{"identity":{all}}}"#)), None);
}
