//! The admin listener: whether Tollgate lives, whether it is ready for traffic, and its numbers for Prometheus.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use tollgate_http::{Body, Headers, Refusal, Request, Response, Service};
use tollgate_telemetry::{Counters, prometheus};

/// Where a Tollgate is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// It reads what is deployed.
    Starting,
    /// It serves.
    Ready,
    /// It ends: requests under way are finished, new ones should go elsewhere.
    Draining,
}

/// The phase now, as everybody sees it.
#[derive(Clone, Debug)]
pub(crate) struct Life(Arc<AtomicU8>);

impl Life {
    /// At the beginning.
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(Phase::Starting as u8)))
    }

    /// From now on.
    pub(crate) fn enter(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Release);
    }

    fn phase(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Ready,
            _ => Phase::Draining,
        }
    }
}

/// What answers on the admin address.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    pub(crate) life: Life,
    pub(crate) counters: Arc<Counters>,
}

const PATHS: &str = "Tollgate's admin address serves /_tollgate/health, /_tollgate/ready and /_tollgate/metrics.\n\
    APIs and AWS control calls are served on its main address.\n";

impl Service for Admin {
    type Finish = ();

    async fn answer(&self, request: Request) -> (Response, ()) {
        let head = &request.head;
        let response = match (head.method(), head.path()) {
            ("GET" | "HEAD", "/_tollgate/health") => text(200, "ok\n"),
            ("GET" | "HEAD", "/_tollgate/ready") => self.ready(),
            ("GET" | "HEAD", "/_tollgate/metrics") => {
                respond(200, prometheus::CONTENT_TYPE, self.counters.render())
            }
            (_, "/_tollgate/health" | "/_tollgate/ready" | "/_tollgate/metrics") => {
                text(405, "GET and HEAD only\n")
            }
            _ => text(404, PATHS),
        };
        (response, ())
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        respond(refusal.status, PLAIN, format!("{}\n", refusal.reason))
    }
}

impl Admin {
    fn ready(&self) -> Response {
        match self.life.phase() {
            Phase::Starting => text(503, "starting\n"),
            Phase::Ready => text(200, "ready\n"),
            Phase::Draining => text(503, "draining\n"),
        }
    }
}

const PLAIN: &str = "text/plain; charset=utf-8";

fn text(status: u16, text: &'static str) -> Response {
    respond(status, PLAIN, text)
}

fn respond(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response {
    let mut headers = Headers::new();
    headers
        .push("Content-Type", content_type.as_bytes())
        .expect("a constant without control characters");
    Response {
        status,
        headers,
        body: Body::from(body.into()),
    }
}
