//! A request's first line and header block.

use crate::block::Span;
use crate::headers::{Headers, InvalidHeader, is_token};

/// The version a peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// HTTP/1.0: closes after an answer unless asked otherwise, knows no chunks.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2: field names are in lower case, and `Host` is what the client named as `:authority`.
    Http2,
}

/// Method, target, version and header fields of a request, in one arena.
#[derive(Clone, Debug)]
pub struct RequestHead {
    headers: Headers,
    method: Span,
    target: Span,
    /// Bytes of the target before its `?`.
    path_bytes: usize,
    version: Version,
}

impl RequestHead {
    /// Builds a head, for requests that did not come over a connection (test invocations).
    pub fn new(method: &str, target: &str, headers: Headers) -> Result<Self, InvalidHeader> {
        Self::of_version(method, target, headers, Version::Http11)
    }

    pub(crate) fn of_version(
        method: &str,
        target: &str,
        mut headers: Headers,
        version: Version,
    ) -> Result<Self, InvalidHeader> {
        if !is_token(method.as_bytes()) || !is_target(target.as_bytes()) {
            return Err(InvalidHeader::Name);
        }
        let method = headers.append_text(method);
        let target = headers.append_text(target);
        Ok(Self::from_parsed(headers, method, target, version))
    }

    pub(crate) fn from_parsed(
        headers: Headers,
        method: Span,
        target: Span,
        version: Version,
    ) -> Self {
        let text = headers.text(target);
        let path_bytes = memchr::memchr(b'?', text.as_bytes()).unwrap_or(text.len());
        Self {
            headers,
            method,
            target,
            path_bytes,
            version,
        }
    }

    /// The method as sent; methods are case-sensitive.
    pub fn method(&self) -> &str {
        self.headers.text(self.method)
    }

    /// The target in origin form as sent (`/path?query`, or `*`); an absolute form has lost its scheme and host.
    pub fn target(&self) -> &str {
        self.headers.text(self.target)
    }

    /// The target before the first `?`, not decoded.
    pub fn path(&self) -> &str {
        &self.target()[..self.path_bytes]
    }

    /// The target after the first `?`, not decoded.
    pub fn query(&self) -> Option<&str> {
        self.target().get(self.path_bytes + 1..)
    }

    /// The version the client speaks.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The header fields.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The same head of a client that speaks another version.
    pub fn with_version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// The header fields, to edit.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }

    /// The `Host` field with its port; a request over HTTP/1.0 may have none.
    pub fn host(&self) -> Option<&str> {
        self.headers
            .get("host")
            .and_then(|value| std::str::from_utf8(value).ok())
    }
}

/// Characters a target may hold: visible ASCII without `#`, which starts a fragment and is never sent, and without `\`,
/// which some servers read as `/`. Others that RFC 3986 excludes (`|`, `{`, `"`) are sent by real clients and mean nothing else.
pub(crate) fn is_target(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes
            .iter()
            .all(|&byte| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\')
}
