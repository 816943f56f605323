//! Writes a message: head and first body bytes in one write, then the body as it comes.

use std::io;
use std::task::{Context, Poll, ready};

use crate::body::{Body, BodyError};
use crate::codec::encode::{self, Coding};
use crate::line::{Line, Patience};

/// A message being written. Polled by whoever owns the connection; holds no borrow between polls.
pub(crate) struct Sender {
    /// The head, a chunk's size line, or the last chunk: what goes before the next data.
    prefix: Vec<u8>,
    suffix: &'static [u8],
    body: Body,
    coding: Coding,
    stage: Stage,
    /// Bytes of the current write that the socket took.
    sent: usize,
    /// Body bytes of the current write.
    data: usize,
    /// Whether they stand in `prefix` already.
    copied: bool,
    pub(crate) body_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Wants body bytes.
    Fill,
    /// Writes `prefix`, `data`, `suffix`; `last`: nothing follows.
    Write {
        last: bool,
    },
    Done,
}

/// Why a message was not written whole.
#[derive(Debug)]
pub(crate) enum SendError {
    /// The peer did not take it.
    Peer(io::Error),
    /// Its body broke off.
    Body(BodyError),
}

/// Body bytes up to which copying them behind the head costs less than a vectored write.
const COPIED_BYTES_MAX: usize = 1 << 10;

const CHUNK_END: &[u8] = b"\r\n";
const LAST_CHUNK_END: &[u8] = b"\r\n0\r\n\r\n";

/// Room that a head should have behind it for a small body.
pub(crate) fn room_behind(body: &Body) -> usize {
    let length = body.length().unwrap_or(u64::MAX);
    usize::try_from(length)
        .ok()
        .filter(|length| *length <= COPIED_BYTES_MAX)
        .unwrap_or(0)
}

impl Sender {
    /// `head` is written with the first bytes of `body`.
    pub(crate) fn new(head: Vec<u8>, body: Body, coding: Coding) -> Self {
        Self {
            prefix: head,
            suffix: b"",
            body,
            coding,
            stage: Stage::Fill,
            sent: 0,
            data: 0,
            copied: false,
            body_bytes: 0,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Writes on.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
        line: &Line,
        patience: Patience,
    ) -> Poll<Result<(), SendError>> {
        loop {
            match self.stage {
                Stage::Done => return Poll::Ready(Ok(())),
                Stage::Fill => ready!(self.fill(context)).map_err(SendError::Body)?,
                Stage::Write { last } => {
                    ready!(self.write(context, line, patience))?;
                    self.written(last);
                }
            }
        }
    }

    /// Prepares the next write.
    fn fill(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        match self.body.poll_data(context) {
            Poll::Ready(Ok(true)) => self.frame_data(),
            Poll::Ready(Ok(false)) => self.frame_end(),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            // The head need not wait for the body.
            Poll::Pending if !self.prefix.is_empty() => {
                self.data = 0;
                self.suffix = b"";
                self.stage = Stage::Write { last: false };
            }
            Poll::Pending => return Poll::Pending,
        }
        Poll::Ready(Ok(()))
    }

    fn frame_data(&mut self) {
        self.data = self.body.with_data(<[u8]>::len);
        let last = self.body.ends_with_data();
        self.suffix = b"";
        if self.coding == Coding::Chunked {
            encode::chunk_size(&mut self.prefix, self.data);
            self.suffix = if last { LAST_CHUNK_END } else { CHUNK_END };
        }
        self.copied = self.data <= COPIED_BYTES_MAX;
        if self.copied {
            let Self { prefix, body, .. } = self;
            body.with_data(|data| prefix.extend_from_slice(data));
            prefix.extend_from_slice(std::mem::take(&mut self.suffix));
        }
        self.stage = Stage::Write { last };
    }

    fn frame_end(&mut self) {
        self.data = 0;
        self.suffix = b"";
        if self.coding == Coding::Chunked {
            encode::last_chunk(&mut self.prefix, self.body.trailers());
        }
        self.stage = Stage::Write { last: true };
    }

    fn write(
        &mut self,
        context: &mut Context<'_>,
        line: &Line,
        patience: Patience,
    ) -> Poll<Result<(), SendError>> {
        let Self {
            prefix,
            suffix,
            body,
            data,
            copied,
            sent,
            ..
        } = self;
        let separate = if *copied { 0 } else { *data };
        body.with_data(|ready| match ready.get(..separate) {
            Some(data) => line
                .poll_write(context, &[prefix, data, suffix], sent, patience)
                .map_err(SendError::Peer),
            // The request whose body this is was given up by its connection.
            None => Poll::Ready(Err(SendError::Body(BodyError::Cut))),
        })
    }

    fn written(&mut self, last: bool) {
        self.body.consume(self.data);
        self.body_bytes += self.data as u64;
        self.prefix.clear();
        self.sent = 0;
        self.data = 0;
        self.copied = false;
        self.stage = if last { Stage::Done } else { Stage::Fill };
    }
}
