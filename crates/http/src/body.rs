//! Bodies: nothing, bytes in memory, or bytes still arriving from a connection of this core.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::client::Reply;
use crate::headers::Headers;
use crate::line::{Line, Patience};

/// A message's body.
#[derive(Debug, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// All of it, in memory.
    Whole(Bytes),
    /// Still arriving.
    Stream(Incoming),
}

/// Why a body could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is larger than the limit given.
    #[error("the body is too large")]
    TooLarge,
    /// The peer closed the connection before its end.
    #[error("the body was cut off")]
    Cut,
    /// Its chunks are malformed.
    #[error("the body is malformed: {0}")]
    Malformed(&'static str),
    /// The peer sent nothing for too long.
    #[error("the body did not arrive in time")]
    Timeout,
    /// The connection failed.
    #[error("the body could not be read: {0}")]
    Io(#[source] io::Error),
}

/// The most that a declared length makes us reserve before bytes arrive.
const RESERVED_BYTES_MAX: u64 = 64 << 10;

impl Body {
    /// Reads all of it, up to `limit` bytes.
    pub fn gather(self, limit: usize) -> impl Future<Output = Result<Bytes, BodyError>> {
        Gather::of(self, limit)
    }

    /// The declared length in bytes, from the start of the body; `None` for chunks and for a body that lasts until the
    /// connection closes.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Whole(bytes) => Some(bytes.len() as u64),
            Self::Stream(incoming) => incoming.length,
        }
    }

    /// The next bytes, as many as have arrived; `None` at the end.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, BodyError>> {
        match poll_fn(|context| self.poll_data(context)).await {
            Ok(false) => None,
            Err(error) => Some(Err(error)),
            Ok(true) => Some(Ok(self.take_data())),
        }
    }

    /// Trailer fields, once the body was read to its end.
    pub fn trailers(&self) -> Option<&Headers> {
        match self {
            Self::Stream(incoming) => incoming.trailers.as_deref(),
            Self::Empty | Self::Whole(_) => None,
        }
    }

    /// Makes bytes ready to be taken: true, or false at the end.
    pub(crate) fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, BodyError>> {
        match self {
            Self::Empty => Poll::Ready(Ok(false)),
            Self::Whole(bytes) => Poll::Ready(Ok(!bytes.is_empty())),
            Self::Stream(incoming) => incoming.poll_data(context),
        }
    }

    /// Gives the ready bytes to `use_data`.
    pub(crate) fn with_data<T>(&self, use_data: impl FnOnce(&[u8]) -> T) -> T {
        match self {
            Self::Empty => use_data(&[]),
            Self::Whole(bytes) => use_data(bytes),
            Self::Stream(incoming) => incoming.with_data(use_data),
        }
    }

    /// Takes `count` of the ready bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        match self {
            Self::Empty => {}
            Self::Whole(bytes) => drop(bytes.split_to(count)),
            Self::Stream(incoming) => incoming.consume(count),
        }
    }

    /// Whether the ready bytes are known to be the last ones, with no trailers after them.
    pub(crate) fn ends_with_data(&self) -> bool {
        match self {
            Self::Empty | Self::Whole(_) => true,
            Self::Stream(incoming) => incoming.ends_with_data(),
        }
    }

    fn take_data(&mut self) -> Bytes {
        if let Self::Whole(bytes) = self {
            return std::mem::take(bytes);
        }
        let bytes = self.with_data(Bytes::copy_from_slice);
        self.consume(bytes.len());
        bytes
    }
}

/// [`Body::gather`]. Written by hand, because an async function would hold the body several times over, and so would each of its callers.
struct Gather {
    body: Body,
    gathered: Vec<u8>,
    limit: usize,
}

impl Gather {
    fn of(body: Body, limit: usize) -> Self {
        Self {
            body,
            gathered: Vec::new(),
            limit,
        }
    }

