//! Every row of the API reference's tables of patch operations, with every operation: those that a path takes change
//! what they should, the others give the resource's refusal.
//! <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html>
//!
//! The families of refusals are recorded for models, resources, validators, documentation parts, APIs, methods, method
//! responses, gateway responses and stages; for the other resources they are a guess after these.

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::patch_rows::{Family, RESOURCES, Resource, Row};
use crate::play::{Answers, Step, fill, patch, play_after, play_on_mock};

const OPERATIONS: [(&str, char); 6] = [
    ("add", 'a'),
    ("replace", 'r'),
    ("copy", 'c'),
    ("remove", 'd'),
    ("move", '-'),
    ("test", '-'),
];

#[tokio::test]
async fn every_row_with_every_operation() {
    let (mut taken, mut refused) = (0, 0);
    for resource in RESOURCES {
        let case = Case::begin(resource).await;
        for row in resource.rows {
            for (operation, letter) in OPERATIONS {
                match row.operations.contains(letter) {
                    true => {
                        case.takes(row, operation).await;
                        taken += 1;
                    }
                    false => {
                        case.refuses(row.path, Some(row), operation).await;
                        refused += 1;
                    }
                }
            }
        }
        for (operation, _) in OPERATIONS {
            case.refuses("/unknown", None, operation).await;
            refused += 1;
        }
    }
    println!("{taken} operations taken, {refused} refused");
    assert_eq!((taken, refused), (165, 657), "the table has every row");
}

/// A resource made for its rows.
struct Case {
    resource: &'static Resource,
    fixture: Fixture,
    answers: Answers,
    line: String,
}

impl Case {
    async fn begin(resource: &'static Resource) -> Self {
        let fixture = Fixture::new();
        let steps = resource.made_by.iter().map(|(name, line, body)| {
            let body = serde_json::from_str(body).unwrap_or(Value::Null);
            (*name, *line, body, 201, json!("*"))
        });
        let steps: Vec<Step<'_>> = steps.collect();
        let answers = play_on_mock(&fixture, &[]).await;
        let answers = play_after(&fixture, answers, &steps).await;
        let line = fill(resource.line, &answers);
        Self {
            resource,
            fixture,
            answers,
            line,
        }
    }

    async fn takes(&self, row: &Row, operation: &str) {
        for seed in row.after {
            let seed = serde_json::from_str(seed).expect("a seed is JSON");
            self.change(seed, &format!("before {operation}")).await;
        }
        let index = usize::from(operation == "replace" && row.values.len() > 1);
        let (value, shown) = row.values[index];
        let shown = fill(shown, &self.answers);
        let expect = match operation {
            "remove" => serde_json::from_str(row.removed).ok(),
            _ => Some(serde_json::from_str(&shown).unwrap_or_else(|_| json!(shown))),
        };
        let from = row.from.map_or(Value::Null, |from| json!(from));
        let value = match operation {
            "copy" => Value::Null,
            _ => json!(fill(value, &self.answers)),
        };
        let got = self
            .change(json!([[operation, row.path, value, from]]), row.path)
            .await;
        let expect = expect.map(|it| match it.as_str() {
            Some(text) => json!(fill(text, &self.answers)),
            None => it,
        });
        let name = self.resource.name;
        assert_eq!(
            got.pointer(row.shown_at),
            expect.as_ref(),
            "{name} {operation} {}",
            row.path
        );
        // What is answered is also what is kept.
        let (method, shown) = ("GET", self.fixture.call("GET", &self.line, "").await.json());
        assert_eq!(
            shown.pointer(row.shown_at),
            expect.as_ref(),
            "{name} {method} after {operation} {}",
            row.path
        );
    }

    async fn change(&self, operations: Value, what: &str) -> Value {
        let body = fill(&patch(operations).to_string(), &self.answers);
        let answer = self.fixture.call("PATCH", &self.line, &body).await;
        let name = self.resource.name;
        assert!(answer.status < 300, "{name} {what}: {}", answer.text);
        answer.json()
    }

    async fn refuses(&self, path: &str, row: Option<&Row>, operation: &str) {
        let before = self.fixture.call("GET", &self.line, "").await.text;
        let body = patch(json!([[operation, path, "x"]])).to_string();
        let answer = self.fixture.call("PATCH", &self.line, &body).await;
        let name = self.resource.name;
        let text = self.refusal(path, row, operation);
        let refusal = answer.refusal();
        let is_same = match text.strip_suffix("...") {
            Some(start) => refusal.starts_with(&format!("BadRequestException: {start}")),
            None => refusal == format!("BadRequestException: {text}"),
        };
        assert!(is_same, "{name} {operation} {path}\n{refusal}\n{text}");
        let after = self.fixture.call("GET", &self.line, "").await.text;
        assert_eq!(before, after, "{name} {operation} {path}");
    }

    fn refusal(&self, path: &str, row: Option<&Row>, operation: &str) -> String {
        let own = row.and_then(|row| row.refusal);
        if let Some((_, text)) = own.filter(|(of, _)| of.is_empty() || *of == operation) {
            return text.to_owned();
        }
        match (self.resource.family, row) {
            (Family::Listed(paths), _) => listed(path, operation, paths),
            (Family::ListedEach(lists), _) => listed_each(path, operation, lists),
            (Family::PathOrOperation, Some(row)) => format!(
                "Invalid patch operation specified. Must be one of: [{}]",
                named(row.operations)
            ),
            (Family::Path | Family::PathOrOperation, _) => format!("Invalid patch path {path}"),
            (Family::Stage, _) => on_stage(path, operation),
        }
    }
}

fn named(letters: &str) -> String {
    let of = |letter| OPERATIONS.iter().find(|(_, known)| *known == letter);
    let names: Vec<_> = letters
        .chars()
        .filter_map(of)
        .map(|(name, _)| *name)
        .collect();
    names.join(", ")
}

fn listed(path: &str, operation: &str, paths: &str) -> String {
    match operation {
        "replace" => format!(
            "Invalid patch path  '{path}' specified for op 'replace'. Must be one of: [{paths}]"
        ),
        _ => format!(
            "Invalid patch path  '{path}' specified for op '{operation}'. Please choose supported operations"
        ),
    }
}

fn listed_each(path: &str, operation: &str, lists: &[(&str, &str)]) -> String {
    let start = format!("Invalid patch path  '{path}' specified for op '{operation}'.");
    match lists.iter().find(|(of, _)| *of == operation) {
        Some((_, paths)) => format!("{start} Must be one of: [{paths}]"),
        None => format!("{start} Please choose supported operations"),
    }
}

fn on_stage(path: &str, operation: &str) -> String {
    match operation {
        "remove" => format!(
            "Cannot remove method setting {} because there is no method setting for this method ",
            path.trim_start_matches('/')
        ),
        "copy" => format!("Invalid copy operation with path: {path} and from null. Valid copy:path are ..."),
        _ if path.starts_with("/accessLogSettings") => {
            "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]".to_owned()
        }
        "add" => format!("Invalid add operation with path: {path}"),
        _ => format!("Invalid method setting path: {path}. Must be one of: [/deploymentId, ..."),
    }
}
