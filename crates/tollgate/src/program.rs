//! A Tollgate from its listeners to its store: put together, and taken down again without losing anything.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::JoinHandle;
use tollgate_control::{Control, Credentials, Directory, RootKey};
use tollgate_gateway::plan::Plans;
use tollgate_gateway::recorder::{Recorder, Retaining};
use tollgate_gateway::{
    Caches, Callers, Console, Core, Gateway, Hosts, Ledger, Loader, Settings, Targets, Telemetry,
};
use tollgate_http::{Certificates, ClientConfig, Memory, Running, ServerConfig, TlsConfig, serve};
use tollgate_model::api_key::Digester;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_model::seal::Seal;
use tollgate_store::{Store, UsageStore};
use tollgate_telemetry::Counters;
use tollgate_telemetry::prometheus::Kind;

use crate::admin::{Admin, Life, Phase};
use crate::api_names;
use crate::calls::{self, BODY_BYTES_MAX, Calls};
use crate::config::{Config, Integrations, Tls};
use crate::dispatch::Dispatch;
use crate::logs::Logs;
use crate::runtime::InProcess;

/// How long access log lines may take to be written at the end.
const LOGS_PATIENCE: Duration = Duration::from_secs(5);

/// What `serve` and `dev` decide differently.
pub(crate) struct Setup {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) credentials: Credentials,
    /// What seals the secrets in the store.
    pub(crate) seal: Arc<dyn Seal>,
    /// What finds the values of API keys.
    pub(crate) digester: Digester,
    /// The access keys of roots.
    pub(crate) roots: Vec<RootKey>,
    /// Who is told why requests are refused.
    pub(crate) console: Option<Arc<dyn Console>>,
    /// Whether definitions may call any address.
    pub(crate) may_call_anything: bool,
    /// Whether the recorder keeps every request, and not only those that fail and a sample.
    pub(crate) keeps_every_request: bool,
}

/// A Tollgate that runs.
pub(crate) struct Program {
    outside: Outside,
    pub(crate) control: Arc<Control>,
    pub(crate) gateway: Arc<Gateway>,
    loader: JoinHandle<()>,
    names: JoinHandle<()>,
    counting: JoinHandle<()>,
    identities: JoinHandle<()>,
    answering: JoinHandle<()>,
}

/// What faces the world: listeners, and what is told.
struct Outside {
    main: Running,
    admin: Running,
    certificates: Option<Certificates>,
    life: Life,
    counters: Arc<Counters>,
    logs: Logs,
    /// Set once, when there is something to serve; until then cores wait, and connections in their queues.
    opened: Arc<OnceLock<Arc<Gateway>>>,
}

/// What each core is given on its own thread.
struct Cores {
    gateway: Arc<OnceLock<Arc<Gateway>>>,
    reports: Mutex<Vec<Telemetry>>,
    client: ClientConfig,
    hosts: Hosts,
    calls: Calls,
}

impl Program {
    /// Puts it together, with everything that the store has deployed. It answers from [`Self::open`] on.
    pub(crate) async fn start(setup: Setup) -> Result<Self> {
        let control = &setup.config.control;
        let (calls, waiting) = calls::calls(
            control.calls_waiting_max.into(),
            Duration::from_millis(control.call_timeout_ms),
            setup.console.clone(),
        );
        let memory = Memory::of(setup.config.connections.body_memory_bytes_max);
        let directory = directory(&setup).await?;
        let outside = Outside::listen(&setup.config, calls, &memory)?;
        let usage = UsageStore::open(&setup.config.server.data);
        let usage = usage.context("cannot read how much API keys used")?;
        let ledger = Arc::new(Ledger::new(Some(Arc::new(usage)), Clock::System));
        let gateway = Arc::new(Gateway::new(settings(
            &setup,
            &outside,
            &directory,
            ledger.clone(),
        )));
        let plans = Arc::new(plans(&setup.config, &outside));
        let loader = Loader::load(setup.store.clone(), gateway.clone(), plans.clone()).await;
        let loader = tokio::spawn(loader.context("cannot read what is deployed")?.follow());
        let counting = tokio::spawn(ledger.write());
        let counters = outside.counters.clone();
        let names = tokio::spawn(api_names::follow(setup.store.clone(), counters));
        let identities = tokio::spawn(directory.clone().follow());
        let control = control_plane(setup, directory, gateway.clone(), plans, memory);
        let control = Arc::new(control);
        let answering = tokio::spawn(answer(waiting, control.clone()));
        Ok(Self {
            outside,
            control,
            gateway,
            loader,
            names,
            counting,
            identities,
            answering,
        })
    }

    /// Lets requests in.
    pub(crate) fn open(&self) {
        // Only ever set here, and once.
        let _ = self.outside.opened.set(self.gateway.clone());
        self.outside.life.enter(Phase::Ready);
    }

