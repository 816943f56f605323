//! Starts a real Tollgate for a test and speaks to it: control calls as AWS's clients send them, and plain HTTP.
//!
//! ```no_run
//! # use serde_json::json;
//! use tollgate_testkit::{Options, Tollgate};
//! let tollgate = Tollgate::start(Options::dev("target/debug/tollgate"));
//! let api = tollgate.control("POST", "/restapis", Some(&json!({"name": "pets"})));
//! assert_eq!(api.status, 201);
//! let answer = tollgate.api(api.json()["id"].as_str().unwrap(), "GET", "/dev/pets");
//! assert_eq!(answer.status, 403);
//! ```
//!
//! What goes wrong here is a test's failure, so these functions panic and say why.

mod http;
mod output;
mod process;
mod sign;

pub use http::{Answer, Connection, Request};
pub use output::Output;
pub use process::{Ended, Options, Tollgate};
pub use sign::{AccessKey, Scope, authorize};
