//! The engine's errors in our words.

use rusqlite::{Error, ErrorCode};

use crate::StoreError;

/// Names what the engine reports.
pub(super) fn of(error: Error) -> StoreError {
    let detail = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::DiskFull,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt { detail }
        }
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
        | Error::QueryReturnedNoRows => StoreError::Corrupt { detail },
        _ => StoreError::Failed { detail },
    }
}

/// Damage found in a row.
pub(super) fn corrupt(detail: impl Into<String>) -> StoreError {
    StoreError::Corrupt {
        detail: detail.into(),
    }
}
