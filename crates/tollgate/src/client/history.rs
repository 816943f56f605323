//! `tollgate history`: the deployments of an API, newest first, and which stages serve or served them.

use std::process::ExitCode;

use serde::Deserialize;

use super::{Client, read, segment};
use crate::arguments::History;
use crate::failure::Failure;
use crate::say;

/// An API's deployments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    count: usize,
    deployments: Vec<Past>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Past {
    id: String,
    created_date: String,
    description: Option<String>,
    stages: Vec<Served>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Served {
    stage: String,
    is_canary: bool,
    from: Option<String>,
    until: Option<String>,
}

/// Tells them.
pub(crate) fn run(arguments: History) -> Result<ExitCode, Failure> {
    let client = Client::new(&arguments.server)?;
    let api = segment(&arguments.api);
    let path = match &arguments.stage {
        Some(stage) => format!(
            "/_tollgate/restapis/{api}/stages/{}/history",
            segment(stage)
        ),
        None => format!("/_tollgate/restapis/{api}/history"),
    };
    let found = client.get_bytes(&path)?;
    match arguments.json {
        true => say::out(String::from_utf8_lossy(&found)),
        false => say::out(told(&read(&found)?, &arguments.api)),
    }
    Ok(ExitCode::SUCCESS)
}

fn told(found: &Found, api: &str) -> String {
    let mut lines: Vec<String> = found.deployments.iter().map(line).collect();
    match found.count - lines.len().min(found.count) {
        0 if lines.is_empty() => lines.push(format!("API {api} has no deployments")),
        0 => {}
        left => lines.push(format!("… and {left} older ones")),
    }
    lines.join("\n")
}

fn line(past: &Past) -> String {
    let mut line = format!("{}  {}", past.id, past.created_date);
    if !past.stages.is_empty() {
        let stages: Vec<_> = past.stages.iter().map(time).collect();
        line.push_str(&format!("  served by {}", stages.join(", ")));
    }
    if let Some(description) = &past.description {
        line.push_str(&format!("  {}", description.replace(['\r', '\n'], " ")));
    }
    line
}

fn time(served: &Served) -> String {
    let canary = if served.is_canary { " (canary)" } else { "" };
    let time = match (&served.from, &served.until) {
        (Some(from), Some(until)) => format!(" from {from} to {until}"),
        (Some(from), None) => format!(" since {from}"),
        (None, Some(until)) => format!(" until {until}"),
        (None, None) => String::new(),
    };
    format!("{}{canary}{time}", served.stage)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn deployments_are_told_on_a_line_each() {
        let found = json!({"apiId": "abc", "count": 3, "deployments": [
            {"id": "d2", "createdDate": "2026-01-02T00:00:00Z", "description": "with\nnotes", "stages": [
                {"stage": "dev", "isCanary": false, "from": "A"}, {"stage": "prod", "isCanary": true},
            ]},
            {"id": "d1", "createdDate": "2026-01-01T00:00:00Z", "stages": [
                {"stage": "dev", "isCanary": false, "from": "B", "until": "A"},
            ]},
        ]});
        let found: Found = serde_json::from_value(found).unwrap();
        let expected = "d2  2026-01-02T00:00:00Z  served by dev since A, prod (canary)  with notes
d1  2026-01-01T00:00:00Z  served by dev from B to A
… and 1 older ones";
        assert_eq!(told(&found, "abc"), expected);
    }
}
