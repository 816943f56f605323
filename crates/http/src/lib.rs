//! Tollgate's HTTP/1.1 core: a server and a client on `httparse`, one runtime per core.
//!
//! Both sides speak RFC 9112 strictly (what could be read in two ways is refused), keep the case and the order of header
//! fields, and stream bodies with back-pressure. One task serves a connection together with the calls it makes to
//! backends, so that a proxied request crosses no queue and no lock. Nothing here knows about API Gateway.
//!
//! Start with [`serve`] and [`Service`] for the server, [`Client`] for calls out.

mod block;
mod body;
mod buffers;
mod client;
mod codec;
mod date;
mod deadline;
mod head;
mod headers;
mod inbound;
mod limits;
mod line;
mod message;
mod sender;
mod server;
mod socket;

pub use body::{Body, BodyError, Incoming};
pub use client::{
    Client, ClientConfig, ClientError, Endpoint, Outgoing, Permit, Phase, Tls, Trust, TrustError,
    Verify,
};
pub use deadline::{Deadline, Elapsed, within};
pub use head::{RequestHead, Version};
pub use headers::{Headers, InvalidHeader};
pub use limits::Limits;
pub use message::{Refusal, Request, Response, Sent};
pub use server::{Finish, Running, ServeError, ServerConfig, Service, Stop, serve};

#[doc(hidden)]
pub mod fuzzing;
