//! Request heads: RFC 9112 §3 and §6.1, refusing whatever two readers could read in two ways.

use std::mem::MaybeUninit;

use super::lines::{self, Ambiguous, Coding, FramingFields};
use super::{HEADERS_MAX, framing::Framing};
use crate::head::{RequestHead, Version, is_target};
use crate::headers::Headers;
use crate::limits::HeadLimits;

/// A parsed head with what it says of the connection.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) head: RequestHead,
    pub(crate) framing: Framing,
    pub(crate) length: Option<u64>,
    pub(crate) keep_alive: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub(crate) expects_continue: bool,
    /// Bytes of the head.
    pub(crate) bytes: usize,
}

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) reason: &'static str,
}

pub(crate) const fn bad(reason: &'static str) -> Fault {
    Fault {
        status: 400,
        reason,
    }
}

impl From<Ambiguous> for Fault {
    fn from(ambiguous: Ambiguous) -> Self {
        bad(ambiguous.reason())
    }
}

/// Parses the head at the start of `bytes`; `None` where more bytes are needed.
pub(crate) fn parse(bytes: &[u8], limits: HeadLimits) -> Result<Option<Parsed>, Fault> {
    let mut fields = [const { MaybeUninit::uninit() }; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut []);
    let status = request.parse_with_uninit_headers(bytes, &mut fields);
    let head_bytes = match status {
        Ok(httparse::Status::Complete(head_bytes)) => head_bytes,
        Ok(httparse::Status::Partial) => return partial(bytes, limits),
        Err(error) => return Err(fault(error, bytes)),
    };
    if head_bytes > limits.head_bytes_max {
        return Err(too_large(bytes, limits));
    }
    complete(&bytes[..head_bytes], &request, limits).map(Some)
}

/// Where a head is not complete: whether it may still become one.
fn partial(bytes: &[u8], limits: HeadLimits) -> Result<Option<Parsed>, Fault> {
    if !lines::ends_are_crlf(bytes) {
        return Err(bad("a line ends without CR"));
    }
    if bytes.len() >= limits.head_bytes_max {
        return Err(too_large(bytes, limits));
    }
    Ok(None)
}

fn too_large(bytes: &[u8], limits: HeadLimits) -> Fault {
    let first_line = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    if first_line > limits.target_bytes_max {
        return Fault {
            status: 414,
            reason: "the target is too long",
        };
    }
    Fault {
        status: 431,
        reason: "the head is too large",
    }
}

fn fault(error: httparse::Error, bytes: &[u8]) -> Fault {
    match error {
        httparse::Error::HeaderName => bad("a header name is invalid"),
        httparse::Error::HeaderValue => bad("a header value is invalid"),
        httparse::Error::NewLine => bad("a line does not end in CRLF"),
        httparse::Error::Token => bad("the request line is invalid"),
        httparse::Error::TooManyHeaders => Fault {
            status: 431,
            reason: "too many header fields",
        },
        httparse::Error::Version if names_other_version(bytes) => Fault {
            status: 505,
            reason: "the version is not HTTP/1.0 or HTTP/1.1",
        },
        httparse::Error::Version => bad("the version is invalid"),
        httparse::Error::Status => bad("the head is invalid"),
    }
}

/// Whether the first line ends in a well-formed version, though one we do not speak.
fn names_other_version(bytes: &[u8]) -> bool {
    let line = bytes
        .split(|&byte| byte == b'\n')
        .find(|line| line.len() > 1)
        .unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some(version) = line
        .split(|&byte| byte == b' ')
        .nth(2)
        .and_then(|word| word.strip_prefix(b"HTTP/"))
    else {
        return false;
    };
    matches!(version, [major] if major.is_ascii_digit())
        || matches!(version, [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit())
}

fn complete(
    bytes: &[u8],
    request: &httparse::Request<'_, '_>,
    limits: HeadLimits,
) -> Result<Parsed, Fault> {
    if !lines::ends_are_crlf(bytes) {
        return Err(bad("a line ends without CR"));
    }
    let (method, target) = (
        request.method.unwrap_or_default(),
        request.path.unwrap_or_default(),
    );
    let version = if request.version == Some(1) {
        Version::Http11
    } else {
        Version::Http10
    };
    if target.len() > limits.target_bytes_max {
        return Err(Fault {
            status: 414,
            reason: "the target is too long",
        });
    }
    if request.headers.len() > limits.headers_max {
        return Err(Fault {
            status: 431,
            reason: "too many header fields",
        });
    }
    let facts = Facts::gather(request.headers, version)?;
    let origin = origin_form(method, target, facts.host)?;
    let framing = facts.framing(version)?;

    let mut headers = Headers::from_parsed(request.headers, method.len() + target.len() + 1);
    let method = headers.append_text(method);
    let target = match origin {
        Target::Within(target) => headers.append_text(target),
        Target::Rooted(query) => headers.append_text(&format!("/{query}")),
    };
    Ok(Parsed {
        head: RequestHead::from_parsed(headers, method, target, version),
        framing,
        length: framing.length(),
        keep_alive: facts.keep_alive(version),
        expects_continue: facts.expects_continue && version == Version::Http11,
        bytes: bytes.len(),
    })
}

/// What the fields say that the codec itself acts on.
struct Facts<'a> {
    host: Option<&'a [u8]>,
    fields: FramingFields,
    expects_continue: bool,
}

