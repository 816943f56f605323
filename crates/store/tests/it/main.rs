//! The store's tests: what any store promises (`conformance`), and what the embedded one does when processes die,
//! disks lie and files are not what they should be.

#![allow(clippy::unwrap_used, reason = "a panic in a test is the report")]

mod conformance;
mod durability;
mod folder;
mod load;
mod making;
mod usage;
