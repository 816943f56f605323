//! `tollgate drift`: what of an API its stages do not serve yet.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Deserialize;
use serde_json::Value;

use super::{Client, read, segment};
use crate::arguments::Drift;
use crate::failure::Failure;
use crate::say;

/// Characters of a value that are shown on a line.
const VALUE_CHARS_MAX: usize = 120;

/// How an API differs from what its stages serve.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    api_id: String,
    stages: Vec<OfStage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfStage {
    stage: String,
    is_canary: bool,
    deployment_id: String,
    count: usize,
    changes: Vec<Difference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Difference {
    what: String,
    part: String,
    name: String,
    member: Option<String>,
    deployed: Option<Value>,
    present: Option<Value>,
}

/// Tells what is not deployed: exit code 0 where nothing is, 1 where something is, 2 where that cannot be known.
pub(crate) fn run(arguments: Drift) -> Result<ExitCode, Failure> {
    let found = ask(&arguments).map_err(Failure::into_given)?;
    let drift: Found = read(&found).map_err(Failure::into_given)?;
    match arguments.json {
        true => say::out(String::from_utf8_lossy(&found)),
        false => say::out(told(&drift).trim_end()),
    }
    let is_none = drift.stages.iter().all(|stage| stage.count == 0);
    Ok(ExitCode::from(u8::from(!is_none)))
}

fn ask(arguments: &Drift) -> Result<Vec<u8>, Failure> {
    let client = Client::new(&arguments.server)?;
    let api = segment(&arguments.api);
    let path = match &arguments.stage {
        Some(stage) => format!("/_tollgate/restapis/{api}/stages/{}/drift", segment(stage)),
        None => format!("/_tollgate/restapis/{api}/drift"),
    };
    client.get_bytes(&path)
}

fn told(drift: &Found) -> String {
    let mut text = String::new();
    if drift.stages.is_empty() {
        text = format!(
            "API {} has no stages: nothing of it is deployed",
            drift.api_id
        );
    }
    for stage in &drift.stages {
        line(&mut text, &headline(&drift.api_id, stage));
        for change in &stage.changes {
            line(&mut text, &format!("  {}", sentence(change)));
        }
        let left = stage.count.saturating_sub(stage.changes.len());
        if left > 0 {
            line(&mut text, &format!("  … and {left} more"));
        }
    }
    text
}

fn line(text: &mut String, more: &str) {
    writeln!(text, "{more}").expect("a String takes every write");
}

fn headline(api: &str, stage: &OfStage) -> String {
    let count = match stage.count {
        0 => "nothing".to_owned(),
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    };
    let canary = if stage.is_canary { " (its canary)" } else { "" };
    let (name, deployment) = (&stage.stage, &stage.deployment_id);
    format!("{count} not deployed: API {api}, stage {name}{canary}, deployment {deployment}")
}

fn sentence(change: &Difference) -> String {
    let Difference { what, name, .. } = change;
    let part = words(&change.part);
    let Some(member) = &change.member else {
        return format!("{what} {part} {name}");
    };
    let (before, now) = sides(change.deployed.as_ref(), change.present.as_ref());
    format!("{what} {part} {name} {member}: {before} -> {now}")
}

/// `integrationResponse` as people write it.
fn words(part: &str) -> String {
    let mut text = String::new();
    for letter in part.chars() {
        if letter.is_ascii_uppercase() {
            text.push(' ');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// Both values; of texts of many lines, the first line that differs.
fn sides(deployed: Option<&Value>, present: Option<&Value>) -> (String, String) {
    if let (Some(Value::String(before)), Some(Value::String(now))) = (deployed, present)
        && (before.contains('\n') || now.contains('\n'))
    {
        return first_difference(before, now);
    }
    (shown(deployed), shown(present))
}

fn first_difference(before: &str, now: &str) -> (String, String) {
    let same = before.lines().zip(now.lines());
    let at = same.take_while(|(before, now)| before == now).count();
    let of = |text: &str| match text.lines().nth(at) {
        Some(line) => format!("line {}: {}", at + 1, cut(line.trim())),
        None => "its end".to_owned(),
    };
    (of(before), of(now))
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| cut(&value.to_string()))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_told_on_a_line_each() {
        let found = json!({"apiId": "abc", "stages": [
            {"stage": "dev", "isCanary": false, "deploymentId": "d1", "count": 4, "changes": [
                {"what": "added", "part": "method", "name": "GET /pets"},
                {"what": "changed", "part": "integrationResponse", "name": "200 of GET /", "member": "/responseTemplates/a~1b",
                    "deployed": "one\n  two\nthree", "present": "one\n  2\nthree"},
                {"what": "changed", "part": "integration", "name": "GET /", "member": "/timeoutInMillis", "present": 50},
            ]},
            {"stage": "dev", "isCanary": true, "deploymentId": "d2", "count": 0, "changes": []},
        ]});
        let found: Found = serde_json::from_value(found).unwrap();
        let expected = "4 changes not deployed: API abc, stage dev, deployment d1
  added method GET /pets
  changed integration response 200 of GET / /responseTemplates/a~1b: line 2: two -> line 2: 2
  changed integration GET / /timeoutInMillis: none -> 50
  … and 1 more
nothing not deployed: API abc, stage dev (its canary), deployment d2
";
        assert_eq!(told(&found), expected);
    }
}
