//! What a decision has cost so far.

use std::cell::Cell;

use crate::limits::STEPS_MAX;

/// Counts down; what finds it empty matches nothing, and whoever decides looks at the end whether it is.
pub(crate) struct Steps {
    left: Cell<u64>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self::of(STEPS_MAX)
    }

    pub(crate) fn of(left: u64) -> Self {
        Self {
            left: Cell::new(left),
        }
    }

    /// Whether `bytes` more may be looked at.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let left = self.left.get().saturating_sub(bytes as u64 + 1);
        self.left.set(left);
        left > 0
    }

    /// Whether it is used up, so that no answer can be relied on.
    pub(crate) fn are_used_up(&self) -> bool {
        self.left.get() == 0
    }
}
