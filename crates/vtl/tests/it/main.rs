//! Tests of the template language from the outside.
#![allow(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod case;
mod cases;
mod hostile;
mod random;
mod recorded;
mod world;
