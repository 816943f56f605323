//! Policies and paths that are made for each other, so that matching would take very long, are refused instead.

use std::time::Instant;

use serde_json::json;
use tollgate_iam::{Decision, Missing};

use crate::case::{self, Outcome};

/// Debug builds, beside other tests: a search that tries again and again would take minutes.
const SECONDS_MAX: u64 = 30;

fn in_time(case: &serde_json::Value) -> Outcome {
    let started = Instant::now();
    let outcome = case::run(case).expect("a policy");
    assert!(started.elapsed().as_secs() < SECONDS_MAX);
    outcome
}

#[test]
fn policies_made_for_paths_are_refused_in_time() {
    let arn = |pattern: &str| format!("arn:aws:execute-api:e:1:a/{pattern}");
    let path = arn(&"a".repeat(20_000));
    for pattern in [
        format!("*{}b*", "a?".repeat(2_000)),
        format!("{}b*", "*a".repeat(2_000)),
        format!("*{}*b", "a".repeat(4_000)),
    ] {
        let resources = vec![arn(&pattern); 30];
        for effect in ["Allow", "Deny"] {
            let outcome = in_time(&json!({
                "resource": path,
                "identity": [
                    {"Effect": "Allow", "Action": "*", "Resource": "*"},
                    {"Effect": effect, "Action": "*", "Resource": resources},
                ],
            }));
            let is_known = matches!(
                outcome.decision,
                Decision::Allow(_) | Decision::ImplicitDeny(Missing::Steps)
            );
            assert!(is_known, "{:?}", outcome.decision);
            assert_eq!(outcome.proof.decision, outcome.decision);
        }
    }
}

/// A denial that was not looked at might have denied.
#[test]
fn what_is_too_dear_is_denied() {
    let stars = format!("arn:aws:execute-api:e:1:a/*{}b*", "a?".repeat(2_000));
    let outcome = in_time(&json!({
        "resource": format!("arn:aws:execute-api:e:1:a/{}", "a".repeat(20_000)),
        "identity": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "*", "Resource": vec![stars; 30]},
        ],
    }));
    assert_eq!(outcome.decision, Decision::ImplicitDeny(Missing::Steps));
    let told = outcome.proof.to_string();
    assert!(
        told.starts_with("denied: deciding would cost more than is allowed"),
        "{told}"
    );
    assert!(!outcome.proof.complete && outcome.proof.nearest.is_empty());
}

/// Many statements, none of which fits: what a large policy costs is far from the bound.
#[test]
fn large_policies_decide() {
    let statements: Vec<_> = (0..900)
        .map(|number| json!({"Effect": "Allow", "Action": "s3:*", "Resource": format!("arn:aws:s3:::bucket{number}/*")}))
        .collect();
    let outcome = in_time(&json!({"identity": statements}));
    assert_eq!(outcome.decision, Decision::ImplicitDeny(Missing::Identity));
    assert!(
        outcome
            .proof
            .to_string()
            .contains("and 860 statements more")
    );
}

/// What callers choose reaches a terminal as one line of bounded length.
#[test]
fn what_callers_choose_is_told_on_one_line() {
    let condition = json!({"StringEquals": {"aws:UserAgent": "curl"}});
    let outcome = in_time(&json!({
        "context": {"aws:UserAgent": format!("\u{1b}[2J\nallowed{}", "é".repeat(5_000))},
        "identity": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition},
    }));
    let told = outcome.proof.to_string();
    assert!(
        told.contains("\\u{1b}[2J\\nallowedé") && told.contains("é… beside curl"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 4);
    assert!(told.len() < 2_500);
}
