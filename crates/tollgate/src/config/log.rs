//! `[log]`: what Tollgate says of itself.

use serde::{Deserialize, Deserializer, de::Error};
use tracing_subscriber::EnvFilter;

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    #[serde(deserialize_with = "level")]
    level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
        }
    }
}

impl Log {
    /// What is let through.
    pub(crate) fn filter(&self) -> EnvFilter {
        // Checked when it was read; everything is better than nothing.
        EnvFilter::try_new(&self.level).unwrap_or_else(|_| EnvFilter::new("info"))
    }

    /// The level as written.
    pub(crate) fn level(&self) -> &str {
        &self.level
    }
}

fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let level = String::deserialize(deserializer)?;
    match EnvFilter::try_new(&level) {
        Ok(_) => Ok(level),
        Err(error) => Err(D::Error::custom(format!(
            "{level:?} is not a log level: {error}"
        ))),
    }
}
