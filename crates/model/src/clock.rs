//! Where the time comes from. Nothing else in Tollgate asks the operating system, so a recorded request can be
//! run again under the time it first ran at, and tests need not sleep.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A source of the current time.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The operating system's.
    #[default]
    System,
    /// Moved by hand; milliseconds since 1970.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// A clock that stands at `now_ms` until it is moved.
    pub fn at(now_ms: u64) -> Self {
        Self::Manual(Arc::new(AtomicU64::new(now_ms)))
    }

    /// Milliseconds since 1970, UTC.
    pub fn now_ms(&self) -> u64 {
        match self {
            Self::System => since_1970().as_millis() as u64,
            Self::Manual(now_ms) => now_ms.load(Ordering::Relaxed),
        }
    }

    /// Microseconds since 1970, UTC: for what takes less than a millisecond.
    pub fn now_us(&self) -> u64 {
        match self {
            Self::System => since_1970().as_micros() as u64,
            Self::Manual(now_ms) => now_ms.load(Ordering::Relaxed).saturating_mul(1_000),
        }
    }
    /// Nanoseconds since some moment before, never going backwards: for what is measured against itself. A clock that is moved by
    /// hand tells less than 2⁶⁰ as well, as no process runs for thirty years.
    pub fn ticks_ns(&self) -> u64 {
        static START: OnceLock<Instant> = OnceLock::new();
        match self {
            Self::System => START.get_or_init(Instant::now).elapsed().as_nanos() as u64,
            Self::Manual(now_ms) => now_ms.load(Ordering::Relaxed) % 1_000_000_000_000 * 1_000_000,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the system's clock"
)]
fn since_1970() -> Duration {
    // A clock before 1970 is a machine without one; zero keeps every sum that follows defined.
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_by_hand_and_is_shared_by_its_clones() {
        let now = Arc::new(AtomicU64::new(5));
        let clock = Clock::Manual(now.clone());
        let same = clock.clone();
        now.store(1_700_000_000_000, Ordering::Relaxed);
        assert_eq!(same.now_ms(), 1_700_000_000_000);
        assert_eq!(same.now_us(), 1_700_000_000_000_000);
    }

    #[test]
    fn the_system_clock_is_past_2020() {
        assert!(Clock::System.now_ms() > 1_577_836_800_000);
    }
}
