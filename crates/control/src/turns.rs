//! Turns for what only a few may do at once: what needs much memory, and what lost a race. Expected revisions alone decide
//! who wrote; turns only keep the losers from losing to each other again and again.

use tokio::sync::{Semaphore, SemaphorePermit};

/// So many turns at a time, in the order of asking.
pub(crate) struct Turns(Semaphore);

impl Turns {
    /// At most `count` at once.
    pub(crate) fn new(count: usize) -> Self {
        Self(Semaphore::new(count))
    }

    /// Waits for the turn, which lasts as long as what is returned.
    pub(crate) async fn wait(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed; without a turn the race would only be run again.
        self.0.acquire().await.ok()
    }
}
