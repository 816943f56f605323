//! One request of an HTTP/2 connection and its answer.

use std::future::poll_fn;
use std::rc::Rc;

use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;

use super::answer::Sending;
use super::received::Received;
use super::request::{self, Read};
use super::streams::Underway;
use super::{Service, Shared};
use crate::codec::request::Fault;
use crate::sender::SendError;
use crate::server::{BODY_TOO_LARGE, Finish, sendable};
use crate::{Body, Incoming, Limits, Refusal, Request, Response, Sent};

pub(super) struct Stream<S: Service> {
    pub(super) shared: Rc<Shared<S>>,
    pub(super) respond: SendResponse<Bytes>,
    pub(super) _underway: Underway,
}

impl<S: Service> Stream<S> {
    /// Answers the request.
    pub(super) async fn serve(mut self, request: http::Request<RecvStream>) {
        let (parts, body) = request.into_parts();
        let limits = self.limits();
        match request::read(&parts, limits.head()) {
            Ok(read)
                if read
                    .length
                    .is_some_and(|length| length > limits.body_bytes_max) =>
            {
                self.refuse(BODY_TOO_LARGE).await;
            }
            Ok(read) => self.exchange(read, body).await,
            Err(fault) => self.refuse(fault).await,
        }
    }

    fn limits(&self) -> &Limits {
        &self.shared.open.0.limits
    }

    async fn exchange(&mut self, read: Read, body: RecvStream) {
        if read.expects_continue && !body.is_end_stream() {
            self.let_body_come();
        }
        let to_head = read.head.method() == "HEAD";
        let shared = self.shared.clone();
        let request = self.request(read, body);
        let (response, finish) = shared.open.0.service.answer(request).await;
        match self.send(sendable(response), to_head).await {
            Ok(body_bytes) => finish.finish(Sent {
                body_bytes,
                complete: true,
            }),
            Err((SendError::Body(error), body_bytes)) => {
                tracing::debug!(%error, "an answer's body broke off");
                finish.finish(Sent {
                    body_bytes,
                    complete: false,
                });
            }
            Err((SendError::Peer(error), _)) => {
                tracing::debug!(%error, peer = %self.shared.peer, "the client left before it had its answer");
            }
        }
    }

    /// Unlike with HTTP/1.1 this is said before anyone reads the body: whoever reads it does not hold the stream's other side.
    fn let_body_come(&mut self) {
        let mut interim = http::Response::new(());
        *interim.status_mut() = http::StatusCode::CONTINUE;
        if let Err(error) = self.respond.send_informational(interim) {
            tracing::debug!(%error, peer = %self.shared.peer, "the client left before its body was asked for");
        }
    }

    fn request(&self, read: Read, body: RecvStream) -> Request {
        let body = if body.is_end_stream() {
            Body::Empty
        } else {
            Body::Stream(Incoming::of_stream(
                Received::new(body, self.limits()),
                read.length,
            ))
        };
        Request {
            head: read.head,
            body,
            peer: self.shared.peer,
            local: self.shared.local,
            secure: true,
            tls: self.shared.tls,
        }
    }

    /// Sends an answer; gives the bytes of its body that went out.
    async fn send(&mut self, response: Response, to_head: bool) -> Result<u64, (SendError, u64)> {
        let shared = self.shared.clone();
        let started = Sending::start(&mut self.respond, response, to_head, &shared.open.0.limits);
        let mut sending = started.map_err(|error| (error, 0))?;
        match poll_fn(|context| sending.poll(context)).await {
            Ok(()) => Ok(sending.body_bytes),
            Err(error) => Err((error, sending.body_bytes)),
        }
    }

    /// Refuses what is no valid request. The connection goes on: where its streams begin and end is never in doubt.
    async fn refuse(&mut self, fault: Fault) {
        let refusal = Refusal {
            status: fault.status,
            reason: fault.reason,
            peer: self.shared.peer,
        };
        tracing::debug!(status = refusal.status, reason = refusal.reason, peer = %self.shared.peer, "refused");
        let response = self.shared.open.0.service.refuse(&refusal);
        // Nobody is told of it, whether it arrives or not.
        let _ = self.send(sendable(response), false).await;
    }
}
