//! How long a client may take to send a body, or to let an answer go: for the next byte, and for all of them.

use std::task::Context;

use crate::deadline::{Deadline, Timer, Wait};

pub(super) struct Patience {
    byte_ms: u64,
    message_ms: u64,
    timer: Timer,
    byte_due: Option<Deadline>,
    /// Counted from the first wait, which most messages never have.
    message_due: Option<Deadline>,
}

impl Patience {
    pub(super) fn new(byte_ms: u64, message_ms: u64) -> Self {
        Self {
            byte_ms,
            message_ms,
            timer: Timer::default(),
            byte_due: None,
            message_due: None,
        }
    }

    /// The wait for the next byte is over, because it came.
    pub(super) fn progressed(&mut self) {
        self.timer.disarm();
        self.byte_due = None;
    }

    /// Whether the client has taken too long; where not, the task is woken when it has.
    pub(super) fn is_over(&mut self, context: &Context<'_>) -> bool {
        let (byte_ms, message_ms) = (self.byte_ms, self.message_ms);
        let byte_due = *self
            .byte_due
            .get_or_insert_with(|| Deadline::after_ms(byte_ms));
        let message_due = *self
            .message_due
            .get_or_insert_with(|| Deadline::after_ms(message_ms));
        self.timer
            .expired(context, byte_due.min(message_due), Wait::Busy)
    }
}
