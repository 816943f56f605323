//! Signals: SIGTERM and Ctrl-C end, a second one ends at once, SIGHUP reloads. A file at the largest size that it may have (`ulimit -f`) is a
//! write that fails, as on a full disk, and not the end.

use std::io;
use std::process;

use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that are listened for.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    /// Never asked: listening is what keeps it from ending the process.
    _file_size: Signal,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To end; the number of the signal.
    End(i32),
    /// To read again what can change while running.
    Reload,
}

impl Signals {
    /// Listens from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            _file_size: signal(SignalKind::from_raw(Number::XFSZ.as_raw()))?,
        })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::End(SignalKind::terminate().as_raw_value()),
            _ = self.interrupt.recv() => Asked::End(SignalKind::interrupt().as_raw_value()),
            _ = self.hang_up.recv() => Asked::Reload,
        }
    }

    /// Ends the process at the next signal to end, as one that was killed by it.
    pub(crate) async fn end_at_once(&mut self) -> ! {
        loop {
            if let Asked::End(number) = self.next().await {
                process::exit(128 + number);
            }
        }
    }
}
