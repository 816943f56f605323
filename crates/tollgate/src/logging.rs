//! Tollgate's own log on standard error, with a level that can be changed while it runs.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::config::Log;

/// The log that was started.
pub(crate) struct Logging {
    set: Box<dyn Fn(EnvFilter) -> bool>,
}

impl Logging {
    /// Starts logging. Called once.
    pub(crate) fn start(settings: &Log) -> Self {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            .with_env_filter(settings.filter())
            .with_filter_reloading();
        let handle = subscriber.reload_handle();
        // Fails only where a log was started before, which then stays.
        let _ = subscriber.try_init();
        Self {
            set: Box::new(move |filter| handle.reload(filter).is_ok()),
        }
    }

    /// Changes the level.
    pub(crate) fn change(&self, settings: &Log) {
        if (self.set)(settings.filter()) {
            tracing::info!(level = settings.level(), "log level");
        }
    }
}
