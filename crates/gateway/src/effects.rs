//! The calls out. The pipeline knows no other way to reach anything, so a request can be run again with the answers it got.

use std::collections::VecDeque;

use bytes::Bytes;
use tollgate_http::{
    Body, BodyError, Client, ClientError, Deadline, Endpoint, Headers, Outgoing, Response,
};
use tollgate_model::clock::Clock;

use crate::recorder::KeptBody;

/// Where calls go.
pub enum Effects {
    /// To the backends.
    Live(Live),
    /// Nowhere: to what was answered before.
    Recorded(VecDeque<Outcome>),
}

/// Calls over the network, on this core's pool.
pub struct Live {
    /// The core's client.
    pub client: Client,
    /// Measures how long a call takes.
    pub clock: Clock,
    /// The longest answer that is read.
    pub body_bytes_max: u64,
    /// What was answered, where it is kept for another run.
    pub tape: Option<Tape>,
}

/// Answers that are kept.
#[derive(Debug, Default)]
pub struct Tape {
    outcomes: Vec<Outcome>,
    /// The longest body that is read whole to be kept, as AWS reads all bodies; without it none is too long. Longer ones stream on, and only their
    /// length is kept.
    body_bytes_max: Option<u64>,
}

impl Tape {
    /// Keeps answers, and their bodies where they are read anyway or have up to so many bytes.
    pub fn up_to(body_bytes_max: usize) -> Self {
        Self {
            outcomes: Vec::new(),
            body_bytes_max: Some(body_bytes_max as u64),
        }
    }

    fn keeps(&self, length: u64) -> bool {
        self.body_bytes_max.is_none_or(|max| length <= max)
    }
}

/// What one call came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// From the call to the reply's head.
    pub elapsed_ms: u64,
    /// The reply, or why there is none.
    pub result: Result<Answered, Failure>,
}

/// A reply that was kept.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The whole body.
    pub body: Bytes,
    /// How many bytes the body had, where it was not kept.
    pub left: Option<u64>,
}

impl Answered {
    /// A reply with what is known of its body.
    pub(crate) fn of(status: u16, headers: Headers, body: KeptBody) -> Self {
        let (body, left) = match body {
            KeptBody::Unread => (Bytes::new(), None),
            KeptBody::Whole(bytes) => (bytes, None),
            KeptBody::Left(length) => (Bytes::new(), Some(length)),
        };
        Self {
            status,
            headers,
            body,
            left,
        }
    }

    /// What is known of its body.
    pub(crate) fn kept(&self) -> KeptBody {
        match self.left {
            Some(length) => KeptBody::Left(length),
            None => KeptBody::Whole(self.body.clone()),
        }
    }
}

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No address, or nobody there, or Tollgate may not go there.
    Unreachable(String),
    /// The connection broke, or what came is not HTTP.
    Network(String),
    /// Not in time.
    Timeout(String),
    /// The reply is longer than the limit.
    TooLarge(String),
    /// Tollgate has no memory left for the reply, or no descriptor for a connection.
    Overloaded(String),
    /// The client's body could not be read to its end.
    RequestBody(ClientFault),
}

/// What was wrong with the client's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFault {
    /// Longer than the limit.
    TooLarge,
    /// Broken off, or malformed.
    Broken(String),
}

impl Effects {
    /// Calls a backend: how long it took, and what came.
    pub(crate) async fn call(
        &mut self,
        endpoint: &Endpoint,
        request: Outgoing,
        deadline: Deadline,
    ) -> (u64, Result<Response, Failure>) {
        match self {
            Self::Live(live) => live.call(endpoint, request, deadline).await,
            Self::Recorded(outcomes) => replay(outcomes.pop_front()),
        }
    }

    /// Keeps an answer out of the cache as it keeps those of backends, if it keeps any.
    pub(crate) fn keep_entry(&mut self, response: &Response) {
        if let Self::Live(Live {
            tape: Some(tape), ..
        }) = self
        {
            tape.outcomes.push(Outcome {
                elapsed_ms: 0,
                result: Ok(kept(response)),
            });
        }
    }

    /// The answer that came out of the cache when the request first ran.
    pub(crate) fn recorded_entry(&mut self) -> Option<Response> {
        match self {
            Self::Live(_) => None,
            Self::Recorded(outcomes) => replay(outcomes.pop_front()).1.ok(),
        }
    }

    /// Keeps what is answered from now on, bodies of any length included.
    pub(crate) fn keep(&mut self) {
        match self {
            Self::Live(live) => live.tape.get_or_insert_default().body_bytes_max = None,
            Self::Recorded(_) => {}
        }
    }

