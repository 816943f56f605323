//! Response heads of backends: RFC 9112 §4 and §6.3, as strict as requests.

use std::mem::MaybeUninit;

use super::lines::{self, Coding, FramingFields};
use super::{HEADERS_MAX, framing::Framing};
use crate::headers::Headers;

/// A parsed head with what it says of the connection.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) framing: Framing,
    pub(crate) length: Option<u64>,
    pub(crate) keep_alive: bool,
    /// Bytes of the head.
    pub(crate) bytes: usize,
}

/// Why a backend's head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    TooLarge,
    Bad(&'static str),
}

/// Parses the head at the start of `bytes`; `None` where more bytes are needed. `to_head`: the request's method was HEAD.
pub(crate) fn parse(
    bytes: &[u8],
    to_head: bool,
    head_bytes_max: usize,
) -> Result<Option<Parsed>, Fault> {
    let mut fields = [const { MaybeUninit::uninit() }; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    let head_bytes =
        match parser.parse_response_with_uninit_headers(&mut response, bytes, &mut fields) {
            Ok(httparse::Status::Complete(head_bytes)) => head_bytes,
            Ok(httparse::Status::Partial) if bytes.len() >= head_bytes_max => {
                return Err(Fault::TooLarge);
            }
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(error) => return Err(fault(error)),
        };
    if head_bytes > head_bytes_max {
        return Err(Fault::TooLarge);
    }
    complete(&bytes[..head_bytes], &response, to_head).map(Some)
}

fn fault(error: httparse::Error) -> Fault {
    match error {
        httparse::Error::TooManyHeaders => Fault::TooLarge,
        httparse::Error::HeaderName => Fault::Bad("a header name is invalid"),
        httparse::Error::HeaderValue => Fault::Bad("a header value is invalid"),
        httparse::Error::NewLine => Fault::Bad("a line does not end in CRLF"),
        httparse::Error::Version => Fault::Bad("the version is not HTTP/1.0 or HTTP/1.1"),
        httparse::Error::Status | httparse::Error::Token => {
            Fault::Bad("the status line is invalid")
        }
    }
}

fn complete(
    bytes: &[u8],
    response: &httparse::Response<'_, '_>,
    to_head: bool,
) -> Result<Parsed, Fault> {
    if !lines::ends_are_crlf(bytes) {
        return Err(Fault::Bad("a line ends without CR"));
    }
    let status = response.code.unwrap_or_default();
    if !(100..=999).contains(&status) {
        return Err(Fault::Bad("the status is invalid"));
    }
    let version_11 = response.version == Some(1);
    let mut fields = FramingFields::default();
    for field in response.headers.iter() {
        fields
            .note(field.name.as_bytes(), field.value)
            .map_err(|ambiguous| Fault::Bad(ambiguous.reason()))?;
    }
    let fields = fields
        .check()
        .map_err(|ambiguous| Fault::Bad(ambiguous.reason()))?;
    let framing = framing(status, to_head, version_11, fields)?;
    let open_end = matches!(framing, Framing::UntilClose);
    Ok(Parsed {
        status,
        headers: Headers::from_parsed(response.headers, 0),
        framing,
        length: framing.length(),
        keep_alive: !fields.close && !open_end && (version_11 || fields.keep_alive),
        bytes: bytes.len(),
    })
}

/// RFC 9112 §6.3.
fn framing(
    status: u16,
    to_head: bool,
    version_11: bool,
    fields: FramingFields,
) -> Result<Framing, Fault> {
    if fields.coding.is_some() && !version_11 {
        return Err(Fault::Bad("transfer-encoding in HTTP/1.0"));
    }
    if fields.coding == Some(Coding::Unknown) {
        return Err(Fault::Bad("a transfer-encoding other than chunked"));
    }
    if to_head || status < 200 || status == 204 || status == 304 {
        return Ok(Framing::Done);
    }
    Ok(match (fields.coding, fields.length) {
        (Some(_), _) => Framing::chunked(),
        (None, Some(0)) => Framing::Done,
        (None, Some(length)) => Framing::Length(length),
        (None, None) => Framing::UntilClose,
    })
}
