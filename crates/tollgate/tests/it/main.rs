//! The program from outside: real processes, real ports, real files.

#![allow(clippy::unwrap_used, reason = "a panic in a test is the report")]
#![allow(
    clippy::print_stdout,
    reason = "the replay of recordings tells how many hold"
)]

mod backend;
mod check;
mod command_line;
mod commands;
mod definitions;
mod development;
mod dispatch;
mod durability;
mod ending;
mod exhaustion;
mod faults;
mod making;
mod operating;
mod peers;
mod prove;
mod recorded;
mod recorder;
mod settings;
mod signed;
mod start;
mod swap;
mod throttles;
mod tls;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tollgate");
