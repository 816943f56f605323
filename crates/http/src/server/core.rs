//! One core: accepts connections, and drains.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

use super::Service;
use super::connection::Connection;
use crate::Limits;
use crate::deadline::{self, Deadline, Wait, within};
use crate::socket::Socket;

/// What a core's connections share.
pub(super) struct Core<S> {
    pub(super) service: S,
    pub(super) limits: Limits,
    pub(super) draining: Cell<bool>,
    open: Cell<usize>,
    /// Told when a connection closes.
    closed: Notify,
}

impl<S: Service> Core<S> {
    pub(super) fn new(service: S, limits: Limits) -> Rc<Self> {
        let (draining, open) = (Cell::new(false), Cell::new(0));
        Rc::new(Self {
            service,
            limits,
            draining,
            open,
            closed: Notify::new(),
        })
    }

    /// Counts another connection.
    pub(super) fn open(core: &Rc<Self>) -> Open<S> {
        core.open.set(core.open.get() + 1);
        core.service.opened();
        Open(core.clone())
    }
}

/// Counts a connection while it is open.
pub(super) struct Open<S: Service>(pub(super) Rc<Core<S>>);

impl<S: Service> Drop for Open<S> {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
        self.0.service.closed();
        self.0.closed.notify_one();
    }
}

/// Without file descriptors or memory, accepting anew at once would only burn the core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long connections without a first request are waited for while draining: their client may be about to send one.
const FRESH_GRACE: Duration = Duration::from_secs(1);

pub(super) async fn run<S: Service>(
    listener: std::net::TcpListener,
    limits: Limits,
    mut stop: watch::Receiver<Option<Duration>>,
    make: impl FnOnce() -> S,
) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "a core cannot listen");
            return;
        }
    };
    let core = Core::new(make(), limits);
    let grace = tokio::select! {
        grace = told_to_stop(&mut stop) => grace,
        never = accept(&core, &listener) => match never {},
    };
    drain(&core, listener, grace).await;
}

/// The grace of the drain asked for; none where nobody is left to ask.
async fn told_to_stop(stop: &mut watch::Receiver<Option<Duration>>) -> Duration {
    loop {
        if let Some(grace) = *stop.borrow_and_update() {
            return grace;
        }
        if stop.changed().await.is_err() {
            return Duration::ZERO;
        }
    }
}

async fn accept<S: Service>(
    core: &Rc<Core<S>>,
    listener: &TcpListener,
) -> std::convert::Infallible {
    loop {
        make_room(core).await;
        match listener.accept().await {
            Ok((socket, peer)) => start(core, socket, peer),
            Err(error) if concerns_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections for a moment");
                deadline::hurry(Wait::Idle, 64);
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// At the limit, idle connections make room for new ones.
async fn make_room<S: Service>(core: &Core<S>) {
    while core.open.get() >= core.limits.connections_max {
        deadline::hurry(Wait::Idle, core.limits.connections_max / 16 + 1);
        core.closed.notified().await;
    }
}

/// The client left before it was accepted; nothing is wrong with the listener.
fn concerns_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

fn start<S: Service>(core: &Rc<Core<S>>, socket: TcpStream, peer: SocketAddr) {
    // An answer is written at once and must not wait for the acknowledgement of the one before.
    let _ = socket.set_nodelay(true);
    let Ok(local) = socket.local_addr() else {
        return;
    };
    let connection = Connection::new(Core::open(core), Socket::Plain(socket), peer, local);
    tokio::task::spawn_local(connection.serve());
}

async fn drain<S: Service>(core: &Rc<Core<S>>, listener: TcpListener, grace: Duration) {
    core.draining.set(true);
    let end = Deadline::after(grace);
    while let Some((socket, peer)) = waiting(&listener).await {
        start(core, socket, peer);
    }
    drop(listener);
    deadline::hurry(Wait::Idle, usize::MAX);
    if within(end.min(Deadline::after(FRESH_GRACE)), all_closed(core))
        .await
        .is_err()
    {
        deadline::hurry(Wait::Fresh, usize::MAX);
        if within(end, all_closed(core)).await.is_err() {
            tracing::warn!(
                connections = core.open.get(),
                "connections are cut off at the end of the grace"
            );
        }
    }
}

/// The next connection of the listen queue, if there is one.
async fn waiting(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    poll_fn(|context| match listener.poll_accept(context) {
        Poll::Ready(accepted) => Poll::Ready(accepted.ok()),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

async fn all_closed<S: Service>(core: &Core<S>) {
    while core.open.get() > 0 {
        core.closed.notified().await;
    }
}
