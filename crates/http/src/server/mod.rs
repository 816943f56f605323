//! The server: one thread, runtime and listening socket per core.

mod connection;
mod core;
mod http2;
mod listen;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

pub(crate) use http2::Received;
pub use listen::ServeError;
pub use tls::{TlsConfig, TlsVersion};

use self::core::Front;
use crate::codec::request::Fault;
use crate::socket::Socket;
use crate::{Body, Headers, Limits, Refusal, Request, Response, Sent};
use tls::Acceptor;

/// What answers requests; one per core, which it never leaves.
pub trait Service: 'static {
    /// Told when an answer is sent.
    type Finish: Finish;

    /// Answers a request. It may answer before the request's body has arrived, and answer with that very body.
    ///
    /// The future is run to its end even where the client leaves, as AWS ends what it began, and is dropped only at the end of a
    /// drain's grace.
    fn answer(&self, request: Request) -> impl Future<Output = (Response, Self::Finish)>;

    /// Words the answer to a request that is no valid HTTP or beyond a limit; a connection of HTTP/1.1 is closed after it.
    fn refuse(&self, refusal: &Refusal) -> Response;

    /// Told when a connection is accepted.
    fn opened(&self) {}

    /// Told when a connection has ended.
    fn closed(&self) {}
}

/// Told what became of an answer. Dropped without being told: the client left before it had everything.
pub trait Finish {
    /// The answer was handed to the kernel, or its body broke off.
    fn finish(self, sent: Sent);
}

impl Finish for () {
    fn finish(self, _: Sent) {}
}

/// Where and how to serve.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The address; port 0 picks one, the same for all cores.
    pub address: SocketAddr,
    /// The same over TLS, on an address of its own.
    pub tls: Option<TlsConfig>,
    /// Threads, each with its own runtime.
    pub cores: usize,
    /// The threads' name, to which the core's number is added; the kernel shows 15 characters.
    pub name: &'static str,
    /// Limits of each connection and core.
    pub limits: Limits,
}

impl ServerConfig {
    /// One core with the default limits.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            tls: None,
            cores: 1,
            name: "core",
            limits: Limits::default(),
        }
    }
}

/// Serves until told to stop. `make` is called once on each core's own thread, within its runtime, with the core's number.
///
/// Connections are accepted from the moment this returns.
pub fn serve<S: Service>(
    config: ServerConfig,
    make: impl Fn(usize) -> S + Send + Sync + 'static,
) -> Result<Running, ServeError> {
    let (fronts, addresses) = fronts(&config)?;
    let (sender, receiver) = watch::channel(None);
    let make = Arc::new(make);
    let mut running = Running {
        addresses,
        stop: Stop(Arc::new(sender)),
        threads: Vec::new(),
    };
    for (number, front) in fronts.into_iter().enumerate() {
        let (make, limits, stop) = (make.clone(), config.limits.clone(), receiver.clone());
        let name = format!("{}-{number}", config.name);
        let body = move || run_core(front, limits, stop, move || make(number));
        running.threads.push(
            thread::Builder::new()
                .name(name)
                .spawn(body)
                .map_err(ServeError::Thread)?,
        );
    }
    Ok(running)
}

/// The sockets of each core, and where they listen.
fn fronts(config: &ServerConfig) -> Result<(Vec<Front>, Addresses), ServeError> {
    let plain = listen::listen(config.address, config.cores.max(1))?;
    let mut addresses = Addresses {
        plain: plain[0].local_addr().map_err(ServeError::Listener)?,
        tls: None,
    };
    let mut fronts: Vec<_> = plain.into_iter().map(Front::plain).collect();
    if let Some(tls) = &config.tls {
        let acceptor = Acceptor::new(tls)?;
        let listeners = listen::listen(tls.address, fronts.len())?;
        addresses.tls = Some(listeners[0].local_addr().map_err(ServeError::Listener)?);
        for (front, listener) in fronts.iter_mut().zip(listeners) {
            front.tls = Some((listener, acceptor.clone()));
        }
    }
    Ok((fronts, addresses))
}

/// Serves one connection, for the fuzz targets.
pub(crate) async fn serve_socket<S: Service>(service: S, limits: Limits, socket: Socket) {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let core = core::Core::new(service, limits);
    connection::Connection::new(core::Core::open(&core), socket, nowhere, nowhere)
        .serve()
        .await;
}

/// Threads of a core for what blocks: name lookups, loading certificates.
const BLOCKING_THREADS_MAX: usize = 64;

fn run_core<S: Service>(
    front: Front,
    limits: Limits,
    stop: watch::Receiver<Option<Duration>>,
    make: impl FnOnce() -> S,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "a core cannot start its runtime");
            return;
        }
    };
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, core::run(front, limits, stop, make));
}

/// Where a server listens.
#[derive(Clone, Copy, Debug)]
struct Addresses {
    plain: SocketAddr,
    tls: Option<SocketAddr>,
}

/// A server that serves; dropping it and every [`Stop`] of it closes all connections.
#[derive(Debug)]
pub struct Running {
    addresses: Addresses,
    stop: Stop,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// The address served, with the port that was picked.
    pub fn address(&self) -> SocketAddr {
        self.addresses.plain
    }

    /// The address served over TLS, where there is one.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.addresses.tls
    }

    /// Tells it to stop: waiting connections are still accepted, answers under way are finished for at most `grace`, and no connection
    /// is kept alive. Returns at once.
    pub fn drain(&self, grace: Duration) {
        self.stop.drain(grace);
    }

    /// A handle that can stop it from elsewhere.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Waits for its threads to end, which they do after [`Self::drain`].
    pub fn join(self) {
        for thread in self.threads {
            // A panic of a core was reported by its hook; the others go on.
            let _ = thread.join();
        }
    }
}

/// Stops a server from elsewhere.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<Option<Duration>>>);

impl Stop {
    /// As [`Running::drain`].
    pub fn drain(&self, grace: Duration) {
        self.0.send_replace(Some(grace));
    }
}

/// An answer that can be written: a service's mistake becomes a plain 500.
fn sendable(response: Response) -> Response {
    if (200..=999).contains(&response.status) {
        return response;
    }
    tracing::error!(
        status = response.status,
        "a service answered with an impossible status"
    );
    Response {
        status: 500,
        headers: Headers::new(),
        body: Body::Empty,
    }
}

const BODY_TOO_LARGE: Fault = Fault {
    status: 413,
    reason: "the body is too large",
};
