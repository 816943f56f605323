//! A log of lines, as the access log and the execution log are: from each core's own buffer to one file or to standard output.
//!
//! A core never waits for the disk. Its full buffers go through a bounded channel to a writing thread; when the
//! channel is full, the buffer's lines are dropped and counted. A line is at most [`FLUSH_EVERY`] old when it is handed
//! over, given that the core calls [`CoreLog::flush`] that often.

mod file;
mod writer;

use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::TrySendError::{Disconnected, Full};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::time::Duration;

use file::Sink;

use crate::counters::Counters;
use crate::prometheus::Kind;

/// The bytes of a core's buffer, and so of the longest line.
pub const BUFFER_BYTES: usize = 64 * 1024;

/// What a buffer may hold beyond, so that the line which overflows it seldom makes it grow.
const SLACK_BYTES: usize = 8 * 1024;

/// How often each core flushes a buffer that is not full.
pub const FLUSH_EVERY: Duration = Duration::from_millis(100);

/// Buffers that may wait for the disk, for all cores together: 9 MiB.
const BUFFERS_WAITING_MAX: usize = 128;

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Stdout,
    /// A file, appended to; created (mode 0640) where it is missing.
    File(PathBuf),
}

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be opened for appending.
    #[error("cannot open the {name} {}", path.display())]
    Open {
        /// What the log is called.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The writing thread cannot be started.
    #[error("cannot start the {name}'s thread")]
    Thread {
        /// What the log is called.
        name: &'static str,
        /// The reason.
        source: std::io::Error,
    },
}

/// What is told of a kind of log, and how its lines are counted.
#[derive(Debug, PartialEq, Eq)]
pub struct Purpose {
    /// In messages, and as the name of the writing thread.
    pub name: &'static str,
    /// The metric of lines written, and its meaning.
    pub written: [&'static str; 2],
    /// The metric of lines lost, and its meaning.
    pub lost: [&'static str; 2],
}

/// A line per request, in the format of its stage.
pub const ACCESS: Purpose = Purpose {
    name: "access log",
    written: [
        "tollgate_access_log_lines_total",
        "Access log lines written.",
    ],
    lost: [
        "tollgate_access_log_lost_total",
        "Access log lines dropped because the destination was too slow or failed.",
    ],
};

/// What requests did, in several lines each.
pub const EXECUTION: Purpose = Purpose {
    name: "execution log",
    written: [
        "tollgate_execution_log_lines_total",
        "Execution log lines written.",
    ],
    lost: [
        "tollgate_execution_log_lost_total",
        "Execution log lines dropped because the destination was too slow or failed.",
    ],
};

/// An open log. Cores write through a [`CoreLog`] each.
#[derive(Debug)]
pub struct LineLog {
    purpose: &'static Purpose,
    shared: Arc<Shared>,
    sender: SyncSender<Message>,
    finished: Receiver<()>,
}

/// What cores, writer and owner all see.
#[derive(Debug, Default)]
struct Shared {
    reopen: AtomicBool,
    lines_written: AtomicU64,
    lines_lost: AtomicU64,
}

/// What goes to the writing thread.
enum Message {
    Lines(Buffer, SyncSender<Buffer>),
    /// Look whether something else is to be done.
    Wake,
}

/// Whole lines, each with its line feed.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    lines: u64,
}

impl LineLog {
    /// Opens the destination and starts the thread that writes to it.
    pub fn open(purpose: &'static Purpose, destination: Destination) -> Result<Self, LogError> {
        let sink = Sink::open(purpose.name, destination)?;
        Self::to(purpose, sink, BUFFERS_WAITING_MAX)
    }

    fn to(
        purpose: &'static Purpose,
        sink: Sink,
        buffers_waiting_max: usize,
    ) -> Result<Self, LogError> {
        let (sender, messages) = sync_channel(buffers_waiting_max);
        let (done, finished) = channel();
        let shared = Arc::<Shared>::default();
        let name = purpose.name;
        writer::start(name, sink, messages, shared.clone(), done)
            .map_err(|source| LogError::Thread { name, source })?;
        Ok(Self {
            purpose,
            shared,
            sender,
            finished,
        })
    }

    /// A buffer for one core.
    pub fn core(&self) -> CoreLog {
        // Two come back at most: one being written, one ready.
        let (emptied, empty) = sync_channel(2);
        CoreLog {
            buffer: Buffer::default(),
            sender: self.sender.clone(),
            emptied,
            empty,
            shared: self.shared.clone(),
        }
    }

    /// Opens the file anew before the next line is written, so that a rotated file is let go of. For SIGHUP.
    pub fn reopen(&self) {
        self.shared.reopen.store(true, Ordering::Release);
        // A full channel needs no wake-up.
        drop(self.sender.try_send(Message::Wake));
    }