    /// Where APIs and control calls are served.
    pub(crate) fn address(&self) -> SocketAddr {
        self.outside.main.address()
    }

    /// Where the same is served over TLS.
    pub(crate) fn tls_address(&self) -> Option<SocketAddr> {
        self.outside.main.tls_address()
    }

    /// Where health and metrics are.
    pub(crate) fn admin_address(&self) -> SocketAddr {
        self.outside.admin.address()
    }

    /// Opens access log files anew.
    pub(crate) fn reopen_logs(&self) {
        self.outside.logs.reopen();
    }

    /// Reads certificates again: those that these settings name.
    pub(crate) fn reload_certificates(&self, settings: &Tls) {
        let Some(certificates) = &self.outside.certificates else {
            return;
        };
        match certificates.replace(&settings.files()) {
            Ok(()) => tracing::info!("certificates are read again"),
            Err(error) => {
                tracing::error!(%error, "certificates cannot be read; those in use stay");
            }
        }
    }

    /// Ends: finishes requests under way for at most `grace`, then what they asked of the control plane, then the logs.
    pub(crate) async fn drain(self, grace: Duration) {
        let Outside {
            main,
            admin,
            life,
            logs,
            ..
        } = self.outside;
        life.enter(Phase::Draining);
        // Told once it is true: whoever reads the line may ask whether we are ready.
        tracing::info!("ending: requests under way are finished");
        main.drain(grace);
        join(main).await;
        // With the cores, the calls' last senders are gone: what waits is answered, then this ends.
        let _ = self.answering.await;
        // Nobody is counted any more: what was counted is written down.
        self.gateway.settings().ledger.flush().await;
        self.counting.abort();
        self.loader.abort();
        self.names.abort();
        self.identities.abort();
        // They hold the store, which is closed whole, its log folded into the database, when nobody holds it any more.
        let _ = (self.loader.await, self.names.await, self.identities.await);
        // Health is told to the very end.
        admin.drain(Duration::ZERO);
        join(admin).await;
        let control = self.control;
        let closing = move || {
            logs.finish(LOGS_PATIENCE);
            drop(control);
        };
        let _ = tokio::task::spawn_blocking(closing).await;
    }
}

impl Outside {
    fn listen(config: &Config, calls: Calls, memory: &Memory) -> Result<Self> {
        let (life, workers) = (Life::new(), config.server.workers());
        let counters = Counters::new(workers);
        show_memory(&counters, memory);
        let logs = Logs::open(&config.access_log, &config.execution_log)?;
        logs.show_in(&counters);
        let admin = listen_admin(config, &life, &counters)?;
        let opened = Arc::<OnceLock<_>>::default();
        let cores = Cores {
            gateway: opened.clone(),
            reports: Mutex::new(reports(workers, &counters, &logs)),
            client: config.integrations.client(memory.clone()),
            hosts: Hosts::new(&config.hosts.domains),
            calls,
        };
        let tls = config.tls.config()?;
        Ok(Self {
            certificates: tls.as_ref().map(|tls| tls.certificates.clone()),
            main: listen_main(config, tls, cores, memory.clone())?,
            admin,
            life,
            counters,
            logs,
            opened,
        })
    }
}

impl Cores {
    /// The service of one core, made on its thread.
    fn make(&self) -> Dispatch {
        let gateway = self.gateway.wait().clone();
        let report = self
            .reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let report = report.expect("there is a report for each core");
        let client = gateway.client(self.client.clone());
        Dispatch {
            core: Core::new(gateway, client, Random::from_os(), Box::new(report)),
            hosts: self.hosts.clone(),
            calls: self.calls.clone(),
        }
    }
}

fn show_memory(counters: &Counters, memory: &Memory) {
    let (taken, refused) = (memory.clone(), memory.clone());
    counters.show(
        "tollgate_body_memory_bytes",
        "Memory that bodies read whole take now.",
        Kind::Gauge,
        move || taken.taken(),
    );
    counters.show(
        "tollgate_body_memory_refused_total",
        "Bodies that were not read whole for want of memory.",
        Kind::Counter,
        move || refused.refused(),
    );
}

/// The plans of stages that count, and log where somebody takes it.
fn plans(config: &Config, outside: &Outside) -> Plans {
    let groups = outside.logs.execution_groups();
    let caches = Arc::new(Caches::new(config.cache.settings(), &mut Random::from_os()));
    show_caches(&outside.counters, &caches);
    let plans = Plans::new(outside.counters.clone());
    let plans = plans
        .with_execution_logs(move |group| groups.number(group))
        .with_account_limit(config.limits.account())
        .with_caches(caches)
        .with_identity_providers(config.identity_providers.gateway());
    match config.private_endpoints.gateway().is_empty() {
        true => plans,
        false => plans.with_private_endpoints(),
    }
}

