//! What one connection may cost the server: sizes, counts and waits, each of them configurable.

use std::time::Duration;

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
    /// Without a byte between two requests, and before the first. Beyond: the connection is closed.
    pub idle_timeout_ms: u64,
    /// Between two reads of a request's body. Beyond: [`BodyError::Timeout`](crate::BodyError::Timeout).
    pub body_timeout_ms: u64,
    /// Without the client taking a byte of the answer. Beyond: the connection is closed.
    pub write_timeout_ms: u64,
    /// Connections of one core; beyond it, idle ones are closed and new ones wait in the listen queue.
    pub connections_max: usize,
    /// Age from which a connection is closed after its current answer.
    pub connection_age_max_ms: u64,
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
            connections_max: 16_384,
            connection_age_max_ms: 24 * 3_600_000,
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

    pub(crate) fn age_max(&self) -> Duration {
        Duration::from_millis(self.connection_age_max_ms)
    }
}
