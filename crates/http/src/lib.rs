//! Tollgate's HTTP core: a server of HTTP/1.1 (on `httparse`) and HTTP/2 (on `h2`), plain and over TLS, and a client of HTTP/1.1; one
//! runtime per core.
//!
//! Both sides speak RFC 9112 strictly (what could be read in two ways is refused), keep the case and the order of header
//! fields, and stream bodies with back-pressure. One task serves a connection, or a stream of HTTP/2, together with the calls it makes to
//! backends, so that a proxied request crosses no queue and no lock. Nothing here knows about API Gateway.
//!
//! Start with [`serve`] and [`Service`] for the server, [`Client`] for calls out.

mod block;
mod body;
mod buffers;
mod certificates;
mod client;
mod codec;
mod date;
mod deadline;
mod head;
mod headers;
mod inbound;
mod incoming;
mod limits;
mod line;
mod memory;
mod message;
mod negotiated;
mod sender;
mod server;
mod shortage;
mod socket;

pub use body::{Body, BodyError};
pub use certificates::{CertificateError, CertificateFiles, Certificates};
pub use client::{
    Client, ClientConfig, ClientError, Endpoint, Outgoing, Permit, Phase, Tls, Trust, TrustError,
    Verify,
};
pub use deadline::{Deadline, Elapsed, within};
pub use head::{RequestHead, Version};
pub use headers::{Headers, InvalidHeader};
pub use incoming::Incoming;
pub use limits::Limits;
pub use memory::{Memory, NoRoom, Reservation};
pub use message::{Refusal, Request, Response, Sent};
pub use negotiated::Negotiated;
pub use server::{
    Finish, Running, ServeError, ServerConfig, Service, Stop, TlsConfig, TlsVersion, serve,
};

#[doc(hidden)]
pub mod fuzzing;
