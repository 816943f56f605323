//! `tollgate explain`: what happened to a request, step by step.

use std::process::ExitCode;

use tollgate_gateway::recorder::Explanation;

use super::{path, text};
use crate::arguments::Explain;
use crate::client::{Client, read};
use crate::failure::Failure;
use crate::say;

/// Asks a Tollgate, and tells.
pub(crate) fn run(arguments: Explain) -> Result<ExitCode, Failure> {
    let client = Client::new(&arguments.server)?;
    let told = client.get_bytes(&path(&arguments.request, "explanation"))?;
    if arguments.json {
        say::out(String::from_utf8_lossy(&told));
    } else {
        let explanation: Explanation = read(&told)?;
        say::out(text::of(&explanation, arguments.all).trim_end());
    }
    Ok(ExitCode::SUCCESS)
}
