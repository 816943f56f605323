//! What the control plane has the keeper of keys do: it alone changes what keys have used, so that no change meets another.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tollgate_store::MemberKey;

/// Something to do.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) member: MemberKey,
    /// Requests that it may make until its period ends.
    pub(crate) remaining: i64,
    pub(crate) done: oneshot::Sender<Result<(), String>>,
}

/// Orders that may wait.
const WAITING_MAX: usize = 64;

/// The way to the keeper.
#[derive(Debug)]
pub(crate) struct Orders {
    given: mpsc::Sender<Order>,
    /// The keeper's end, until it takes it.
    keeper: Mutex<Option<mpsc::Receiver<Order>>>,
}

impl Orders {
    pub(crate) fn new() -> Self {
        let (given, keeper) = mpsc::channel(WAITING_MAX);
        Self {
            given,
            keeper: Mutex::new(Some(keeper)),
        }
    }

    /// The keeper's end; there is one keeper.
    pub(crate) fn take(&self) -> Option<mpsc::Receiver<Order>> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        keeper.take()
    }

    pub(crate) async fn set_remaining(
        &self,
        member: MemberKey,
        remaining: i64,
    ) -> Result<(), String> {
        let nobody = || "nobody keeps the table of keys".to_owned();
        let (done, answered) = oneshot::channel();
        let order = Order {
            member,
            remaining,
            done,
        };
        self.given.send(order).await.map_err(|_| nobody())?;
        answered.await.unwrap_or_else(|_| Err(nobody()))
    }
}
