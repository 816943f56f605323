//! One core: accepts connections, and drains.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

use super::connection::Connection;
use super::tls::{self, Acceptor};
use super::{Service, http2};
use crate::Limits;
use crate::deadline::{self, Deadline, Wait, within};
use crate::shortage;
use crate::socket::Socket;

/// What a core's connections share.
pub(super) struct Core<S> {
    pub(super) service: S,
    pub(super) limits: Limits,
    pub(super) draining: Cell<bool>,
    open: Cell<usize>,
    /// Told when a connection closes.
    closed: Notify,
    /// Told when draining begins: streams of HTTP/2 under way do not let their connection look by itself.
    pub(super) drain_begun: Notify,
}

/// The listening sockets of a core.
pub(super) struct Front {
    plain: std::net::TcpListener,
    pub(super) tls: Option<(std::net::TcpListener, Acceptor)>,
}

impl Front {
    pub(super) fn plain(plain: std::net::TcpListener) -> Self {
        Self { plain, tls: None }
    }
}

/// [`Front`] within the core's runtime.
struct Listeners {
    plain: TcpListener,
    tls: Option<(TcpListener, Acceptor)>,
}

/// A connection that was accepted.
struct Accepted {
    socket: TcpStream,
    peer: SocketAddr,
    tls: Option<Acceptor>,
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
            drain_begun: Notify::new(),
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

/// Connections that nobody uses and that are closed then, each time.
const ROOM_MADE: usize = 64;

/// How long connections without a first request are waited for while draining: their client may be about to send one.
const FRESH_GRACE: Duration = Duration::from_secs(1);

pub(super) async fn run<S: Service>(
    front: Front,
    limits: Limits,
    mut stop: watch::Receiver<Option<Duration>>,
    make: impl FnOnce() -> S,
) {
    let listeners = match Listeners::new(front) {
        Ok(listeners) => listeners,
        Err(error) => {
            tracing::error!(%error, "a core cannot listen");
            return;
        }
    };
    let core = Core::new(make(), limits);
    let grace = tokio::select! {
        grace = told_to_stop(&mut stop) => grace,
        never = accept(&core, &listeners) => match never {},
    };
    drain(&core, listeners, grace).await;
}

impl Listeners {
    fn new(front: Front) -> io::Result<Self> {
        let tls = front.tls.map(|(listener, acceptor)| {
            TcpListener::from_std(listener).map(|listener| (listener, acceptor))
        });
        Ok(Self {
            plain: TcpListener::from_std(front.plain)?,
            tls: tls.transpose()?,
        })
    }

    /// The next connection of either listen queue.
    fn poll_accept(&self, context: &mut Context<'_>) -> Poll<io::Result<Accepted>> {
        if let Poll::Ready(accepted) = self.plain.poll_accept(context) {
            return Poll::Ready(accepted.map(|(socket, peer)| Accepted {
                socket,
                peer,
                tls: None,
            }));
        }
        let Some((listener, acceptor)) = &self.tls else {
            return Poll::Pending;
        };
        let accepted = ready!(listener.poll_accept(context));
        Poll::Ready(accepted.map(|(socket, peer)| Accepted {
            socket,
            peer,
            tls: Some(acceptor.clone()),
        }))
    }
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

async fn accept<S: Service>(core: &Rc<Core<S>>, listeners: &Listeners) -> std::convert::Infallible {
    loop {
        make_room(core).await;
        match poll_fn(|context| listeners.poll_accept(context)).await {
            Ok(accepted) => start(core, accepted),
            Err(error) if concerns_connection(&error) => {}
            Err(error) => {
                shortage::tell(&error);
                let made = deadline::hurry(Wait::Idle, ROOM_MADE);
                // Who came and said nothing has to go where nobody else can.
                deadline::hurry(Wait::Fresh, ROOM_MADE.saturating_sub(made));
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

fn start<S: Service>(core: &Rc<Core<S>>, accepted: Accepted) {
    let Accepted { socket, peer, tls } = accepted;
    // An answer is written at once and must not wait for the acknowledgement of the one before.
    let _ = socket.set_nodelay(true);
    let Ok(local) = socket.local_addr() else {
        return;
    };
    let open = Core::open(core);
    match tls {
        None => {
            let connection = Connection::new(open, Socket::Plain(socket), peer, local);
            tokio::task::spawn_local(connection.serve());
        }
        Some(acceptor) => {
            tokio::task::spawn_local(start_tls(open, acceptor, socket, peer, local));
        }
    }
}

/// Agrees with the client on keys and on a protocol, which is then served by a task of its own: this one holds the room that a handshake needs.
async fn start_tls<S: Service>(
    open: Open<S>,
    acceptor: Acceptor,
    socket: TcpStream,
    peer: SocketAddr,
    local: SocketAddr,
) {
    let due = Deadline::after_ms(open.0.limits.head_timeout_ms);
    let stream = match within(due, Box::pin(acceptor.shake_hands(socket))).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, %peer, "a TLS handshake failed"),
        Err(_) => return tracing::debug!(%peer, "a TLS handshake took too long"),
    };
    if tls::speaks_http2(&stream) {
        let connection = http2::Connection::new(open, peer, local, tls::negotiated(&stream));
        tokio::task::spawn_local(connection.serve(stream));
    } else {
        let socket = Socket::Tls(Box::new(stream.into()));
        tokio::task::spawn_local(Connection::new(open, socket, peer, local).serve());
    }
}

async fn drain<S: Service>(core: &Rc<Core<S>>, listeners: Listeners, grace: Duration) {
    core.draining.set(true);
    let end = Deadline::after(grace);
    while let Some(accepted) = waiting(&listeners).await {
        start(core, accepted);
    }
    drop(listeners);
    core.drain_begun.notify_waiters();
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

/// The next connection of the listen queues, if there is one.
async fn waiting(listeners: &Listeners) -> Option<Accepted> {
    poll_fn(|context| match listeners.poll_accept(context) {
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
