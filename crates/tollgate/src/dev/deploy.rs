//! Definitions become what is served: at the start, and again whenever one of their files changes.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::anyhow;
use tollgate_control::{ApiError, Control};

use super::REGION;
use super::watch::{Changed, Watch};
use crate::definitions::Definition;
use crate::failure::Failure;
use crate::say;

/// Definitions and where they go.
pub(super) struct Deployer {
    pub(super) control: Arc<Control>,
    pub(super) account: String,
    pub(super) stage: String,
    pub(super) definitions: Vec<Definition>,
}

impl Deployer {
    /// Deploys every definition for the first time.
    ///
    /// # Errors
    /// The first that cannot be deployed.
    pub(super) async fn all(&self) -> Result<(), Failure> {
        for definition in &self.definitions {
            let deployed = self.deploy(definition).await;
            deployed.map_err(|text| Failure::given(anyhow!(text)))?;
        }
        Ok(())
    }

    /// Deploys each definition again whose file changes. Never returns.
    pub(super) async fn follow(mut self) {
        if self.definitions.is_empty() {
            return std::future::pending().await;
        }
        let paths: Vec<PathBuf> = self.definitions.iter().map(|it| it.file.clone()).collect();
        // What was written since they were read is seen here, all else is told.
        let mut changed = Changed {
            since: Instant::now(),
            files: (0..paths.len()).collect(),
        };
        let (mut watch, fault) = Watch::over(paths);
        if let Some(fault) = fault {
            say::error(format_args!(
                "edits are noticed late, because the folders cannot be watched: {fault}"
            ));
        }
        loop {
            for file in changed.files {
                self.renew(file, changed.since).await;
            }
            changed = watch.next().await;
        }
    }

    async fn renew(&mut self, number: usize, since: Instant) {
        let Some(definition) = self.definitions.get_mut(number) else {
            return;
        };
        let file = definition.file.display().to_string();
        let read = tokio::task::block_in_place(|| definition.read_again());
        let outcome = match read {
            Ok(true) => self.deploy(&self.definitions[number]).await,
            Ok(false) => return,
            Err(error) => Err(format!("{error:#}")),
        };
        match outcome {
            Ok(()) => say::out(format_args!(
                "{file}: deployed again in {} ms",
                since.elapsed().as_millis()
            )),
            Err(text) => say::error(format_args!(
                "{text}; the last good deployment of {file} serves on"
            )),
        }
    }

    async fn deploy(&self, definition: &Definition) -> Result<(), String> {
        let (file, content) = (definition.file.display(), definition.content.clone());
        let deploying = self.control.deploy_definition(
            &self.account,
            REGION,
            &definition.api_id,
            content,
            &self.stage,
        );
        let deployed = deploying
            .await
            .map_err(|error| refused(&file.to_string(), &error))?;
        for warning in deployed.warnings {
            say::error(format_args!("{file}: {warning}"));
        }
        Ok(())
    }
}

/// Each fault on a line, where it is before what it is, as editors and terminals make links of it.
fn refused(file: &str, error: &ApiError) -> String {
    let mut text = String::new();
    for fault in &error.faults {
        let end = if text.is_empty() { "" } else { "\n" };
        let place = fault
            .position
            .map(|(line, column)| format!(":{line}:{column}"));
        let place = place.unwrap_or_default();
        write!(text, "{end}{file}{place}: {}", fault.text).expect("a String takes every write");
    }
    if !text.is_empty() {
        return text;
    }
    let message = error.message.trim_end_matches('.');
    match &error.cause {
        Some(cause) if !message.contains(cause) => format!("{file}: {message}: {cause}"),
        _ => format!("{file}: {message}"),
    }
}
