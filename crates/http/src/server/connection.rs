//! The life of a client's connection: head, answer, left-overs, and again.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::core::Open;
use super::{BODY_TOO_LARGE, Finish, Service, sendable};
use crate::codec::encode::{self, Coding, ResponseFrame};
use crate::codec::request::{self, Fault, Parsed};
use crate::deadline::{Deadline, Wait, recent, within};
use crate::head::Version;
use crate::incoming::Source;
use crate::line::Line;
use crate::sender::{SendError, Sender, room_behind};
use crate::socket::Socket;
use crate::{Body, Incoming, Limits, Negotiated, Refusal, Request, Response, Sent};

/// What a service left unread of a body is read and dropped up to here, so that the connection can go on.
const DRAINED_BYTES_MAX: u64 = 64 << 10;

/// How long that may take.
const DRAIN_WAIT: Duration = Duration::from_secs(2);

/// After the last answer, how long and how much is read until the client closes. Closing with bytes unread makes the kernel send a reset, which
/// can destroy the answer before the client has read it.
const LINGER_WAIT: Duration = Duration::from_secs(2);
const LINGER_BYTES_MAX: usize = 1 << 20;

pub(super) struct Connection<S: Service> {
    open: Open<S>,
    line: Rc<Line>,
    peer: SocketAddr,
    local: SocketAddr,
    tls: Option<Negotiated>,
    served: bool,
}

/// What a connection does after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Next,
    Close,
    /// Close at once: the client left, or must see that the answer is not whole.
    Abort,
}

enum Next {
    Request(Parsed),
    Refused(Fault),
    Gone,
    /// Nothing came for a moment.
    Quiet,
}

/// After so long without a byte a connection rests.
const REST_AFTER_MS: u64 = 1_000;

impl<S: Service> Connection<S> {
    pub(super) fn new(open: Open<S>, socket: Socket, peer: SocketAddr, local: SocketAddr) -> Self {
        let memory = open.0.limits.memory.clone();
        Self {
            open,
            tls: socket.negotiated(),
            line: Line::new(socket, memory),
            peer,
            local,
            served: false,
        }
    }

    /// Serves it to its end, or until it rests.
    pub(super) async fn serve(self) {
        self.serve_from(None).await;
    }

    async fn serve_from(mut self, mut first: Option<Next>) {
        loop {
            let next = match first.take() {
                Some(next) => next,
                None => self.next_head(false).await,
            };
            let after = match next {
                Next::Request(parsed) => self.exchange(parsed).await,
                // Boxed, because few connections need the room for this.
                Next::Refused(fault) => Box::pin(self.refuse(fault)).await,
                Next::Gone => After::Abort,
                Next::Quiet => {
                    tokio::task::spawn_local(self.rest());
                    return;
                }
            };
            self.served = true;
            match after {
                After::Next => {}
                After::Close => return Box::pin(self.close()).await,
                After::Abort => return,
            }
        }
    }

    /// Waits for the next request in a task of its own, which is small: the one above holds the room that an answer needs, some kilobytes.
    async fn rest(self) {
        let next = self.next_head(true).await;
        if !matches!(next, Next::Gone) {
            tokio::task::spawn_local(self.serve_from(Some(next)));
        }
    }

    fn limits(&self) -> &Limits {
        &self.open.0.limits
    }

    /// The next request; where the connection does not rest yet, [`Next::Quiet`] after a moment without a byte.
    async fn next_head(&self, rests: bool) -> Next {
        let mut head = HeadWait {
            rests,
            idle: None,
            due: None,
            parsed_bytes: 0,
        };
        let next = poll_fn(|context| self.poll_head(context, &mut head)).await;
        self.line.stop_waiting();
        next
    }

