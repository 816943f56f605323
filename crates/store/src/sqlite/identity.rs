//! Whether the files that are open are still those that stand in the folder. A file that was removed or replaced can be written to for as long
//! as it is open, and everything written is lost with the process: so nothing is acknowledged then.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// The database and its log, as they were opened.
pub(super) struct Identity {
    database: PathBuf,
    files: Vec<(PathBuf, Number)>,
}

/// What the file system knows a file by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number {
    device: u64,
    inode: u64,
}

impl Identity {
    /// The files of an open database. One that cannot be looked at is not there, and so not checked.
    pub(super) fn of(database: &Path) -> Self {
        let paths = [database.to_owned(), log(database)];
        let files = paths.into_iter().filter_map(|path| {
            let number = number(&path)?;
            Some((path, number))
        });
        Self {
            files: files.collect(),
            database: database.to_owned(),
        }
    }

    /// The database file.
    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// Refuses where another file, or none, stands in the place of one.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let gone = self
            .files
            .iter()
            .find(|(path, known)| number(path) != Some(*known));
        match gone {
            None => Ok(()),
            Some((path, _)) => Err(StoreError::Removed { path: path.clone() }),
        }
    }
}

/// Where the write-ahead log of a database is.
pub(super) fn log(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn number(path: &Path) -> Option<Number> {
    let metadata = fs::metadata(path).ok()?;
    Some(Number {
        device: metadata.dev(),
        inode: metadata.ino(),
    })
}
