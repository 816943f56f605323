//! One request and its reply on one connection.

use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::pool::Pool;
use super::{ClientError, Outgoing, Phase};
use crate::codec::encode::{self, Coding};
use crate::codec::response::{self, Fault, Parsed};
use crate::deadline::{Deadline, Wait};
use crate::incoming::Source;
use crate::line::{Line, Patience};
use crate::sender::{SendError, Sender, room_behind};
use crate::{Body, Incoming, Response};

/// Interim replies (1xx) before the reply at most.
const INTERIM_MAX: usize = 16;

/// Why an exchange failed; `unanswered`: not a byte of a reply came, so the connection may have been closed before
/// the request arrived.
pub(super) struct Failure {
    pub(super) error: ClientError,
    pub(super) unanswered: bool,
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self {
            error,
            unanswered: false,
        }
    }
}

/// Sends `request` and awaits the reply's head. A body in memory stays in `request`, to be sent again.
pub(super) async fn run(
    line: Rc<Line>,
    request: &mut Outgoing,
    pool: &Rc<Pool>,
    deadline: Deadline,
    head_bytes_max: usize,
) -> Result<Response, Failure> {
    let mut exchange = Exchange {
        sender: sender(request),
        to_head: &*request.method == "HEAD",
        upload_failed: false,
        interim: 0,
        parsed_bytes: 0,
        deadline,
        head_bytes_max,
    };
    let parsed = poll_fn(|context| exchange.poll(context, &line)).await?;
    line.stop_waiting();
    Ok(exchange.reply(line, parsed, pool))
}

fn sender(request: &mut Outgoing) -> Sender {
    let coding = match request.body.length() {
        Some(0) if matches!(&*request.method, "POST" | "PUT" | "PATCH") => Coding::Length(0),
        Some(0) => Coding::Nothing,
        Some(length) => Coding::Length(length),
        None => Coding::Chunked,
    };
    let mut head = Vec::with_capacity(
        request.headers.wire_bytes() + request.target.len() + 128 + room_behind(&request.body),
    );
    encode::request(
        &mut head,
        &request.method,
        &request.target,
        &request.headers,
        coding,
    );
    let body = match &mut request.body {
        Body::Empty => Body::Empty,
        Body::Whole(bytes) => Body::Whole(bytes.clone()),
        stream @ Body::Stream(_) => std::mem::take(stream),
    };
    Sender::new(head, body, coding)
}

struct Exchange {
    sender: Sender,
    to_head: bool,
    upload_failed: bool,
    interim: usize,
    /// Bytes that were parsed and found incomplete.
    parsed_bytes: usize,
    deadline: Deadline,
    head_bytes_max: usize,
}