    fn poll_head(&self, context: &mut Context<'_>, head: &mut HeadWait) -> Poll<Next> {
        loop {
            match head.parse(&self.line, self.limits()) {
                Ok(Some(parsed)) => return Poll::Ready(Next::Request(parsed)),
                Ok(None) => {}
                Err(fault) => return Poll::Ready(Next::Refused(fault)),
            }
            match self.line.poll_fill(context) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(Ok(0)) => return Poll::Ready(self.ended_early(head)),
                Poll::Ready(Err(_)) => return Poll::Ready(Next::Gone),
                Poll::Pending => return self.wait_for_head(context, head),
            }
        }
    }

    /// The client ended its side before a head was complete: one that is wrong already is answered, as it would have been at its line's end.
    fn ended_early(&self, head: &mut HeadWait) -> Next {
        head.parsed_bytes = 0;
        match head.parse(&self.line, self.limits()) {
            Err(fault) => Next::Refused(fault),
            Ok(_) => Next::Gone,
        }
    }

    fn wait_for_head(&self, context: &Context<'_>, head: &mut HeadWait) -> Poll<Next> {
        if !self.line.inbound.borrow().unread().is_empty() {
            let due = head
                .due
                .get_or_insert_with(|| Deadline::after_ms(self.limits().head_timeout_ms));
            return match self.line.waited(context, *due, Wait::Busy) {
                true => Poll::Ready(Next::Refused(HEAD_LATE)),
                false => Poll::Pending,
            };
        }
        if self.served && self.open.0.draining.get() {
            return Poll::Ready(Next::Gone);
        }
        let wait = if self.served { Wait::Idle } else { Wait::Fresh };
        let idle_ms = self.limits().idle_ms(wait);
        let idle = head.idle_until(idle_ms);
        if !self.line.waited(context, idle, wait) {
            return Poll::Pending;
        }
        // Before its time where it must make room for others.
        let is_quiet = !head.rests && idle_ms > REST_AFTER_MS && idle.passed();
        Poll::Ready(if is_quiet { Next::Quiet } else { Next::Gone })
    }

    async fn exchange(&self, parsed: Parsed) -> After {
        if parsed
            .length
            .is_some_and(|length| length > self.limits().body_bytes_max)
        {
            return Box::pin(self.refuse(BODY_TOO_LARGE)).await;
        }
        let asked = Asked {
            to_head: parsed.head.method() == "HEAD",
            version: parsed.head.version(),
            keep_alive: parsed.keep_alive,
        };
        let request = self.request(parsed);
        let (response, finish) = self.open.0.service.answer(request).await;
        let after = self.reply(asked, response, finish).await;
        self.line.end_message();
        after
    }

    fn request(&self, parsed: Parsed) -> Request {
        let limits = self.limits();
        self.line.begin_body(
            parsed.bytes,
            parsed.framing,
            limits.body_bytes_max,
            parsed.expects_continue,
        );
        let body = if parsed.framing.is_done() {
            Body::Empty
        } else {
            let source = Source::Server {
                epoch: self.line.epoch(),
                patience: limits.body_patience(),
            };
            Body::Stream(Incoming::new(self.line.clone(), source, parsed.length))
        };
        Request {
            head: parsed.head,
            body,
            peer: self.peer,
            local: self.local,
            secure: self.line.socket.borrow().is_tls(),
            tls: self.tls,
        }
    }

    async fn reply(&self, asked: Asked, response: Response, finish: S::Finish) -> After {
        let response = sendable(response);
        let close = self.must_close(asked, &response);
        let mut sender = sender(asked, response, close);
        let patience = self.limits().answer_patience();
        match poll_fn(|context| sender.poll(context, &self.line, patience)).await {
            Ok(()) => {
                finish.finish(Sent {
                    body_bytes: sender.body_bytes,
                    complete: true,
                });
                drop(sender);
                if close {
                    After::Close
                } else {
                    self.skip_unread().await
                }
            }
            Err(SendError::Body(error)) => {
                tracing::debug!(%error, "an answer's body broke off");
                finish.finish(Sent {
                    body_bytes: sender.body_bytes,
                    complete: false,
                });
                After::Abort
            }
            Err(SendError::Peer(error)) => {
                tracing::debug!(%error, peer = %self.peer, "the client left before it had its answer");
                After::Abort
            }
        }
    }

    /// Whether the answer says that it is the connection's last.
    fn must_close(&self, asked: Asked, response: &Response) -> bool {
        !asked.keep_alive
            || self.open.0.draining.get()
            || self.line.is_broken()
            || recent().duration_since(self.line.born) >= self.limits().age_max()
            || self.leaves_too_much(response)
            || encode::asks_to_close(&response.headers)
            // The end of a body without length or chunks is the connection's.
            || (asked.version == Version::Http10 && has_body(asked, response) && response.body.length().is_none())
    }

    /// Whether more of the request's body is unread than is worth reading. A client that still waits for `100 Continue` may send its
    /// body or not, and nobody can tell.
    fn leaves_too_much(&self, response: &Response) -> bool {
        if self.line.body_is_taken() {
            return false;
        }
        let still_read =
            Rc::strong_count(&self.line) > 1 || matches!(response.body, Body::Stream(_));
        let left = self.line.inbound.borrow().length_left();
        !still_read
            && (self.line.owes_continue() || left.is_some_and(|left| left > DRAINED_BYTES_MAX))
    }

    /// Reads what the service left of the request's body.
    async fn skip_unread(&self) -> After {
        if self.line.body_is_taken() && !self.line.is_broken() {
            return After::Next;
        }
        if self.line.is_broken() || self.line.owes_continue() {
            return After::Close;
        }
        match within(Deadline::after(DRAIN_WAIT), self.discard_body()).await {
            Ok(true) => After::Next,
            Ok(false) | Err(_) => After::Close,
        }
    }

    async fn discard_body(&self) -> bool {
        let mut discarded = 0;
        let patience = self.limits().body_patience();
        while discarded <= DRAINED_BYTES_MAX {
            match poll_fn(|context| self.line.poll_body(context, patience)).await {
                Ok(true) => {}
                Ok(false) => return true,
                Err(_) => return false,
            }
            let mut inbound = self.line.inbound.borrow_mut();
            let count = inbound.data().len();
            inbound.consume(count);
            discarded += count as u64;
        }
        false
    }

    async fn refuse(&self, fault: Fault) -> After {
        let refusal = Refusal {
            status: fault.status,
            reason: fault.reason,
            peer: self.peer,
        };
        tracing::debug!(status = refusal.status, reason = refusal.reason, peer = %self.peer, "refused");
        let response = self.open.0.service.refuse(&refusal);
        self.line.break_off();
        let asked = Asked {
            to_head: false,
            version: Version::Http10,
            keep_alive: false,
        };
        let mut sender = sender(asked, sendable(response), true);
        let patience = self.limits().answer_patience();
        match poll_fn(|context| sender.poll(context, &self.line, patience)).await {
            Ok(()) => After::Close,
            Err(_) => After::Abort,
        }
    }

    /// Ends our side, then reads until the client has ended its own.
    async fn close(&self) {
        let ended = poll_fn(|context| self.line.socket.borrow_mut().poll_shutdown(context)).await;
        let all_read = self.line.body_is_taken() && self.line.inbound.borrow().unread().is_empty();
        if ended.is_err() || (all_read && !self.line.is_broken()) {
            return;
        }
        // Late or never: the socket is closed either way.
        let _ = within(Deadline::after(LINGER_WAIT), self.linger()).await;
    }

    async fn linger(&self) {
        let mut read = 0;
        while read < LINGER_BYTES_MAX {
            self.line.inbound.borrow_mut().discard();
            match poll_fn(|context| self.line.poll_fill(context)).await {
                Ok(0) | Err(_) => return,
                Ok(count) => read += count,
            }
        }
    }
}

