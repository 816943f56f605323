//! The counters' tests: what is counted by several cores is shown once, in a form that Prometheus reads.

#![allow(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod counters;
mod exposition;
