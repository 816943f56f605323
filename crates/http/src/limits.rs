//! What one connection may cost the server: sizes, counts and waits, each of them configurable.

use std::time::Duration;

use crate::deadline::Wait;
use crate::line::Patience;
use crate::memory::Memory;

/// Limits of the server's connections. Sizes are bytes, waits milliseconds.
///
/// Pipelined requests need no limit of their own: they wait unread in the connection's buffer (68 KiB) and the kernel's.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Request line and header fields together; at most 65,536 is honoured. Beyond: 431, or 414 within the target.
    pub head_bytes_max: usize,
    /// Header fields of one request; at most 128 is honoured. Beyond: 431.
    pub headers_max: usize,
    /// The request target. Beyond: 414.
    pub target_bytes_max: usize,
    /// A request's body. A longer declared length is refused with 413, a longer chunked body is
    /// [`BodyError::TooLarge`](crate::BodyError::TooLarge).
    pub body_bytes_max: u64,
    /// From a request's first byte to the end of its head. Beyond: 408.
    pub head_timeout_ms: u64,
    /// Without a byte between two requests; before the first, `head_timeout_ms` if that is less. Beyond: the connection is closed.
    pub idle_timeout_ms: u64,
    /// Between two reads of a request's body. Beyond: [`BodyError::Timeout`](crate::BodyError::Timeout).
    pub body_timeout_ms: u64,
    /// Without the client taking a byte of the answer. Beyond: the connection is closed.
    pub write_timeout_ms: u64,
    /// From the first wait for a request's body to its end, and from the first wait for the client to take its answer to that one's end. It ends
    /// what trickles within the two limits above.
    pub message_timeout_ms: u64,
    /// Requests that one HTTP/2 connection may have under way, those among them that its client gave up. Beyond: the client is told to wait, and
    /// streams it opens all the same are refused.
    pub streams_max: usize,
    /// Connections of one core; beyond it, idle ones are closed and new ones wait in the listen queue.
    pub connections_max: usize,
    /// Age from which a connection is closed after its current answer.
    pub connection_age_max_ms: u64,
    /// What whole bodies may take of all connections together. Beyond: [`BodyError::NoRoom`](crate::BodyError::NoRoom).
    pub memory: Memory,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes_max: 32 << 10,
            headers_max: 128,
            target_bytes_max: 16 << 10,
            body_bytes_max: 10 << 20,
            head_timeout_ms: 30_000,
            // AWS closes an idle client connection after 310 seconds.
            idle_timeout_ms: 310_000,
            body_timeout_ms: 30_000,
            write_timeout_ms: 30_000,
            // AWS streams an answer for 15 minutes at most.
            message_timeout_ms: 900_000,
            streams_max: 128,
            connections_max: 16_384,
            connection_age_max_ms: 24 * 3_600_000,
            memory: Memory::default(),
        }
    }
}

/// What the head parser needs of [`Limits`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadLimits {
    pub(crate) head_bytes_max: usize,
    pub(crate) headers_max: usize,
    pub(crate) target_bytes_max: usize,
}

impl Limits {
    pub(crate) fn head(&self) -> HeadLimits {
        HeadLimits {
            head_bytes_max: self.head_bytes_max.min(64 << 10),
            headers_max: self.headers_max.min(crate::codec::HEADERS_MAX),
            target_bytes_max: self.target_bytes_max,
        }
    }

    /// How long a request's body may take.
    pub(crate) fn body_patience(&self) -> Patience {
        Patience::PerByte {
            wait_ms: self.body_timeout_ms,
            message_ms: self.message_timeout_ms,
        }
    }

    /// How long a client may take to read its answer.
    pub(crate) fn answer_patience(&self) -> Patience {
        Patience::PerByte {
            wait_ms: self.write_timeout_ms,
            message_ms: self.message_timeout_ms,
        }
    }

    /// How long a connection may stay without a byte.
    pub(crate) fn idle_ms(&self, wait: Wait) -> u64 {
        match wait {
            // Who connects and never asks would otherwise hold a place for as long as a client that came back.
            Wait::Fresh => self.idle_timeout_ms.min(self.head_timeout_ms),
            Wait::Idle | Wait::Busy => self.idle_timeout_ms,
        }
    }

    pub(crate) fn age_max(&self) -> Duration {
        Duration::from_millis(self.connection_age_max_ms)
    }
}
