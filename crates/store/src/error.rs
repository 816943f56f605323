//! Everything that can go wrong in a store. The errors can be cloned, because one fault of the disk fails a whole
//! group of commits.

use std::path::PathBuf;

use crate::{ContentHash, Key};

/// A fault of the store itself or of what was asked of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process, or another store of this one, has the data folder.
    #[error("data folder {} is in use by {}", folder.display(), holder_text(*.holder_pid))]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// Who holds it, if the lock file says.
        holder_pid: Option<u32>,
    },
    /// The data folder or a file in it cannot be used.
    #[error("cannot use {}: {reason}", path.display())]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// The database was written by a newer Tollgate.
    #[error("data format {found} is newer than {known}, the newest this tollgate knows")]
    NewerFormat {
        /// The version in the file.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The file is a database of another program.
    #[error("{} is not a tollgate database", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// What is on disk cannot be read as what was written.
    #[error("the database {} is damaged ({detail}): put a copy of the data folder in its place, or move the folder away to begin anew", path.display())]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The write-ahead log lost what was acknowledged.
    #[error("the write-ahead log {} is damaged ({detail}): nothing was changed; put a copy of the data folder in its place, or move this one file away to go on with what was written before the damage or earlier", path.display())]
    DamagedLog {
        /// The log.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The folder had a database, and it is not there any more.
    #[error("the database {} is missing or empty, and {} says that there was one: put it back, or move the data folder away to begin anew", path.display(), mark.display())]
    Missing {
        /// The database file.
        path: PathBuf,
        /// The file that says so.
        mark: PathBuf,
    },
    /// A file was removed or replaced while it was open.
    #[error("{} was removed or replaced while tollgate used it: nothing is written until it is back in its place or tollgate is started again", path.display())]
    Removed {
        /// The file.
        path: PathBuf,
    },
    /// No space is left for the data.
    #[error("the disk is full")]
    DiskFull,
    /// A foreign program holds the database's lock.
    #[error("the database is locked by another program")]
    Locked,
    /// Any other failure of the disk or the database engine.
    #[error("the database failed: {detail}")]
    Failed {
        /// What the engine said.
        detail: String,
    },
    /// The store was closed, or its thread is gone.
    #[error("the store is closed")]
    Closed,
    /// Changes this old are no longer kept.
    #[error("changes up to revision {forgotten} are no longer kept")]
    ChangesForgotten {
        /// The newest revision whose changes are gone.
        forgotten: u64,
    },
    /// No content has this hash.
    #[error("content {hash} is not stored")]
    MissingContent {
        /// The hash asked for.
        hash: ContentHash,
    },
}

fn holder_text(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".into(), |pid| format!("process {pid}"))
}

/// Why a commit was not made. Nothing of it is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// An expectation does not hold: somebody else was first.
    #[error("{key} changed meanwhile")]
    Conflict {
        /// The first entity that is not as expected.
        key: Key,
    },
    /// The id exists in another account, region or parent, and ids of this kind are unique everywhere.
    #[error("the id of {key} is taken")]
    IdTaken {
        /// The entity that cannot be put.
        key: Key,
    },
    /// A put names a content that is neither stored nor part of the commit.
    #[error("content {hash} is not stored")]
    MissingContent {
        /// The hash named.
        hash: ContentHash,
    },
    /// More than [`COMMIT_BYTES_MAX`](crate::COMMIT_BYTES_MAX) in one commit.
    #[error("a commit of {bytes} bytes is too large")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
