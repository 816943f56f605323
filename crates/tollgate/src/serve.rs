//! `tollgate serve`: a gateway that keeps its data and knows its callers.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tollgate_control::Credentials;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;

use crate::arguments::Serve;
use crate::config::{Config, Sources};
use crate::failure::Failure;
use crate::logging::Logging;
use crate::program::{Program, Setup};
use crate::run::{Reload, in_background, open_store, say_ready, settings, until_told_to_end};
use crate::say;
use crate::secrets::{RootKeys, root_keys, sealer};
use crate::signals::Signals;

/// Runs until told to end.
pub(crate) fn run(arguments: Serve) -> Result<ExitCode, Failure> {
    let sources = Sources::new(arguments.place.config.clone());
    let config = settings(&sources, &arguments.place)?;
    let logging = Logging::start(&config.log);
    in_background(serve(config, Reload { sources, logging }))
}

async fn serve(config: Config, reload: Reload) -> Result<(), Failure> {
    let signals = Signals::listen().context("cannot listen for signals")?;
    let data = config.server.data.clone();
    let grace = Duration::from_millis(config.server.drain_grace_ms);
    let store = open_store(&data)?;
    let mut random = Random::from_os();
    let key_file = config.secrets.key_file(&data);
    let sealer = sealer(&*store, &key_file, &mut random).await?;
    let account = &config.control.account;
    let root = root_keys(&*store, &sealer, account, &Clock::System, &mut random).await?;
    let program = Program::start(Setup {
        config,
        store,
        credentials: Credentials::Known,
        digester: sealer.digester(),
        seal: Arc::new(sealer),
        roots: root.keys.clone(),
        console: None,
        may_call_anything: false,
        keeps_every_request: false,
    })
    .await?;
    if root.are_new {
        show(&root);
    }
    program.open();
    let data = data.canonicalize().unwrap_or(data);
    say_ready(&program, data.display());
    until_told_to_end(program, signals, Some(&reload), grace).await;
    Ok(())
}

/// Ready to be pasted into a shell.
fn show(root: &RootKeys) {
    for key in &root.keys {
        say::out(format_args!(
            "root access key of account {}, shown this once:",
            key.account
        ));
        say::out(format_args!("  AWS_ACCESS_KEY_ID={}", key.id));
        say::out(format_args!("  AWS_SECRET_ACCESS_KEY={}", key.secret));
    }
}
