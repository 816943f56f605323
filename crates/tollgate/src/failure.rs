//! Why the program ends without having done what it was asked, and what it tells the shell.

use std::process::ExitCode;

use crate::say;

/// A reason to end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was given cannot be used: settings, a definition, a combination of arguments.
    Given(anyhow::Error),
    /// It cannot run: a port or the data folder is in use, the disk is full, …
    Running(anyhow::Error),
}

impl Failure {
    /// What was given cannot be used.
    pub(crate) fn given(error: impl Into<anyhow::Error>) -> Self {
        Self::Given(error.into())
    }

    /// It cannot run.
    pub(crate) fn running(error: impl Into<anyhow::Error>) -> Self {
        Self::Running(error.into())
    }

    /// The same as a fault of what was given: for commands whose exit code 1 means something else.
    pub(crate) fn into_given(self) -> Self {
        match self {
            Self::Given(error) | Self::Running(error) => Self::Given(error),
        }
    }

    /// Says why, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        let (error, code) = match self {
            Self::Given(error) => (error, 2),
            Self::Running(error) => (error, 1),
        };
        say::error(format_args!("tollgate: {error:#}"));
        ExitCode::from(code)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Running(error)
    }
}
