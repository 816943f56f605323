//! The thread that writes. Commits that wait while one transaction is synced to disk make up the next one: each
//! stands behind a savepoint, so that one which fails takes nothing of its neighbours with it.

use std::thread::{Builder, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{oneshot, watch};
use tracing::error;

use super::identity::Identity;
use super::lane::Exit;
use super::retention::Retention;
use super::{apply, fault};
use crate::{Commit, CommitError, StoreError};

/// The most commits in one transaction, and with it the most that wait for one sync.
const GROUP_MAX: usize = 256;

/// The bytes that one unit of the queue stands for.
const UNIT_BYTES: usize = 16 * 1024;

/// What may wait to be written: 64 MiB, in units.
pub(super) const QUEUE_UNITS_MAX: usize = 64 * 1024 * 1024 / UNIT_BYTES;

/// A commit and where its answer goes.
pub(super) struct Write {
    pub(super) commit: Commit,
    pub(super) answer: oneshot::Sender<Result<u64, CommitError>>,
}

/// The units of the queue that a commit of so many bytes takes; at least one.
pub(super) fn units(bytes: usize) -> u32 {
    (bytes / UNIT_BYTES + 1) as u32
}

/// What the thread owns.
pub(super) struct Writer {
    connection: Connection,
    identity: Identity,
    told: watch::Sender<u64>,
    retention: Retention,
}

/// A group's answers, held back until the group is on disk.
type Answers = Vec<(
    oneshot::Sender<Result<u64, CommitError>>,
    Result<u64, CommitError>,
)>;

/// The revision after a group, and what became of each of its commits.
type Outcome = (u64, Vec<Result<u64, CommitError>>);

impl Writer {
    pub(super) fn new(
        connection: Connection,
        identity: Identity,
        told: watch::Sender<u64>,
        retention: Retention,
    ) -> Self {
        Self {
            connection,
            identity,
            told,
            retention,
        }
    }

    /// Serves the queue until it is closed and empty.
    pub(super) fn start(mut self, writes: Exit<Write>) -> Result<JoinHandle<()>, StoreError> {
        let serve = move || {
            while let Some(first) = writes.next() {
                let rest = std::iter::from_fn(|| writes.next_now());
                let group = std::iter::once(first)
                    .chain(rest.take(GROUP_MAX - 1))
                    .collect();
                self.write(group);
            }
        };
        let started = Builder::new().name("store-writer".into()).spawn(serve);
        started.map_err(|error| StoreError::Failed {
            detail: format!("cannot start the writer: {error}"),
        })
    }

    fn write(&mut self, group: Vec<Write>) {
        let (commits, senders): (Vec<_>, Vec<_>) = group
            .into_iter()
            .map(|write| (write.commit, write.answer))
            .unzip();
        let results = match self.write_in_place(&commits) {
            Ok((rev, results)) => {
                self.tell(rev);
                results
            }
            Err(fault) => {
                let fault = fault::in_file(fault, self.identity.database());
                error!(%fault, commits = commits.len(), "a group of commits was not written");
                vec![Err(fault.into()); commits.len()]
            }
        };
        answer(senders.into_iter().zip(results).collect());
    }

    /// [`Self::transact`] where the files are those in the folder, before and after: what was written to others is not acknowledged.
    fn write_in_place(&mut self, commits: &[Commit]) -> Result<Outcome, StoreError> {
        self.identity.check()?;
        let outcome = self.transact(commits)?;
        self.identity.check()?;
        Ok(outcome)
    }

    /// Makes every commit of the group that can be made, and syncs them. An error means that none was.
    fn transact(&mut self, commits: &[Commit]) -> Result<Outcome, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(fault::of)?;
        let (mut rev, mut changes) = (*self.told.borrow(), 0);
        let mut results = Vec::with_capacity(commits.len());
        for commit in commits {
            let result = apply::within_savepoint(&transaction, commit, rev);
            // A full disk or an I/O error can end the whole transaction; then nothing before it stands either.
            if let (Err(CommitError::Store(fault)), true) = (&result, transaction.is_autocommit()) {
                return Err(fault.clone());
            }
            if let Ok(made) = &result {
                rev = made.rev;
                changes += made.changes;
            }
            results.push(result.map(|made| made.rev));
        }
        apply::set_rev(&transaction, rev).map_err(fault::of)?;
        let mut retention = self.retention;
        retention
            .pass(&transaction, rev, changes)
            .map_err(fault::of)?;
        transaction.commit().map_err(fault::of)?;
        self.retention = retention;
        Ok((rev, results))
    }

    fn tell(&self, rev: u64) {
        self.told.send_if_modified(|told| {
            let is_new = *told != rev;
            *told = rev;
            is_new
        });
    }
}

fn answer(answers: Answers) {
    for (sender, result) in answers {
        // Whoever stopped waiting does not hear that it was done.
        drop(sender.send(result));
    }
}
