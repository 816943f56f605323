//! The method response: headers, body and overrides out of the integration's answer.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html>

use bytes::Bytes;
use tollgate_http::{Headers, Response};

use super::request::text_of;
use super::scope::{Overrides, View};
use super::trace_id;
use super::value::{JsonBody, ResponseValues};
use crate::exchange::media_type;
use crate::integrate::{Reply, select};
use crate::limits::Limits;
use crate::plan::{IntegrationKind, IntegrationResponse, Script};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::respond::{body_of, proxied, return_header};
use crate::route::Matched;
use crate::trace::{StepName, Told};
use crate::validate::Valid;

/// Maps an integration's answer to the client's.
pub(crate) async fn response(
    route: &Matched<'_>,
    valid: &Valid,
    mut reply: Reply,
    mut overrides: Overrides,
    record: &mut Record,
    limits: &Limits,
) -> Result<Response, Rejection> {
    let integration = &route.method.integration;
    if matches!(integration.kind, IntegrationKind::HttpProxy(_)) {
        return Ok(proxied(reply));
    }
    let chosen = select(&integration.responses, reply.status, record)?;
    if !route.method.statuses.contains(&chosen.status) {
        return Err(Rejection::configuration(format!(
            "integration response {} has no method response of that status",
            chosen.status
        )));
    }
    let body = reply.gather(limits).await?;
    let mut headers = mapped(chosen, &reply.headers, &body, record)?;
    let body = rendered(chosen, route, valid, &body, &mut overrides, record, limits)?;
    for (name, values) in overrides.response_headers() {
        headers.remove(&name);
        return_header(&mut headers, &name, values.join(",").as_bytes());
    }
    if matches!(integration.kind, IntegrationKind::Http(_)) {
        // Made of what came in a valid header, and of digits.
        let _ = headers.push(trace_id::NAME, &trace_id::header(record));
    }
    Ok(Response {
        status: overrides.status().unwrap_or(chosen.status),
        headers,
        body: body_of(body),
    })
}

fn mapped(
    chosen: &IntegrationResponse,
    reply: &Headers,
    body: &Bytes,
    record: &Record,
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
    body: &Bytes,
    overrides: &mut Overrides,
    record: &mut Record,
    limits: &Limits,
) -> Result<Bytes, Rejection> {
    let accepted = media_type(record.headers().get("Accept"));
    let Some((key, script)) = chosen.templates.accepted(&accepted) else {
        return Ok(text_of(body));
    };
    match script {
        Script::Empty => Ok(text_of(body)),
        Script::Broken(reason) => Err(Rejection::configuration(format!(
            "response template {key} {reason}"
        ))),
        Script::Ready(template) => {
            let incoming = &valid.incoming;
            let view = View {
                record,
                route,
                incoming,
                body,
            };
            let rendered = view.render(template, overrides, limits);
            let text = rendered.map_err(|error| {
                Rejection::configuration(format!("response template {key} {error}"))
            })?;
            record.trace(StepName::MapResponse, |_| {
                Told::decided(
                    format!("template {key}"),
                    format!("the client accepts {accepted}"),
                )
            });
            Ok(Bytes::from(text))
        }
    }
}
