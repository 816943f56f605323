//! What Tollgate tells of its traffic: lines of logs, and counters. Both are written by gateway cores, each into
//! memory of its own without a lock, and gathered elsewhere: log buffers by one writing thread, counters when somebody
//! asks for them in Prometheus' text form. What cannot be kept is counted.

mod cloudwatch;
pub mod counters;
mod histogram;
pub mod line_log;
pub mod prometheus;

pub use counters::{CoreMeter, Counters, Observed, StageMeter};
pub use line_log::{CoreLog, Destination, LineLog};
