//! The console of `tollgate dev`: the real reason of each refusal, on standard error, from a thread of its own, so that no
//! core waits for a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use tollgate_gateway::Console;

use crate::say;

/// Lines that may wait for the terminal; further ones are counted.
const LINES_WAITING_MAX: usize = 1_024;

/// Passes lines on to the terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    lines: SyncSender<String>,
    lost: Arc<AtomicU64>,
}

impl Terminal {
    /// Starts the thread that prints.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (lines, waiting) = sync_channel(LINES_WAITING_MAX);
        let lost = Arc::<AtomicU64>::default();
        let counted = lost.clone();
        thread::Builder::new()
            .name("console".to_owned())
            .spawn(move || print(waiting, &counted))?;
        Ok(Self { lines, lost })
    }
}

impl Console for Terminal {
    fn say(&self, line: String) {
        if self.lines.try_send(line).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn print(waiting: Receiver<String>, lost: &AtomicU64) {
    for line in waiting {
        say::error(line);
        match lost.swap(0, Ordering::Relaxed) {
            0 => {}
            count => say::error(format_args!("({count} lines more than could be shown)")),
        }
    }
}
