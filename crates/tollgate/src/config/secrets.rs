//! `[secrets]`: what secrets are sealed with.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// `[secrets]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Secrets {
    key_file: PathBuf,
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            key_file: PathBuf::from("secrets.key"),
        }
    }
}

impl Secrets {
    /// Where the key lies for a Tollgate with this data folder.
    pub(crate) fn key_file(&self, data: &Path) -> PathBuf {
        data.join(&self.key_file)
    }
}