const HEAD_LATE: Fault = Fault {
    status: 408,
    reason: "the head did not arrive in time",
};

/// What an answer must know of its request.
#[derive(Clone, Copy, Debug)]
struct Asked {
    to_head: bool,
    version: Version,
    keep_alive: bool,
}

/// The wait for a head.
struct HeadWait {
    /// The first moment without a byte is over.
    rests: bool,
    idle: Option<Deadline>,
    due: Option<Deadline>,
    /// Bytes that were parsed and found incomplete.
    parsed_bytes: usize,
}

impl HeadWait {
    fn idle_until(&mut self, idle_ms: u64) -> Deadline {
        let wait_ms = match self.rests {
            true => idle_ms.saturating_sub(REST_AFTER_MS),
            false => idle_ms.min(REST_AFTER_MS),
        };
        *self.idle.get_or_insert_with(|| Deadline::after_ms(wait_ms))
    }

    fn parse(&mut self, line: &Line, limits: &Limits) -> Result<Option<Parsed>, Fault> {
        let inbound = line.inbound.borrow();
        let (bytes, head) = (inbound.unread(), limits.head());
        // A head that drips in is parsed anew per line and not per byte. The first bytes are looked at once, so that who speaks another
        // protocol (TLS, most often) need not wait for a time-out.
        let drips = self.parsed_bytes > 0 && bytes.len() < head.head_bytes_max;
        if drips && memchr::memchr(b'\n', &bytes[self.parsed_bytes..]).is_none() {
            return Ok(None);
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let parsed = request::parse(bytes, head)?;
        self.parsed_bytes = bytes.len();
        Ok(parsed)
    }
}

/// RFC 9110 §6.4.1.
fn has_body(asked: Asked, response: &Response) -> bool {
    !(asked.to_head || response.status == 204 || response.status == 304)
}

fn sender(asked: Asked, response: Response, close: bool) -> Sender {
    let with_body = has_body(asked, &response);
    let coding = match response.body.length() {
        _ if response.status == 204 || response.status == 304 => Coding::Nothing,
        Some(length) => Coding::Length(length),
        None if asked.version == Version::Http11 => Coding::Chunked,
        None => Coding::Close,
    };
    let keeps_length = asked.to_head || response.status == 304;
    let mut head =
        Vec::with_capacity(response.headers.wire_bytes() + 192 + room_behind(&response.body));
    encode::response(
        &mut head,
        response.status,
        &response.headers,
        ResponseFrame {
            coding,
            close,
            keeps_length,
        },
    );
    if with_body {
        Sender::new(head, response.body, coding)
    } else {
        Sender::new(head, Body::Empty, Coding::Nothing)
    }
}