    /// What was answered so far, if that was kept.
    pub(crate) fn kept(&self) -> &[Outcome] {
        match self {
            Self::Live(live) => live.tape.as_ref().map_or(&[], |tape| &tape.outcomes),
            Self::Recorded(_) => &[],
        }
    }

    /// What was answered, if that was kept.
    pub fn into_tape(self) -> Vec<Outcome> {
        match self {
            Self::Live(live) => live.tape.unwrap_or_default().outcomes,
            Self::Recorded(_) => Vec::new(),
        }
    }
}

impl Live {
    async fn call(
        &mut self,
        endpoint: &Endpoint,
        request: Outgoing,
        deadline: Deadline,
    ) -> (u64, Result<Response, Failure>) {
        let began_ms = self.clock.now_ms();
        let sent = self.client.send(endpoint, request, deadline).await;
        let elapsed_ms = self.clock.now_ms().saturating_sub(began_ms);
        let result = match sent {
            Ok(response) => self.receive(response).await,
            Err(error) => Err(failure(&error, endpoint)),
        };
        if let Some(tape) = &mut self.tape {
            let result = match &result {
                Ok(response) => Ok(kept(response)),
                Err(failure) => Err(failure.clone()),
            };
            tape.outcomes.push(Outcome { elapsed_ms, result });
        }
        (elapsed_ms, result)
    }

    fn keeps(&self, length: u64) -> bool {
        self.tape.as_ref().is_some_and(|tape| tape.keeps(length))
    }

    /// A reply of a known length within the limit streams on; others are read first, as AWS does.
    async fn receive(&self, response: Response) -> Result<Response, Failure> {
        let too_large = || {
            Failure::TooLarge(format!(
                "the integration's answer is longer than {} bytes",
                self.body_bytes_max
            ))
        };
        match response.body.length() {
            Some(length) if length > self.body_bytes_max => Err(too_large()),
            Some(length) if !self.keeps(length) => Ok(response),
            _ => {
                let limit = usize::try_from(self.body_bytes_max).unwrap_or(usize::MAX);
                let body = response
                    .body
                    .gather(limit)
                    .await
                    .map_err(|error| match error {
                        BodyError::TooLarge => too_large(),
                        BodyError::NoRoom(_) => Failure::Overloaded(format!(
                            "the integration's answer was not read: {error} (connections: body_memory_bytes_max)"
                        )),
                        other => {
                            Failure::Network(format!("the integration's answer broke off: {other}"))
                        }
                    })?;
                Ok(Response {
                    body: whole(body),
                    ..response
                })
            }
        }
    }
}

fn whole(body: Bytes) -> Body {
    if body.is_empty() {
        Body::Empty
    } else {
        Body::Whole(body)
    }
}

fn kept(response: &Response) -> Answered {
    let body = match &response.body {
        Body::Empty => KeptBody::Unread,
        Body::Whole(bytes) => KeptBody::Whole(bytes.clone()),
        Body::Stream(_) => KeptBody::Left(response.body.length().unwrap_or_default()),
    };
    Answered::of(response.status, response.headers.clone(), body)
}

fn replay(outcome: Option<Outcome>) -> (u64, Result<Response, Failure>) {
    let Some(outcome) = outcome else {
        return (
            0,
            Err(Failure::Network(
                "the recording has no answer for this call".to_owned(),
            )),
        );
    };
    let result = outcome.result.map(|answered| Response {
        status: answered.status,
        headers: answered.headers,
        body: whole(answered.body),
    });
    (outcome.elapsed_ms, result)
}

/// Says whose doing a failed call is.
fn failure(error: &ClientError, endpoint: &Endpoint) -> Failure {
    let text = || format!("{} ({}:{})", error, endpoint.host, endpoint.port);
    match error {
        short if short.is_shortage() => Failure::Overloaded(text()),
        ClientError::Resolve { .. }
        | ClientError::Connect { .. }
        | ClientError::Forbidden { .. }
        | ClientError::Request(_) => Failure::Unreachable(text()),
        ClientError::Timeout(_) => Failure::Timeout(text()),
        ClientError::RequestBody(BodyError::TooLarge) => {
            Failure::RequestBody(ClientFault::TooLarge)
        }
        ClientError::RequestBody(other) => {
            Failure::RequestBody(ClientFault::Broken(other.to_string()))
        }
        ClientError::Tls { .. }
        | ClientError::Closed(_)
        | ClientError::BadResponse(_)
        | ClientError::TooLarge => Failure::Network(text()),
    }
}
