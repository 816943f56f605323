//! The table of operations in `docs/compatibility.md` says what is served; when it does not, the failure shows
//! the table as it must be.

use std::path::Path;

use tollgate_wire::apigateway::OPERATIONS;
use tollgate_wire::{iam, sts};

use crate::fixture::Fixture;

const FILE: &str = "../../docs/compatibility.md";
const START: &str = "| operation | status |\n| --- | --- |\n";

fn table(served: &[&str]) -> String {
    let row = |name: &&str| {
        let is_served = served.contains(name);
        let status = if is_served {
            "served"
        } else {
            "refused by name"
        };
        format!("| {name} | {status} |\n")
    };
    let mut names = OPERATIONS.to_vec();
    names.sort_unstable();
    names.iter().map(row).collect()
}

#[tokio::test]
async fn the_table_says_what_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let written = std::fs::read_to_string(&path).expect("docs/compatibility.md");
    let (_, written) = written
        .split_once(START)
        .expect("a table of operations and their status");
    let expect = table(&Fixture::new().control.served());
    assert!(
        written.starts_with(&expect) && written[expect.len()..].starts_with('\n'),
        "the table must be\n\n{START}{expect}"
    );
}

#[tokio::test]
async fn every_operation_served_is_one_of_the_model() {
    assert_eq!(OPERATIONS.len(), 124);
    for name in Fixture::new().control.served() {
        assert!(OPERATIONS.contains(&name), "{name}");
    }
}

const BESIDE: &str = "| service | served | refused by name |\n| --- | --- | --- |\n";

/// What the models have beside what is kept of them, and what is kept and not served.
#[tokio::test]
async fn the_table_says_what_iam_and_sts_serve() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let written = std::fs::read_to_string(&path).expect("docs/compatibility.md");
    let (_, written) = written.split_once(BESIDE).expect("a table of services");
    let mut expect = String::new();
    for (service, served) in Fixture::new().control.served_beside() {
        let (kept, not_kept) = match service {
            "iam" => (iam::OPERATIONS, iam::NOT_KEPT),
            _ => (sts::OPERATIONS, sts::NOT_KEPT),
        };
        assert_eq!(
            served, kept,
            "{service}: what is kept of the model is served"
        );
        expect += &format!(
            "| {service} | {} | {} |\n",
            served.join(", "),
            not_kept.join(", ")
        );
    }
    assert!(written == expect, "the table must be\n\n{BESIDE}{expect}");
}
