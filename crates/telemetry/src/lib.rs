//! What Tollgate tells of its traffic: access log lines and counters. Both are written by gateway cores, each into
//! memory of its own without a lock, and gathered elsewhere: log buffers by one writing thread, counters when somebody
//! asks for them in Prometheus' text form. What cannot be kept is counted.

pub mod access_log;
pub mod counters;
mod histogram;
pub mod prometheus;

pub use access_log::{AccessLog, CoreLog, Destination};
pub use counters::{CoreMeter, Counters, Observed, StageMeter};
