//! The execution log: what a request did, in AWS's words, as TestInvokeMethod gives it and a stage's method settings ask for it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>; the lines of successful requests and their
//! order are recorded.

use std::fmt::Write as _;

use tollgate_http::{Body, Headers, Response};
use tollgate_model::clock::Clock;

use crate::effects::{Effects, Outcome};
use crate::exchange::{decode, pairs as pairs_of};
use crate::plan::{LogLevel, Logging, StagePlan};
use crate::record::{ErrorFacts, IntegrationFacts, Record};
use crate::respond::ResponseType;
use crate::route::Matched;
use crate::trace::{Sent, Trace};

/// Lines in AWS's words.
#[derive(Debug)]
pub(crate) struct ExecutionLog {
    lines: Vec<String>,
    logging: Logging,
}

/// A line's bytes at most: the guide's limit of a log event.
const LINE_BYTES_MAX: usize = 1024;
const CUT: &str = " [TRUNCATED]";

impl ExecutionLog {
    /// The log of a request that begins.
    pub(crate) fn begin(record: &Record, logging: Logging) -> Self {
        let mut log = Self {
            lines: Vec::new(),
            logging,
        };
        let id = record.arrival.request_id();
        log.line(format!("Starting execution for request: {id}"));
        log.line(format!(
            "HTTP Method: {}, Resource Path: {}",
            record.method(),
            record.route_path()
        ));
        log
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
                String::from_utf8_lossy(body)
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
        self.data(|| format!("Endpoint request URI: {}", sent.uri));
        self.data(|| format!("Endpoint request headers: {}", fields(&sent.headers)));
        self.data(|| {
            format!(
                "Endpoint request body after transformations: {}",
                String::from_utf8_lossy(&sent.body)
            )
        });
        self.line(format!("Sending request to {}", sent.uri));
        let facts = facts.and_then(|facts| Some((facts.status?, facts.latency_ms)));
        if let Some((status, latency_ms)) = facts {
            self.line(format!(
                "Received response. Status: {status}, Integration latency: {latency_ms} ms"
            ));
        }
        if let Some(Ok(answered)) = outcome.map(|outcome| &outcome.result) {
            self.data(|| format!("Endpoint response headers: {}", fields(&answered.headers)));
            let body = String::from_utf8_lossy(&answered.body);
            self.data(|| format!("Endpoint response body before transformations: {body}"));
        }
    }

