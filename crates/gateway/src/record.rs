//! What is known of a request: the only source of `$context`, the access log and the counters.
//!
//! The record owns the request's head. It ends with the last byte of the answer, or with the client's departure.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use tollgate_http::{Headers, Negotiated, Request, RequestHead, Sent};
use tollgate_model::api_key::Digest;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;

use crate::address::Shown;
use crate::cache;
use crate::callers::{Identified, Signed};
use crate::exchange::media_type;
use crate::execution_log::ExecutionLog;
use crate::identity::Finding;
use crate::keys::HeldKeys;
use crate::plan::{Resource, StagePlan};
use crate::private::PrivateEndpoint;
use crate::recorder::KeptBody;
use crate::rejection::{Reason, Rejection};
use crate::respond::ResponseType;
use crate::table::{Seat, Vacant};
use crate::throttle::Verdict;
use crate::trace::{StepName, Telling, Trace};

/// The facts of one request.
#[derive(Debug)]
pub struct Record {
    head: RequestHead,
    /// The client's address.
    pub peer: SocketAddr,
    /// The address the client connected to.
    pub local: SocketAddr,
    /// Whether it came over TLS.
    pub secure: bool,
    /// What the client's handshake agreed on.
    pub tls: Option<Negotiated>,
    /// The time and the chance that this request was given.
    pub arrival: Arrival,
    seat: Option<Seat>,
    shown: Shown,
    /// In the target, which begins with the path.
    route_path: Range<usize>,
    /// The number of the resource in the plan.
    resource: Option<usize>,
    /// Bytes of the request's body, as far as they are known.
    pub request_bytes: u64,
    /// The status of the answer; 0 until there is one.
    pub status: u16,
    /// What the integration did, if one was called.
    pub integration: Option<IntegrationFacts>,
    /// What the cache did, where the method has one.
    pub(crate) cache: Option<cache::Told>,
    /// Why the request was refused.
    pub error: Option<ErrorFacts>,
    /// How the answer ended.
    pub end: Option<End>,
    /// Every step, where someone asked.
    pub trace: Option<Box<Trace>>,
    /// Whether it is a test invocation's.
    pub(crate) is_test: bool,
    /// What came of looking for whoever signed it, where the method asks for that.
    pub(crate) identified: Option<Box<Identified>>,
    /// The endpoint that a request to a private API came through.
    pub(crate) private_endpoint: Option<Arc<PrivateEndpoint>>,
    /// Why no stage was found.
    pub(crate) vacant: Option<Vacant>,
    /// The longest body that the recorder keeps; nothing where nothing is recorded.
    pub(crate) body_bytes_kept_max: Option<usize>,
    /// Bytes of a body that could stream, up to which it is read whole for the recorder.
    pub(crate) body_bytes_read_max: Option<usize>,
    /// The request's body as far as it is kept.
    pub(crate) kept_body: KeptBody,
    /// The API key that was found.
    pub(crate) key: Option<CallerKey>,
    /// What was decided where the request was not let in.
    pub(crate) refused: Option<Box<Verdict>>,
    /// What its token came to, where the method asks for one.
    pub(crate) token: Option<Rc<Finding>>,
    /// The execution log, where the stage has one for this method.
    pub(crate) log: Option<Box<ExecutionLog>>,
}

/// Everything about a request that is neither in it nor in the plan. The same arrival, request, plan and effects give
/// the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// `x-amzn-RequestId`: a UUID.
    pub request_id: [u8; 36],
    /// `x-amz-apigw-id`.
    pub extended_request_id: [u8; 16],
    /// What trace ids are made of.
    pub trace_entropy: [u8; 20],
}

/// An API key that a request came with.
#[derive(Debug)]
pub(crate) enum CallerKey {
    /// In a table that is kept as long as the request; found again by its digest when somebody asks who it is.
    Found {
        keys: Rc<HeldKeys>,
        digest: Digest,
        /// The number of the plan that is for the stage.
        plan: Option<usize>,
    },
    /// As it was recorded.
    Told { id: String, plan: Option<String> },
}

/// What an integration did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntegrationFacts {
    /// The backend's status.
    pub status: Option<u16>,
    /// From the call to the reply's head.
    pub latency_ms: u64,
    /// What the backend called its answer: its own `x-amzn-RequestId`.
    pub request_id: Option<String>,
    /// `$context.integration.error`.
    pub error: Option<String>,
}

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorFacts {
    /// `$context.error.message`.
    pub message: String,
    /// `$context.error.responseType`.
    pub response_type: Option<ResponseType>,
    /// `$context.error.validationErrorString`.
    pub validation: Option<String>,
    /// For the operator.
    pub reason: Reason,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// Body bytes that were sent.
    pub body_bytes: u64,
    /// Whether all of them were.
    pub complete: bool,
}

impl Arrival {
    /// An arrival now, with identifiers of its own.
    pub fn now(clock: &Clock, random: &mut Random) -> Self {
        let mut trace_entropy = [0; 20];
        random.fill(&mut trace_entropy);
        Self {
            now_ms: clock.now_ms(),
            request_id: random.uuid(),
            extended_request_id: random.extended_request_id(),
            trace_entropy,
        }
    }

