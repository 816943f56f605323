//! The integration request: parameters, body, overrides, address, headers.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-request.html>

use bytes::Bytes;
use tollgate_http::{Body, Outgoing as Sending};

use super::address::resolve;
use super::headers::{of_client, of_mapped};
use super::parameters::Parameters;
use super::payload::Payload;
use super::query::Query;
use super::scope::{Overrides, View};
use super::{Call, Outgoing};
use crate::exchange::{Content, Incoming};
use crate::limits::Limits;
use crate::plan::{Backend, Integration, IntegrationKind, Passthrough, Script, StagePlan};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::respond::body_of;
use crate::route::Matched;
use crate::trace::{DetailKind, StepName, Telling};
use crate::validate::Valid;

/// Maps a valid request to what its integration gets. The overrides that the template set go on to the response's template.
pub(crate) fn request<'p>(
    stage: &'p StagePlan,
    route: &Matched<'p>,
    valid: &mut Valid,
    record: &mut Record,
    limits: &Limits,
) -> Result<(Outgoing<'p>, Overrides), Rejection> {
    let integration = &route.method.integration;
    if let Some(name) = &integration.mapping.forbidden {
        return Err(Rejection::configuration(format!(
            "{name} header already present: it may not be mapped"
        ))
        .logged(format!("{name} header already present")));
    }
    let mut overrides = Overrides::default();
    let outgoing = match &integration.kind {
        IntegrationKind::Mock => {
            // Mapped parameters have nowhere to go, but a body mapping still wants JSON.
            mapped(integration, route, record, &valid.incoming)?;
            let payload = payload(stage, route, record, &valid.incoming)?;
            let incoming = &valid.incoming;
            let body = mapped_body(route, record, incoming, payload, &mut overrides, limits)?;
            Outgoing::Mock(String::from_utf8_lossy(&body).into_owned())
        }
        IntegrationKind::Http(backend) => {
            let mut parameters = mapped(integration, route, record, &valid.incoming)?;
            let payload = payload(stage, route, record, &valid.incoming)?;
            let incoming = &valid.incoming;
            let body = mapped_body(route, record, incoming, payload, &mut overrides, limits)?;
            parameters.override_by(&overrides);
            Outgoing::Http(Box::new(behind_mappings(
                stage,
                route,
                record,
                backend,
                &parameters,
                body,
            )?))
        }
        IntegrationKind::HttpProxy(backend) => {
            let parameters = mapped(integration, route, record, &valid.incoming)?;
            Outgoing::Http(Box::new(proxied(
                stage,
                route,
                record,
                backend,
                &parameters,
                &mut valid.incoming,
            )?))
        }
    };
    let calls = record.trace.as_ref().map_or(0, |trace| trace.calls.len());
    record.trace(StepName::MapRequest, |_, told| tell(&outgoing, calls, told));
    Ok((outgoing, overrides))
}

fn tell(outgoing: &Outgoing<'_>, calls: usize, told: &mut Telling<'_>) {
    match outgoing {
        Outgoing::Mock(text) => told.output(text),
        // It is kept when it is sent.
        Outgoing::Http(_) => told.call(calls),
    }
}

/// The rows of the parameter mapping, each with its values.
fn mapped<'p>(
    integration: &'p Integration,
    route: &Matched<'_>,
    record: &mut Record,
    incoming: &Incoming,
) -> Result<Parameters<'p>, Rejection> {
    let mut trace = record.trace.take();
    let parameters = Parameters::of(integration, route, record, incoming, trace.as_deref_mut());
    record.trace = trace;
    parameters
}

/// The client's body as text or bytes, as the API's types and the integration's content handling say.
fn payload(
    stage: &StagePlan,
    route: &Matched<'_>,
    record: &Record,
    incoming: &Incoming,
) -> Result<Payload, Rejection> {
    let content_type = record.content_type();
    let handling = route.method.integration.content_handling;
    let types = &stage.deployment.binary;
    let payload = Payload::of_request(types, &content_type, handling, incoming.body());
    payload.map_err(|error| untransformed(format!("the request's body: {error}")))
}

fn untransformed(text: String) -> Rejection {
    Rejection::configuration(text).logged("Unable to transform request")
}