    /// How it ended: with the method's answer, or the reason why there is none.
    pub(crate) fn end(
        &mut self,
        error: Option<&ErrorFacts>,
        status: u16,
        headers: &Headers,
        body: &[u8],
    ) {
        match error {
            Some(error) => self.line(failed(error)),
            None => {
                self.data(|| {
                    format!(
                        "Method response body after transformations: {}",
                        String::from_utf8_lossy(body)
                    )
                });
                self.data(|| format!("Method response headers: {}", fields(headers)));
                self.line("Successfully completed execution".to_owned());
            }
        }
        self.line(format!("Method completed with status: {status}"));
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

    /// What was logged so far.
    #[cfg(test)]
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Whether it tells headers and bodies.
    pub(crate) fn has_data(&self) -> bool {
        self.logging.has_data
    }

    /// A line of headers or a body.
    fn data(&mut self, text: impl FnOnce() -> String) {
        if self.logging.has_data {
            self.line(text());
        }
    }

    fn line(&mut self, text: String) {
        self.lines.push(cut(text));
    }
}

/// Begins the log of a request whose method's settings ask for one.
pub(crate) fn open(
    stage: &StagePlan,
    route: &Matched<'_>,
    record: &mut Record,
    effects: &mut Effects,
) {
    let method = record.method();
    let logging = stage.method_settings.logging(&route.resource.path, method);
    if logging.level == LogLevel::Off {
        return;
    }
    let mut log = ExecutionLog::begin(record, logging);
    let id = record.arrival.extended_request_id();
    log.lines.insert(0, format!("Extended Request Id: {id}"));
    record.log = Some(Box::new(log));
    if logging.has_data {
        effects.keep();
    }
    if record.trace.is_none() {
        // It is kept for what was sent; nobody asks when a step began.
        let clock = Clock::at(record.arrival.now_ms);
        record.trace = Some(Box::new(Trace::new(clock)));
    }
}

/// Logs what a valid request asks.
pub(crate) fn asked(route: &Matched<'_>, record: &mut Record, body: &[u8]) {
    if let Some(mut log) = record.log.take() {
        let query = record.head().query().unwrap_or_default();
        let query = pairs_of(query).map(|(name, value)| (decode(name), decode(value)));
        log.request(route.parameters(record), query, record.headers(), body);
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
    log.end(
        record.error.as_ref(),
        response.status,
        &response.headers,
        body,
    );
    if log.logging.level == LogLevel::Error {
        let kept = if record.error.is_some() { 2 } else { 0 };
        log.lines.drain(..log.lines.len().saturating_sub(kept));
    }
    record.log = Some(log);
}

/// Hands a finished request's log to the program's, where AWS has a log group.
pub(crate) fn write(record: &Record) {
    let (Some(log), Some(stage)) = (&record.log, record.stage()) else {
        return;
    };
    let (api, id) = (&stage.api.id, record.arrival.request_id());
    for line in &log.lines {
        tracing::info!(target: "execution_log", %api, stage = %stage.name, "({id}) {line}");
    }
}

/// AWS's words for why a request failed. What is neither recorded nor told by users is Tollgate's own reason (a guess).
fn failed(error: &ErrorFacts) -> String {
    let reason = &error.reason;
    let configuration =
        |words: &str| format!("Execution failed due to configuration error: {words}");
    match (&reason.logged, error.response_type) {
        (Some(words), _) => configuration(words),
        (None, Some(ResponseType::ApiConfigurationError)) => configuration(&reason.text),
        (None, Some(ResponseType::IntegrationTimeout)) => {
            "Execution failed due to a timeout error".to_owned()
        }
        (None, Some(ResponseType::IntegrationFailure)) => {
            match error.message.starts_with("Network") {
                true => {
                    "Execution failed due to a network error communicating with endpoint".to_owned()
                }
                // Recorded for hosts that are not there.
                false => configuration("Invalid endpoint address"),
            }
        }
        (None, Some(ResponseType::BadRequestBody)) => format!(
            "Request body does not match model schema for content type application/json: {}",
            error.validation.as_deref().unwrap_or_default()
        ),
        (None, _) => error.message.clone(),
    }
}

/// `{a=1, b=2}`, as Java prints a map.
fn pairs<N: AsRef<str>, V: AsRef<str>>(entries: impl Iterator<Item = (N, V)>) -> String {
    let entries = entries.map(|(name, value)| format!("{}={}", name.as_ref(), value.as_ref()));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

fn fields(headers: &Headers) -> String {
    pairs(
        headers
            .iter()
            .map(|(name, value)| (name, shown(name, value))),
    )
}

/// Credentials keep their last six characters only.
fn shown(name: &str, value: &[u8]) -> String {
    const KEPT: usize = 6;
    let text = String::from_utf8_lossy(value);
    let is_secret = ["authorization", "x-api-key"]
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret));
    if !is_secret {
        return text.into_owned();
    }
    let hidden = text.chars().count().saturating_sub(KEPT);
    let kept = text.chars().skip(hidden);
    "*".repeat(hidden).chars().chain(kept).collect()
}

fn cut(mut text: String) -> String {
    if text.len() > LINE_BYTES_MAX {
        let mut end = LINE_BYTES_MAX - CUT.len();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str(CUT);
    }
    text
}

/// `Tue Nov 24 22:14:09 UTC 2026`
fn time_of(now_ms: u64) -> String {
    let seconds = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
    let Ok(moment) = time::OffsetDateTime::from_unix_timestamp(seconds) else {
        return String::new();
    };
    let (weekday, month) = (moment.weekday().to_string(), moment.month().to_string());
    let (hour, minute, second) = moment.to_hms();
    format!(
        "{} {} {:02} {hour:02}:{minute:02}:{second:02} UTC {}",
        &weekday[..3],
        &month[..3],
        moment.day(),
        moment.year()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_javas() {
        assert_eq!(time_of(1_795_558_449_000), "Tue Nov 24 22:14:09 UTC 2026");
        assert_eq!(time_of(u64::MAX), "");
    }

    #[test]
    fn long_lines_are_cut_and_secrets_hidden() {
        let long = cut("ä".repeat(600));
        assert!(long.ends_with("ä [TRUNCATED]") && long.len() == 1024);
        assert_eq!(cut("short".to_owned()), "short");
        assert_eq!(
            shown("authorization", b"Bearer 0123456789"),
            "***********456789"
        );
        assert_eq!(shown("X-Api-Key", b"abc"), "abc");
        assert_eq!(shown("Accept", b"*/*"), "*/*");
    }
}
