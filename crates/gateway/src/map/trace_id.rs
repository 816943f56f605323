//! `X-Amzn-Trace-Id`, as it goes to backends and back to clients.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-understanding-xray.html>

use crate::record::Record;

/// The header's name.
pub(crate) const NAME: &str = "X-Amzn-Trace-Id";

/// The whole header. A client's own, with root, parent and decision, stays as it is; what it lacks is added. Recorded:
/// only with `Root` a parent is made; without any, root and parent are made and `Sampled=0`.
pub(crate) fn header(record: &Record) -> String {
    let given = incoming(record);
    let mut text = String::with_capacity(LENGTH);
    match given {
        Some(given) => text.push_str(given),
        None => {
            text.push_str("Root=");
            push_root(&mut text, record);
        }
    }
    if field(&text, "Parent").is_none() {
        text.push_str(";Parent=");
        push_hex(&mut text, &record.arrival.trace_entropy[12..]);
    }
    if field(&text, "Sampled").is_none() {
        // A caller that names its parent has chosen to trace.
        let parent_given = given.is_some_and(|given| field(given, "Parent").is_some());
        text.push_str(if parent_given {
            ";Sampled=1"
        } else {
            ";Sampled=0"
        });
    }
    text
}

/// `$context.xrayTraceId`.
pub(crate) fn root(record: &Record) -> String {
    match incoming(record).and_then(|text| field(text, "Root")) {
        Some(root) => root.to_owned(),
        None => {
            let mut root = String::with_capacity(LENGTH);
            push_root(&mut root, record);
            root
        }
    }
}

/// Of a header with root, parent and decision.
const LENGTH: usize = 80;

fn incoming(record: &Record) -> Option<&str> {
    let value = std::str::from_utf8(record.headers().get(NAME)?)
        .ok()?
        .trim_end_matches(';');
    field(value, "Root").is_some().then_some(value)
}

fn push_root(text: &mut String, record: &Record) {
    text.push_str("1-");
    // Seconds fit 32 bits until 2106; longer ones lose their first digits and stay of this form.
    push_hex(text, &((record.arrival.now_ms / 1000) as u32).to_be_bytes());
    text.push('-');
    push_hex(text, &record.arrival.trace_entropy[..12]);
}

fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split(';')
        .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}
