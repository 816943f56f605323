//! Calls out: an HTTP/1.1 client with a pool of connections per core.

mod connect;
mod error;
mod exchange;
mod pool;
mod resolve;
mod tls;

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

pub use error::{ClientError, Phase};
pub(crate) use exchange::Reply;
pub use tls::{Trust, TrustError};

use crate::deadline::Deadline;
use crate::head::is_target;
use crate::headers::{Headers, is_token};
use crate::line::Line;
use crate::memory::Memory;
use crate::{Body, Response};
use pool::Pools;
use resolve::Resolver;

/// A client of one core; clones share its pool.
#[derive(Clone)]
pub struct Client {
    shared: Rc<Shared>,
}

struct Shared {
    config: ClientConfig,
    pools: Pools,
    resolver: Resolver,
}

/// Says whether an address may be connected to; asked after names are resolved.
pub type Permit = Arc<dyn Fn(SocketAddr) -> bool + Send + Sync>;

/// How a client behaves.
#[derive(Clone)]
pub struct ClientConfig {
    /// For each address that a name resolves to.
    pub connect_timeout_ms: u64,
    /// How long a connection is kept without use.
    pub idle_timeout_ms: u64,
    /// Connections kept without use, for each endpoint.
    pub idle_per_endpoint_max: usize,
    /// Connections kept without use, for all endpoints of a core together.
    pub idle_max: usize,
    /// Names of a core that are looked up at the same time; further ones wait their turn.
    pub lookups_max: usize,
    /// A reply's status line and header fields together; at most 65,536 is honoured.
    pub head_bytes_max: usize,
    /// Addresses that may be connected to; `None` permits all.
    pub permit: Option<Permit>,
    /// Certificates that backends are trusted by. Clones share what was loaded.
    pub trust: Trust,
    /// What replies that are read whole may take together.
    pub memory: Memory,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            idle_timeout_ms: 55_000,
            idle_per_endpoint_max: 256,
            idle_max: 4_096,
            lookups_max: 32,
            head_bytes_max: 64 << 10,
            permit: None,
            trust: Trust::system(),
            memory: Memory::default(),
        }
    }
}

/// A backend, and the key of its connections in the pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// A name or an address; IPv6 with or without brackets.
    pub host: Box<str>,
    /// The port.
    pub port: u16,
    /// TLS, and how strictly.
    pub tls: Option<Tls>,
}

impl Endpoint {
    /// The host without the brackets of an IPv6 address.
    fn bare_host(&self) -> &str {
        let host = &*self.host;
        host.strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host)
    }
}

/// TLS towards a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tls {
    /// What of its certificate is checked.
    pub verify: Verify,
}

/// What of a backend's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verify {
    /// All.
    Full,
    /// All but who issued it: the meaning of AWS's `insecureSkipVerification`, which still checks expiry and host name.
    InsecureIssuer,
}

/// A request to a backend.
#[derive(Debug)]
pub struct Outgoing {
    /// A token.
    pub method: Box<str>,
    /// In origin form, encoded.
    pub target: Box<str>,
    /// The fields, `Host` included; `Content-Length`, `Transfer-Encoding`, `Connection`, `Keep-Alive`, `Proxy-Connection`, `Upgrade`,
    /// `TE` and `Expect` are the codec's and left out.
    pub headers: Headers,
    /// The body; one of unknown length is sent in chunks.
    pub body: Body,
}

impl Outgoing {
    fn check(&self) -> Result<(), ClientError> {
        if !is_token(self.method.as_bytes()) || &*self.method == "CONNECT" {
            return Err(ClientError::Request("the method is not valid"));
        }
        let target = self.target.as_bytes();
        if !(target.starts_with(b"/") || target == b"*") || !is_target(target) {
            return Err(ClientError::Request("the target is not in origin form"));
        }
        Ok(())
    }

    /// Whether it may be sent a second time: its effect is the same (RFC 9110 §9.2.2) and its body still there.
    fn is_replayable(&self) -> bool {
        let idempotent = matches!(
            &*self.method,
            "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "TRACE"
        );
        idempotent && !matches!(self.body, Body::Stream(_))
    }
}

impl Client {
    /// A client for the current core.
    pub fn new(config: ClientConfig) -> Self {
        let pools = Pools::new(&config);
        let resolver = Resolver::new(config.lookups_max);
        Self {
            shared: Rc::new(Shared {
                config,
                pools,
                resolver,
            }),
        }
    }

    /// Sends a request and awaits the reply's head; `deadline` covers the reply's body too.
    ///
    /// A reply that comes before the request was sent whole is given at once; the rest is sent while its body is read. Where a
    /// kept connection turns out closed before the first byte of a reply, the request is sent once more on a new
    /// one, if that is safe. Dropping the future closes the connection.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        mut request: Outgoing,
        deadline: Deadline,
    ) -> Result<Response, ClientError> {
        request.check()?;
        let pool = self.shared.pools.of(endpoint);
        let replayable = request.is_replayable();
        let mut kept = pool.take();
        loop {
            let was_kept = kept.is_some();
            let line = match kept.take() {
                Some(line) => line,
                // Boxed, because most calls find a kept connection and need not hold the room for this.
                None => Box::pin(connect::open(&self.shared, endpoint, deadline)).await?,
            };
            let head_bytes_max = self.head_bytes_max();
            match exchange::run(line, &mut request, &pool, deadline, head_bytes_max).await {
                Err(exchange::Failure {
                    unanswered: true, ..
                }) if was_kept && replayable => {}
                outcome => return outcome.map_err(|failure| failure.error),
            }
        }
    }

    /// Sends on a connection given, for the fuzz targets.
    pub(crate) async fn send_on(
        &self,
        line: Rc<Line>,
        endpoint: &Endpoint,
        mut request: Outgoing,
        deadline: Deadline,
    ) -> Result<Response, ClientError> {
        let pool = self.shared.pools.of(endpoint);
        let outcome =
            exchange::run(line, &mut request, &pool, deadline, self.head_bytes_max()).await;
        outcome.map_err(|failure| failure.error)
    }

    fn head_bytes_max(&self) -> usize {
        self.shared.config.head_bytes_max.min(64 << 10)
    }
}
