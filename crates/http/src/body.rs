//! Bodies: nothing, bytes in memory, or bytes still arriving from a connection of this core.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::headers::Headers;
use crate::incoming::Incoming;
use crate::memory::{Memory, NoRoom, Reservation, SMALL_BYTES_MAX};

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
    /// Other bodies take all the memory that there is for them.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
}

/// The most that a declared length makes us reserve before bytes arrive.
const RESERVED_BYTES_MAX: usize = 64 << 10;

impl Body {
    /// Reads all of it, up to `limit` bytes, which are counted against [`Self::memory`] until the last handle on them is gone.
    pub fn gather(self, limit: usize) -> impl Future<Output = Result<Bytes, BodyError>> {
        Gather::of(self, limit)
    }

    /// What it is counted against where it is read whole; what is in memory already is not counted.
    pub fn memory(&self) -> Memory {
        match self {
            Self::Empty | Self::Whole(_) => Memory::default(),
            Self::Stream(incoming) => incoming.memory(),
        }
    }

    /// The declared length in bytes, from the start of the body; `None` for chunks and for a body that lasts until the
    /// connection closes.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Whole(bytes) => Some(bytes.len() as u64),
            Self::Stream(incoming) => incoming.length(),
        }
    }

    /// The next bytes, as many as have arrived; `None` at the end.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, BodyError>> {
        match poll_fn(|context| self.poll_data(context)).await {
            Ok(false) => None,
            Err(error) => Some(Err(error)),
            Ok(true) => Some(Ok(self.take(self.with_data(<[u8]>::len)))),
        }
    }

    /// Trailer fields, once the body was read to its end.
    pub fn trailers(&self) -> Option<&Headers> {
        match self {
            Self::Stream(incoming) => incoming.trailers(),
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

    /// Takes `count` of the ready bytes with them.
    pub(crate) fn take(&mut self, count: usize) -> Bytes {
        if let Self::Whole(bytes) = self {
            return bytes.split_to(count);
        }
        let bytes = self.with_data(|data| Bytes::copy_from_slice(&data[..count]));
        self.consume(count);
        bytes
    }
}

/// [`Body::gather`]. Written by hand, because an async function would hold the body several times over, and so would each of its callers.
struct Gather {
    body: Body,
    gathered: Vec<u8>,
    /// Made once there is something to count.
    reservation: Option<Reservation>,
    limit: usize,
}

impl Gather {
    fn of(body: Body, limit: usize) -> Self {
        Self {
            reservation: None,
            body,
            gathered: Vec::new(),
            limit,
        }
    }

    /// Takes what is ready.
    fn take(&mut self) -> Result<(), BodyError> {
        let count = self.body.with_data(<[u8]>::len);
        if self.gathered.len() + count > self.limit {
            return Err(BodyError::TooLarge);
        }
        self.make_room(count)?;
        let Self { body, gathered, .. } = self;
        body.with_data(|data| gathered.extend_from_slice(data));
        body.consume(count);
        Ok(())
    }

    /// Room for `count` more bytes, reserved before it is allocated: at first what the declared length asks for, as far as that is believed,
    /// then twice as much each time, but never more than the body can be.
    fn make_room(&mut self, count: usize) -> Result<(), NoRoom> {
        let (length, capacity) = (self.gathered.len(), self.gathered.capacity());
        let needed = length + count;
        if needed <= capacity {
            return Ok(());
        }
        let declared = self.body.length().map(|length| length as usize);
        let believed = declared.unwrap_or(0).min(RESERVED_BYTES_MAX);
        let most = declared.unwrap_or(self.limit).min(self.limit);
        let room = (2 * capacity).max(believed).min(most).max(needed);
        if room > SMALL_BYTES_MAX {
            let made = || self.body.memory().reservation();
            self.reservation.get_or_insert_with(made).grow_to(room)?;
        }
        self.gathered.reserve_exact(room - length);
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
        let gathered = std::mem::take(&mut gather.gathered);
        Poll::Ready(Ok(match gather.reservation.take() {
            Some(reservation) => reservation.hold(gathered),
            None => Bytes::from(gathered),
        }))
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
