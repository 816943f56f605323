//! The execution log: what a request did, in AWS's words, as TestInvokeMethod gives it and a stage's method settings ask for it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>. Which lines there are, their order and their words
//! are recorded for tests, and known from logs of 2017 to 2026 that users published for live requests: `INFO` tells the steps and no values
//! (a log of 2018), `ERROR` why a request failed and its status (logs of 2025), `dataTraceEnabled` everything.

mod form;
mod redact;
mod words;

use std::fmt::Write as _;

use tollgate_http::{Body, Headers, Response};

pub(crate) use words::of_rejection;

use crate::effects::{Effects, Outcome};
use crate::exchange::{decode, pairs as pairs_of};
use crate::map::{headers_of_method, trace_id};
use crate::plan::{LogLevel, Logging, StagePlan};
use crate::record::{IntegrationFacts, Record};
use crate::respond::is_ours;
use crate::route::Matched;
use crate::trace::{Sent, Trace};
use form::{cut, fields, pairs, text_of, time_of};
use redact::address;
pub(crate) use redact::secret as hidden;
use tollgate_model::clock::Clock;

/// Lines in AWS's words.
#[derive(Debug)]
pub(crate) struct ExecutionLog {
    lines: Vec<String>,
    logging: Logging,
    /// How many lines were written before the answer was known.
    begun: usize,
}

impl ExecutionLog {
    /// The log of a request that begins.
    pub(crate) fn begin(record: &Record, logging: Logging) -> Self {
        let mut log = Self::empty(logging);
        log.execution(record);
        log
    }

    fn empty(logging: Logging) -> Self {
        Self {
            lines: Vec::new(),
            logging,
            begun: 0,
        }
    }

    fn execution(&mut self, record: &Record) {
        self.info(|| {
            let id = record.arrival.request_id();
            format!("Starting execution for request: {id}")
        });
        self.info(|| {
            let (method, path) = (record.method(), record.route_path());
            format!("HTTP Method: {method}, Resource Path: {path}")
        });
    }

    /// That the usage plan is looked for, which stands before the execution.
    fn verifying(&mut self, stage: &StagePlan, record: &Record) {
        let (key, id) = (shown_key(record), record.arrival.request_id());
        let stage = format!("{}/{}", stage.api.id, stage.name);
        self.info(|| {
            format!("Verifying Usage Plan for request: {id}. API Key: {key} API Stage: {stage}")
        });
    }

    /// That the request is let in. The words for a method that requires a key are a guess after those for one that does not.
    fn verified(&mut self, stage: &StagePlan, route: &Matched<'_>, record: &Record) {
        let key = shown_key(record);
        let stage = format!("{}/{}", stage.api.id, stage.name);
        let method = format!("{} {}", route.method.name, route.resource.path);
        let (verb, counts) = match route.method.api_key_required {
            true => ("requires", "will contribute"),
            false => ("does not require", "will not contribute"),
        };
        self.info(|| format!("API Key {key} authorized because method '{method}' {verb} API Key. Request {counts} to throttle or quota limits"));
        self.info(|| format!("Usage Plan check succeeded for API Key {key} and API Stage {stage}"));
    }

