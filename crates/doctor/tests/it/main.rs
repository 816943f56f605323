//! Definitions in, findings out.

#![allow(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod definitions;
mod hostile;
mod limits;
mod proofs;
mod sound;

use std::path::{Path, PathBuf};

/// A path in the workspace.
fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The definitions of a folder, in a fixed order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        let end = file.extension().and_then(|end| end.to_str());
        matches!(end, Some("yaml" | "json"))
    });
    files.sort();
    assert!(!files.is_empty(), "no files in {}", folder.display());
    files
}