    /// A number of 0 to 100, 100 excluded: the request's chance of meeting a canary.
    pub(crate) fn draw(&self) -> f64 {
        let [.., a, b, c, d] = self.trace_entropy;
        of_hundred([a, b, c, d])
    }

    /// The same, of the request's chance of being kept by the recorder.
    pub(crate) fn sample(&self) -> f64 {
        let [a, b, c, d, ..] = self.trace_entropy;
        of_hundred([a, b, c, d])
    }

    /// `x-amzn-RequestId`.
    pub fn request_id(&self) -> &str {
        std::str::from_utf8(&self.request_id).unwrap_or_default()
    }

    /// `x-amz-apigw-id`.
    pub fn extended_request_id(&self) -> &str {
        std::str::from_utf8(&self.extended_request_id).unwrap_or_default()
    }
}

fn of_hundred(chance: [u8; 4]) -> f64 {
    f64::from(u32::from_be_bytes(chance)) * (100.0 / (f64::from(u32::MAX) + 1.0))
}

impl Record {
    /// Takes over a request's head. A UUID that the client sent as `x-amzn-RequestId` becomes the request's id, as in AWS.
    pub fn open(request: Request, mut arrival: Arrival) -> (Self, tollgate_http::Body) {
        if let Some(id) = client_request_id(request.head.headers()) {
            arrival.request_id = id;
        }
        let route_path = 0..request.head.path().len();
        let record = Self {
            shown: Shown::Part(route_path.clone()),
            route_path,
            head: request.head,
            peer: request.peer,
            local: request.local,
            secure: request.secure,
            tls: request.tls,
            arrival,
            seat: None,
            resource: None,
            request_bytes: request.body.length().unwrap_or_default(),
            status: 0,
            integration: None,
            cache: None,
            error: None,
            end: None,
            trace: None,
            is_test: false,
            identified: None,
            private_endpoint: None,
            vacant: None,
            body_bytes_kept_max: None,
            body_bytes_read_max: None,
            kept_body: KeptBody::Unread,
            key: None,
            refused: None,
            token: None,
            log: None,
        };
        (record, request.body)
    }

    pub(crate) fn addressed(&mut self, seat: Seat, path: Range<usize>, shown: Shown) {
        self.seat = Some(seat);
        self.route_path = path;
        self.shown = shown;
    }

    pub(crate) fn matched(&mut self, resource: usize) {
        self.resource = Some(resource);
    }

    pub(crate) fn refused(&mut self, rejection: &Rejection) {
        self.error = Some(ErrorFacts {
            message: rejection.message.clone().into_owned(),
            response_type: rejection.response_type(),
            validation: rejection.validation.clone(),
            reason: rejection.reason.clone(),
        });
    }

    pub(crate) fn finished(&mut self, at_ms: u64, sent: Option<Sent>) {
        self.end = Some(End {
            at_ms,
            body_bytes: sent.map_or(0, |sent| sent.body_bytes),
            complete: sent.is_some_and(|sent| sent.complete),
        });
    }

