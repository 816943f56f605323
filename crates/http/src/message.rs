//! What travels between the codec and a service.

use std::net::SocketAddr;

use crate::{Body, Headers, Negotiated, RequestHead};

/// A request as a client sent it.
#[derive(Debug)]
pub struct Request {
    /// Method, target and header fields.
    pub head: RequestHead,
    /// The body, most often still arriving.
    pub body: Body,
    /// The client's address.
    pub peer: SocketAddr,
    /// The address the client connected to.
    pub local: SocketAddr,
    /// Whether it came over TLS.
    pub secure: bool,
    /// What the client's handshake agreed on, where it came over TLS.
    pub tls: Option<Negotiated>,
}

/// An answer, of a service or of a backend.
///
/// The server writes `headers` as given and in order, without `Content-Length`, `Transfer-Encoding`, `Connection`, `Keep-Alive`,
/// `Proxy-Connection` and `Upgrade`, which are the codec's (a `Content-Length` given for HEAD or 304 is kept, `Connection: close` is honoured), then
/// `Date` where there is none, then the framing.
#[derive(Debug)]
pub struct Response {
    /// 200 to 999; the server answers 500 in the place of anything else.
    pub status: u16,
    /// The header fields; those of a backend are as received.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

/// A request that the codec itself refuses; the connection is closed after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 400, 405, 408, 413, 414, 417, 431, 501 or 505.
    pub status: u16,
    /// What is wrong, for the log: lowercase, no full stop.
    pub reason: &'static str,
    /// The client's address.
    pub peer: SocketAddr,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Body bytes handed to the kernel, without chunk framing.
    pub body_bytes: u64,
    /// Whether that is all of them; false where a backend's body broke off.
    pub complete: bool,
}
