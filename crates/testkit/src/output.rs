//! What a program prints, gathered while it runs and waited for line by line.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The lines of one stream of a program so far.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    seen: Mutex<Seen>,
    grew: Condvar,
}

#[derive(Debug, Default)]
struct Seen {
    lines: Vec<String>,
    has_ended: bool,
}

impl Output {
    /// Reads `stream` on a thread of its own, which ends with the stream.
    pub(crate) fn of(stream: impl Read + Send + 'static) -> Self {
        let output = Self::default();
        let reader = output.clone();
        thread::spawn(move || reader.gather(BufReader::new(stream)));
        output
    }

    /// All of it so far.
    pub fn text(&self) -> String {
        self.seen().lines.join("\n")
    }

    /// The lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.seen().lines.clone()
    }

    /// Waits for a line like this, also among those that came already. Nothing when the program closes the stream before, or
    /// nothing of it comes in time.
    pub fn wait(&self, patience: Duration, is_meant: impl Fn(&str) -> bool) -> Option<String> {
        self.wait_for(patience, 1, is_meant)
    }

    /// The same for the `count`th such line, from 1.
    pub fn wait_for(
        &self,
        patience: Duration,
        count: usize,
        is_meant: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let end = Instant::now() + patience;
        let mut seen = self.seen();
        loop {
            let mut meant = seen.lines.iter().filter(|line| is_meant(line));
            if let Some(line) = meant.nth(count.saturating_sub(1)) {
                return Some(line.clone());
            }
            let left = end.checked_duration_since(Instant::now())?;
            if seen.has_ended {
                return None;
            }
            (seen, _) = self
                .0
                .grew
                .wait_timeout(seen, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for the stream's end.
    pub(crate) fn end(&self, patience: Duration) -> String {
        self.wait(patience, |_| false);
        self.text()
    }

    fn gather(&self, stream: impl BufRead) {
        for line in stream.split(b'\n').map_while(Result::ok) {
            self.seen()
                .lines
                .push(String::from_utf8_lossy(&line).into_owned());
            self.0.grew.notify_all();
        }
        self.seen().has_ended = true;
        self.0.grew.notify_all();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
