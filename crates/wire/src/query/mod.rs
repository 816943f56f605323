//! The protocol awsQuery: an operation and its input from a form, its output and its refusals as XML.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

mod decode;
mod encode;
mod form;
mod xml;

pub use decode::decode;
pub use encode::{Fault, encode, encode_fault};
pub use form::Form;
