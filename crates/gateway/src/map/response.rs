//! The method response: headers, body and overrides out of the integration's answer.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html>

use bytes::Bytes;
use tollgate_http::{Headers, Response};

use super::payload::{NotBase64, Payload};
use super::scope::{Overrides, View};
use super::trace_id;
use super::value::{JsonBody, ResponseValues};
use crate::exchange::media_type;
use crate::integrate::{Reply, select};
use crate::limits::Limits;
use crate::plan::{ContentHandling, IntegrationKind, IntegrationResponse, Script, StagePlan};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::respond::{body_of, proxied, return_header};
use crate::route::Matched;
use crate::trace::{DetailKind, StepName, Trace};
use crate::validate::Valid;

/// Maps an integration's answer to the client's.
pub(crate) async fn response(
    stage: &StagePlan,
    route: &Matched<'_>,
    valid: &Valid,
    mut reply: Reply,
    mut overrides: Overrides,
    record: &mut Record,
    limits: &Limits,
) -> Result<Response, Rejection> {
    let integration = &route.method.integration;
    if matches!(integration.kind, IntegrationKind::HttpProxy(_)) {
        return passed_on(stage, reply, record, limits).await;
    }
    let status = reply.status;
    let chosen = select(&integration.responses, status, record)?;
    if !route.method.statuses.contains(&chosen.status) {
        return Err(Rejection::configuration(format!(
            "integration response {} has no method response of that status",
            chosen.status
        )));
    }
    let body = reply.gather(limits).await?;
    let mut headers = mapped(chosen, &reply.headers, &body, record)?;
    let is_mock = matches!(integration.kind, IntegrationKind::Mock);
    let payload = match is_mock {
        // There is nothing yet to convert: the template makes it.
        true => Payload::Text(body),
        false => payload(
            stage,
            chosen.content_handling,
            record,
            &reply.headers,
            &body,
        )?,
    };
    let mut body = rendered(
        chosen,
        route,
        valid,
        payload,
        &mut overrides,
        record,
        limits,
    )?;
    if is_mock && chosen.content_handling == Some(ContentHandling::ToBinary) {
        body = Payload::made(&body).map_err(not_base64)?.into_bytes();
    }
    for (name, values) in overrides.response_headers() {
        headers.remove(&name);
        return_header(&mut headers, &name, values.join(",").as_bytes());
    }
    if matches!(integration.kind, IntegrationKind::Http(_)) {
        // Made of what came in a valid header, and of digits.
        let _ = headers.push(trace_id::NAME, &trace_id::header(record));
    }
    let response = Response {
        status: overrides.status().unwrap_or(chosen.status),
        headers,
        body: body_of(body),
    };
    tell(record, &response, chosen, &overrides, status);
    Ok(response)
}

/// A proxy's answer: as it is, but for what binary media types convert.
async fn passed_on(
    stage: &StagePlan,
    mut reply: Reply,
    record: &mut Record,
    limits: &Limits,
) -> Result<Response, Rejection> {
    if !stage.deployment.binary.is_empty() {
        let body = reply.gather(limits).await?;
        let payload = payload(stage, None, record, &reply.headers, &body)?;
        reply.body = body_of(payload.into_bytes());
    }
    record.trace(StepName::MapResponse, |_, told| {
        told.decided(
            &["the integration's answer as it is"],
            &["it is a proxy integration"],
        );
    });
    Ok(proxied(reply))
}

fn tell(
    record: &mut Record,
    response: &Response,
    chosen: &IntegrationResponse,
    overrides: &Overrides,
    status: u16,
) {
    record.trace(StepName::MapResponse, |_, told| {
        told.answer(response.status, &response.headers, &response.body);
        let overridden = overrides.status().map_or("", |_| ", its status overridden");
        let (mut chosen_digits, mut digits) = (itoa::Buffer::new(), itoa::Buffer::new());
        told.decided(
            &[
                "integration response ",
                chosen_digits.format(chosen.status),
                overridden,
            ],
            &["the integration's status is ", digits.format(status)],
        );
    });
}

/// The integration's body as text or bytes, by its type, the API's types and what the client accepts first.
fn payload(
    stage: &StagePlan,
    handling: Option<ContentHandling>,
    record: &Record,
    headers: &Headers,
    body: &Bytes,
) -> Result<Payload, Rejection> {
    let content_type = media_type(headers.get("Content-Type"));
    let accept = media_type(record.headers().get("Accept"));
    let types = &stage.deployment.binary;
    Payload::of_response(types, &content_type, &accept, handling, body).map_err(not_base64)
}

fn not_base64(error: NotBase64) -> Rejection {
    untransformed(format!("the integration's body: {error}"))
}

fn untransformed(text: String) -> Rejection {
    Rejection::configuration(text).logged("Unable to transform response")
}

fn mapped(
    chosen: &IntegrationResponse,
    reply: &Headers,
    body: &Bytes,
    record: &mut Record,
) -> Result<Headers, Rejection> {
    let mut trace = record.trace.take();
    let headers = rows(chosen, reply, body, record, trace.as_deref_mut());
    record.trace = trace;
    headers
}

/// The rows of the parameter mapping.
fn rows(
    chosen: &IntegrationResponse,
    reply: &Headers,
    body: &Bytes,
    record: &Record,
    mut trace: Option<&mut Trace>,
) -> Result<Headers, Rejection> {
    let values = ResponseValues {
        record,
        headers: reply,
        body,
        json: JsonBody::default(),
    };
    let mut headers = Headers::with_capacity(512);
    for (name, source) in &chosen.mapping.entries {
        let found = values.of(source);
        let found = found.map_err(|error| {
            Rejection::bad_reply(format!(
                "a mapping reads the integration's body, which is not JSON: {}",
                error.0
            ))
        })?;
        if let Some(trace) = &mut trace {
            trace.mapping(&format_args!("header {name}"), source, &found);
        }
        for value in found {
            return_header(&mut headers, name, value.as_bytes());
        }
    }
    Ok(headers)
}

/// The body by the template for the client's first Accept, else as it is.
fn rendered(
    chosen: &IntegrationResponse,
    route: &Matched<'_>,
    valid: &Valid,
    payload: Payload,
    overrides: &mut Overrides,
    record: &mut Record,
    limits: &Limits,
) -> Result<Bytes, Rejection> {
    let accepted = media_type(record.headers().get("Accept"));
    let Some((key, script)) = chosen.templates.accepted(&accepted) else {
        return Ok(payload.into_bytes());
    };
    match script {
        Script::Empty => Ok(payload.into_bytes()),
        Script::Broken(reason) => Err(untransformed(format!("response template {key} {reason}"))),
        Script::Ready(template) => {
            let incoming = &valid.incoming;
            let body = &payload.into_text().map_err(|raw| {
                untransformed(format!("response template {key} cannot read {raw}"))
            })?;
            let mut trace = record.trace.take();
            if let Some(trace) = &mut trace {
                let because = ["the client accepts ", &accepted];
                trace.detail(DetailKind::Template, &[key], &because);
            }
            let view = View {
                record,
                route,
                incoming,
                body,
            };
            let rendered = view.render(template, overrides, limits, trace.as_deref_mut());
            record.trace = trace;
            let text = rendered
                .map_err(|error| untransformed(format!("response template {key} {error}")))?;
            Ok(Bytes::from(text))
        }
    }
}
