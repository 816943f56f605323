//! The engine's errors in our words. Those about a file are given its name by [`in_file`], where it is known.

use rusqlite::{Error, ErrorCode};

use std::path::{Path, PathBuf};

use crate::{CommitError, StoreError};

/// Names what the engine reports.
pub(crate) fn of(error: Error) -> StoreError {
    let detail = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::DiskFull,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => corrupt(detail),
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::SystemIoFailure,
        ) => StoreError::Unusable {
            path: PathBuf::new(),
            reason: detail,
        },
        Some(_) => StoreError::Failed { detail },
        None => of_reading(&error, detail),
    }
}

/// A value of another type than the schema gives is damage as well.
fn of_reading(error: &Error, detail: String) -> StoreError {
    match error {
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::QueryReturnedNoRows => corrupt(detail),
        _ => StoreError::Failed { detail },
    }
}

/// Damage found in a row.
pub(super) fn corrupt(detail: impl Into<String>) -> StoreError {
    StoreError::Corrupt {
        path: PathBuf::new(),
        detail: detail.into(),
    }
}

/// The same error, with the file that it is about.
pub(crate) fn in_file(error: StoreError, path: &Path) -> StoreError {
    match error {
        StoreError::Corrupt { detail, .. } => StoreError::Corrupt {
            path: path.to_owned(),
            detail,
        },
        StoreError::Unusable {
            path: unnamed,
            reason,
        } if unnamed.as_os_str().is_empty() => StoreError::Unusable {
            path: path.to_owned(),
            reason,
        },
        other => other,
    }
}

/// The same of a commit.
pub(super) fn commit_in_file(error: CommitError, path: &Path) -> CommitError {
    match error {
        CommitError::Store(error) => CommitError::Store(in_file(error, path)),
        other => other,
    }
}