impl<'a> Facts<'a> {
    fn gather(fields: &[httparse::Header<'a>], version: Version) -> Result<Self, Fault> {
        let mut facts = Facts {
            host: None,
            fields: FramingFields::default(),
            expects_continue: false,
        };
        for field in fields {
            facts.note(field.name.as_bytes(), field.value)?;
        }
        facts.fields = facts.fields.check()?;
        if facts.host.is_none() && version == Version::Http11 {
            return Err(bad("no host header"));
        }
        Ok(facts)
    }

    fn note(&mut self, name: &[u8], value: &'a [u8]) -> Result<(), Fault> {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                if self.host.is_some() {
                    return Err(bad("several host headers"));
                }
                if !value.iter().all(|&byte| is_host_byte(byte)) {
                    return Err(bad("the host header is invalid"));
                }
                self.host = Some(value);
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                if !value.eq_ignore_ascii_case(b"100-continue") {
                    return Err(Fault {
                        status: 417,
                        reason: "an expectation other than 100-continue",
                    });
                }
                self.expects_continue = true;
            }
            _ => self.fields.note(name, value)?,
        }
        Ok(())
    }

    fn framing(&self, version: Version) -> Result<Framing, Fault> {
        match (self.fields.coding, self.fields.length) {
            (None, None | Some(0)) => Ok(Framing::Done),
            (None, Some(length)) => Ok(Framing::Length(length)),
            (Some(_), _) if version == Version::Http10 => Err(bad("transfer-encoding in HTTP/1.0")),
            (Some(Coding::Chunked), _) => Ok(Framing::chunked()),
            (Some(Coding::Unknown), _) => Err(Fault {
                status: 501,
                reason: "a transfer-encoding other than chunked",
            }),
        }
    }

    fn keep_alive(&self, version: Version) -> bool {
        !self.fields.close && (version == Version::Http11 || self.fields.keep_alive)
    }
}

/// Characters of a host with its port (RFC 3986 §3.2.2); `@` is not among them, so that no user name hides the host.
pub(crate) fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(&byte)
}

enum Target<'a> {
    Within(&'a str),
    /// An absolute form without a path: `/` and what followed the host.
    Rooted(&'a str),
}

/// RFC 9112 §3.2: the origin form of a target.
fn origin_form<'a>(
    method: &str,
    target: &'a str,
    host: Option<&[u8]>,
) -> Result<Target<'a>, Fault> {
    if method == "CONNECT" {
        return Err(Fault {
            status: 405,
            reason: "this is no tunnel",
        });
    }
    if !is_target(target.as_bytes()) {
        return Err(bad("the target holds invalid characters"));
    }
    if target.starts_with('/') || (target == "*" && method == "OPTIONS") {
        return Ok(Target::Within(target));
    }
    let rest = strip_scheme(target).ok_or(bad("the target has no valid form"))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.is_empty()
        || !host.is_none_or(|host| host.eq_ignore_ascii_case(authority.as_bytes()))
    {
        return Err(bad("the target names another host than the host header"));
    }
    if host.is_none() {
        // HTTP/1.0 without Host: whoever routes by the field would not see the authority.
        return Err(bad("an absolute target without a host header"));
    }
    Ok(if path.starts_with('/') {
        Target::Within(path)
    } else {
        Target::Rooted(path)
    })
}

fn strip_scheme(target: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}
