//! Connections kept for the next call, per endpoint, the one used last first.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::{ClientConfig, Endpoint};
use crate::deadline::{now, recent};
use crate::line::Line;

/// Endpoints that connections are kept for at most; calls to others open a new one each time.
const ENDPOINTS_MAX: usize = 4_096;

pub(super) struct Pools {
    table: Rc<RefCell<Table>>,
    idle_per_endpoint_max: usize,
    idle_timeout: Duration,
    places: Places,
}

type Table = HashMap<Endpoint, Rc<Pool>>;

/// The connections of one endpoint.
pub(crate) struct Pool {
    idle: RefCell<Vec<Idle>>,
    idle_max: usize,
    idle_timeout: Duration,
    places: Places,
}

struct Idle {
    line: Rc<Line>,
    since: Instant,
    _place: Place,
}

/// Room for kept connections of the whole core.
#[derive(Clone)]
struct Places(Rc<Cell<usize>>);

/// One kept connection's room.
struct Place(Places);

impl Places {
    fn take(&self) -> Option<Place> {
        self.0.set(self.0.get().checked_sub(1)?);
        Some(Place(self.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let free = &self.0.0;
        free.set(free.get() + 1);
    }
}

impl Pools {
    pub(super) fn new(config: &ClientConfig) -> Self {
        Self {
            table: Rc::default(),
            idle_per_endpoint_max: config.idle_per_endpoint_max,
            idle_timeout: Duration::from_millis(config.idle_timeout_ms),
            places: Places(Rc::new(Cell::new(config.idle_max))),
        }
    }

    pub(super) fn of(&self, endpoint: &Endpoint) -> Rc<Pool> {
        let mut table = self.table.borrow_mut();
        if let Some(pool) = table.get(endpoint) {
            return pool.clone();
        }
        let keeps = table.len() < ENDPOINTS_MAX;
        let idle_max = if keeps { self.idle_per_endpoint_max } else { 0 };
        let pool = Rc::new(Pool {
            idle: RefCell::default(),
            idle_max,
            idle_timeout: self.idle_timeout,
            places: self.places.clone(),
        });
        if keeps {
            if table.is_empty() {
                tokio::task::spawn_local(tidy(Rc::downgrade(&self.table), self.idle_timeout));
            }
            table.insert(endpoint.clone(), pool.clone());
        }
        pool
    }

    /// Closes every kept connection.
    pub(super) fn drop_idle(&self) {
        let table = self.table.borrow();
        table
            .values()
            .for_each(|pool| pool.idle.borrow_mut().clear());
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
        if idle.len() >= self.idle_max || !line.inbound.borrow().unread().is_empty() {
            return;
        }
        if let Some(place) = self.places.take() {
            idle.push(Idle {
                line,
                since: recent(),
                _place: place,
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
