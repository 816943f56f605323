//! The flight recorder: the inputs of recent requests, each core's in a ring of its own, from which any of them is run again to be
//! explained, recorded to a file, and compared.
//!
//! While a request is served nothing is traced and no lock is taken: head, body, what the backends answered, time and chance go into
//! the ring as bytes, and the engine being a function of these, a trace of it can be had afterwards ([`Recording::rerun`]).

mod deleted;
mod difference;
mod entry;
mod explanation;
mod file;
mod kept;
mod paths;
mod recording;
mod redaction;
mod rerun;
mod retaining;
mod ring;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use self::deleted::{Deleted, Frozen};
use crate::record::Record;

pub use difference::{Difference, compare, compare_answers};
pub use explanation::{Explanation, TellDetail, TellStep};
pub use file::{FILE_BYTES_MAX, FileError};
pub use kept::{Kept, KeptBody, Ran};
pub use paths::{JsonPath, JsonPathError};
pub use recording::{Recording, Unrecorded};
pub use redaction::Redaction;
pub use rerun::{Answer, Rerun, RerunError};
pub use retaining::Retaining;
pub(crate) use ring::Ring;

/// What is kept, and how much of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Bytes that each core's ring may take; 0 keeps nothing.
    pub ring_bytes_max: usize,
    /// Bytes of a body that is kept; of longer ones only the length is.
    pub body_bytes_max: usize,
    /// Bytes of a body that would be passed on as it comes, up to which it is read whole first, so that it can be kept.
    pub streamed_body_bytes_max: usize,
    /// Bytes of definitions that are kept of deployments which were deleted.
    pub deleted_deployments_bytes_max: usize,
    /// How many of 100 requests are kept though they neither failed nor were refused. Those that did always are.
    pub sample_percent: f64,
    /// What never leaves.
    pub redaction: Redaction,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ring_bytes_max: 8 << 20,
            body_bytes_max: 64 << 10,
            streamed_body_bytes_max: 64 << 10,
            deleted_deployments_bytes_max: 32 << 20,
            sample_percent: 1.0,
            redaction: Redaction::default(),
        }
    }
}

/// What all cores' rings are asked through.
#[derive(Debug)]
pub struct Recorder {
    /// What is kept.
    pub settings: Settings,
    cores: Mutex<Vec<mpsc::Sender<Query>>>,
    deleted: Mutex<Deleted>,
}

/// A question to one core.
#[derive(Debug)]
pub(crate) enum Query {
    /// For a request.
    Request {
        /// `x-amzn-RequestId` or `x-amz-apigw-id`.
        id: Box<str>,
        /// Who waits for the answer.
        answer: oneshot::Sender<Option<Kept>>,
    },
    /// For the deployments of an API that requests ran on.
    Deployments {
        /// The API's id.
        api: Box<str>,
        /// Who waits for their ids.
        answer: oneshot::Sender<Vec<Box<str>>>,
    },
}

impl Query {
    /// Answers from a core's own ring. Whoever asked may have lost patience.
    pub(crate) fn answer(self, ring: &Ring) {
        match self {
            Self::Request { id, answer } => {
                let _ = answer.send(ring.find(&id));
            }
            Self::Deployments { api, answer } => {
                let _ = answer.send(ring.deployments(&api));
            }
        }
    }
}

/// Questions that may wait for one core.
const QUERIES_WAITING_MAX: usize = 16;

/// How long a core that is busy is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

impl Recorder {
    /// A recorder without cores yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            cores: Mutex::default(),
            deleted: Mutex::default(),
        }
    }

    /// The end of another core, at which it is asked.
    pub(crate) fn core(&self) -> mpsc::Receiver<Query> {
        let (sender, receiver) = mpsc::channel(QUERIES_WAITING_MAX);
        self.cores
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sender);
        receiver
    }

    /// The latest request with this id that a ring still has.
    pub async fn find(&self, id: &str) -> Option<Kept> {
        let mut latest: Option<Kept> = None;
        for core in self.cores() {
            let id = id.into();
            let found = ask(&core, |answer| Query::Request { id, answer }).await;
            let found = found.flatten();
            let is_later = |found: &Kept| {
                latest
                    .as_ref()
                    .is_none_or(|latest| latest.arrival.now_ms <= found.arrival.now_ms)
            };
            if found.as_ref().is_some_and(is_later) {
                latest = found;
            }
        }
        latest
    }

    /// The deployments of an API that requests ran on which a ring still has.
    pub(crate) async fn deployments(&self, api: &str) -> BTreeSet<Box<str>> {
        let mut found = BTreeSet::new();
        for core in self.cores() {
            let api = api.into();
            let ids = ask(&core, |answer| Query::Deployments { api, answer }).await;
            found.extend(ids.unwrap_or_default());
        }
        found
    }

    fn cores(&self) -> Vec<mpsc::Sender<Query>> {
        let cores = self.cores.lock();
        cores.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what a deployment is that is about to be deleted.
    pub(crate) fn keep_deleted(&self, frozen: Frozen) {
        let bytes_max = self.settings.deleted_deployments_bytes_max;
        self.deleted().keep(frozen, bytes_max);
    }

    /// What was frozen under this hash, if it was deleted and is remembered.
    pub(crate) fn find_deleted(&self, hash: &[u8; 32]) -> Option<Frozen> {
        self.deleted().find(hash).cloned()
    }

    fn deleted(&self) -> MutexGuard<'_, Deleted> {
        self.deleted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request that has ended is kept: refused, failed, left by its client, or chosen by chance.
    pub(crate) fn keeps(&self, record: &Record) -> bool {
        let is_complete = record.end.is_some_and(|end| end.complete);
        record.error.is_some()
            || record.status >= 500
            || !is_complete
            || record.arrival.sample() < self.settings.sample_percent
    }
}

async fn ask<T>(
    core: &mpsc::Sender<Query>,
    question: impl FnOnce(oneshot::Sender<T>) -> Query,
) -> Option<T> {
    let (answer, answered) = oneshot::channel();
    let asked = async {
        core.send(question(answer)).await.ok()?;
        answered.await.ok()
    };
    // A core that has ended, or has too much to do, has nothing to tell.
    tokio::time::timeout(PATIENCE, asked).await.ok()?
}

#[cfg(test)]
mod tests;
