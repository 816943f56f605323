//! One connection, of a client or to a backend: its socket and what was read from it and not yet taken.
//!
//! The task that serves the connection and the body it hands out share a [`Line`]; both live on the same core, so its parts are
//! cells. A borrow never lasts over an await.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use crate::body::BodyError;
use crate::buffers::{self, BUFFER_BYTES};
use crate::codec::chunked::Step;
use crate::codec::encode;
use crate::codec::framing::Framing;
use crate::deadline::{Deadline, Timer, Wait, now};
use crate::headers::Headers;
use crate::socket::Socket;

/// Left-overs up to this size move to a vector of their own while a connection waits, so that who sends little of a head and waits holds
/// little memory.
const CARRY_BYTES_MAX: usize = BUFFER_BYTES / 2;

pub(crate) struct Line {
    pub(crate) socket: RefCell<Socket>,
    pub(crate) inbound: RefCell<Inbound>,
    timers: RefCell<Timers>,
    /// Counts messages, so that a body kept beyond its exchange cannot read the next message's.
    epoch: Cell<u64>,
    continuation: Cell<Continuation>,
    /// Nothing may follow on this connection: framing is lost, or a peer failed.
    broken: Cell<bool>,
    pub(crate) born: Instant,
}

#[derive(Default)]
struct Timers {
    read: Timer,
    write: Timer,
    read_due: Option<Deadline>,
    write_due: Option<Deadline>,
    /// When the whole body must be there, and the whole answer gone; counted from their first wait, which most messages never have.
    body_due: Option<Deadline>,
    answer_due: Option<Deadline>,
}

/// Whether the client waits for `100 Continue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Continuation {
    Unneeded,
    /// So many bytes of it are sent.
    Due(usize),
}

/// How long a body may take to come, or an answer to go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// Each wait for a byte, and all of them.
    PerByte {
        wait_ms: u64,
        message_ms: u64,
    },
    Until(Deadline),
}

impl Line {
    pub(crate) fn new(socket: Socket) -> Rc<Self> {
        Rc::new(Self {
            socket: RefCell::new(socket),
            inbound: RefCell::new(Inbound::default()),
            timers: RefCell::new(Timers::default()),
            epoch: Cell::new(0),
            continuation: Cell::new(Continuation::Unneeded),
            broken: Cell::new(false),
            born: now(),
        })
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.get()
    }

    /// Starts the body of the message whose head took `head_bytes`.
    pub(crate) fn begin_body(
        &self,
        head_bytes: usize,
        framing: Framing,
        bytes_max: u64,
        expects_continue: bool,
    ) {
        self.inbound
            .borrow_mut()
            .begin_body(head_bytes, framing, bytes_max);
        let timers = &mut *self.timers.borrow_mut();
        (timers.body_due, timers.answer_due) = (None, None);
        let waits = expects_continue && !framing.is_done();
        self.continuation.set(if waits {
            Continuation::Due(0)
        } else {
            Continuation::Unneeded
        });
    }