    /// Takes what is ready.
    fn take(&mut self) -> Result<(), BodyError> {
        let Self { body, gathered, .. } = self;
        if gathered.capacity() == 0 {
            let expected = body.length().unwrap_or(0).min(RESERVED_BYTES_MAX);
            gathered.reserve(expected as usize);
        }
        let count = body.with_data(|data| {
            gathered.extend_from_slice(data);
            data.len()
        });
        body.consume(count);
        if self.gathered.len() > self.limit {
            return Err(BodyError::TooLarge);
        }
        Ok(())
    }
}

impl Future for Gather {
    type Output = Result<Bytes, BodyError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let gather = self.get_mut();
        let limit = gather.limit as u64;
        if gather.body.length().is_some_and(|length| length > limit) {
            return Poll::Ready(Err(BodyError::TooLarge));
        }
        if let Body::Whole(bytes) = &mut gather.body {
            return Poll::Ready(Ok(std::mem::take(bytes)));
        }
        while ready!(gather.body.poll_data(context))? {
            gather.take()?;
        }
        Poll::Ready(Ok(std::mem::take(&mut gather.gathered).into()))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            Self::Empty
        } else {
            Self::Whole(bytes)
        }
    }
}

/// A body still arriving; it reads from its connection when asked and not before, which is its back-pressure.
///
/// A server's unread body is skipped or ends the connection after the answer; dropping a backend's body before its end closes
/// that connection.
pub struct Incoming {
    /// `None` once the body ended and its connection went back to the pool.
    line: Option<Rc<Line>>,
    source: Source,
    length: Option<u64>,
    /// Boxed, because few bodies have any and each body is moved through many hands.
    trailers: Option<Box<Headers>>,
}

pub(crate) enum Source {
    /// A client's request.
    Server { epoch: u64, patience: Patience },
    /// A backend's reply.
    Client(Box<Reply>),
}

impl Incoming {
    pub(crate) fn new(line: Rc<Line>, source: Source, length: Option<u64>) -> Self {
        Self {
            line: Some(line),
            source,
            length,
            trailers: None,
        }
    }

    fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, BodyError>> {
        let Some(line) = &self.line else {
            return Poll::Ready(Ok(false));
        };
        let patience = match &mut self.source {
            Source::Server { epoch, .. } if *epoch != line.epoch() => {
                return Poll::Ready(Err(BodyError::Cut));
            }
            Source::Server { patience, .. } => *patience,
            Source::Client(reply) => {
                reply.go_on_sending(context, line);
                Patience::Until(reply.deadline())
            }
        };
        let more = ready!(line.poll_body(context, patience))?;
        if !more {
            self.finish();
        }
        Poll::Ready(Ok(more))
    }

    fn with_data<T>(&self, use_data: impl FnOnce(&[u8]) -> T) -> T {
        match self.current() {
            Some(line) => use_data(line.inbound.borrow().data()),
            None => use_data(&[]),
        }
    }

    /// The connection while it carries this message.
    fn current(&self) -> Option<&Rc<Line>> {
        self.line.as_ref().filter(|line| match &self.source {
            Source::Server { epoch, .. } => *epoch == line.epoch(),
            Source::Client(_) => true,
        })
    }

    fn consume(&mut self, count: usize) {
        let Some(line) = self.current() else { return };
        line.inbound.borrow_mut().consume(count);
        if line.body_is_taken() {
            self.finish();
        }
    }

    fn ends_with_data(&self) -> bool {
        self.line
            .as_ref()
            .is_none_or(|line| line.inbound.borrow().ends_with_data())
    }

    /// The end was reached: keeps the trailers, and lets a backend's connection serve again.
    fn finish(&mut self) {
        let Some(line) = &self.line else { return };
        if self.trailers.is_none() {
            self.trailers = line.inbound.borrow_mut().take_trailers().map(Box::new);
        }
        line.stop_waiting();
        if let (Source::Client(reply), Some(line)) = (&mut self.source, self.line.take()) {
            reply.release(line);
        }
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
