//! The gateway over real sockets: behaviours as specs, and the way from the store to traffic.
#![allow(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod backend;
mod cache;
mod client;
mod cold;
mod document;
mod draft4;
mod issuer;
mod keys;
mod load;
mod routes;
mod signers;
mod specs;
mod test_invoke;