impl Exchange {
    fn poll(&mut self, context: &mut Context<'_>, line: &Line) -> Poll<Result<Parsed, Failure>> {
        self.poll_send(context, line)?;
        loop {
            if let Some(parsed) = self.parse(line)? {
                return Poll::Ready(Ok(parsed));
            }
            match line.poll_fill(context) {
                Poll::Ready(Ok(0)) => {
                    // A head that is wrong already is told as such.
                    self.parsed_bytes = 0;
                    self.parse(line)?;
                    let ended = io::ErrorKind::UnexpectedEof.into();
                    return Poll::Ready(Err(self.closed(line, ended)));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.closed(line, error))),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending if line.waited(context, self.deadline, Wait::Busy) => {
                    return Poll::Ready(Err(ClientError::Timeout(Phase::AwaitingReply).into()));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn poll_send(&mut self, context: &mut Context<'_>, line: &Line) -> Result<(), Failure> {
        if self.upload_failed {
            return Ok(());
        }
        match self
            .sender
            .poll(context, line, Patience::Until(self.deadline))
        {
            Poll::Pending | Poll::Ready(Ok(())) => Ok(()),
            Poll::Ready(Err(SendError::Body(error))) => Err(ClientError::RequestBody(error).into()),
            Poll::Ready(Err(SendError::Peer(error))) if error.kind() == io::ErrorKind::TimedOut => {
                Err(ClientError::Timeout(Phase::AwaitingReply).into())
            }
            // A backend may answer and close without having read everything; its reply may be there to be read.
            Poll::Ready(Err(SendError::Peer(_))) => {
                self.upload_failed = true;
                Ok(())
            }
        }
    }

    /// The reply's head, once it is complete; interim ones are dropped.
    fn parse(&mut self, line: &Line) -> Result<Option<Parsed>, ClientError> {
        loop {
            let mut inbound = line.inbound.borrow_mut();
            let bytes = inbound.unread();
            // A head that drips in is parsed anew per line and not per byte, but for its first bytes.
            let drips = self.parsed_bytes > 0 && bytes.len() < self.head_bytes_max;
            let more = &bytes[self.parsed_bytes..];
            if bytes.is_empty() || (drips && memchr::memchr(b'\n', more).is_none()) {
                return Ok(None);
            }
            let parsed =
                response::parse(bytes, self.to_head, self.head_bytes_max).map_err(|fault| {
                    match fault {
                        Fault::TooLarge => ClientError::TooLarge,
                        Fault::Bad(reason) => ClientError::BadResponse(reason),
                    }
                })?;
            let Some(parsed) = parsed else {
                self.parsed_bytes = bytes.len();
                return Ok(None);
            };
            if parsed.status >= 200 {
                return Ok(Some(parsed));
            }
            self.note_interim(parsed.status)?;
            self.parsed_bytes = 0;
            inbound.skip(parsed.bytes);
        }
    }

    fn note_interim(&mut self, status: u16) -> Result<(), ClientError> {
        self.interim += 1;
        if status == 101 {
            return Err(ClientError::BadResponse(
                "the protocol is switched without being asked",
            ));
        }
        if self.interim > INTERIM_MAX {
            return Err(ClientError::BadResponse("too many interim replies"));
        }
        Ok(())
    }

    fn closed(&self, line: &Line, error: io::Error) -> Failure {
        let unanswered = self.interim == 0 && line.inbound.borrow().unread().is_empty();
        Failure {
            error: ClientError::Closed(error),
            unanswered,
        }
    }

    fn reply(self, line: Rc<Line>, parsed: Parsed, pool: &Rc<Pool>) -> Response {
        line.begin_body(parsed.bytes, parsed.framing, u64::MAX, false);
        let sent_whole = self.sender.is_done();
        let mut reply = Box::new(Reply {
            upload: (!sent_whole && !self.upload_failed).then_some(self.sender),
            sent_whole,
            keep_alive: parsed.keep_alive,
            deadline: self.deadline,
            pool: pool.clone(),
        });
        let body = if parsed.framing.is_done() {
            reply.release(line);
            Body::Empty
        } else {
            Body::Stream(Incoming::new(line, Source::Client(reply), parsed.length))
        };
        Response {
            status: parsed.status,
            headers: parsed.headers,
            body,
        }
    }
}

/// What a reply's body needs of its exchange.
pub(crate) struct Reply {
    /// The rest of the request, where the backend answered before it was sent.
    upload: Option<Sender>,
    sent_whole: bool,
    keep_alive: bool,
    deadline: Deadline,
    pool: Rc<Pool>,
}

impl Reply {
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Sends what is left of the request; a failure only means that the connection will not be kept.
    pub(crate) fn go_on_sending(&mut self, context: &mut Context<'_>, line: &Line) {
        let Some(upload) = &mut self.upload else {
            return;
        };
        if let Poll::Ready(outcome) = upload.poll(context, line, Patience::Until(self.deadline)) {
            self.sent_whole = outcome.is_ok();
            self.upload = None;
        }
    }

    /// The reply was read to its end: keeps its connection where it can serve again.
    pub(crate) fn release(&mut self, line: Rc<Line>) {
        self.upload = None;
        if self.keep_alive && self.sent_whole && !line.is_broken() {
            self.pool.put(line);
        }
    }
}
