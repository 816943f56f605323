//! What the fuzz targets call: each takes any bytes, and panics where an invariant breaks.

use super::chunked::{Chunked, Step};
use super::{encode, request, response};
use crate::limits::Limits;

/// Parses a request head; one that parses must parse to the same again after it was written.
pub fn request_head(bytes: &[u8]) {
    let limits = Limits::default().head();
    let Ok(Some(parsed)) = request::parse(bytes, limits) else {
        return;
    };
    assert!(parsed.bytes <= bytes.len());
    let mut out = Vec::new();
    let head = &parsed.head;
    let coding = match parsed.length {
        Some(0) => encode::Coding::Nothing,
        Some(length) => encode::Coding::Length(length),
        None => encode::Coding::Chunked,
    };
    encode::request(
        &mut out,
        head.method(),
        head.target(),
        head.headers(),
        coding,
    );
    // HTTP/1.0 may lack the host that HTTP/1.1 needs, and the written head may be a little longer than the read one.
    if head.host().is_some() && out.len() < limits.head_bytes_max {
        let again = request::parse(&out, limits)
            .expect("a written head is valid")
            .expect("and complete");
        assert_eq!(
            (again.head.method(), again.head.target()),
            (head.method(), head.target())
        );
        assert_eq!((again.bytes, again.length), (out.len(), parsed.length));
    }
}

/// Parses a response head, as an answer to GET and to HEAD.
pub fn response_head(bytes: &[u8]) {
    for to_head in [false, true] {
        if let Ok(Some(parsed)) = response::parse(bytes, to_head, 64 << 10) {
            assert!(parsed.bytes <= bytes.len() && (100..=999).contains(&parsed.status));
        }
    }
}

/// Decodes chunks read whole, and cut at the place the first byte says; both must give the same.
pub fn chunks(bytes: &[u8]) {
    let Some((&cut, bytes)) = bytes.split_first() else {
        return;
    };
    let whole = decode(bytes, bytes.len().max(1));
    assert_eq!(whole, decode(bytes, usize::from(cut).max(1)));
}

/// The body, and whether it ended, or that it is malformed.
fn decode(bytes: &[u8], cut: usize) -> Option<(Vec<u8>, bool)> {
    let (mut decoder, mut body, mut at, mut end) = (Chunked::default(), Vec::new(), 0, 0);
    while end < bytes.len() {
        end = (end + cut).min(bytes.len());
        loop {
            match decoder.step(&bytes[at..end]).ok()? {
                Step::More { skip } => {
                    at += skip;
                    break;
                }
                Step::Data { skip, len } => {
                    body.extend_from_slice(&bytes[at + skip..at + skip + len]);
                    at += skip + len;
                }
                Step::End { .. } => return Some((body, true)),
            }
        }
    }
    Some((body, false))
}
