//! The HTTP core against raw sockets, hyper, nginx and curl.

mod cases;
mod client;
mod hostile;
mod limits;
mod peers;
mod server;
mod service;
mod splits;
mod tls;
