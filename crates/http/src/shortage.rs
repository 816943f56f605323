//! What runs out: file descriptors, mostly, and the memory for bodies.
//!
//! It is the process that runs out, not a core or a connection, and it goes on for a while: so the log is told once in an episode, however
//! many calls fail in it.

use std::io;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::io::Errno;

/// After so long without a failed call an episode is over.
const QUIET: Duration = Duration::from_secs(10);

/// Failures that belong together. Nobody waits for anybody here: whoever comes along has just failed.
#[derive(Debug, Default)]
pub(crate) struct Episode {
    /// When the last failure was, in milliseconds since the first episode of the process; one more, so that 0 is never.
    last_ms: AtomicU64,
}

static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
static DESCRIPTORS: Episode = Episode {
    last_ms: AtomicU64::new(0),
};

impl Episode {
    /// Notes a failure; whether it is the first of its episode.
    pub(crate) fn begins(&self) -> bool {
        self.begins_at(BEGINNING.elapsed())
    }

    fn begins_at(&self, now: Duration) -> bool {
        let now_ms = now.as_millis() as u64 + 1;
        let before_ms = self.last_ms.swap(now_ms, Ordering::Relaxed);
        before_ms == 0 || now_ms.saturating_sub(before_ms) > QUIET.as_millis() as u64
    }
}

/// Whether a call failed because there is too little left, and not for a fault of its own.
pub(crate) fn is(error: &io::Error) -> bool {
    let known = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    known
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Tells the log that a call failed for want of descriptors.
pub(crate) fn tell(error: &io::Error) {
    if DESCRIPTORS.begins() {
        tracing::warn!(
            %error,
            "no file descriptors are left (ulimit -n): open connections are served on, idle ones are closed, new ones wait, calls that need a new backend connection are answered 503"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_episode_is_told_once() {
        let episode = Episode::default();
        let at = |seconds| episode.begins_at(Duration::from_secs(seconds));
        assert_eq!([at(0), at(1), at(9), at(18)], [true, false, false, false]);
        assert_eq!([at(29), at(30)], [true, false]);
    }

    #[test]
    fn a_refused_connection_is_no_shortage() {
        assert!(is(&io::Error::from(Errno::MFILE)));
        assert!(!is(&io::Error::from(Errno::CONNREFUSED)));
        assert!(!is(&io::ErrorKind::TimedOut.into()));
    }
}
