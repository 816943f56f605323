//! What was read from a connection and not yet taken, and the body decoded from it.

use std::io;
use std::task::{Context, Poll};

use crate::body::BodyError;
use crate::buffers::{self, BUFFER_BYTES};
use crate::codec::chunked::Step;
use crate::codec::framing::Framing;
use crate::headers::Headers;
use crate::socket::Socket;

/// Left-overs up to this size move to a vector of their own while a connection waits, so that who sends little of a head and waits holds
/// little memory.
const CARRY_BYTES_MAX: usize = BUFFER_BYTES / 2;

/// Bytes read from the socket: decoded body first, then what is not decoded yet.
///
/// `start <= ready <= raw <= end`; between `ready` and `raw` lies chunk framing that is used up.
pub(crate) struct Inbound {
    buffer: Vec<u8>,
    start: usize,
    ready: usize,
    raw: usize,
    end: usize,
    framing: Framing,
    /// Body bytes still allowed.
    allowed: u64,
    trailers: Option<Headers>,
}

impl Default for Inbound {
    fn default() -> Self {
        let framing = Framing::Done;
        Self {
            buffer: Vec::new(),
            start: 0,
            ready: 0,
            raw: 0,
            end: 0,
            framing,
            allowed: 0,
            trailers: None,
        }
    }
}

impl Drop for Inbound {
    fn drop(&mut self) {
        buffers::give(std::mem::take(&mut self.buffer));
    }
}

impl Inbound {
    /// Bytes that no message has claimed yet.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.buffer[self.raw..self.end]
    }

    /// Body bytes ready to be taken.
    pub(crate) fn data(&self) -> &[u8] {
        &self.buffer[self.start..self.ready]
    }

    /// The body bytes still to come, where known.
    pub(crate) fn length_left(&self) -> Option<u64> {
        self.framing
            .length()
            .map(|length| length + self.data().len() as u64)
    }

    pub(crate) fn take_trailers(&mut self) -> Option<Headers> {
        self.trailers.take()
    }

    /// Whether all of the body was received, perhaps not taken.
    pub(crate) fn is_complete(&self) -> bool {
        self.framing.is_done()
    }

    /// Whether that is so, and no trailers came with it.
    pub(crate) fn ends_with_data(&self) -> bool {
        self.framing.is_done() && self.trailers.is_none()
    }

    /// Whether all of the body was taken.
    pub(crate) fn is_taken(&self) -> bool {
        self.framing.is_done() && self.data().is_empty()
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.start += count.min(self.ready - self.start);
        self.settle();
    }

    /// Drops bytes that no message will claim: interim heads of a backend.
    pub(crate) fn skip(&mut self, count: usize) {
        self.raw += count;
        self.start = self.raw;
        self.ready = self.raw;
        self.settle();
    }

    /// Drops everything, of a connection that ends.
    pub(crate) fn discard(&mut self) {
        self.framing = Framing::Done;
        self.raw = self.end;
        self.ready = self.end;
        self.start = self.end;
        self.settle();
    }

    pub(crate) fn begin_body(&mut self, head_bytes: usize, framing: Framing, bytes_max: u64) {
        self.framing = framing;
        self.allowed = bytes_max;
        self.trailers = None;
        self.skip(head_bytes);
    }

    /// Closes the gap once all ready bytes are taken. A buffer with nothing in it serves others while this connection's request is worked on.
    fn settle(&mut self) {
        if self.start == self.ready {
            if self.raw == self.end {
                self.raw = 0;
                self.end = 0;
                buffers::give(std::mem::take(&mut self.buffer));
            }
            self.start = self.raw;
            self.ready = self.raw;
        }
    }

    /// Decodes what is there: chunks move together, so that the ready bytes are one slice.
    pub(crate) fn decode(&mut self) -> Result<(), BodyError> {
        let decoded = match &mut self.framing {
            Framing::Done => 0,
            Framing::Length(left) => {
                let here = usize::try_from(*left)
                    .unwrap_or(usize::MAX)
                    .min(self.end - self.raw);
                *left -= here as u64;
                if *left == 0 {
                    self.framing = Framing::Done;
                }
                self.make_ready(here)
            }
            Framing::Chunked(_) => self.decode_chunks()?,
            Framing::UntilClose => self.make_ready(self.end - self.raw),
        };
        self.allowed = self
            .allowed
            .checked_sub(decoded as u64)
            .ok_or(BodyError::TooLarge)?;
        Ok(())
    }

    /// Declares the next `count` bytes body; no framing lies between.
    fn make_ready(&mut self, count: usize) -> usize {
        self.raw += count;
        self.ready = self.raw;
        count
    }

    fn decode_chunks(&mut self) -> Result<usize, BodyError> {
        let mut decoded = 0;
        while let Framing::Chunked(chunks) = &mut self.framing {
            let step = chunks
                .step(&self.buffer[self.raw..self.end])
                .map_err(|fault| BodyError::Malformed(fault.0))?;
            match step {
                Step::More { skip } => {
                    self.raw += skip;
                    break;
                }
                Step::Data { skip, len } => {
                    let from = self.raw + skip;
                    if from != self.ready {
                        self.buffer.copy_within(from..from + len, self.ready);
                    }
                    self.ready += len;
                    self.raw = from + len;
                    decoded += len;
                }
                Step::End { skip, trailers } => {
                    self.raw += skip;
                    self.trailers = trailers;
                    self.framing = Framing::Done;
                }
            }
        }
        self.settle();
        Ok(decoded)
    }

    /// The peer closed its side while the body was not complete.
    pub(crate) fn end_of_input(&mut self) -> Result<(), BodyError> {
        if !matches!(self.framing, Framing::UntilClose) {
            return Err(BodyError::Cut);
        }
        self.framing = Framing::Done;
        Ok(())
    }

    pub(crate) fn poll_fill(
        &mut self,
        context: &mut Context<'_>,
        socket: &mut Socket,
    ) -> Poll<io::Result<usize>> {
        self.make_room();
        if self.end == self.buffer.len() {
            // Heads and trailers are bounded below the buffer's size, so this is a fault of ours and not of the peer.
            return Poll::Ready(Err(io::ErrorKind::OutOfMemory.into()));
        }
        let read = socket.poll_read(context, &mut self.buffer[self.end..]);
        match &read {
            Poll::Pending => self.rest(),
            Poll::Ready(Ok(count)) => self.end += count,
            Poll::Ready(Err(_)) => {}
        }
        read
    }

    /// Takes a shared buffer, and moves what there is to its front. Only called with no ready bytes or a complete prefix.
    fn make_room(&mut self) {
        if self.buffer.len() < BUFFER_BYTES {
            let mut buffer = buffers::take();
            buffer[..self.end].copy_from_slice(&self.buffer[..self.end]);
            self.buffer = buffer;
        } else if self.end == self.buffer.len() && self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.ready -= self.start;
            self.raw -= self.start;
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Gives the shared buffer back while waiting, but for a left-over too large to be worth a copy.
    fn rest(&mut self) {
        let left = self.end - self.start;
        if left > CARRY_BYTES_MAX {
            return;
        }
        let carried = self.buffer[self.start..self.end].to_vec();
        buffers::give(std::mem::replace(&mut self.buffer, carried));
        self.ready -= self.start;
        self.raw -= self.start;
        self.end = left;
        self.start = 0;
    }
}
