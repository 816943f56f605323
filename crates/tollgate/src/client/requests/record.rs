//! `tollgate record`: one request as a file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use tollgate_gateway::recorder::Recording;

use super::path;
use crate::arguments::Record;
use crate::client::Client;
use crate::failure::Failure;
use crate::say;

/// Asks a Tollgate, and writes what it gives; a file that is there already is left as it is.
pub(crate) fn run(arguments: Record) -> Result<ExitCode, Failure> {
    let client = Client::new(&arguments.server)?;
    let given = client.get_bytes(&path(&arguments.request, "recording"))?;
    let recording = Recording::from_file(&given).context("the answer is no recording")?;
    write(&arguments.output, &given).map_err(Failure::given)?;
    let name = arguments.output.display();
    say::out(format_args!("{name}: {} bytes", given.len()));
    match &recording.hidden[..] {
        [] => {}
        hidden => say::out(format_args!("hidden: {}", hidden.join(", "))),
    }
    say::out(format_args!(
        "next: tollgate show {name}, tollgate replay {name}"
    ));
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes));
    written.with_context(|| format!("cannot write {}", path.display()))
}
