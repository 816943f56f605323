//! A request's body as a stream of HTTP/2 brings it. What is not taken fills the stream's window, which is its back-pressure.

use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use h2::RecvStream;

use super::patience::Patience;
use crate::body::BodyError;
use crate::headers::Headers;
use crate::limits::Limits;
use crate::memory::Memory;

pub(crate) struct Received {
    stream: RecvStream,
    /// What came and was not taken.
    data: Bytes,
    /// Body bytes still allowed.
    allowed: u64,
    trailers: Option<Headers>,
    ended: bool,
    patience: Patience,
    memory: Memory,
}

impl Received {
    pub(super) fn new(stream: RecvStream, limits: &Limits) -> Self {
        Self {
            stream,
            data: Bytes::new(),
            allowed: limits.body_bytes_max,
            trailers: None,
            ended: false,
            patience: Patience::new(limits.body_timeout_ms, limits.message_timeout_ms),
            memory: limits.memory.clone(),
        }
    }

    /// Makes bytes ready to be taken: true, or false at the body's end.
    pub(crate) fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, BodyError>> {
        while self.data.is_empty() && !self.ended {
            match self.stream.poll_data(context) {
                Poll::Pending if self.patience.is_over(context) => {
                    return Poll::Ready(Err(BodyError::Timeout));
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(data))) => self.arrived(data)?,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(failed(error))),
                Poll::Ready(None) => return self.poll_end(context),
            }
        }
        Poll::Ready(Ok(!self.data.is_empty()))
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.data.len());
        self.data.advance(count);
        // Fails where the stream is gone, and then nobody sends any more.
        let _ = self.stream.flow_control().release_capacity(count);
    }

    pub(crate) fn ends_with_data(&self) -> bool {
        self.trailers.is_none() && (self.ended || self.stream.is_end_stream())
    }

    pub(crate) fn take_trailers(&mut self) -> Option<Headers> {
        self.trailers.take()
    }

    fn arrived(&mut self, data: Bytes) -> Result<(), BodyError> {
        self.patience.progressed();
        let count = data.len() as u64;
        self.allowed = self.allowed.checked_sub(count).ok_or(BodyError::TooLarge)?;
        self.data = data;
        Ok(())
    }

    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Result<bool, BodyError>> {
        match self.stream.poll_trailers(context) {
            Poll::Pending if self.patience.is_over(context) => Poll::Ready(Err(BodyError::Timeout)),
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(failed(error))),
            Poll::Ready(Ok(trailers)) => {
                self.patience.progressed();
                self.ended = true;
                self.trailers = trailers.map(|fields| trailer_fields(&fields)).transpose()?;
                Poll::Ready(Ok(false))
            }
        }
    }
}

/// The fields after a body; the bounds of a header block were checked as it came.
fn trailer_fields(fields: &http::HeaderMap) -> Result<Headers, BodyError> {
    let mut trailers = Headers::with_capacity(fields.len() * 32);
    for (name, value) in fields {
        trailers
            .push(name.as_str(), value.as_bytes())
            .map_err(|_| BodyError::Malformed("a trailer field is invalid"))?;
    }
    Ok(trailers)
}

/// A stream that the client reset, or that broke a rule, ended before its body did.
fn failed(error: h2::Error) -> BodyError {
    match error.into_io() {
        Some(error) => BodyError::Io(error),
        None => BodyError::Cut,
    }
}