fn show_caches(counters: &Counters, caches: &Arc<Caches>) {
    let (bytes, count) = (caches.clone(), caches.clone());
    counters.show(
        "tollgate_cache_bytes",
        "Memory that the answers in caches of stages take now.",
        Kind::Gauge,
        move || bytes.bytes(),
    );
    counters.show(
        "tollgate_cache_entries",
        "Answers in caches of stages.",
        Kind::Gauge,
        move || count.count() as u64,
    );
}

fn reports(workers: usize, counters: &Arc<Counters>, logs: &Logs) -> Vec<Telemetry> {
    let meters = (0..workers).filter_map(|core| counters.core(core));
    meters
        .map(|meter| Telemetry::new(counters, meter, Some(Box::new(logs.core()))))
        .collect()
}

fn listen_main(
    config: &Config,
    tls: Option<TlsConfig>,
    cores: Cores,
    memory: Memory,
) -> Result<Running> {
    let gateway = config.limits.gateway();
    let server = ServerConfig {
        address: config.server.listen,
        tls,
        cores: config.server.workers(),
        name: "core",
        limits: config
            .connections
            .limits(&gateway, BODY_BYTES_MAX as u64, memory),
    };
    let running = serve(server, move |_| cores.make());
    running.context("cannot serve APIs and AWS calls (--listen and [tls] choose other addresses)")
}

fn listen_admin(config: &Config, life: &Life, counters: &Arc<Counters>) -> Result<Running> {
    let server = ServerConfig {
        name: "admin",
        ..ServerConfig::new(config.admin.listen)
    };
    let admin = Admin {
        life: life.clone(),
        counters: counters.clone(),
    };
    let running = serve(server, move |_| admin.clone());
    running.context("cannot serve health and metrics (--admin chooses another address)")
}

fn settings(
    setup: &Setup,
    outside: &Outside,
    directory: &Directory,
    ledger: Arc<Ledger>,
) -> Settings {
    let config = &setup.config;
    let mut own = vec![outside.main.address(), outside.admin.address()];
    own.extend(outside.main.tls_address());
    let targets = match setup.may_call_anything {
        true => Targets::any(),
        false => targets(&config.integrations, own),
    };
    let recorder = config.recorder.settings(setup.keeps_every_request);
    Settings {
        hosts: Hosts::new(&config.hosts.domains),
        limits: config.limits.gateway(),
        targets,
        private_endpoints: config.private_endpoints.gateway(),
        callers: match &setup.credentials {
            Credentials::Any { account, .. } => Callers::any(account),
            Credentials::Known => Callers::known(directory.live()),
        },
        clock: Clock::System,
        console: setup.console.clone(),
        digester: setup.digester.clone(),
        ledger,
        recorder: recorder.map(|settings| Arc::new(Recorder::new(settings))),
    }
}

fn targets(config: &Integrations, own: Vec<SocketAddr>) -> Targets {
    let refused = match config.allow_own_addresses {
        true => Vec::new(),
        false => own,
    };
    Targets {
        link_local: config.allow_link_local,
        refused,
    }
}

/// Who there is, as the store has it now.
async fn directory(setup: &Setup) -> Result<Arc<Directory>> {
    let (store, seal) = (setup.store.clone(), setup.seal.clone());
    let directory = Directory::new(store, seal, setup.roots.clone());
    let caught_up = directory.catch_up().await;
    caught_up.context("cannot read who there is")?;
    Ok(Arc::new(directory))
}

fn control_plane(
    setup: Setup,
    directory: Arc<Directory>,
    gateway: Arc<Gateway>,
    plans: Arc<Plans>,
    memory: Memory,
) -> Control {
    let config = &setup.config;
    let patience = Duration::from_millis(config.control.apply_timeout_ms);
    let store = Retaining::over(setup.store.clone(), gateway.clone());
    let runtime = Arc::new(InProcess {
        gateway,
        plans,
        store: setup.store.clone(),
        domains: config.hosts.domains.clone(),
        client: config.integrations.client(memory),
        patience,
    });
    let settings = tollgate_control::Config {
        credentials: setup.credentials,
        seal: setup.seal,
        digester: setup.digester,
        directory,
        integration_timeout_ms_max: config.limits.gateway().integration_timeout_ms_max,
    };
    let random = Random::from_os();
    Control::new(store, runtime, Clock::System, random, settings)
}

async fn answer(waiting: tokio::sync::mpsc::Receiver<calls::Waiting>, control: Arc<Control>) {
    let handle = move |call| {
        let control = control.clone();
        async move { control.handle(call).await }
    };
    calls::serve(waiting, handle).await;
}

/// Waits for a server's threads without holding one of the runtime's.
async fn join(running: Running) {
    let _ = tokio::task::spawn_blocking(move || running.join()).await;
}