    /// Runs the closure and keeps what it tells, if anyone wants a trace.
    #[inline]
    pub(crate) fn trace(&mut self, name: StepName, tell: impl FnOnce(&Self, &mut Telling<'_>)) {
        if self.trace.is_some() {
            self.tell(name, tell);
        }
    }

    /// Kept apart, so that where nobody asked no step carries what telling takes.
    #[cold]
    #[inline(never)]
    fn tell(&mut self, name: StepName, tell: impl FnOnce(&Self, &mut Telling<'_>)) {
        if let Some(mut trace) = self.trace.take() {
            trace.add(name, |telling| tell(self, telling));
            self.trace = Some(trace);
        }
    }

    /// Tells the trace of a step that refuses the request.
    #[inline]
    pub(crate) fn told<T>(&mut self, name: StepName, done: &Result<T, Rejection>) {
        if let Err(rejection) = done {
            self.trace(name, |_, told| told.decided_of("refused", rejection));
        }
    }

    /// Whether a body of so many bytes is read whole for the recorder.
    pub(crate) fn reads_body(&self, length: u64) -> bool {
        self.body_bytes_read_max
            .is_some_and(|max| length <= max as u64)
    }

    /// Lets the recorder keep the body, or its length.
    pub(crate) fn keep_body(&mut self, body: &Bytes) {
        let Some(max) = self.body_bytes_kept_max else {
            return;
        };
        self.kept_body = match body.len() <= max {
            true => KeptBody::Whole(body.clone()),
            false => KeptBody::Left(body.len() as u64),
        };
    }

    /// Lets the recorder know of a body that it does not keep.
    pub(crate) fn leave_body(&mut self, length: u64) {
        self.kept_body = KeptBody::Left(length);
    }

    /// Whether the client sent an id of its own that is none, so that the request has another.
    pub(crate) fn has_invalid_id(&self) -> bool {
        let given = self.headers().get("x-amzn-RequestId");
        given.is_some_and(|given| given != self.arrival.request_id)
    }

    /// Whether headers and bodies are logged, so that they must be in memory.
    pub(crate) fn logs_data(&self) -> bool {
        self.log.as_ref().is_some_and(|log| log.has_data())
    }

    /// The media type of the request's body, without parameters and in lower case. The guide: a test's is always JSON.
    pub(crate) fn content_type(&self) -> Cow<'static, str> {
        let given = self.headers().get("Content-Type");
        media_type(given.filter(|_| !self.is_test))
    }

    /// What was decided about the request before it was let in; nothing where nothing had to be.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        if let Some(refused) = &self.refused {
            return Some(Verdict::clone(refused));
        }
        Some(Verdict {
            key: Some(self.key_id()?.to_owned()),
            plan: self.plan_id().map(str::to_owned),
            refused: None,
        })
    }

    /// The id of the API key that was found.
    pub(crate) fn key_id(&self) -> Option<&str> {
        match self.key.as_ref()? {
            CallerKey::Found { keys, digest, .. } => Some(&keys.0.find(*digest)?.id),
            CallerKey::Told { id, .. } => Some(id),
        }
    }

    fn plan_id(&self) -> Option<&str> {
        match self.key.as_ref()? {
            CallerKey::Found { keys, plan, .. } => keys.0.plan_id((*plan)?),
            CallerKey::Told { plan, .. } => plan.as_deref(),
        }
    }

    /// What the client presented, where the method asks for it and it is known.
    pub(crate) fn key_value(&self) -> Option<&[u8]> {
        self.key.as_ref()?;
        self.headers().get("X-API-Key")
    }

    /// Who signed it, once that is known.
    pub(crate) fn signed(&self) -> Option<&Signed> {
        match self.identified.as_deref()? {
            Identified::Signed(signed) => Some(signed),
            Identified::Refused(_) => None,
        }
    }

    /// The stage, once it is known.
    pub fn stage(&self) -> Option<&StagePlan> {
        self.seat.as_ref().map(Seat::stage)
    }

    /// The request's head.
    pub fn head(&self) -> &RequestHead {
        &self.head
    }

    /// The client's headers, in order.
    pub fn headers(&self) -> &Headers {
        self.head.headers()
    }

    /// The method that counts: the client's, or the one it asks for by `X-HTTP-Method-Override`.
    pub fn method(&self) -> &str {
        let overridden = self.head.headers().get("X-HTTP-Method-Override");
        overridden
            .and_then(known_method)
            .unwrap_or_else(|| self.head.method())
    }

    /// The path below the stage.
    pub fn route_path(&self) -> &str {
        &self.head.target()[self.route_path.clone()]
    }

    /// `$context.path`.
    pub fn shown_path(&self) -> &str {
        match &self.shown {
            Shown::Part(range) => &self.head.target()[range.clone()],
            Shown::Joined(text) => text,
        }
    }

    /// The resource, once matched.
    pub fn resource(&self) -> Option<&Resource> {
        let stage = self.stage()?;
        stage.deployment.resources.get(self.resource?)
    }

    /// From arrival to the last byte.
    pub fn latency_ms(&self) -> Option<u64> {
        self.end
            .map(|end| end.at_ms.saturating_sub(self.arrival.now_ms))
    }
}

#[cfg(test)]
impl Record {
    /// The record of a request with these headers, for tests of single steps.
    pub(crate) fn of_test(fields: &[(&str, &str)]) -> Self {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.push(name, value.as_bytes()).expect("a header");
        }
        let address = ([127, 0, 0, 1], 1).into();
        let request = Request {
            head: RequestHead::new("POST", "/", headers).expect("a head"),
            body: tollgate_http::Body::Empty,
            peer: address,
            local: address,
            secure: false,
            tls: None,
        };
        let arrival = Arrival::now(&Clock::at(0), &mut Random::seeded(1));
        Self::open(request, arrival).0
    }
}

const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

fn known_method(value: &[u8]) -> Option<&'static str> {
    METHODS
        .into_iter()
        .find(|method| method.as_bytes().eq_ignore_ascii_case(value))
}

fn client_request_id(headers: &Headers) -> Option<[u8; 36]> {
    let value: &[u8; 36] = headers.get("x-amzn-RequestId")?.try_into().ok()?;
    let is_uuid = value.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    is_uuid.then_some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same chance gives the same draw, and a tenth of all draws is below ten.
    #[test]
    fn draws_are_spread_evenly_over_a_hundred() {
        let draws = |seed| {
            let mut random = Random::seeded(seed);
            let clock = Clock::at(0);
            let draws = (0..20_000).map(move |_| Arrival::now(&clock, &mut random).draw());
            draws.collect::<Vec<_>>()
        };
        let found = draws(5);
        assert_eq!(found, draws(5));
        assert!(found.iter().all(|draw| (0.0..100.0).contains(draw)));
        let below = found.iter().filter(|draw| **draw < 10.0).count();
        assert!((1_800..2_200).contains(&below), "{below}");
    }
}
