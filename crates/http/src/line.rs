//! One connection, of a client or to a backend: its socket, its waits, and what was read from it.
//!
//! The task that serves the connection and the body it hands out share a [`Line`]; both live on the same core, so its parts are
//! cells. A borrow never lasts over an await.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::time::Instant;

use crate::body::BodyError;
use crate::codec::encode;
use crate::codec::framing::Framing;
use crate::deadline::{Deadline, Timer, Wait, now};
use crate::inbound::Inbound;
use crate::memory::Memory;
use crate::socket::Socket;

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
    /// What its bodies are counted against where they are read whole.
    pub(crate) memory: Memory,
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
    pub(crate) fn new(socket: Socket, memory: Memory) -> Rc<Self> {
        Rc::new(Self {
            socket: RefCell::new(socket),
            inbound: RefCell::new(Inbound::default()),
            timers: RefCell::new(Timers::default()),
            epoch: Cell::new(0),
            continuation: Cell::new(Continuation::Unneeded),
            broken: Cell::new(false),
            born: now(),
            memory,
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
            if inbound.is_complete() {
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