/// The body by template, or as it came where AWS lets it through.
fn mapped_body(
    route: &Matched<'_>,
    record: &mut Record,
    incoming: &Incoming,
    payload: Payload,
    overrides: &mut Overrides,
    limits: &Limits,
) -> Result<Bytes, Rejection> {
    let templates = &route.method.integration.templates;
    let content_type = record.content_type();
    let Some((key, script)) = templates.exact(&content_type) else {
        if templates.passes(templates.passthrough) {
            return Ok(payload.into_bytes());
        }
        return Err(Rejection::unsupported_media_type(format!(
            "no request template for content type {content_type}; it has {}, and passthroughBehavior is {}",
            templates.keys(),
            templates.passthrough.name()
        )));
    };
    match script {
        Script::Empty => Ok(payload.into_bytes()),
        Script::Broken(reason) => Err(untransformed(format!("request template {key} {reason}"))),
        Script::Ready(template) => {
            let body = &payload.into_text().map_err(|raw| {
                untransformed(format!("request template {key} cannot read {raw}"))
            })?;
            let mut trace = record.trace.take();
            if let Some(trace) = &mut trace {
                let because = ["the request's content type is ", &content_type];
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
                .map_err(|error| untransformed(format!("request template {key} {error}")))?;
            Ok(Bytes::from(text))
        }
    }
}

fn behind_mappings<'p>(
    stage: &'p StagePlan,
    route: &Matched<'p>,
    record: &Record,
    backend: &Backend,
    parameters: &Parameters<'_>,
    body: Bytes,
) -> Result<Call<'p>, Rejection> {
    let address = resolve(stage, route, backend, parameters)?;
    let mut query = Query::after(&address.target, 0);
    for (name, value) in &parameters.query {
        query.push(name, value);
    }
    let method = backend.method.as_deref().unwrap_or(record.method());
    let body = if carries_body(method) {
        body
    } else {
        Bytes::new()
    };
    let content_type = media_type_to_send(record);
    let headers = of_mapped(
        record,
        &parameters.headers,
        &address.authority,
        content_type.as_deref().filter(|_| !body.is_empty()),
    );
    Ok(Call {
        endpoint: address.endpoint,
        request: Sending {
            method: Box::from(method),
            target: query.finish(),
            headers,
            body: body_of(body),
        },
    })
}

/// The client's own, or JSON's, for a request with a body.
fn media_type_to_send(record: &Record) -> Option<String> {
    let given = record.headers().get("Content-Type");
    Some(given.map_or_else(
        || "application/json".to_owned(),
        |value| String::from_utf8_lossy(value).into_owned(),
    ))
}

fn proxied<'p>(
    stage: &'p StagePlan,
    route: &Matched<'p>,
    record: &Record,
    backend: &Backend,
    parameters: &Parameters<'_>,
    incoming: &mut Incoming,
) -> Result<Call<'p>, Rejection> {
    let address = resolve(stage, route, backend, parameters)?;
    let mut query = Query::after(
        &address.target,
        record.head().query().map_or(0, |query| query.len() + 1),
    );
    query.push_client(incoming, record);
    for (name, value) in &parameters.query {
        query.push(name, value);
    }
    let method = backend.method.as_deref().unwrap_or(record.method());
    let headers = of_client(record, &parameters.headers, &address.authority);
    // Unless it is to be converted, the body passes as it is, whatever its type.
    if route.method.integration.content_handling.is_some() {
        let payload = payload(stage, route, record, incoming)?;
        incoming.content = Content::Whole(payload.into_bytes());
    }
    let content = std::mem::replace(&mut incoming.content, Content::Whole(Bytes::new()));
    let body = match content {
        _ if !carries_body(method) => Body::Empty,
        Content::Whole(bytes) => body_of(bytes),
        Content::Stream(body) => body,
    };
    Ok(Call {
        endpoint: address.endpoint,
        request: Sending {
            method: Box::from(method),
            target: query.finish(),
            headers,
            body,
        },
    })
}

/// No body goes with these, whatever the client sent.
fn carries_body(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS")
}

impl Passthrough {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::WhenNoMatch => "WHEN_NO_MATCH",
            Self::WhenNoTemplates => "WHEN_NO_TEMPLATES",
            Self::Never => "NEVER",
        }
    }
}
