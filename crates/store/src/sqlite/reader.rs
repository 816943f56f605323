//! The threads that read, each with a connection of its own.

use std::path::Path;
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;

use super::lane::{Exit, Lane};
use super::schema;
use crate::StoreError;

/// A query and where its answer goes.
pub(super) type Read = Box<dyn FnOnce(&mut Connection) + Send>;

/// Starts so many threads on the lane.
pub(super) fn start(
    lane: &Lane<Read>,
    path: &Path,
    count: usize,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    (0..count)
        .map(|_number| start_one(lane.receiver(), path))
        .collect()
}

fn start_one(reads: Exit<Read>, path: &Path) -> Result<JoinHandle<()>, StoreError> {
    let connection = schema::open_reader(path)?;
    let started = Builder::new()
        .name("store-reader".into())
        .spawn(move || serve(&reads, connection));
    started.map_err(|error| StoreError::Failed {
        detail: format!("cannot start a reader: {error}"),
    })
}

fn serve(reads: &Exit<Read>, mut connection: Connection) {
    while let Some(read) = reads.next() {
        read(&mut connection);
    }
}
