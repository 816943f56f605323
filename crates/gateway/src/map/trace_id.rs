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

#[cfg(test)]
mod tests {
    use super::*;

    /// The recorder's table, and what is read of a header.
    #[test]
    fn what_a_trace_lacks_is_added() {
        let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        for (given, begin, end) in [
            (
                "Root=trace;Parent=parent",
                "Root=trace;Parent=parent;Sampled=1",
                "",
            ),
            (
                "Root=trace;Parent=parent;Sampled=0;lineage=lineage:0",
                "Root=trace;Parent=parent;Sampled=0;lineage=lineage:0",
                "",
            ),
            ("Root=trace", "Root=trace;Parent=", ";Sampled=0"),
            (
                "Root=trace;Test=value;",
                "Root=trace;Test=value;Parent=",
                ";Sampled=0",
            ),
        ] {
            let text = string(header(&Record::of_test(&[(NAME, given)])));
            let parent = text
                .strip_prefix(begin)
                .and_then(|rest| rest.strip_suffix(end));
            let parent = parent.unwrap_or_else(|| panic!("{given}: {text}"));
            let length = if end.is_empty() { 0 } else { 16 };
            assert!(
                parent.len() == length && hexadecimal(parent),
                "{given}: {text}"
            );
        }
    }

    #[test]
    fn without_a_root_all_of_it_is_made() {
        for given in ["", "Parent=parent", "nonsense"] {
            let record = Record::of_test(&[(NAME, given)]);
            let text = string(header(&record));
            let made = root(&record);
            assert_eq!(made.len(), 35);
            assert!(made.starts_with("1-00000000-"), "{made}");
            assert!(text.starts_with(&format!("Root={made};Parent=")), "{text}");
            assert!(text.ends_with(";Sampled=0"), "{text}");
        }
        assert_eq!(root(&Record::of_test(&[(NAME, "Root=trace")])), "trace");
    }
}
