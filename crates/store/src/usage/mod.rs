//! What keys used of usage plans: counts that change with every request, in a database file of their own, so that neither the
//! entities nor their changes grow by them. Whoever counts writes what came together since the last time, as totals and not as
//! additions: written twice, a count is the same.

mod rows;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::StoreError;
use crate::sqlite::{fault, usage_file};

pub use rows::{DayRow, MemberKey, QuotaRow, UsageRow, UsageState};

/// The counts of a data folder. Calls block on the disk; none belongs on a gateway core.
#[derive(Debug)]
pub struct UsageStore {
    connection: Mutex<Connection>,
    path: PathBuf,
}

/// Days that are kept: more than any answer tells.
const DAYS_KEPT: u16 = 400;

/// Marks the file as ours: "TLGU".
const APPLICATION_ID: i32 = 0x544C_4755;
const FORMAT: i32 = 1;

const TABLES: &str = "
    CREATE TABLE day (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        plan TEXT NOT NULL,
        key TEXT NOT NULL,
        day INTEGER NOT NULL,
        used INTEGER NOT NULL,
        remaining INTEGER,
        PRIMARY KEY (account, region, plan, key, day)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE quota (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        plan TEXT NOT NULL,
        key TEXT NOT NULL,
        period TEXT NOT NULL,
        start INTEGER NOT NULL,
        used INTEGER NOT NULL,
        PRIMARY KEY (account, region, plan, key)
    ) STRICT, WITHOUT ROWID;
";

impl UsageStore {
    /// The name of the file in the data folder.
    pub const FILE: &str = "usage.db";

    /// Opens, and where needed creates, the counts of a data folder whose store is open: that one keeps others out.
    ///
    /// # Errors
    /// When the file cannot be used, is damaged, or is not ours.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(Self::FILE);
        let opened = Self::connect(&path).map_err(|error| fault::in_file(error, &path))?;
        Ok(Self {
            connection: Mutex::new(opened),
            path,
        })
    }

    fn connect(path: &Path) -> Result<Connection, StoreError> {
        let connection = usage_file(path)?;
        let number =
            |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
        let (application, found) = (
            number("application_id").map_err(fault::of)?,
            number("user_version").map_err(fault::of)?,
        );
        match (application, found) {
            (APPLICATION_ID, FORMAT) => {}
            (APPLICATION_ID, newer) => {
                return Err(StoreError::NewerFormat {
                    found: newer as u32,
                    known: FORMAT as u32,
                });
            }
            (0, 0) => make(&connection)?,
            _ => {
                return Err(StoreError::Foreign {
                    path: path.to_owned(),
                });
            }
        }
        Ok(connection)
    }

    /// Writes what was counted, all of it or none. On the platter when it returns.
    ///
    /// # Errors
    /// When it cannot be written; it may be tried again.
    pub fn write(&self, rows: &[UsageRow]) -> Result<(), StoreError> {
        self.run(|connection| {
            let transaction = connection.transaction()?;
            for row in rows {
                rows::write(&transaction, row)?;
            }
            transaction.commit()
        })
    }

    /// Forgets days long before `today`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn forget(&self, today: u16) -> Result<(), StoreError> {
        let oldest = today.saturating_sub(DAYS_KEPT);
        self.run(|connection| {
            connection.execute("DELETE FROM day WHERE day < ?1", [oldest])?;
            Ok(())
        })
    }

    /// Where each count of the store stands; the day's own for those that were used on `today`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn all(&self, today: u16) -> Result<HashMap<MemberKey, UsageState>, StoreError> {
        self.run(|connection| rows::all(connection, today))
    }

    /// Where the counts of one member stand.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn state(&self, member: &MemberKey, today: u16) -> Result<UsageState, StoreError> {
        self.run(|connection| rows::state(connection, member, today))
    }

    /// The days of a member from `first` to `last`, in order.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn days(
        &self,
        member: &MemberKey,
        first: u16,
        last: u16,
    ) -> Result<Vec<DayRow>, StoreError> {
        self.run(|connection| rows::days(connection, member, first, last))
    }

    fn run<T>(
        &self,
        query: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        query(&mut self.connection()).map_err(|error| fault::in_file(fault::of(error), &self.path))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic cut off was taken back when it was dropped.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn make(connection: &Connection) -> Result<(), StoreError> {
    let script = format!(
        "BEGIN; {TABLES} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; COMMIT;"
    );
    connection.execute_batch(&script).map_err(fault::of)
}
