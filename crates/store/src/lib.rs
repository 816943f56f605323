//! What Tollgate knows and must not lose: the entities of its control plane, the frozen contents of deployments,
//! and the order in which they changed.
//!
//! The only write is [`Store::commit`]: expectations, deletions and puts that hold together or not at all. An
//! acknowledged commit survives a crash of the process and of the machine. What a commit changed is told by
//! [`Store::changes`] under a revision that only grows.

mod contract;
mod entity;
mod error;
mod key;
mod page;
mod sqlite;
mod usage;

pub use contract::{BoxFuture, Store};
pub use entity::{
    COMMIT_BYTES_MAX, Change, Commit, Content, ContentHash, Delete, Entity, Expected, Put, What,
};
pub use error::{CommitError, StoreError};
pub use key::{Key, Kind};
pub use page::{PAGE_MAX, Range, all_of_kind, whole_range};
pub use sqlite::{Options, Sqlite};
pub use usage::{DayRow, MemberKey, QuotaRow, UsageRow, UsageState, UsageStore};