    /// What the method was asked.
    pub(crate) fn request<'p>(
        &mut self,
        path: impl Iterator<Item = (&'p str, &'p str)>,
        query: impl Iterator<Item = (String, String)>,
        headers: &Headers,
        body: &[u8],
    ) {
        self.data(|| format!("Method request path: {}", pairs(path)));
        self.data(|| format!("Method request query string: {}", pairs(query)));
        self.data(|| format!("Method request headers: {}", fields(headers)));
        self.data(|| {
            format!(
                "Method request body before transformations: {}",
                text_of(body)
            )
        });
    }

    /// What was sent to the backend, and what came of it.
    pub(crate) fn call(
        &mut self,
        sent: &Sent,
        outcome: Option<&Outcome>,
        facts: Option<&IntegrationFacts>,
    ) {
        let uri = address(&sent.uri);
        self.data(|| format!("Endpoint request URI: {uri}"));
        self.data(|| format!("Endpoint request headers: {}", fields(&sent.headers)));
        self.data(|| {
            format!(
                "Endpoint request body after transformations: {}",
                text_of(&sent.body)
            )
        });
        self.data(|| format!("Sending request to {uri}"));
        self.begun = self.lines.len();
        let facts = facts.and_then(|facts| Some((facts.status?, facts.latency_ms)));
        if let Some((status, latency_ms)) = facts {
            self.data(|| {
                format!("Received response. Status: {status}, Integration latency: {latency_ms} ms")
            });
        }
        if let Some(Ok(answered)) = outcome.map(|outcome| &outcome.result) {
            self.data(|| format!("Endpoint response headers: {}", fields(&answered.headers)));
            let body = text_of(&answered.body);
            self.data(|| format!("Endpoint response body before transformations: {body}"));
        }
    }

    /// How it ended: with the method's answer, or the reason why there is none.
    pub(crate) fn end(&mut self, record: &Record, status: u16, headers: &Headers, body: &[u8]) {
        let headers = &own(headers);
        match &record.error {
            Some(error) => {
                self.line(words::of_error(error, record));
                self.gateway_response(record, status, headers, body);
                self.line(format!("Method completed with status: {status}"));
            }
            None => {
                let body = text_of(body);
                self.data(|| format!("Method response body after transformations: {body}"));
                self.data(|| format!("Method response headers: {}", fields(headers)));
                self.info(|| "Successfully completed execution".to_owned());
                self.info(|| format!("Method completed with status: {status}"));
            }
        }
    }

    /// Guess, after published logs: it is told where the API customises the response, under the type that is customised.
    fn gateway_response(&mut self, record: &Record, status: u16, headers: &Headers, body: &[u8]) {
        let kind = record.error.as_ref().and_then(|error| error.response_type);
        let responses = record.stage().map(|stage| &stage.deployment.responses);
        let Some(kind) = kind.and_then(|kind| responses?.customised(kind)) else {
            return;
        };
        let name = kind.name();
        self.line(format!(
            "Gateway response type: {name} with status code: {status}"
        ));
        self.data(|| format!("Gateway response body: {}", text_of(body)));
        self.data(|| format!("Gateway response headers: {}", fields(headers)));
    }

    /// What identifies the call, and the trace where the stage has them made.
    fn identifiers(&mut self, record: &Record) {
        let integration = record.integration.as_ref();
        if let Some(id) = integration.and_then(|facts| facts.request_id.as_deref()) {
            self.info(|| format!("AWS Integration Endpoint RequestId : {id}"));
        }
        if record.stage().is_some_and(|stage| stage.is_traced) {
            self.info(|| format!("X-ray Tracing ID : Root={}", trace_id::root(record)));
        }
    }

    /// The whole text, every line under the time at which it was written.
    pub(crate) fn text(&self, request_id: &str, now_ms: u64) -> String {
        let time = time_of(now_ms);
        let mut text = format!("Execution log for request {request_id}\n");
        for line in &self.lines {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{time} : {line}");
        }
        text
    }

    /// Whether it tells headers and bodies.
    pub(crate) fn has_data(&self) -> bool {
        // Guess: data come with INFO only.
        self.logging.has_data && self.logging.level == LogLevel::Info
    }

    /// A line of headers or a body.
    fn data(&mut self, text: impl FnOnce() -> String) {
        if self.has_data() {
            self.line(text());
        }
    }

    /// A line of a step.
    fn info(&mut self, text: impl FnOnce() -> String) {
        if self.logging.level == LogLevel::Info {
            self.line(text());
        }
    }

    /// A line of every level.
    fn line(&mut self, text: String) {
        self.lines.push(cut(text));
    }
}

