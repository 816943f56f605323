//! Code generation and the rules of the house, for the program and for the tests.

use std::path::{Path, PathBuf};

pub mod codegen;
pub mod house;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}
