//! A body still arriving: on a connection of its own message, or as a stream of an HTTP/2 connection.

use std::fmt;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use crate::body::BodyError;
use crate::client::Reply;
use crate::headers::Headers;
use crate::line::{Line, Patience};
use crate::memory::Memory;
use crate::server::Received;

/// A body still arriving; it reads from its connection when asked and not before, which is its back-pressure.
///
/// A server's unread body is skipped or ends the connection after the answer; dropping a backend's body before its end closes
/// that connection; dropping a stream's body tells the client to send no more of it.
pub struct Incoming {
    origin: Origin,
    length: Option<u64>,
    /// Boxed, because few bodies have any and each body is moved through many hands.
    trailers: Option<Box<Headers>>,
}

enum Origin {
    /// `None` once the body ended and its connection went back to the pool.
    Line(Option<Rc<Line>>, Source),
    Stream(Box<Received>),
}

/// Whose message a connection carries.
pub(crate) enum Source {
    /// A client's request.
    Server { epoch: u64, patience: Patience },
    /// A backend's reply.
    Client(Box<Reply>),
}

impl Incoming {
    pub(crate) fn new(line: Rc<Line>, source: Source, length: Option<u64>) -> Self {
        Self {
            origin: Origin::Line(Some(line), source),
            length,
            trailers: None,
        }
    }

    pub(crate) fn of_stream(received: Received, length: Option<u64>) -> Self {
        Self {
            origin: Origin::Stream(Box::new(received)),
            length,
            trailers: None,
        }
    }

    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// What it is counted against where it is read whole.
    pub(crate) fn memory(&self) -> Memory {
        match &self.origin {
            Origin::Stream(received) => received.memory().clone(),
            Origin::Line(line, _) => line
                .as_ref()
                .map_or_else(Memory::default, |line| line.memory.clone()),
        }
    }

    pub(crate) fn trailers(&self) -> Option<&Headers> {
        self.trailers.as_deref()
    }

    /// As [`Body::poll_data`](crate::Body::poll_data).
    pub(crate) fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, BodyError>> {
        let more = match &mut self.origin {
            Origin::Stream(received) => ready!(received.poll_data(context))?,
            Origin::Line(None, _) => return Poll::Ready(Ok(false)),
            Origin::Line(Some(line), source) => {
                let patience = source.patience(context, line)?;
                ready!(line.poll_body(context, patience))?
            }
        };
        if !more {
            self.finish();
        }
        Poll::Ready(Ok(more))
    }

    /// As [`Body::with_data`](crate::Body::with_data).
    pub(crate) fn with_data<T>(&self, use_data: impl FnOnce(&[u8]) -> T) -> T {
        match &self.origin {
            Origin::Stream(received) => use_data(received.data()),
            Origin::Line(line, source) => match source.current(line.as_ref()) {
                Some(line) => use_data(line.inbound.borrow().data()),
                None => use_data(&[]),
            },
        }
    }

    /// Takes `count` of the ready bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        match &mut self.origin {
            Origin::Stream(received) => received.consume(count),
            Origin::Line(line, source) => {
                let Some(line) = source.current(line.as_ref()) else {
                    return;
                };
                line.inbound.borrow_mut().consume(count);
                if line.body_is_taken() {
                    self.finish();
                }
            }
        }
    }

    /// Whether the ready bytes are known to be the last ones, with no trailers after them.
    pub(crate) fn ends_with_data(&self) -> bool {
        match &self.origin {
            Origin::Stream(received) => received.ends_with_data(),
            Origin::Line(line, _) => line
                .as_ref()
                .is_none_or(|line| line.inbound.borrow().ends_with_data()),
        }
    }

    /// The end was reached: keeps the trailers, and lets a backend's connection serve again.
    fn finish(&mut self) {
        let trailers = match &mut self.origin {
            Origin::Stream(received) => received.take_trailers(),
            Origin::Line(line, source) => source.finish(line),
        };
        if self.trailers.is_none() {
            self.trailers = trailers.map(Box::new);
        }
    }
}

impl Source {
    /// How long the next bytes may take; an error where the connection carries another message by now.
    fn patience(
        &mut self,
        context: &mut Context<'_>,
        line: &Rc<Line>,
    ) -> Result<Patience, BodyError> {
        match self {
            Self::Server { epoch, .. } if *epoch != line.epoch() => Err(BodyError::Cut),
            Self::Server { patience, .. } => Ok(*patience),
            Self::Client(reply) => {
                reply.go_on_sending(context, line);
                Ok(Patience::Until(reply.deadline()))
            }
        }
    }

    /// The connection while it carries this message.
    fn current<'a>(&self, line: Option<&'a Rc<Line>>) -> Option<&'a Rc<Line>> {
        line.filter(|line| match self {
            Self::Server { epoch, .. } => *epoch == line.epoch(),
            Self::Client(_) => true,
        })
    }

    /// The message's end, with its trailers.
    fn finish(&mut self, place: &mut Option<Rc<Line>>) -> Option<Headers> {
        let line = place.as_ref()?;
        let trailers = line.inbound.borrow_mut().take_trailers();
        line.stop_waiting();
        if let Self::Client(reply) = self
            && let Some(line) = place.take()
        {
            reply.release(line);
        }
        trailers
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Incoming")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
