//! A call as it came, and its answer as it goes. Both are plain values: who listens is not the control plane's concern.

use std::net::SocketAddr;

use bytes::Bytes;

/// A request to the control plane, read whole.
#[derive(Clone, Debug)]
pub struct Call {
    /// The HTTP method.
    pub method: String,
    /// Path and query as they stood in the request line.
    pub target: String,
    /// The headers in order, with the names as they came.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Bytes,
    /// Who sent it.
    pub peer: Option<SocketAddr>,
    /// Whether it came over TLS.
    pub is_secure: bool,
}

impl Call {
    /// The first value of a header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The path, undecoded.
    pub(crate) fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// The query without its question mark, undecoded.
    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// What goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers; the listener adds the length.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}
