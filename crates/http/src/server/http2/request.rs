//! Request heads of HTTP/2 (RFC 9113 §8.3.1) in the form of HTTP/1.1, so that what serves a request need not know how it came.

use http::HeaderMap;
use http::request::Parts;

use crate::codec::lines;
use crate::codec::request::{Fault, bad, is_host_byte};
use crate::head::{RequestHead, Version, is_target};
use crate::headers::Headers;
use crate::limits::HeadLimits;

/// A head, and what it says of the body.
pub(super) struct Read {
    pub(super) head: RequestHead,
    pub(super) length: Option<u64>,
    /// The client waits for `100 Continue` before it sends the body.
    pub(super) expects_continue: bool,
}

/// Reads a head that `h2` found well-formed: it knows no connection fields, and its pseudo-fields are complete.
pub(super) fn read(parts: &Parts, limits: HeadLimits) -> Result<Read, Fault> {
    let target = target(parts, limits)?;
    let host = host(parts)?;
    let expects_continue = expects_continue(&parts.headers)?;
    let length = length(&parts.headers)?;
    let headers = fields(&parts.headers, host, limits)?;
    let head = RequestHead::of_version(parts.method.as_str(), target, headers, Version::Http2)
        .map_err(|_| bad("the head is invalid"))?;
    Ok(Read {
        head,
        length,
        expects_continue,
    })
}

fn target(parts: &Parts, limits: HeadLimits) -> Result<&str, Fault> {
    let Some(target) = parts.uri.path_and_query() else {
        return Err(Fault {
            status: 405,
            reason: "this is no tunnel",
        });
    };
    let target = target.as_str();
    if target.len() > limits.target_bytes_max {
        return Err(Fault {
            status: 414,
            reason: "the target is too long",
        });
    }
    let has_form = target.starts_with('/') || (target == "*" && parts.method == "OPTIONS");
    if !has_form || !is_target(target.as_bytes()) {
        return Err(bad("the target holds invalid characters"));
    }
    Ok(target)
}

/// `:authority`, or else `Host`; where both are sent they must agree.
fn host(parts: &Parts) -> Result<&[u8], Fault> {
    let authority = parts
        .uri
        .authority()
        .map(|authority| authority.as_str().as_bytes());
    let mut fields = parts.headers.get_all("host").iter();
    let field = fields.next().map(|value| value.as_bytes());
    if fields.next().is_some() {
        return Err(bad("several host headers"));
    }
    let host = match (authority, field) {
        (Some(authority), Some(field)) if !authority.eq_ignore_ascii_case(field) => {
            return Err(bad("the host header names another host than the authority"));
        }
        (authority, field) => authority.or(field).ok_or(bad("no host"))?,
    };
    if host.is_empty() || !host.iter().all(|&byte| is_host_byte(byte)) {
        return Err(bad("the host is invalid"));
    }
    Ok(host)
}

fn expects_continue(fields: &HeaderMap) -> Result<bool, Fault> {
    match fields.get("expect") {
        None => Ok(false),
        Some(value) if value.as_bytes().eq_ignore_ascii_case(b"100-continue") => Ok(true),
        Some(_) => Err(Fault {
            status: 417,
            reason: "an expectation other than 100-continue",
        }),
    }
}

/// `h2` holds the body to it.
fn length(fields: &HeaderMap) -> Result<Option<u64>, Fault> {
    let mut values = fields.get_all("content-length").iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(bad("several content-lengths"));
    }
    let length = lines::length(first.as_bytes());
    length
        .map(Some)
        .ok_or(bad("content-length is not a number"))
}

/// `Host` first, as clients of HTTP/1.1 send it; then the fields in their order, cookies joined (RFC 9113 §8.2.3).
fn fields(map: &HeaderMap, host: &[u8], limits: HeadLimits) -> Result<Headers, Fault> {
    if map.len() > limits.headers_max {
        return Err(Fault {
            status: 431,
            reason: "too many header fields",
        });
    }
    let mut headers = Headers::with_capacity(map.len() * 48 + host.len());
    let mut push = |name: &str, value: &[u8]| {
        let pushed = headers.push(name, value);
        pushed.map_err(|_| bad("a header field is invalid"))
    };
    push("Host", host)?;
    for name in map.keys() {
        match name.as_str() {
            "host" => {}
            "cookie" => push("cookie", &cookies(map))?,
            other => {
                for value in map.get_all(name) {
                    push(other, value.as_bytes())?;
                }
            }
        }
    }
    Ok(headers)
}

fn cookies(map: &HeaderMap) -> Vec<u8> {
    let crumbs: Vec<_> = map
        .get_all("cookie")
        .iter()
        .map(|value| value.as_bytes())
        .collect();
    crumbs.join(&b"; "[..])
}
