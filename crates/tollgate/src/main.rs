//! The program: settings, the two planes put together, start and end.
//!
//! `serve.rs` and `dev.rs` are the commands that run a Tollgate, `client/` those that call one; `program.rs` puts a Tollgate together, `dispatch.rs` decides which plane a request is
//! for. What gateway and control plane do lies in crates of their own, which never see each other.

mod admin;
mod api_names;
mod arguments;
mod calls;
mod check;
mod client;
mod config;
mod console;
mod definitions;
mod descriptors;
mod dev;
mod dispatch;
mod failure;
mod logging;
mod logs;
mod program;
mod prove;
mod run;
mod runtime;
mod say;
mod secrets;
mod serve;
mod signals;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// Measured to be the fastest for many small pieces per request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Dev(arguments) => dev::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Prove(arguments) => prove::run(arguments),
        Command::Drift(arguments) => client::drift::run(arguments),
        Command::History(arguments) => client::history::run(arguments),
        Command::Rollback(arguments) => client::rollback::run(arguments),
        Command::Explain(arguments) => client::requests::explain::run(arguments),
        Command::Record(arguments) => client::requests::record::run(arguments),
        Command::Show(arguments) => client::requests::show::run(arguments),
        Command::Replay(arguments) => client::requests::replay::run(arguments),
        Command::Config => {
            say::out(config::DEFAULT.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|failure| failure.report())
}
