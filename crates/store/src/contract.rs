//! What Tollgate asks of any store: the trait that SQLite implements today and PostgreSQL can tomorrow. The suite in
//! `tests/it/conformance.rs` says the same in tests.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use tokio::sync::watch;

use crate::{Change, Commit, CommitError, ContentHash, Entity, Key, Kind, Range, StoreError};

/// An answer on its way. It borrows nothing, so it can be spawned or joined with others.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// A durable, ordered store of entities.
///
/// Reads see every commit acknowledged before they were asked. No call blocks the thread that polls it; each waits
/// for a place in a bounded queue, and whoever wants to wait no longer drops the future.
pub trait Store: Send + Sync {
    /// The entity under `key`.
    fn get(&self, key: &Key) -> BoxFuture<Result<Option<Entity>, StoreError>>;

    /// A page of the entities of one kind under one parent, ordered by the bytes of their ids.
    fn list(&self, range: Range) -> BoxFuture<Result<Vec<Entity>, StoreError>>;

    /// A page of each of these ranges, in their order, as of one revision.
    fn lists(&self, ranges: Vec<Range>) -> BoxFuture<Result<Vec<Vec<Entity>>, StoreError>>;

    /// The entities of a kind with this id, in any account, region and parent; at most [`PAGE_MAX`](crate::PAGE_MAX).
    fn find(&self, kind: Kind, id: &str) -> BoxFuture<Result<Vec<Entity>, StoreError>>;

    /// A page of all entities of a kind, ordered by account, region, parent and id. `after` is the key of the last
    /// entity of the page before; `limit` is cut to [`PAGE_MAX`](crate::PAGE_MAX).
    fn all(
        &self,
        kind: Kind,
        after: Option<Key>,
        limit: usize,
    ) -> BoxFuture<Result<Vec<Entity>, StoreError>>;

    /// The contents with these hashes, in their order. One that is not there is [`StoreError::MissingContent`].
    fn contents(&self, hashes: Vec<ContentHash>) -> BoxFuture<Result<Vec<Bytes>, StoreError>>;

    /// Applies a commit whole and answers its revision once it is on disk. A commit that changes nothing answers
    /// the present revision.
    ///
    /// Dropping the future does not say whether the commit was applied.
    fn commit(&self, commit: Commit) -> BoxFuture<Result<u64, CommitError>>;

    /// What changed after the revision `after`, in order. Only whole commits are told: at least one if there is
    /// any, and no further one that would make the answer longer than `limit`. Changes are kept for a stated
    /// number of revisions and up to a stated number; asking for older ones is [`StoreError::ChangesForgotten`], upon which the reader reads
    /// everything anew.
    fn changes(&self, after: u64, limit: usize) -> BoxFuture<Result<Vec<Change>, StoreError>>;

    /// The revision of the last durable commit; 0 in an empty store.
    fn rev(&self) -> u64;

    /// Tells of each new [`Store::rev`]; several may be told as one.
    fn watch(&self) -> watch::Receiver<u64>;
}
