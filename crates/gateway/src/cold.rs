//! Stages that nobody has called yet. Of very many, most are not called for days: each is known by its key, and compiled when its first request
//! comes, which waits for it. The gateway's cores compile nothing; they ask the loader.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tollgate_http::RequestHead;
use tollgate_store::Key;

use crate::gateway::Gateway;
use crate::plan::StagePlan;
use crate::table::Held;

/// A stage that a request waits for.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) key: Arc<Key>,
    /// Told when the stage is served, or marked as one that cannot be.
    pub(crate) done: oneshot::Sender<()>,
}

/// Requests that wait to be heard by the loader; further ones wait before it.
const WAITING_MAX: usize = 1_024;

/// The way from the cores to the loader.
#[derive(Debug)]
pub(crate) struct Warmth {
    wanted: mpsc::Sender<Wanted>,
    /// The loader's end, until it takes it.
    loader: Mutex<Option<mpsc::Receiver<Wanted>>>,
}

impl Warmth {
    pub(crate) fn new() -> Self {
        let (wanted, loader) = mpsc::channel(WAITING_MAX);
        Self {
            wanted,
            loader: Mutex::new(Some(loader)),
        }
    }

    /// The loader's end; there is one loader.
    pub(crate) fn take(&self) -> Option<mpsc::Receiver<Wanted>> {
        self.loader
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Waits until the loader has seen to a stage. Where there is no loader any more the stage stays as it is.
    async fn ask(&self, key: Arc<Key>) {
        let (done, seen_to) = oneshot::channel();
        if self.wanted.send(Wanted { key, done }).await.is_ok() {
            let _ = seen_to.await;
        }
    }
}

impl Gateway {
    /// A stage that is served, compiled if it was not yet.
    ///
    /// # Errors
    /// Why it is not served.
    pub async fn stage(&self, api: &str, stage: &str) -> Result<Arc<StagePlan>, String> {
        let cold = self.table().cold(api, stage).cloned();
        if let Some(key) = cold {
            self.warmth().ask(key).await;
        }
        let table = self.table();
        let api = table.api(api).ok_or("the gateway does not know the API")?;
        if let Some(plan) = api.stages.iter().find(|plan| *plan.name == *stage) {
            return Ok(plan.clone());
        }
        let broken = api.broken.iter().find(|broken| *broken.stage == *stage);
        let reason = broken.map(|broken| broken.reason.clone());
        Err(reason.unwrap_or_else(|| "the gateway does not know the stage".to_owned()))
    }
}

/// The table in which the stage that a request is for is no longer cold.
pub(crate) async fn warmed(gateway: &Gateway, table: Rc<Held>, head: &RequestHead) -> Rc<Held> {
    let address = gateway.settings().hosts.find(head.host(), head.path());
    let key = address.and_then(|address| table.0.cold(address.api, address.stage).cloned());
    let Some(key) = key else {
        return table;
    };
    gateway.warmth().ask(key).await;
    Rc::new(Held(gateway.table()))
}