    /// Lines handed to the operating system.
    pub fn lines_written(&self) -> u64 {
        self.shared.lines_written.load(Ordering::Relaxed)
    }

    /// Lines dropped, because the disk was too slow or failed.
    pub fn lines_lost(&self) -> u64 {
        self.shared.lines_lost.load(Ordering::Relaxed)
    }

    /// Shows both counts, of all these logs of one purpose together, as metrics.
    pub fn show_in(logs: &[Self], counters: &Counters) {
        let shared: Arc<[_]> = logs.iter().map(|log| log.shared.clone()).collect();
        let sum = |count: fn(&Shared) -> &AtomicU64| {
            let shared = shared.clone();
            move || {
                let counts = shared.iter().map(|log| count(log).load(Ordering::Relaxed));
                counts.sum()
            }
        };
        let Some(Purpose { written, lost, .. }) = logs.first().map(|log| log.purpose) else {
            return;
        };
        let [name, help] = *written;
        counters.show(name, help, Kind::Counter, sum(|log| &log.lines_written));
        let [name, help] = *lost;
        counters.show(name, help, Kind::Counter, sum(|log| &log.lines_lost));
    }

    /// Waits until everything handed over by cores that are gone is written, but no longer than `patience`. Answers
    /// whether it was.
    pub fn finish(self, patience: Duration) -> bool {
        let Self {
            sender, finished, ..
        } = self;
        drop(sender);
        finished.recv_timeout(patience).is_ok()
    }
}

/// One core's end of the log. Dropped, it flushes.
#[derive(Debug)]
pub struct CoreLog {
    buffer: Buffer,
    sender: SyncSender<Message>,
    emptied: SyncSender<Buffer>,
    empty: Receiver<Buffer>,
    shared: Arc<Shared>,
}

impl CoreLog {
    /// Adds a line: what `write` appends to the buffer. The line feed is added here, and line feeds within become
    /// spaces, so that no value can start a line of its own. A line longer than [`BUFFER_BYTES`] is lost.
    pub fn line(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.buffer.bytes.capacity() == 0 {
            self.buffer.bytes.reserve_exact(BUFFER_BYTES + SLACK_BYTES);
        }
        let start = self.buffer.bytes.len();
        write(&mut self.buffer.bytes);
        // A writer that takes away from the buffer would be at fault; the lines before are kept as they are then.
        let start = start.min(self.buffer.bytes.len());
        keep_to_one_line(&mut self.buffer.bytes[start..]);
        self.buffer.bytes.push(b'\n');
        self.buffer.lines += 1;
        if self.buffer.bytes.len() > BUFFER_BYTES {
            self.spill(start);
        }
    }

    /// The line from `start` on did not fit: hands over what is before it, and keeps it for the next buffer.
    fn spill(&mut self, start: usize) {
        let line = self.buffer.bytes.split_off(start);
        self.buffer.lines -= 1;
        self.flush();
        if line.len() > BUFFER_BYTES {
            self.shared.lines_lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.buffer.bytes.extend_from_slice(&line);
        self.buffer.lines = 1;
    }

    /// Whether nothing waits to be flushed.
    pub fn is_empty(&self) -> bool {
        self.buffer.lines == 0
    }

    /// Hands over what was written so far. Never waits.
    pub fn flush(&mut self) {
        if self.is_empty() {
            return;
        }
        let next = self.next_buffer();
        let full = mem::replace(&mut self.buffer, next);
        let handed = self
            .sender
            .try_send(Message::Lines(full, self.emptied.clone()));
        if let Err(error) = handed {
            self.lose(error);
        }
    }

    fn next_buffer(&self) -> Buffer {
        self.empty.try_recv().unwrap_or_default()
    }

    fn lose(&mut self, error: TrySendError<Message>) {
        let (Full(message) | Disconnected(message)) = error;
        if let Message::Lines(mut buffer, _emptied) = message {
            self.shared
                .lines_lost
                .fetch_add(buffer.lines, Ordering::Relaxed);
            buffer.clear();
            self.buffer = buffer;
        }
    }
}

impl Drop for CoreLog {
    fn drop(&mut self) {
        self.flush();
    }
}

fn keep_to_one_line(line: &mut [u8]) {
    if line.contains(&b'\n') {
        for byte in line.iter_mut().filter(|byte| **byte == b'\n') {
            *byte = b' ';
        }
    }
}

impl Buffer {
    fn clear(&mut self) {
        self.bytes.clear();
        // A line may have made it grow once; memory stays bounded by what was promised.
        self.bytes.shrink_to(BUFFER_BYTES + SLACK_BYTES);
        self.lines = 0;
    }
}

#[cfg(test)]
mod tests;