    /// Ends the message: bodies handed out for it read no further.
    pub(crate) fn end_message(&self) {
        self.epoch.set(self.epoch.get() + 1);
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    pub(crate) fn break_off(&self) {
        self.broken.set(true);
    }

    /// Whether the client still waits to be told that it may send its body.
    pub(crate) fn owes_continue(&self) -> bool {
        self.continuation.get() != Continuation::Unneeded
    }

    /// Whether the body was read to its end and taken.
    pub(crate) fn body_is_taken(&self) -> bool {
        self.inbound.borrow().is_taken()
    }

    /// Reads once, for a head.
    pub(crate) fn poll_fill(&self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.inbound
            .borrow_mut()
            .poll_fill(context, &mut self.socket.borrow_mut())
    }

    /// Whether a wait for a head is over; the timer rests after [`Self::stop_waiting`].
    pub(crate) fn waited(&self, context: &Context<'_>, deadline: Deadline, wait: Wait) -> bool {
        self.timers
            .borrow_mut()
            .read
            .expired(context, deadline, wait)
    }

    pub(crate) fn stop_waiting(&self) {
        let timers = &mut *self.timers.borrow_mut();
        timers.read.disarm();
        timers.read_due = None;
    }

    /// Makes body bytes ready to be taken: true, or false at the body's end.
    pub(crate) fn poll_body(
        &self,
        context: &mut Context<'_>,
        patience: Patience,
    ) -> Poll<Result<bool, BodyError>> {
        let outcome = ready!(self.poll_body_inner(context, patience));
        if outcome.is_err() {
            self.break_off();
        }
        Poll::Ready(outcome)
    }

    fn poll_body_inner(
        &self,
        context: &mut Context<'_>,
        patience: Patience,
    ) -> Poll<Result<bool, BodyError>> {
        let mut inbound = self.inbound.borrow_mut();
        loop {
            inbound.decode()?;
            if !inbound.data().is_empty() {
                // A client that sends without waiting need not be told.
                self.continuation.set(Continuation::Unneeded);
                return Poll::Ready(Ok(true));
            }
            if inbound.framing.is_done() {
                return Poll::Ready(Ok(false));
            }
            let read = match self.poll_continue(context) {
                Poll::Ready(Ok(())) => inbound.poll_fill(context, &mut self.socket.borrow_mut()),
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending => Poll::Pending,
            };
            match read {
                Poll::Pending if self.body_is_late(context, patience) => {
                    return Poll::Ready(Err(BodyError::Timeout));
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(BodyError::Io(error))),
                Poll::Ready(Ok(0)) => inbound.end_of_input()?,
                Poll::Ready(Ok(_)) => self.stop_waiting(),
            }
        }
    }

    fn body_is_late(&self, context: &Context<'_>, patience: Patience) -> bool {
        let timers = &mut *self.timers.borrow_mut();
        let due = match patience {
            Patience::PerByte {
                wait_ms,
                message_ms,
            } => {
                let read_due = timers
                    .read_due
                    .get_or_insert_with(|| Deadline::after_ms(wait_ms));
                let body_due = timers
                    .body_due
                    .get_or_insert_with(|| Deadline::after_ms(message_ms));
                read_due.min(*body_due)
            }
            Patience::Until(deadline) => deadline,
        };
        timers.read.expired(context, due, Wait::Busy)
    }

    fn poll_continue(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Continuation::Due(mut sent) = self.continuation.get() {
            let written =
                self.socket
                    .borrow_mut()
                    .poll_write_all(context, &[encode::CONTINUE], &mut sent);
            self.continuation.set(Continuation::Due(sent));
            ready!(written)?;
            self.continuation.set(Continuation::Unneeded);
        }
        Poll::Ready(Ok(()))
    }

    /// Writes `parts` but the first `sent` bytes, waiting at most so long for the peer to take the next byte.
    pub(crate) fn poll_write(
        &self,
        context: &mut Context<'_>,
        parts: &[&[u8]],
        sent: &mut usize,
        patience: Patience,
    ) -> Poll<io::Result<()>> {
        let before = *sent;
        let written = self
            .socket
            .borrow_mut()
            .poll_write_all(context, parts, sent);
        if written.is_pending() {
            return self.write_is_late(context, *sent > before, patience);
        }
        let timers = &mut *self.timers.borrow_mut();
        timers.write_due = None;
        timers.write.disarm();
        written
    }

    fn write_is_late(
        &self,
        context: &Context<'_>,
        progressed: bool,
        patience: Patience,
    ) -> Poll<io::Result<()>> {
        let timers = &mut *self.timers.borrow_mut();
        let due = match patience {
            Patience::PerByte {
                wait_ms,
                message_ms,
            } => {
                let known = timers.write_due.filter(|_| !progressed);
                let write_due = known.unwrap_or_else(|| Deadline::after_ms(wait_ms));
                timers.write_due = Some(write_due);
                let answer_due = timers
                    .answer_due
                    .get_or_insert_with(|| Deadline::after_ms(message_ms));
                write_due.min(*answer_due)
            }
            Patience::Until(deadline) => deadline,
        };
        if timers.write.expired(context, due, Wait::Busy) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

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

    /// Whether all of the body was received, perhaps not taken, and no trailers with it.
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

    fn begin_body(&mut self, head_bytes: usize, framing: Framing, bytes_max: u64) {
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
    fn end_of_input(&mut self) -> Result<(), BodyError> {
        if !matches!(self.framing, Framing::UntilClose) {
            return Err(BodyError::Cut);
        }
        self.framing = Framing::Done;
        Ok(())
    }

    fn poll_fill(
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
