//! Connections kept for the next call, per endpoint, the one used last first.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::Endpoint;
use crate::deadline::{now, recent};
use crate::line::Line;

/// Endpoints that connections are kept for at most; calls to others open a new one each time.
const ENDPOINTS_MAX: usize = 4_096;

pub(super) struct Pools {
    table: Rc<RefCell<Table>>,
    idle_max: usize,
    idle_timeout: Duration,
}

type Table = HashMap<Endpoint, Rc<Pool>>;

/// The connections of one endpoint.
pub(crate) struct Pool {
    idle: RefCell<Vec<Idle>>,
    idle_max: usize,
    idle_timeout: Duration,
}

struct Idle {
    line: Rc<Line>,
    since: Instant,
}

impl Pools {
    pub(super) fn new(idle_max: usize, idle_timeout_ms: u64) -> Self {
        Self {
            table: Rc::default(),
            idle_max,
            idle_timeout: Duration::from_millis(idle_timeout_ms),
        }
    }

    pub(super) fn of(&self, endpoint: &Endpoint) -> Rc<Pool> {
        let mut table = self.table.borrow_mut();
        if let Some(pool) = table.get(endpoint) {
            return pool.clone();
        }
        let keeps = table.len() < ENDPOINTS_MAX;
        let idle_max = if keeps { self.idle_max } else { 0 };
        let pool = Rc::new(Pool {
            idle: RefCell::default(),
            idle_max,
            idle_timeout: self.idle_timeout,
        });
        if keeps {
            if table.is_empty() {
                tokio::task::spawn_local(tidy(Rc::downgrade(&self.table), self.idle_timeout));
            }
            table.insert(endpoint.clone(), pool.clone());
        }
        pool
    }
}

impl Pool {
    /// A connection that still seems open.
    pub(super) fn take(&self) -> Option<Rc<Line>> {
        loop {
            let idle = self.idle.borrow_mut().pop()?;
            if recent().duration_since(idle.since) < self.idle_timeout && is_quiet(&idle.line) {
                return Some(idle.line);
            }
        }
    }

    /// Keeps a connection whose reply was read to its end.
    pub(super) fn put(&self, line: Rc<Line>) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < self.idle_max && line.inbound.borrow().unread().is_empty() {
            idle.push(Idle {
                line,
                since: recent(),
            });
        }
    }

    fn drop_old(&self) {
        let now = now();
        self.idle
            .borrow_mut()
            .retain(|idle| now.duration_since(idle.since) < self.idle_timeout);
    }
}

/// Whether nothing came since: neither the end, nor bytes that belong to no reply. Asks the kernel only where the reactor saw
/// something.
fn is_quiet(line: &Line) -> bool {
    line.poll_fill(&mut Context::from_waker(Waker::noop()))
        .is_pending()
}

/// Closes what was not used for too long; ends with the client, or with its last endpoint.
async fn tidy(table: Weak<RefCell<Table>>, idle_timeout: Duration) {
    let pause = (idle_timeout / 2).max(Duration::from_millis(100));
    loop {
        tokio::time::sleep(pause).await;
        let Some(table) = table.upgrade() else { return };
        let mut table = table.borrow_mut();
        table.retain(|_, pool| {
            pool.drop_old();
            Rc::strong_count(pool) > 1 || !pool.idle.borrow().is_empty()
        });
        if table.is_empty() {
            return;
        }
    }
}
