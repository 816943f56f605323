//! Writes an answer to a stream: the head, the body as fast as the client's window opens, trailers.

use std::io;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use http::header::{CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue};

use super::patience::Patience;
use crate::body::BodyError;
use crate::codec::encode::{self, Whose};
use crate::codec::lines;
use crate::date;
use crate::headers::Headers;
use crate::limits::Limits;
use crate::sender::SendError;
use crate::{Body, Response};

/// An answer being written.
pub(super) struct Sending {
    stream: SendStream<Bytes>,
    body: Body,
    done: bool,
    pub(super) body_bytes: u64,
    patience: Patience,
}

impl Sending {
    /// Hands the head to the connection.
    pub(super) fn start(
        respond: &mut SendResponse<Bytes>,
        response: Response,
        to_head: bool,
        limits: &Limits,
    ) -> Result<Self, SendError> {
        let Response {
            status,
            headers,
            body,
        } = response;
        let has_body = !(to_head || status == 204 || status == 304);
        let length = body.length().filter(|_| status != 204 && status != 304);
        let head = head(status, &headers, length, to_head || status == 304);
        let ends = !has_body || matches!(body, Body::Empty);
        let stream = respond.send_response(head, ends).map_err(lost)?;
        Ok(Self {
            stream,
            body: if ends { Body::Empty } else { body },
            done: ends,
            body_bytes: 0,
            patience: Patience::new(limits.write_timeout_ms, limits.message_timeout_ms),
        })
    }

    /// Writes on, to the end.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        while !self.done {
            match self.body.poll_data(context) {
                Poll::Pending => return self.poll_given_up(context),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.break_off(error))),
                Poll::Ready(Ok(true)) => ready!(self.poll_send(context))?,
                Poll::Ready(Ok(false)) => self.end()?,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// While the body has nothing to send, whether the client still wants it.
    fn poll_given_up(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        match ready!(self.stream.poll_reset(context)) {
            Ok(reason) => Poll::Ready(Err(lost(reason.into()))),
            Err(error) => Poll::Ready(Err(lost(error))),
        }
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        let ready_bytes = self.body.with_data(<[u8]>::len);
        let count = ready!(self.poll_capacity(context, ready_bytes))?.min(ready_bytes);
        self.patience.progressed();
        let last = count == ready_bytes && self.body.ends_with_data();
        let data = self.body.take(count);
        self.body_bytes += count as u64;
        self.done = last;
        Poll::Ready(self.stream.send_data(data, last).map_err(lost))
    }

    /// How many of the `wanted` bytes the client and the connection's buffer take now: at least one.
    fn poll_capacity(
        &mut self,
        context: &mut Context<'_>,
        wanted: usize,
    ) -> Poll<Result<usize, SendError>> {
        self.stream.reserve_capacity(wanted);
        loop {
            // Only growth is told by polling.
            match self.stream.capacity() {
                0 => {}
                count => return Poll::Ready(Ok(count)),
            }
            match self.stream.poll_capacity(context) {
                Poll::Pending => return self.poll_patience(context),
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(lost(error))),
                Poll::Ready(None) => return Poll::Ready(Err(lost(Reason::CANCEL.into()))),
            }
        }
    }

    fn poll_patience<T>(&mut self, context: &Context<'_>) -> Poll<Result<T, SendError>> {
        if !self.patience.is_over(context) {
            return Poll::Pending;
        }
        self.stream.send_reset(Reason::CANCEL);
        Poll::Ready(Err(SendError::Peer(io::ErrorKind::TimedOut.into())))
    }

    fn end(&mut self) -> Result<(), SendError> {
        self.done = true;
        let sent = match self.body.trailers() {
            Some(trailers) => self.stream.send_trailers(map(trailers)),
            None => self.stream.send_data(Bytes::new(), true),
        };
        sent.map_err(lost)
    }

    /// The client must see that the answer is not whole.
    fn break_off(&mut self, error: BodyError) -> SendError {
        self.stream.send_reset(Reason::INTERNAL_ERROR);
        SendError::Body(error)
    }
}

/// Names go out in lower case (RFC 9113 §8.2.1), connection fields not at all, `Date` where there is none.
fn head(
    status: u16,
    headers: &Headers,
    length: Option<u64>,
    keeps_length: bool,
) -> http::Response<()> {
    let mut response = http::Response::new(());
    // A service's mistake was made a 500 before.
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    let fields = response.headers_mut();
    *fields = map(headers);
    let given = headers.get("content-length").and_then(lines::length);
    if let Some(length) = given.filter(|_| keeps_length).or(length) {
        fields.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if !fields.contains_key(DATE) {
        fields.insert(DATE, today());
    }
    response
}

/// The fields that are the caller's.
fn map(headers: &Headers) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers.raw() {
        if !matches!(encode::whose(name), Whose::Caller) {
            continue;
        }
        // `Headers` takes no other names and values than these do.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            map.append(name, value);
        }
    }
    map
}

fn today() -> HeaderValue {
    let mut text = Vec::with_capacity(32);
    date::append(&mut text);
    HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static(""))
}

/// The client, or its connection, is gone.
fn lost(error: h2::Error) -> SendError {
    SendError::Peer(io::Error::other(error))
}
