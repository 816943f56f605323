//! Turns for what only a few may do at once: what needs much memory, and what lost a race. Expected revisions alone decide
//! who wrote; turns only keep the losers from losing to each other again and again.

use std::hash::{BuildHasher, RandomState};

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

/// One turn at a time for each name. Names share their turns with a few others, so that there is a fixed number of them.
pub(crate) struct NamedTurns {
    turns: [Turns; NamedTurns::COUNT],
    hash: RandomState,
}

impl NamedTurns {
    const COUNT: usize = 64;

    /// Nobody has a turn yet.
    pub(crate) fn new() -> Self {
        Self {
            turns: std::array::from_fn(|_| Turns::new(1)),
            hash: RandomState::new(),
        }
    }

    /// Waits for the turn of this name.
    pub(crate) async fn wait(&self, name: &str) -> Option<SemaphorePermit<'_>> {
        let at = self.hash.hash_one(name) as usize % Self::COUNT;
        self.turns[at].wait().await
    }
}
