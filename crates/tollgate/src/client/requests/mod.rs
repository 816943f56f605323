//! Requests that a Tollgate remembers: `tollgate explain` tells what happened to one, `tollgate record` writes it to a file; `tollgate show` and
//! `tollgate replay` need that file alone.

pub(crate) mod explain;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod show;
mod text;

use std::io::Read;
use std::path::Path;

use anyhow::{Context, anyhow};
use tollgate_gateway::recorder::{FILE_BYTES_MAX, Recording};

use crate::failure::Failure;

/// Reads a recording.
fn read_file(path: &Path) -> Result<Recording, Failure> {
    let name = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {name}"));
    let mut bytes = Vec::new();
    let read = file.map_err(Failure::given)?;
    read.take(FILE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))
        .map_err(Failure::given)?;
    Recording::from_file(&bytes).map_err(|error| Failure::given(anyhow!("{name}: {error}")))
}

/// The path of a call about a request.
fn path(id: &str, what: &str) -> String {
    format!("/_tollgate/requests/{}/{what}", super::segment(id))
}
