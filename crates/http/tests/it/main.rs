//! The HTTP core against raw sockets, hyper, nginx and curl.
#![allow(clippy::unwrap_used, reason = "a panic in a test is the report")]
#![allow(clippy::print_stdout, reason = "a test that cannot run here says so")]

mod cases;
mod certificates;
mod client;
mod corpora;
mod front;
mod hostile;
mod http2;
mod http2_hostile;
mod limits;
mod peers;
mod server;
mod service;
mod splits;
mod tls;