/// Begins the log of a request whose method's settings ask for one, if anybody takes it.
pub(crate) fn open(
    stage: &StagePlan,
    route: &Matched<'_>,
    record: &mut Record,
    effects: &mut Effects,
) {
    if stage.execution_log.is_empty() {
        return;
    }
    let method = record.method();
    let logging = stage.method_settings.logging(&route.resource.path, method);
    if logging.level == LogLevel::Off {
        return;
    }
    let mut log = ExecutionLog::empty(logging);
    let id = record.arrival.extended_request_id();
    log.info(|| format!("Extended Request Id: {id}"));
    log.verifying(stage, record);
    log.begun = log.lines.len();
    let has_data = log.has_data();
    record.log = Some(Box::new(log));
    if has_data {
        effects.keep();
        if record.trace.is_none() {
            // It is kept for what was sent; nobody asks when a step began.
            let clock = Clock::at(record.arrival.now_ms);
            record.trace = Some(Box::new(Trace::new(clock)));
        }
    }
}

/// The key that came, as a log may show it.
pub(crate) fn shown_key(record: &Record) -> String {
    record
        .headers()
        .get("x-api-key")
        .map(hidden)
        .unwrap_or_default()
}

/// Logs that a request is let in, and begins to be executed.
pub(crate) fn admitted(stage: &StagePlan, route: &Matched<'_>, record: &mut Record) {
    if let Some(mut log) = record.log.take() {
        log.verified(stage, route, record);
        log.execution(record);
        if record.key.is_some() {
            let key = shown_key(record);
            log.info(|| format!("API Key: {key}"));
        }
        log.begun = log.lines.len();
        record.log = Some(log);
    }
}

/// Logs what a request asks, before it is judged.
pub(crate) fn asked(route: &Matched<'_>, record: &mut Record, body: &[u8]) {
    if let Some(mut log) = record.log.take() {
        let query = record.head().query().unwrap_or_default();
        let query = pairs_of(query).map(|(name, value)| (decode(name), decode(value)));
        log.request(
            route.parameters(record),
            query,
            &headers_of_method(record),
            body,
        );
        log.begun = log.lines.len();
        record.log = Some(log);
    }
}

/// Logs what came of it.
pub(crate) fn close(response: &Response, record: &mut Record, effects: &Effects) {
    let Some(mut log) = record.log.take() else {
        return;
    };
    let calls = record.trace.iter().flat_map(|trace| &trace.calls);
    for (at, sent) in calls.enumerate() {
        log.call(sent, effects.kept().get(at), record.integration.as_ref());
    }
    let body = match &response.body {
        Body::Whole(bytes) => &bytes[..],
        Body::Empty | Body::Stream(_) => &[],
    };
    log.end(record, response.status, &response.headers, body);
    log.identifiers(record);
    record.log = Some(log);
}

/// The headers of an answer without those that every answer has, as AWS shows them.
fn own(headers: &Headers) -> Headers {
    let mut own = Headers::new();
    for (name, value) in headers.iter().filter(|(name, _)| !is_ours(name)) {
        // It is a header already.
        let _ = own.push(name, value);
    }
    own
}

impl Record {
    /// The lines of the request's execution log, without its id; none where nothing is logged.
    pub fn execution_log(&self) -> &[String] {
        self.log.as_ref().map_or(&[], |log| &log.lines)
    }

    /// Writes one line of the execution log as CloudWatch exports it: `2017-06-05T13:57:47.369Z (request id) text`.
    pub(crate) fn write_execution_line(&self, number: usize, into: &mut Vec<u8>) {
        let Some(log) = &self.log else {
            return;
        };
        let at_ms = match self.end {
            Some(end) if number >= log.begun => end.at_ms,
            _ => self.arrival.now_ms,
        };
        form::push_event(at_ms, self.arrival.request_id(), &log.lines[number], into);
    }
}
