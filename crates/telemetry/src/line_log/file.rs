//! What the writing thread writes to.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{Destination, LogError};

/// An open destination.
pub(super) enum Sink {
    Stdout(io::Stdout),
    File {
        path: PathBuf,
        file: File,
    },
    #[cfg(test)]
    Test(Box<dyn Write + Send>),
}

impl Sink {
    pub(super) fn open(name: &'static str, destination: Destination) -> Result<Self, LogError> {
        match destination {
            Destination::Stdout => Ok(Self::Stdout(io::stdout())),
            Destination::File(path) => match append(&path) {
                Ok(file) => Ok(Self::File { path, file }),
                Err(source) => Err(LogError::Open { name, path, source }),
            },
        }
    }

    /// Opens the file of this name anew; the old one is kept if that fails.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        if let Self::File { path, file } = self {
            *file = append(path)?;
        }
        Ok(())
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            // Held for the whole buffer, so that no other output gets between its lines.
            Self::Stdout(stdout) => {
                let mut stdout = stdout.lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
            Self::File { file, .. } => file.write_all(bytes),
            #[cfg(test)]
            Self::Test(sink) => sink.write_all(bytes),
        }
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o640)
        .open(path)
}
