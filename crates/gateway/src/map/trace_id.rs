//! `X-Amzn-Trace-Id`, as it goes to backends and back to clients.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-understanding-xray.html>

use std::fmt::Write;

use crate::record::Record;

/// The header's name.
pub(crate) const NAME: &str = "X-Amzn-Trace-Id";

/// The whole header. A client's own, with root, parent and decision, stays as it is; what it lacks is added. Recorded:
/// only with `Root` a parent is made; without any, root and parent are made and `Sampled=0`.
pub(crate) fn header(record: &Record) -> String {
    let given = incoming(record);
    let mut text = match given {
        Some(given) => given.to_owned(),
        None => format!("Root={}", made_root(record)),
    };
    if field(&text, "Parent").is_none() {
        text.push_str(";Parent=");
        push_hex(&mut text, &record.arrival.trace_entropy[12..]);
    }
    if field(&text, "Sampled").is_none() {
        // A caller that names its parent has chosen to trace.
        let parent_given = given.is_some_and(|given| field(given, "Parent").is_some());
        text.push_str(if parent_given { ";Sampled=1" } else { ";Sampled=0" });
    }
    text
}

/// `$context.xrayTraceId`.
pub(crate) fn root(record: &Record) -> String {
    match incoming(record).and_then(|text| field(text, "Root")) {
        Some(root) => root.to_owned(),
        None => made_root(record),
    }
}

fn incoming(record: &Record) -> Option<&str> {
    let value = std::str::from_utf8(record.headers().get(NAME)?).ok()?.trim_end_matches(';');
    field(value, "Root").is_some().then_some(value)
}

fn made_root(record: &Record) -> String {
    let mut root = format!("1-{:08x}-", record.arrival.now_ms / 1000);
    push_hex(&mut root, &record.arrival.trace_entropy[..12]);
    root
}

fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
}
