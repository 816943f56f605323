//! `tollgate show`: what a recorded request went through, from its file alone.

use std::process::ExitCode;

use anyhow::anyhow;
use tollgate_gateway::recorder::{Explanation, Redaction};

use super::{read_file, text};
use crate::arguments::Show;
use crate::failure::Failure;
use crate::say;

/// Runs it again, and tells.
pub(crate) fn run(arguments: Show) -> Result<ExitCode, Failure> {
    let recording = read_file(&arguments.file)?;
    let rerun = recording.run(None);
    let rerun = rerun.map_err(|error| Failure::given(anyhow!("{error}")))?;
    let explanation = Explanation::of(&recording, &rerun, &Redaction::default());
    match arguments.json {
        true => {
            let told = serde_json::to_string(&explanation).map_err(Failure::running)?;
            say::out(told);
        }
        false => say::out(text::of(&explanation, arguments.all).trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}
