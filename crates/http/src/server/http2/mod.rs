//! The life of an HTTP/2 connection (RFC 9113): streams are accepted, each is answered by a task of its own on the connection's core.
//!
//! The protocol is the `h2` crate's, its limits against floods (resets, settings, pings, continuations, empty frames) among them. A stream whose
//! client gave it up is still worked on to its end, so it is our own count of tasks that bounds what one client can have under way.

mod answer;
mod patience;
mod received;
mod request;
mod stream;
mod streams;

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::RecvStream;
use h2::server::{Builder, SendResponse};
use tokio::sync::futures::Notified;
use tokio::time::Instant;

pub(crate) use received::Received;

use super::Service;
use super::core::Open;
use crate::deadline::{Deadline, Timer, Wait, now, recent, within};
use crate::{Limits, Negotiated};
use stream::Stream;
use streams::Streams;

/// The stream of a connection that is TLS.
type Io = tokio_rustls::server::TlsStream<tokio::net::TcpStream>;
type Protocol = h2::server::Connection<Io, Bytes>;

/// Request bytes that one stream, and all streams of one connection, may send before a service takes them.
const STREAM_WINDOW_BYTES: u32 = 64 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 256 << 10;

/// Answer bytes of one stream that wait for the socket.
const SEND_BUFFER_BYTES_MAX: usize = 64 << 10;

/// How long a client has to go after it was told to, with nothing under way.
const LEAVE_WAIT_MS: u64 = 2_000;

pub(super) struct Connection<S: Service> {
    shared: Rc<Shared<S>>,
    streams: Rc<Streams>,
    born: Instant,
    idle: Timer,
    idle_due: Option<Deadline>,
    served: bool,
    /// The client was told that no more streams are taken.
    leaving: bool,
}

/// What a connection and its streams share.
struct Shared<S: Service> {
    open: Open<S>,
    peer: SocketAddr,
    local: SocketAddr,
    tls: Option<Negotiated>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "taken apart at once; a box would cost each request an allocation"
)]
enum Next {
    Stream(http::Request<RecvStream>, SendResponse<Bytes>),
    /// Time to take leave: the core drains, the connection is old, or nothing was under way for too long.
    Leave,
    Ended,
}

impl<S: Service> Connection<S> {
    pub(super) fn new(
        open: Open<S>,
        peer: SocketAddr,
        local: SocketAddr,
        tls: Option<Negotiated>,
    ) -> Self {
        let streams = Streams::new(open.0.limits.streams_max);
        Self {
            shared: Rc::new(Shared {
                open,
                peer,
                local,
                tls,
            }),
            streams,
            born: now(),
            idle: Timer::default(),
            idle_due: None,
            served: false,
            leaving: false,
        }
    }

    /// Serves it to its end.
    pub(super) async fn serve(mut self, io: Io) {
        let Some(mut protocol) = self.shake_hands(io).await else {
            return;
        };
        let shared = self.shared.clone();
        let mut drain = pin!(shared.open.0.drain_begun.notified());
        loop {
            let next = poll_fn(|context| self.poll_next(&mut protocol, drain.as_mut(), context));
            match next.await {
                Next::Stream(request, respond) => self.begin(request, respond),
                Next::Leave => self.leave(&mut protocol),
                Next::Ended => return,
            }
        }
    }

    async fn shake_hands(&self, io: Io) -> Option<Protocol> {
        let due = Deadline::after_ms(self.limits().head_timeout_ms);
        let shaken = within(due, builder(self.limits()).handshake(io))
            .await
            .ok()?;
        let failed =
            |error| tracing::debug!(%error, peer = %self.shared.peer, "no HTTP/2 came as agreed");
        shaken.map_err(failed).ok()
    }

    fn limits(&self) -> &Limits {
        &self.shared.open.0.limits
    }

    fn poll_next(
        &mut self,
        protocol: &mut Protocol,
        drain: Pin<&mut Notified<'_>>,
        context: &mut Context<'_>,
    ) -> Poll<Next> {
        if !self.leaving && self.must_leave(drain, context) {
            return Poll::Ready(Next::Leave);
        }
        match self.poll_protocol(protocol, context) {
            Poll::Pending if !self.is_idle(context) => Poll::Pending,
            Poll::Pending if self.leaving => Poll::Ready(Next::Ended),
            Poll::Pending => Poll::Ready(Next::Leave),
            ready => ready,
        }
    }

    fn must_leave(&self, drain: Pin<&mut Notified<'_>>, context: &mut Context<'_>) -> bool {
        drain.poll(context).is_ready()
            || self.shared.open.0.draining.get()
            || recent().duration_since(self.born) >= self.limits().age_max()
    }

    /// Reads and writes; takes a stream where there is room for it.
    fn poll_protocol(&self, protocol: &mut Protocol, context: &mut Context<'_>) -> Poll<Next> {
        if !self.streams.has_room(context) {
            return protocol.poll_closed(context).map(|_| Next::Ended);
        }
        protocol.poll_accept(context).map(|accepted| match accepted {
            Some(Ok((request, respond))) => Next::Stream(request, respond),
            Some(Err(error)) => {
                tracing::debug!(%error, peer = %self.shared.peer, "an HTTP/2 connection failed");
                Next::Ended
            }
            None => Next::Ended,
        })
    }

    /// Whether nothing has been under way for too long.
    fn is_idle(&mut self, context: &Context<'_>) -> bool {
        if !self.streams.is_empty(context) {
            self.idle.disarm();
            self.idle_due = None;
            return false;
        }
        let (kind, wait_ms) = self.idle_wait();
        let due = *self
            .idle_due
            .get_or_insert_with(|| Deadline::after_ms(wait_ms));
        self.idle.expired(context, due, kind)
    }

    fn idle_wait(&self) -> (Wait, u64) {
        match (self.leaving, self.served) {
            (true, _) => (Wait::Busy, LEAVE_WAIT_MS),
            (false, true) => (Wait::Idle, self.limits().idle_ms(Wait::Idle)),
            (false, false) => (Wait::Fresh, self.limits().idle_ms(Wait::Fresh)),
        }
    }

    /// Tells the client to open no more streams. Those that it opened before it heard are served.
    fn leave(&mut self, protocol: &mut Protocol) {
        protocol.graceful_shutdown();
        self.leaving = true;
        self.idle_due = None;
    }

    fn begin(&mut self, request: http::Request<RecvStream>, respond: SendResponse<Bytes>) {
        self.served = true;
        let stream = Stream {
            shared: self.shared.clone(),
            respond,
            _underway: Streams::begin(&self.streams),
        };
        tokio::task::spawn_local(stream.serve(request));
    }
}

fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(limits.streams_max.try_into().unwrap_or(u32::MAX))
        .max_header_list_size(limits.head().head_bytes_max as u32)
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buffer_size(SEND_BUFFER_BYTES_MAX);
    builder
}
