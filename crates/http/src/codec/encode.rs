//! Heads as we write them. A message is written from its parsed form only, with framing of our own.

use super::lines::{self, FramingFields};
use crate::date;
use crate::headers::Headers;

/// How a body's end is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Length(u64),
    Chunked,
    /// The connection's end is the body's: HTTP/1.0 clients only.
    Close,
    /// No body, and nothing said about one.
    Nothing,
}

/// What a response's head needs besides status and fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseFrame {
    pub(crate) coding: Coding,
    pub(crate) close: bool,
    /// HEAD and 304 tell the length of the body they leave out.
    pub(crate) keeps_length: bool,
}

/// Whether the fields ask for the connection to be closed.
pub(crate) fn asks_to_close(headers: &Headers) -> bool {
    headers.get("connection").is_some_and(|value| {
        let mut fields = FramingFields::default();
        fields.note(b"connection", value).is_ok() && fields.close
    })
}

pub(crate) fn response(out: &mut Vec<u8>, status: u16, headers: &Headers, frame: ResponseFrame) {
    status_line(out, status);
    let (mut dated, mut length) = (false, None);
    for (name, value) in headers.raw() {
        match whose(name) {
            Whose::Length => length = length.or_else(|| lines::length(value)),
            Whose::Codec => {}
            Whose::Caller => {
                dated |= name.eq_ignore_ascii_case(b"date");
                field(out, name, value);
            }
        }
    }
    if !dated {
        out.extend_from_slice(b"Date: ");
        date::append(out);
        out.extend_from_slice(b"\r\n");
    }
    match (frame.coding, length) {
        (_, Some(given)) if frame.keeps_length => content_length(out, given),
        (coding, _) => framing(out, coding),
    }
    out.extend_from_slice(if frame.close {
        b"Connection: close\r\n\r\n"
    } else {
        b"Connection: keep-alive\r\n\r\n"
    });
}

pub(crate) fn request(
    out: &mut Vec<u8>,
    method: &str,
    target: &str,
    headers: &Headers,
    coding: Coding,
) {
    for part in [method.as_bytes(), b" ", target.as_bytes(), b" HTTP/1.1\r\n"] {
        out.extend_from_slice(part);
    }
    for (name, value) in headers.raw() {
        // `Expect` would need an answer before the body, which the caller has already asked its client for.
        if matches!(whose(name), Whose::Caller) && !is_request_only(name) {
            field(out, name, value);
        }
    }
    framing(out, coding);
    out.extend_from_slice(b"\r\n");
}

/// `100 Continue`, before the first byte of a body is read from a client that waits for it.
pub(crate) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The size line of a chunk.
pub(crate) fn chunk_size(out: &mut Vec<u8>, size: usize) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let significant = (usize::BITS - size.leading_zeros()).div_ceil(4).max(1);
    for place in (0..significant).rev() {
        out.push(DIGITS[(size >> (4 * place)) & 15]);
    }
    out.extend_from_slice(b"\r\n");
}

/// The last chunk with its trailers.
pub(crate) fn last_chunk(out: &mut Vec<u8>, trailers: Option<&Headers>) {
    out.extend_from_slice(b"0\r\n");
    for (name, value) in trailers.into_iter().flat_map(Headers::raw) {
        field(out, name, value);
    }
    out.extend_from_slice(b"\r\n");
}

/// To whom a field belongs.
pub(crate) enum Whose {
    Length,
    Codec,
    Caller,
}

pub(crate) fn whose(name: &[u8]) -> Whose {
    let codecs: &[u8] = match name.len() {
        14 if name.eq_ignore_ascii_case(b"content-length") => return Whose::Length,
        7 => b"upgrade",
        10 if name.eq_ignore_ascii_case(b"keep-alive") => return Whose::Codec,
        10 => b"connection",
        16 => b"proxy-connection",
        17 => b"transfer-encoding",
        _ => return Whose::Caller,
    };
    if name.eq_ignore_ascii_case(codecs) {
        Whose::Codec
    } else {
        Whose::Caller
    }
}

fn is_request_only(name: &[u8]) -> bool {
    match name.len() {
        2 => name.eq_ignore_ascii_case(b"te"),
        6 => name.eq_ignore_ascii_case(b"expect"),
        _ => false,
    }
}

fn framing(out: &mut Vec<u8>, coding: Coding) {
    match coding {
        Coding::Length(length) => content_length(out, length),
        Coding::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        Coding::Close | Coding::Nothing => {}
    }
}

fn content_length(out: &mut Vec<u8>, length: u64) {
    field(
        out,
        b"Content-Length",
        itoa::Buffer::new().format(length).as_bytes(),
    );
}

fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

fn status_line(out: &mut Vec<u8>, status: u16) {
    if status == 200 {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        return;
    }
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(itoa::Buffer::new().format(status).as_bytes());
    out.push(b' ');
    out.extend_from_slice(reason(status).as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Reason phrases of the IANA registry; an unknown status has an empty one.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Entity",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        510 => "Not Extended",
        511 => "Network Authentication Required",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_sizes_are_hexadecimal() {
        for size in [0, 1, 9, 10, 15, 16, 255, 256, 65_536, usize::MAX] {
            let mut out = Vec::new();
            chunk_size(&mut out, size);
            assert_eq!(String::from_utf8(out).unwrap(), format!("{size:x}\r\n"));
        }
    }

    #[test]
    fn framing_fields_are_the_codecs() {
        let mut headers = Headers::new();
        for (name, value) in [
            ("X-Keep", "1"),
            ("content-length", "99"),
            ("Transfer-Encoding", "chunked"),
            ("connection", "x-keep"),
            ("Keep-Alive", "5"),
            ("UPGRADE", "h2c"),
            ("TE", "trailers"),
            ("Expect", "100-continue"),
            ("x-Last", "2"),
        ] {
            headers.push(name, value.as_bytes()).unwrap();
        }
        let mut out = Vec::new();
        request(&mut out, "POST", "/a?b", &headers, Coding::Length(3));
        let expected = "POST /a?b HTTP/1.1\r\nX-Keep: 1\r\nx-Last: 2\r\nContent-Length: 3\r\n\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
