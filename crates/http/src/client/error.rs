//! Why a call to a backend failed, in words for the operator.

use std::io;
use std::net::SocketAddr;

use crate::{BodyError, shortage};

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The host name has no address.
    #[error("{host} cannot be resolved: {source}")]
    Resolve {
        /// The name.
        host: Box<str>,
        /// What the resolver said.
        source: io::Error,
    },
    /// No address accepted a connection.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// The last address tried.
        address: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// The configuration forbids every address of the host.
    #[error("the address {address} is not permitted as a target")]
    Forbidden {
        /// The first of them.
        address: SocketAddr,
    },
    /// The backend's TLS or certificate is not acceptable.
    #[error("TLS with {host} failed: {reason}")]
    Tls {
        /// The host.
        host: Box<str>,
        /// What is wrong.
        reason: String,
    },
    /// The deadline passed.
    #[error("time-out while {0}")]
    Timeout(Phase),
    /// The connection ended before the reply's head did.
    #[error("the connection ended before a reply: {0}")]
    Closed(#[source] io::Error),
    /// The reply is not valid HTTP.
    #[error("the reply is not valid: {0}")]
    BadResponse(&'static str),
    /// The reply's head is larger than the limit.
    #[error("the head of the reply is too large")]
    TooLarge,
    /// The request cannot be written.
    #[error("the request is not valid: {0}")]
    Request(&'static str),
    /// The request's own body could not be read.
    #[error("the body of the request: {0}")]
    RequestBody(#[source] BodyError),
}

impl ClientError {
    /// Whether it is no fault of the backend: this process has no descriptor left to connect with.
    pub fn is_shortage(&self) -> bool {
        match self {
            Self::Resolve { source, .. } | Self::Connect { source, .. } => shortage::is(source),
            Self::Forbidden { .. }
            | Self::Tls { .. }
            | Self::Timeout(_)
            | Self::Closed(_)
            | Self::BadResponse(_)
            | Self::TooLarge
            | Self::Request(_)
            | Self::RequestBody(_) => false,
        }
    }
}

/// What a call was waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// An address.
    Resolving,
    /// A connection.
    Connecting,
    /// The TLS handshake.
    Handshaking,
    /// The reply's head.
    AwaitingReply,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Resolving => "resolving the host",
            Self::Connecting => "connecting",
            Self::Handshaking => "negotiating TLS",
            Self::AwaitingReply => "awaiting the reply",
        })
    }
}
