//! The embedded store: one SQLite file in write-ahead-log mode with full synchronisation, in a folder that only one
//! process holds. One thread writes, gathering waiting commits into one transaction and so into one `fsync`; a few
//! threads read. Whoever calls waits in a bounded queue without blocking a thread.

mod apply;
mod checksum;
pub(crate) mod fault;
mod folder;
mod identity;
mod lane;
mod log_check;
mod query;
mod reader;
mod retention;
mod schema;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::{
    BoxFuture, Change, Commit, CommitError, ContentHash, Entity, Key, Kind, Range, Store,
    StoreError,
};
use folder::Folder;
use identity::Identity;
use lane::Lane;
use retention::Retention;
pub(crate) use schema::usage_file;

/// The store in a data folder. Closed, and its folder free again, when dropped.
pub struct Sqlite {
    writes: Arc<Lane<writer::Write>>,
    reads: Arc<Lane<reader::Read>>,
    rev: watch::Receiver<u64>,
    threads: Vec<JoinHandle<()>>,
    path: Arc<Path>,
    // Last, so that the lock outlives the connections of the threads, which `drop` waits for.
    _folder: Folder,
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads, and connections, that read.
    pub readers: usize,
    /// Reads that may wait; a further one waits for its place before it is queued.
    pub reads_waiting_max: usize,
    /// Revisions whose changes are kept for [`Store::changes`].
    pub changes_kept_revs: u64,
    /// Changes kept at most, whatever the number of their revisions; the last revision's always are.
    pub changes_kept_max: u64,
    /// The most pages of 4 KiB that the database may grow to; a commit beyond is [`StoreError::DiskFull`].
    pub pages_max: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 2,
            reads_waiting_max: 1_024,
            changes_kept_revs: 100_000,
            changes_kept_max: 250_000,
            pages_max: None,
        }
    }
}

impl Sqlite {
    /// The name of the database file in the data folder.
    pub const FILE: &str = "tollgate.db";

    /// Opens, and where needed creates, the store in `folder`. It blocks on the disk for as long as recovering the
    /// write-ahead log takes.
    pub fn open(folder: &Path, options: Options) -> Result<Self, StoreError> {
        let held = Folder::hold(folder)?;
        held.check_not_lost(Self::FILE)?;
        let path = held.file(Self::FILE)?;
        log_check::check(&identity::log(&path))?;
        Self::start(held, &path, options).map_err(|error| fault::in_file(error, &path))
    }

    fn start(held: Folder, path: &Path, options: Options) -> Result<Self, StoreError> {
        let mut connection = schema::open(path, options.pages_max)?;
        schema::migrate(&mut connection, path)?;
        schema::check(&connection)?;
        held.mark()?;
        let (told, rev) = watch::channel(query::rev(&connection).map_err(fault::of)?);

        let reads = Lane::new(options.reads_waiting_max);
        let writes = Lane::new(writer::QUEUE_UNITS_MAX);
        let mut threads = reader::start(&reads, path, options.readers.max(1))?;
        let retention = Retention::new(&connection, &options).map_err(fault::of)?;
        let writer = writer::Writer::new(connection, Identity::of(path), told, retention);
        threads.push(writer.start(writes.receiver())?);
        Ok(Self {
            writes,
            reads,
            rev,
            threads,
            path: path.into(),
            _folder: held,
        })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `query` on a reader's thread.
    fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> BoxFuture<Result<T, StoreError>> {
        let (reads, path) = (self.reads.clone(), self.path.clone());
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let read: reader::Read = Box::new(move |connection| {
                // Whoever stopped waiting before the work began is not served.
                if !answer.is_closed() {
                    let read = query(connection);
                    drop(answer.send(read.map_err(|error| fault::in_file(error, &path))));
                }
            });
            reads.push(read, 1).await?;
            answered.await.unwrap_or(Err(StoreError::Closed))
        })
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        let writer = self.threads.pop();
        self.reads.close();
        // The writer's connection is closed last and alone: of two that are closed at once each may take the other for the last one, which folds
        // the log into the database. A thread that panicked has already failed everyone who waited for it.
        self.threads
            .drain(..)
            .for_each(|reader| drop(reader.join()));
        self.writes.close();
        drop(writer.map(JoinHandle::join));
    }
}

impl Store for Sqlite {
    fn get(&self, key: &Key) -> BoxFuture<Result<Option<Entity>, StoreError>> {
        let key = key.clone();
        self.read(move |connection| query::get(connection, &key))
    }

    fn list(&self, range: Range) -> BoxFuture<Result<Vec<Entity>, StoreError>> {
        self.read(move |connection| query::list(connection, &range))
    }

    fn lists(&self, ranges: Vec<Range>) -> BoxFuture<Result<Vec<Vec<Entity>>, StoreError>> {
        self.read(move |connection| query::lists(connection, &ranges))
    }

    fn find(&self, kind: Kind, id: &str) -> BoxFuture<Result<Vec<Entity>, StoreError>> {
        let id: Box<str> = id.into();
        self.read(move |connection| query::find(connection, kind, &id))
    }

    fn all(
        &self,
        kind: Kind,
        after: Option<Key>,
        limit: usize,
    ) -> BoxFuture<Result<Vec<Entity>, StoreError>> {
        self.read(move |connection| query::all(connection, kind, after.as_ref(), limit))
    }

    fn contents(&self, hashes: Vec<ContentHash>) -> BoxFuture<Result<Vec<Bytes>, StoreError>> {
        self.read(move |connection| query::contents(connection, &hashes))
    }

    fn commit(&self, commit: Commit) -> BoxFuture<Result<u64, CommitError>> {
        let (writes, path) = (self.writes.clone(), self.path.clone());
        Box::pin(async move {
            let units = writer::units(commit.check_size()?);
            let (answer, answered) = oneshot::channel();
            writes.push(writer::Write { commit, answer }, units).await?;
            let answer = answered.await.unwrap_or(Err(StoreError::Closed.into()));
            answer.map_err(|error| fault::commit_in_file(error, &path))
        })
    }

    fn changes(&self, after: u64, limit: usize) -> BoxFuture<Result<Vec<Change>, StoreError>> {
        self.read(move |connection| query::changes(connection, after, limit))
    }

    fn rev(&self) -> u64 {
        *self.rev.borrow()
    }

    fn watch(&self) -> watch::Receiver<u64> {
        self.rev.clone()
    }
}
