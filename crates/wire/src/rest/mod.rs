//! The protocol restJson1: which operation a request is, its input from path, query, headers and body, and the answer.
//! <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>

mod decode;
mod encode;
mod query;
mod route;
mod single;

pub use decode::{Incoming, decode, label, query_values};
pub use encode::{Encoded, encode};
pub use route::{Labels, Matched, NoOperation, Router};
