//! AWS's policy language: documents compiled once, decisions in bounded time, and a proof of each on demand. Pure: no input, no
//! output, and whatever a policy may ask of a request is given.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html>
//!
//! [`Policy::parse`] reads a document, or says in AWS's words why it is none. [`evaluate`] decides on a [`Request`] by the
//! [`Policies`] that apply to it and names the statement that decided;
//! [`prove`] says why, and what would turn it. [`Policy::scope`] lists what a policy tells apart, for whoever wants to try it all.

mod condition;
mod context;
mod document;
mod evaluate;
mod json;
pub mod limits;
mod malformed;
mod meeting;
mod pattern;
mod prove;
mod request;
mod scope;
mod steps;
mod variable;

pub use context::{Context, Value};
pub use document::{Effect, Kind, Policy};
pub use evaluate::{Decision, Grant, Missing, Place, Policies, Source, evaluate};
pub use malformed::Malformed;
pub use prove::{Change, Compared, Finding, Fit, Part, Proof, prove};
pub use request::{Principal, Request};
pub use scope::{Piece, Samples, Scope};
