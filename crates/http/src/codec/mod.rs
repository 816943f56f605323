//! The wire form of HTTP/1.1 (RFC 9112): heads, chunks and framing, without any I/O.

pub(crate) mod chunked;
pub(crate) mod encode;
pub(crate) mod framing;
pub(crate) mod lines;
pub(crate) mod request;
pub(crate) mod response;

/// Header fields of one message at most, requests and responses alike.
pub(crate) const HEADERS_MAX: usize = 128;
