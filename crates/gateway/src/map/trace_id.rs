//! `X-Amzn-Trace-Id`, as it goes to backends and back to clients.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-understanding-xray.html>

use crate::digits::{Short, push_hex, string};
use crate::record::Record;

/// The header's name.
pub(crate) const NAME: &str = "X-Amzn-Trace-Id";

/// The whole header. A client's own, with root, parent and decision, stays as it is; what it lacks is added. Recorded:
/// only with `Root` a parent is made; without any, root and parent are made and `Sampled=0`.
pub(crate) fn header(record: &Record) -> Short {
    let given = incoming(record);
    let mut text = Short::new();
    match given {
        Some(given) => text.extend_from_slice(given.as_bytes()),
        None => {
            text.extend_from_slice(b"Root=");
            push_root(&mut text, record);
        }
    }
    let has = |name| given.is_some_and(|given| field(given, name).is_some());
    if !has("Parent") {
        text.extend_from_slice(b";Parent=");
        push_hex(&mut text, &record.arrival.trace_entropy[12..]);
    }
    if !has("Sampled") {
        // A caller that names its parent has chosen to trace.
        text.extend_from_slice(if has("Parent") {
            b";Sampled=1"
        } else {
            b";Sampled=0"
        });
    }
    text
}

/// `$context.xrayTraceId`.
pub(crate) fn root(record: &Record) -> String {
    match incoming(record).and_then(|text| field(text, "Root")) {
        Some(root) => root.to_owned(),
        None => {
            let mut root = Short::new();
            push_root(&mut root, record);
            string(root)
        }
    }
}

fn incoming(record: &Record) -> Option<&str> {
    let value = std::str::from_utf8(record.headers().get(NAME)?)
        .ok()?
        .trim_end_matches(';');
    field(value, "Root").is_some().then_some(value)
}

fn push_root(text: &mut Short, record: &Record) {
    text.extend_from_slice(b"1-");
    // Seconds fit 32 bits until 2106; longer ones lose their first digits and stay of this form.
    push_hex(text, &((record.arrival.now_ms / 1000) as u32).to_be_bytes());
    text.push(b'-');
    push_hex(text, &record.arrival.trace_entropy[..12]);
}

fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split(';')
        .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
}
