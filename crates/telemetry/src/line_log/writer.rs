//! The thread that writes the buffers of a log. The disk may be as slow or as full as it likes: the cores do not notice.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::Builder;

use tracing::{info, warn};

use super::file::Sink;
use super::{Buffer, Message, Shared};

/// Starts the thread. It ends, and says so to `done`, when every sender of messages is gone and all is written.
pub(super) fn start(
    log: &'static str,
    sink: Sink,
    messages: Receiver<Message>,
    shared: Arc<Shared>,
    done: Sender<()>,
) -> io::Result<()> {
    let mut writer = Writer {
        log,
        sink,
        shared,
        is_failing: false,
    };
    let serve = move || {
        for message in messages {
            writer.take(message);
        }
        // Nobody may be waiting for it.
        let _ = done.send(());
    };
    Builder::new()
        .name(log.replace(' ', "-"))
        .spawn(serve)
        .map(drop)
}

struct Writer {
    /// What the log is called.
    log: &'static str,
    sink: Sink,
    shared: Arc<Shared>,
    /// Told once per streak of failures, not per buffer; and a line may have been cut.
    is_failing: bool,
}

impl Writer {
    fn take(&mut self, message: Message) {
        if self.shared.reopen.swap(false, Ordering::Acquire)
            && let Err(error) = self.sink.reopen()
        {
            warn!(log = self.log, %error, "a log could not be reopened; the old file is kept");
        }
        if let Message::Lines(mut buffer, emptied) = message {
            self.write(&buffer);
            buffer.clear();
            // A core that has two spare buffers, or is gone, does not need it back.
            drop(emptied.try_send(buffer));
        }
    }

    fn write(&mut self, buffer: &Buffer) {
        let written = self
            .end_cut_line()
            .and_then(|()| self.sink.write_all(&buffer.bytes));
        match written {
            Ok(()) => {
                self.shared
                    .lines_written
                    .fetch_add(buffer.lines, Ordering::Relaxed);
                if self.is_failing {
                    info!(log = self.log, "a log is written again");
                }
                self.is_failing = false;
            }
            Err(error) => {
                self.shared
                    .lines_lost
                    .fetch_add(buffer.lines, Ordering::Relaxed);
                if !self.is_failing {
                    warn!(log = self.log, %error, "lines of a log are being lost");
                }
                self.is_failing = true;
            }
        }
    }

    /// A write that failed may have left part of a line.
    fn end_cut_line(&mut self) -> io::Result<()> {
        match self.is_failing {
            true => self.sink.write_all(b"\n"),
            false => Ok(()),
        }
    }
}
