//! Answers to clients: what an integration gave, and the gateway's own.

mod compress;
mod gateway_response;
mod kind;

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use tollgate_http::{Body, Headers, Refusal, Response};

pub(crate) use compress::compressed;
pub use gateway_response::{GatewayResponses, ResponseError};
pub use kind::ResponseType;
pub(crate) use kind::Spacing;

use crate::headers::{Returned, dropped_from_proxy, returned};
use crate::integrate::Reply;
use crate::limits::Limits;
use crate::map::put;
use crate::record::{Arrival, Record};
use crate::rejection::{FrontDoor, Kind, Rejection};
use crate::trace::StepName;

/// The one place where a refusal becomes a response.
pub(crate) fn refuse(rejection: &Rejection, record: &mut Record) -> Response {
    record.refused(rejection);
    let response = match rejection.kind {
        Kind::Response(kind) => gateway_response::answer(kind, rejection, record),
        Kind::FrontDoor(door) => front_door(door.status(), door, rejection),
    };
    record.trace(StepName::Respond, |record, told| {
        told.input(&[&rejection.message]);
        told.decided_of(Answered(rejection, record, response.status), rejection);
    });
    response
}

/// Which gateway response answers, for the trace.
struct Answered<'r>(&'r Rejection, &'r Record, u16);

impl fmt::Display for Answered<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(rejection, record, status) = self;
        let Kind::Response(kind) = rejection.kind else {
            return write!(formatter, "status {status} of AWS's front door");
        };
        let responses = record.stage().map(|stage| &stage.deployment.responses);
        let own = responses.and_then(|responses| responses.answers(kind));
        match own {
            Some(own) => write!(
                formatter,
                "status {status}: gateway response {kind}, by the API's own {own}"
            ),
            None => write!(formatter, "status {status}: gateway response {kind}"),
        }
    }
}

/// What AWS answers before an API is known, or regardless of it. The text of 413 is plain, as seen in transcripts.
fn front_door(status: u16, door: FrontDoor, rejection: &Rejection) -> Response {
    let mut headers = Headers::with_capacity(256);
    if door == FrontDoor::TooLarge {
        put(&mut headers, "Content-Type", "text/plain");
        return whole(status, headers, rejection.message.clone().into_owned());
    }
    put(&mut headers, "Content-Type", "application/json");
    put(&mut headers, "x-amzn-ErrorType", door.error_type());
    if door == FrontDoor::Overloaded {
        put(&mut headers, "Retry-After", "1");
    }
    whole(status, headers, message(&rejection.message, Spacing::Tight))
}

/// `{"message":"…"}`
pub(crate) fn message(text: &str, spacing: Spacing) -> String {
    let quoted = crate::context::quoted(text);
    match spacing {
        Spacing::Tight => format!("{{\"message\":{quoted}}}"),
        Spacing::Spaced => format!("{{\"message\": {quoted}}}"),
    }
}

pub(crate) fn whole(status: u16, headers: Headers, body: String) -> Response {
    Response {
        status,
        headers,
        body: body_of(Bytes::from(body)),
    }
}

pub(crate) fn body_of(bytes: Bytes) -> Body {
    if bytes.is_empty() {
        Body::Empty
    } else {
        Body::Whole(bytes)
    }
}

/// A proxy integration's answer: status and body as they are, headers by AWS's table.
pub(crate) fn proxied(reply: Reply) -> Response {
    let mut headers = Headers::with_capacity(reply.headers.wire_bytes() + 256);
    for (name, value) in reply.headers.iter() {
        if !dropped_from_proxy(name) {
            return_header(&mut headers, name, value);
        }
    }
    Response {
        status: reply.status,
        headers,
        body: reply.body,
    }
}

/// Adds a header of an integration under the name that AWS gives it.
pub(crate) fn return_header(headers: &mut Headers, name: &str, value: &[u8]) {
    match returned(name) {
        Returned::Dropped => {}
        Returned::As => push(headers, name, value),
        Returned::Remapped => push(headers, &remapped(name), value),
    }
}

/// Nearly every backend sends the first four.
fn remapped(name: &str) -> Cow<'static, str> {
    match name {
        "Connection" => Cow::Borrowed("x-amzn-Remapped-Connection"),
        "Content-Length" => Cow::Borrowed("x-amzn-Remapped-Content-Length"),
        "Date" => Cow::Borrowed("x-amzn-Remapped-Date"),
        "Server" => Cow::Borrowed("x-amzn-Remapped-Server"),
        other => Cow::Owned(["x-amzn-Remapped-", other].concat()),
    }
}

/// A backend's header came valid; a mapped one may need cleaning.
fn push(headers: &mut Headers, name: &str, value: &[u8]) {
    if headers.push(name, value).is_err() {
        put(headers, name, &String::from_utf8_lossy(value));
    }
}

/// The headers of every answer.
pub(crate) fn finish(response: &mut Response, record: &mut Record) {
    if response.headers.get("Content-Type").is_none() {
        put(&mut response.headers, "Content-Type", "application/json");
    }
    identify(response, &record.arrival);
    record.status = response.status;
}

/// The headers of a test invocation's answer. Recorded: no identifiers, and a refusal has no type of its own.
pub(crate) fn finish_test(response: &mut Response, record: &mut Record) {
    if record.error.is_none() && response.headers.get("Content-Type").is_none() {
        put(&mut response.headers, "Content-Type", "application/json");
    }
    record.status = response.status;
}

/// Whether every answer, or every refusal, has this header.
pub(crate) fn is_ours(name: &str) -> bool {
    ["x-amzn-RequestId", "x-amz-apigw-id", "x-amzn-ErrorType"].contains(&name)
}

/// The request's identifiers.
pub(crate) fn identify(response: &mut Response, arrival: &Arrival) {
    put(
        &mut response.headers,
        "x-amzn-RequestId",
        arrival.request_id(),
    );
    put(
        &mut response.headers,
        "x-amz-apigw-id",
        arrival.extended_request_id(),
    );
}

/// The answer to what the codec refuses: no valid HTTP, or beyond its limits.
pub(crate) fn codec_refused(refusal: &Refusal, limits: &Limits) -> Response {
    let (door, rejection) = match refusal.status {
        413 => (
            FrontDoor::TooLarge,
            Rejection::too_large(limits.request_body_bytes_max),
        ),
        414 => (
            FrontDoor::UriTooLong,
            Rejection::uri_too_long(refusal.reason),
        ),
        431 => (
            FrontDoor::HeadersTooLarge,
            Rejection::headers_too_large(refusal.reason),
        ),
        _ => (
            FrontDoor::BadRequest,
            Rejection::bad_request(refusal.reason),
        ),
    };
    front_door(refusal.status, door, &rejection)
}
