//! What the house does to itself: `cargo xtask codegen` writes the code that comes from AWS's models. The house rules are
//! this crate's tests.

use clap::{Parser, Subcommand};
use xtask::codegen;

#[derive(Parser)]
#[command(about = "Tasks of the house")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write the generated code of crates/wire from the models in models/
    Codegen {
        /// Take the models anew from the pinned botocore, by pip
        #[arg(long, conflicts_with = "check")]
        fetch: bool,
        /// Write nothing; fail when what is there is not what would be written
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<()> {
    let Task::Codegen { fetch, check } = Arguments::parse().task;
    let root = xtask::root();
    if fetch {
        codegen::fetch(&root)?;
    }
    match check {
        true => codegen::check(&root),
        false => codegen::write(&root),
    }
}
