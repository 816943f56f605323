//! The integration: a call out, or a mock. What it answers is the same kind of thing, a [`Reply`].
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-integration-settings.html>

mod mock;
mod select;

use std::time::Duration;

use bytes::Bytes;
use tollgate_http::{Body, Deadline, Headers, Response};

pub(crate) use select::select;

use crate::effects::{ClientFault, Effects, Failure};
use crate::execution_log;
use crate::limits::Limits;
use crate::map::{Call, Outgoing};
use crate::plan::{Integration, IntegrationKind};
use crate::record::{IntegrationFacts, Record};
use crate::rejection::Rejection;
use crate::trace::StepName;

/// What an integration answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Body,
}

impl Reply {
    /// The body, read whole: mappings and templates look into it.
    pub(crate) async fn gather(&mut self, limits: &Limits) -> Result<Bytes, Rejection> {
        let limit = usize::try_from(limits.response_body_bytes_max).unwrap_or(usize::MAX);
        let body = std::mem::take(&mut self.body).gather(limit).await;
        body.map_err(|error| Rejection::unread_reply(&error))
    }
}

/// Carries out what the request was mapped to.
pub(crate) async fn call(
    integration: &Integration,
    outgoing: Outgoing<'_>,
    record: &mut Record,
    effects: &mut Effects,
    limits: &Limits,
) -> Result<Reply, Rejection> {
    let reply = match (&integration.kind, outgoing) {
        (IntegrationKind::Mock, Outgoing::Mock(body)) => mock::answer(&body),
        (IntegrationKind::Http(_) | IntegrationKind::HttpProxy(_), Outgoing::Http(call)) => {
            let timeout_ms = integration
                .timeout_ms
                .min(limits.integration_timeout_ms_max);
            http(*call, timeout_ms, record, effects, limits).await
        }
        (IntegrationKind::Mock | IntegrationKind::Http(_) | IntegrationKind::HttpProxy(_), _) => {
            Err(Rejection::configuration(
                "the request was mapped for another kind of integration",
            ))
        }
    };
    record.trace(StepName::Integrate, |_, told| match &reply {
        Ok(reply) => {
            told.answer(reply.status, &reply.headers, &reply.body);
            let mut digits = itoa::Buffer::new();
            told.decided(
                &["status ", digits.format(reply.status)],
                &["the integration answered"],
            );
        }
        Err(rejection) => {
            told.decided(&["no answer"], &[&rejection.reason.text]);
        }
    });
    reply
}

async fn http(
    call: Call<'_>,
    timeout_ms: u64,
    record: &mut Record,
    effects: &mut Effects,
    limits: &Limits,
) -> Result<Reply, Rejection> {
    if let Some(trace) = &mut record.trace {
        trace.calls(&call);
    }
    let deadline = Deadline::after(Duration::from_millis(timeout_ms));
    let (elapsed_ms, result) = effects.call(&call.endpoint, call.request, deadline).await;
    if let (Some(trace), Effects::Recorded(_)) = (&mut record.trace, &*effects) {
        trace.passed(elapsed_ms);
    }
    let mut facts = IntegrationFacts {
        latency_ms: elapsed_ms,
        ..IntegrationFacts::default()
    };
    let reply = match result {
        Ok(response) => {
            facts.status = Some(response.status);
            facts.request_id = response
                .headers
                .get("x-amzn-RequestId")
                .map(|id| String::from_utf8_lossy(id).into_owned());
            Ok(Reply::from(response))
        }
        Err(failure) => {
            let rejection = rejection(failure, timeout_ms, limits);
            facts.error = Some(execution_log::of_rejection(&rejection));
            Err(rejection)
        }
    };
    record.integration = Some(facts);
    reply
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    }
}

fn rejection(failure: Failure, timeout_ms: u64, limits: &Limits) -> Rejection {
    match failure {
        Failure::Unreachable(text) => {
            Rejection::unreachable(format!("the integration cannot be reached: {text}"))
        }
        Failure::Network(text) => {
            Rejection::network(format!("talking to the integration failed: {text}")).logged(text)
        }
        Failure::Timeout(text) => Rejection::timeout(format!(
            "the integration took more than {timeout_ms} ms: {text}"
        )),
        Failure::TooLarge(text) => Rejection::bad_reply(text).logged(format!(
            "Integration response of reached limit of {} bytes.",
            limits.response_body_bytes_max
        )),
        Failure::Overloaded(text) => Rejection::overloaded(text),
        Failure::RequestBody(ClientFault::TooLarge) => {
            Rejection::too_large(limits.request_body_bytes_max)
        }
        Failure::RequestBody(ClientFault::Broken(text)) => {
            Rejection::bad_request(format!("the request's body could not be read: {text}"))
        }
    }
}
