//! `tollgate rollback`: a stage serves another of its API's deployments again.

use std::process::ExitCode;

use serde::Deserialize;
use serde_json::json;

use super::{Client, segment};
use crate::arguments::Rollback;
use crate::failure::Failure;
use crate::say;

#[derive(Deserialize)]
struct RolledBack {
    from: Option<String>,
    to: Option<String>,
}

/// Carries it out, and says what is served now and was before.
pub(crate) fn run(arguments: Rollback) -> Result<ExitCode, Failure> {
    let client = Client::new(&arguments.server)?;
    let (api, stage) = (segment(&arguments.api), segment(&arguments.stage));
    let path = format!("/_tollgate/restapis/{api}/stages/{stage}/rollback");
    let asked = json!({ "deploymentId": arguments.deployment });
    let done: RolledBack = client.post(&path, &asked)?;
    let named = |id: Option<String>| id.unwrap_or_else(|| "none".to_owned());
    say::out(format_args!(
        "stage {} of API {} serves deployment {} (before: {})",
        arguments.stage,
        arguments.api,
        named(done.to),
        named(done.from)
    ));
    Ok(ExitCode::SUCCESS)
}
