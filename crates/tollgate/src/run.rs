//! What `serve` and `dev` do alike: read settings, run in the background's runtime, say that they are ready, end.

use std::fmt::Display;
use std::future::Future;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Builder;
use tollgate_store::{Options, Sqlite};

use crate::arguments::Place;
use crate::config::{Config, Sources};
use crate::descriptors;
use crate::failure::Failure;
use crate::logging::Logging;
use crate::program::Program;
use crate::say;
use crate::signals::{Asked, Signals};

/// Threads of the control plane and the loader; the gateway's cores have runtimes of their own.
const BACKGROUND_THREADS: usize = 2;

/// Threads for what blocks or computes long, such as compiling a deployment; they end when idle.
const BLOCKING_THREADS_MAX: usize = 8;

/// How long tasks that nobody waits for any more may hold up the end.
const BACKGROUND_PATIENCE: Duration = Duration::from_secs(1);

/// What SIGHUP reads again.
pub(crate) struct Reload {
    pub(crate) sources: Sources,
    pub(crate) logging: Logging,
}

/// The settings of the file and the environment, with what the command line says instead.
pub(crate) fn settings(sources: &Sources, place: &Place) -> Result<Config, Failure> {
    let mut config = sources.read().map_err(Failure::given)?;
    if let Some(listen) = place.listen {
        config.server.listen = listen;
    }
    if let Some(admin) = place.admin {
        config.admin.listen = admin;
    }
    if let Some(data) = &place.data {
        config.server.data.clone_from(data);
    }
    if let Some(workers) = place.workers {
        config.server.set_workers(workers);
    }
    Ok(config)
}

/// Runs `work` with the runtime of everything that is not a gateway core.
pub(crate) fn in_background(
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<ExitCode, Failure> {
    descriptors::take_all();
    let runtime = Builder::new_multi_thread()
        .worker_threads(BACKGROUND_THREADS)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_name("background")
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(BACKGROUND_PATIENCE);
    done.map(|()| ExitCode::SUCCESS)
}

/// Opens the store of a data folder.
pub(crate) fn open_store(data: &Path) -> Result<Arc<Sqlite>, Failure> {
    let store = Sqlite::open(data, Options::default());
    store.map(Arc::new).map_err(Failure::running)
}

/// The one line that says where everything is.
pub(crate) fn say_ready(program: &Program, data: impl Display) {
    let (address, admin) = (program.address(), program.admin_address());
    let tls = program.tls_address();
    let tls = tls.map_or_else(String::new, |tls| format!(", over TLS on https://{tls}"));
    say::out(format_args!(
        "tollgate ready: APIs and AWS calls on http://{address}{tls}, health and metrics on http://{admin}, data in {data}"
    ));
}

/// Serves until a signal ends it; a second one ends it at once. Without anything to reload, SIGHUP ends it too: the terminal
/// is gone.
pub(crate) async fn until_told_to_end(
    program: Program,
    mut signals: Signals,
    reload: Option<&Reload>,
    grace: Duration,
) {
    while signals.next().await == Asked::Reload {
        match reload {
            Some(reload) => reload.carry_out(&program),
            None => break,
        }
    }
    tokio::select! {
        () = program.drain(grace) => {}
        never = signals.end_at_once() => never,
    }
}

impl Reload {
    fn carry_out(&self, program: &Program) {
        program.reopen_logs();
        match self.sources.read() {
            Ok(config) => {
                self.logging.change(&config.log);
                program.reload_certificates(&config.tls);
            }
            Err(error) => {
                tracing::error!(%error, "the settings cannot be read; log level and certificates stay as they are")
            }
        }
    }
}
