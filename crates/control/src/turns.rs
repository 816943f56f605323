//! Turns among operations that lost a race. Expected revisions alone decide who wrote; turns only keep the losers from
//! losing to each other again and again.

use tokio::sync::{Semaphore, SemaphorePermit};

/// One turn at a time, in the order of asking.
pub(crate) struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(1))
    }
}

impl Turns {
    /// Waits for the turn, which lasts as long as what is returned.
    pub(crate) async fn wait(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed; without a turn the race would only be run again.
        self.0.acquire().await.ok()
    }
}
