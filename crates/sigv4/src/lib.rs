//! AWS Signature Version 4, both ways: a server checks who signed a request, a client signs one. Pure: no input, no
//! output, and the time is given.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
//!
//! A server asks in three steps, because only it knows the keys and which service and region it is:
//! [`Claim::read`] finds what the request says of its signature, [`Claim::check`] holds that against the time and the
//! scope expected, [`Claim::verify`] computes the signature with the secret of [`Claim::access_key`]. The steps together
//! refuse in AWS's order and words. A signature in the query string is a claim as well.

mod authorization;
mod canonical;
mod claim;
mod moment;
mod presigned;
mod refusal;
mod request;
mod scope;
mod signer;

pub use authorization::Authorization;
pub use canonical::canonical_request;
pub use claim::{Claim, Expected, Secret};
pub use moment::Moment;
pub use presigned::{is_signed, without_claim};
pub use refusal::{Fault, Refusal};
pub use request::Request;
pub use scope::{Scope, signing_key};
pub use signer::Signer;

/// The only algorithm: HMAC with SHA-256.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
