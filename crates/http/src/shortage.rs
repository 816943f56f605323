//! What the operating system has no more of for this process: file descriptors, mostly.
//!
//! It is the process that runs out, not a core or a connection, so what was told to the log is kept for the process: one episode, however
//! many calls fail in it, is one line.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;

/// After so long without a failed call an episode is over.
const QUIET: Duration = Duration::from_secs(10);

static LAST: Mutex<Option<Instant>> = Mutex::new(None);

/// Whether a call failed because there is too little left, and not for a fault of its own.
pub(crate) fn is(error: &io::Error) -> bool {
    let known = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    known
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Tells the log, once in an episode. Nothing else waits here: whoever comes along has just failed.
pub(crate) fn tell(error: &io::Error) {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if began(&mut last, Instant::now()) {
        tracing::warn!(
            %error,
            "no file descriptors are left (ulimit -n): open connections are served on, idle ones are closed, new ones wait, calls that need a new backend connection are answered 503"
        );
    }
}

/// Whether this failure is the first of its episode.
fn began(last: &mut Option<Instant>, now: Instant) -> bool {
    let before = last.replace(now);
    before.is_none_or(|before| now.duration_since(before) > QUIET)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_episode_is_told_once() {
        let (mut last, start) = (None, Instant::now());
        let mut at = |seconds| began(&mut last, start + Duration::from_secs(seconds));
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
