//! The form of the database and its versions.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::fault;
use crate::StoreError;

/// Marks the file as ours: "TLGT".
const APPLICATION_ID: i32 = 0x544C_4754;

/// How long a foreign program, a backup say, may hold the database before a call fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Step by step from an empty file to the present form; the version of a file is the number of steps it has taken.
/// A step once released is never edited.
const STEPS: &[&str] = &[
    FIRST,
    AUTHORIZERS_AND_DOCUMENTATION,
    UNIQUE_IDS,
    STAGE_HISTORIES,
    CHECKSUMS,
    IDENTITIES,
    API_KEYS,
];

/// Nothing changes but the kinds that there may be: a Tollgate that does not know them must not open the file.
const AUTHORIZERS_AND_DOCUMENTATION: &str = "";

/// A kind more.
const STAGE_HISTORIES: &str = "";

/// Rows of before have none, and are not checked until they are written again.
const CHECKSUMS: &str = "ALTER TABLE entity ADD COLUMN checksum BLOB";

/// Kinds more: API keys, their values, and usage plans.
const API_KEYS: &str = "";

/// The kinds of IAM.
const IDENTITIES: &str = "";

/// Only kinds whose ids are unique are found by their id alone; for all others the index was work without use.
const UNIQUE_IDS: &str = "
    DROP INDEX entity_id;
    CREATE UNIQUE INDEX unique_id ON entity (id) WHERE kind = 'rest_api';
";

/// Texts compare by bytes (SQLite's default collation), which is the order that pages are in.
///
/// A content lives for as long as a row of `content_reference` names it. Counting by rows needs no counter that
/// could drift, and makes both the deletion of a deployment and the sharing between deployments exact.
const FIRST: &str = "
    CREATE TABLE entity (
        entity INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        parent TEXT NOT NULL,
        id TEXT NOT NULL,
        rev INTEGER NOT NULL,
        format INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        tags TEXT NOT NULL,
        body BLOB NOT NULL,
        contents BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX entity_key ON entity (kind, account, region, parent, id);
    CREATE INDEX entity_id ON entity (kind, id);

    CREATE TABLE content (
        hash BLOB NOT NULL UNIQUE,
        bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE content_reference (
        hash BLOB NOT NULL,
        entity INTEGER NOT NULL,
        PRIMARY KEY (hash, entity)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX content_reference_entity ON content_reference (entity);

    CREATE TABLE change (
        rev INTEGER NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        parent TEXT NOT NULL,
        id TEXT NOT NULL,
        is_put INTEGER NOT NULL,
        PRIMARY KEY (rev, position)
    ) STRICT, WITHOUT ROWID;

    -- One row: the last revision, and the newest whose changes are forgotten.
    CREATE TABLE present (
        rev INTEGER NOT NULL,
        forgotten_rev INTEGER NOT NULL
    ) STRICT;
    INSERT INTO present VALUES (0, 0);
";

/// Opens the file for the writer. Every commit is on the platter before it is acknowledged (`synchronous = FULL`
/// syncs the log at each transaction's end). What a savepoint would take back stands in memory, not in a file of its own,
/// and the log is worked into the database every 16 MiB, so that pages written again and again are copied once.
pub(super) fn open(path: &Path, pages_max: Option<u32>) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    let settings = "
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -16384;
        PRAGMA wal_autocheckpoint = 4096;
        PRAGMA journal_size_limit = 67108864;";
    connection.execute_batch(settings).map_err(fault::of)?;
    if let Some(pages) = pages_max {
        let limit = format!("PRAGMA max_page_count = {pages}");
        connection.execute_batch(&limit).map_err(fault::of)?;
    }
    Ok(connection)
}

/// Opens the file for a reader, which cannot write.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    let settings = "PRAGMA query_only = ON;";
    connection.execute_batch(settings).map_err(fault::of)?;
    Ok(connection)
}

/// Opens a file of counts, and where needed creates it: written as the store is, and checked as it is.
pub(crate) fn usage_file(path: &Path) -> Result<Connection, StoreError> {
    drop(
        std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map_err(|error| StoreError::Unusable {
                path: path.to_owned(),
                reason: error.to_string(),
            })?,
    );
    let connection = open(path, None)?;
    check(&connection)?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    // No URI file names, and no mutex: each connection stays with its thread.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fault::of)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(fault::of)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Without it the engine compiles a statement anew for each new value of a parameter, to see whether its statistics,
    // of which there are none, would have it done otherwise.
    let is_stable = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    is_stable.map_err(fault::of)?;
    Ok(connection)
}

/// Refuses a file whose structures are damaged. An index in which one bit has changed hides rows, which no read would notice: that one looks
/// for each row in each index. Measured: 0.3 s for 150,000 entities in 120 MB.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    let sql = "PRAGMA integrity_check(1)";
    let found = connection.query_row(sql, [], |row| row.get::<_, String>(0));
    match found.map_err(fault::of)?.as_str() {
        "ok" => Ok(()),
        damage => Err(fault::corrupt(damage)),
    }
}

/// Brings the file to the present form, or refuses one that is not ours or of a newer Tollgate.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault::of)?;
    let version = version(&transaction, path)?;
    for step in STEPS.iter().skip(version as usize) {
        transaction.execute_batch(step).map_err(fault::of)?;
    }
    if version < newest() {
        mark(&transaction).map_err(fault::of)?;
    }
    transaction.commit().map_err(fault::of)
}

fn newest() -> u32 {
    STEPS.len() as u32
}

fn version(transaction: &Transaction<'_>, path: &Path) -> Result<u32, StoreError> {
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let application = number("application_id").map_err(fault::of)?;
    let found = number("user_version").map_err(fault::of)? as u32;
    let is_empty = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)";
    let is_empty = transaction
        .query_row(is_empty, [], |row| row.get::<_, bool>(0))
        .map_err(fault::of)?;
    match application {
        0 if is_empty => Ok(0),
        APPLICATION_ID if found <= newest() => Ok(found),
        APPLICATION_ID => Err(StoreError::NewerFormat {
            found,
            known: newest(),
        }),
        _ => Err(StoreError::Foreign {
            path: path.to_owned(),
        }),
    }
}

fn mark(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest())
}
