//! `tollgate prove`: whether any route answers a caller who shows nothing, of a definition or of what a Tollgate serves. The engine finds it
//! out (`gateway/src/exposure`); here are files, the call, outputs and exit codes.

mod claim;
mod text;

use std::path::Path;
use std::process::ExitCode;

use anyhow::anyhow;
use tollgate_doctor::Deployed;
use tollgate_gateway::exposure::Exposure;
use tollgate_model::clock::Clock;

use crate::arguments::Prove;
use crate::client::{Client, read, segment};
use crate::failure::Failure;
use crate::{check, say};
use claim::Claim;

/// Proves, or says what passes: exit code 0 where nothing does, 1 where something does, 2 where that cannot be known.
pub(crate) fn run(arguments: Prove) -> Result<ExitCode, Failure> {
    let exposure = match &arguments.stage {
        Some(stage) => of_stage(&arguments, stage),
        None => of_file(&arguments),
    };
    let exposure = exposure.map_err(Failure::into_given)?;
    let claim = Claim::of(&exposure, &arguments.allow);
    match arguments.json {
        true => say::out(claim.json(&exposure)),
        false => say::out(text::of(&exposure, &claim).trim_end()),
    }
    Ok(ExitCode::from(claim.exit_code()))
}

fn of_stage(arguments: &Prove, stage: &str) -> Result<Exposure, Failure> {
    let client = Client::new(&arguments.server)?;
    let (api, stage) = (segment(&arguments.target), segment(stage));
    let path = format!("/_tollgate/restapis/{api}/stages/{stage}/exposure");
    read(&client.get_bytes(&path)?)
}

fn of_file(arguments: &Prove) -> Result<Exposure, Failure> {
    let document = check::read(Path::new(&arguments.target)).map_err(Failure::given)?;
    let deployed = Deployed {
        is_private: arguments.private,
        ..arguments.arn.clone().unwrap_or_default()
    };
    let proven = tollgate_doctor::prove(&document, &deployed, Clock::System);
    proven.map_err(|unproven| {
        let reasons = unproven.0.join("\n  ");
        Failure::given(anyhow!(
            "cannot tell what {} exposes:\n  {reasons}",
            arguments.target
        ))
    })
}
