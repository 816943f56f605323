//! The running gateway: one table of what is deployed, shared by all cores; on each core a service that answers with it.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{mpsc, watch};
use tollgate_http::{Client, ClientConfig, Finish, Refusal, Request, Response, Sent, Service};
use tollgate_model::api_key::Digester;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_store::MemberKey;
use tollgate_telemetry::line_log::FLUSH_EVERY;

use crate::address::Hosts;
use crate::callers::Callers;
use crate::cold::{self, Warmth};
use crate::console::{self, Console};
use crate::effects::{Effects, Live, Outcome, Tape};
use crate::identity::{Desk, Tokens};
use crate::keys::{Directory, HeldKeys, Orders};
use crate::limits::Limits;
use crate::pipeline::{self, Surroundings};
use crate::private::PrivateEndpoints;
use crate::record::{Arrival, Record};
use crate::recorder::{Query, Recorder, Ring};
use crate::report::Report;
use crate::respond;
use crate::table::{Held, Table};
use crate::targets::Targets;
use crate::throttle::{Gate, Ledger, LiveGate};
use crate::trace::Trace;

/// What all cores share.
#[derive(Debug)]
pub struct Gateway {
    table: ArcSwap<Table>,
    /// Live beside the table: no deployment touches it.
    keys: ArcSwap<Directory>,
    applied: watch::Sender<u64>,
    settings: Settings,
    warmth: Warmth,
    orders: Orders,
}

/// How a gateway behaves, whatever it serves.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The names of APIs.
    pub hosts: Hosts,
    /// Sizes and times.
    pub limits: Limits,
    /// Where integrations may go.
    pub targets: Targets,
    /// The networks that private APIs are called from.
    pub private_endpoints: PrivateEndpoints,
    /// Who may sign requests.
    pub callers: Callers,
    /// The time.
    pub clock: Clock,
    /// Who is told why a request was refused.
    pub console: Option<Arc<dyn Console>>,
    /// What keeps recent requests.
    pub recorder: Option<Arc<Recorder>>,
    /// What finds API keys by their values; the control plane has the same.
    pub digester: Digester,
    /// What writes down how much keys used.
    pub ledger: Arc<Ledger>,
}

impl Gateway {
    /// A gateway that serves nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            table: ArcSwap::from_pointee(Table::default()),
            keys: ArcSwap::from_pointee(Directory::default()),
            orders: Orders::new(),
            applied: watch::Sender::new(0),
            settings,
            warmth: Warmth::new(),
        }
    }

    /// Serves this table from now on. Requests under way end with the one they began with; every request that arrives after this
    /// returns meets the new one.
    pub fn swap(&self, table: Table) {
        let rev = table.rev;
        self.table.store(Arc::new(table));
        self.applied.send_replace(rev);
    }

    /// Knows these keys and plans from now on.
    pub(crate) fn swap_keys(&self, directory: Directory) {
        self.keys.store(Arc::new(directory));
    }

    /// Lets a key use so many requests more of its plan until the period ends.
    ///
    /// # Errors
    /// When the key has no quota, or nobody keeps the table of keys.
    pub async fn set_remaining(&self, member: MemberKey, remaining: i64) -> Result<(), String> {
        self.orders.set_remaining(member, remaining).await?;
        self.settings.ledger.flush().await;
        Ok(())
    }

    /// The way to the keeper of keys.
    pub(crate) fn orders(&self) -> &Orders {
        &self.orders
    }

    /// Says that nothing up to the store's revision `rev` changed what is served.
    pub fn skip_to(&self, rev: u64) {
        self.applied.send_replace(rev);
    }

    /// What is served now.
    pub fn table(&self) -> Arc<Table> {
        self.table.load_full()
    }

    /// Waits until the store's revision `rev`, or a later one, is served.
    pub async fn applied(&self, rev: u64) {
        let mut applied = self.applied.subscribe();
        // The sender lives as long as the gateway does.
        let _ = applied.wait_for(|now| *now >= rev).await;
    }

    /// How it behaves.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The way to the loader.
    pub(crate) fn warmth(&self) -> &Warmth {
        &self.warmth
    }

    /// A client whose connections obey [`Settings::targets`].
    pub fn client(&self, config: ClientConfig) -> Client {
        let targets = self.settings.targets.clone();
        Client::new(ClientConfig {
            permit: Some(Arc::new(move |address| targets.check(address).is_ok())),
            ..config
        })
    }
}

/// One core's part of the gateway: a service for `tollgate-http`.
pub struct Core {
    shared: Rc<Shared>,
}

struct Shared {
    gateway: Arc<Gateway>,
    client: Client,
    desk: Desk,
    random: RefCell<Random>,
    /// The core's own copy of the pointer.
    table: RefCell<Rc<Held>>,
    /// The same of the keys.
    keys: RefCell<Rc<HeldKeys>>,
    report: RefCell<Box<dyn Report>>,
    /// Recent requests, where there is a recorder.
    ring: RefCell<Ring>,
    /// Whether somebody answers the recorder's questions.
    is_listening: Cell<bool>,
    /// Whether every request is traced.
    traces: bool,
    /// Whether somebody is about to flush the report.
    is_flush_due: Cell<bool>,
}

impl Core {
    /// The part of the calling core. `report` takes what is left of its requests.
    pub fn new(
        gateway: Arc<Gateway>,
        client: Client,
        random: Random,
        report: Box<dyn Report>,
    ) -> Self {
        let table = Rc::new(Held(gateway.table()));
        let keys = Rc::new(HeldKeys(gateway.keys.load_full()));
        let recorder = gateway.settings.recorder.as_ref();
        let ring_bytes_max = recorder.map_or(0, |recorder| recorder.settings.ring_bytes_max);
        Self {
            shared: Rc::new(Shared {
                desk: Desk::new(client.clone(), gateway.settings.clock.clone()),
                client,
                gateway,
                random: RefCell::new(random),
                table: RefCell::new(table),
                keys: RefCell::new(keys),
                traces: report.wants_traces(),
                report: RefCell::new(report),
                ring: RefCell::new(Ring::new(ring_bytes_max)),
                is_listening: Cell::new(false),
                is_flush_due: Cell::new(false),
            }),
        }
    }
}

impl Shared {
    fn table(&self) -> Rc<Held> {
        let mut own = self.table.borrow_mut();
        let current = self.gateway.table.load();
        if !Arc::ptr_eq(&current, &own.0) {
            *own = Rc::new(Held(Arc::clone(&current)));
        }
        own.clone()
    }

    fn keys(&self) -> Rc<HeldKeys> {
        let mut own = self.keys.borrow_mut();
        let current = self.gateway.keys.load();
        if !Arc::ptr_eq(&current, &own.0) {
            *own = Rc::new(HeldKeys(Arc::clone(&current)));
        }
        own.clone()
    }

    fn arrival(&self) -> Arrival {
        Arrival::now(&self.gateway.settings.clock, &mut self.random.borrow_mut())
    }

    /// Lets the recorder ask this core, from its first connection on.
    fn listen(self: &Rc<Self>) {
        if let Some(recorder) = &self.gateway.settings.recorder
            && !self.is_listening.replace(true)
        {
            let asked = recorder.core();
            tokio::task::spawn_local(answer_recorder(asked, Rc::downgrade(self)));
        }
    }

    fn effects(&self) -> Effects {
        let settings = &self.gateway.settings;
        Effects::Live(Live {
            client: self.client.clone(),
            clock: settings.clock.clone(),
            body_bytes_max: settings.limits.response_body_bytes_max,
            tape: settings
                .recorder
                .as_ref()
                .map(|recorder| Tape::up_to(recorder.settings.streamed_body_bytes_max)),
        })
    }

    fn ended(self: &Rc<Self>, record: &mut Record, outcomes: &[Outcome], sent: Option<Sent>) {
        record.finished(self.gateway.settings.clock.now_ms(), sent);
        if let Some(recorder) = &self.gateway.settings.recorder
            && recorder.keeps(record)
        {
            self.ring.borrow_mut().push(record, outcomes);
        }
        let mut report = self.report.borrow_mut();
        report.finished(record);
        if report.wants_flush() && !self.is_flush_due.replace(true) {
            tokio::task::spawn_local(flush_soon(Rc::downgrade(self)));
        }
    }
}

/// Answers what the recorder asks of this core.
async fn answer_recorder(mut asked: mpsc::Receiver<Query>, shared: Weak<Shared>) {
    while let Some(query) = asked.recv().await {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        query.answer(&shared.ring.borrow());
    }
}

/// Sleeps only while something waits, so that an idle core does not wake up. A core that ends flushes by dropping its report.
async fn flush_soon(shared: Weak<Shared>) {
    tokio::time::sleep(FLUSH_EVERY).await;
    if let Some(shared) = shared.upgrade() {
        shared.is_flush_due.set(false);
        shared.report.borrow_mut().flush();
    }
}

impl Service for Core {
    type Finish = Finishing;

    async fn answer(&self, request: Request) -> (Response, Finishing) {
        let shared = self.shared.clone();
        let (mut record, body) = Record::open(request, shared.arrival());
        let settings = &shared.gateway.settings;
        if let Some(recorder) = &settings.recorder {
            record.body_bytes_kept_max = Some(recorder.settings.body_bytes_max);
            record.body_bytes_read_max = Some(recorder.settings.streamed_body_bytes_max);
        }
        if shared.traces {
            record.trace = Some(Box::new(Trace::new(settings.clock.clone())));
        }
        let mut effects = shared.effects();
        let mut table = shared.table();
        if table.0.has_cold() {
            // Boxed: it is needed once for each stage.
            table = Box::pin(cold::warmed(&shared.gateway, table, record.head())).await;
        }
        let keys = || shared.keys();
        let around = Surroundings {
            gate: Gate::Live(LiveGate {
                keys: &keys,
                digester: &settings.digester,
                ledger: &settings.ledger,
                clock: &settings.clock,
            }),
            hosts: &settings.hosts,
            limits: &settings.limits,
            private_endpoints: &settings.private_endpoints,
            callers: &settings.callers,
            tokens: Tokens::Live(&shared.desk),
            table,
        };
        let response = pipeline::serve(&around, body, &mut record, &mut effects).await;
        if let (Some(console), Some(line)) = (&settings.console, console::line(&record)) {
            console.say(match settings.recorder {
                Some(_) => format!("{line} [explain {}]", record.arrival.request_id()),
                None => line,
            });
        }
        let finishing = Finishing {
            record: Some(Box::new(record)),
            outcomes: effects.into_tape(),
            shared,
        };
        (response, finishing)
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let arrival = self.shared.arrival();
        let mut response = respond::codec_refused(refusal, &self.shared.gateway.settings.limits);
        respond::identify(&mut response, &arrival);
        if let Some(console) = &self.shared.gateway.settings.console {
            console.say(format!(
                "{} from {}: {}",
                refusal.status, refusal.peer, refusal.reason
            ));
        }
        response
    }

    fn opened(&self) {
        self.shared.listen();
        self.shared.report.borrow_mut().connection_opened();
    }

    fn closed(&self) {
        self.shared.report.borrow_mut().connection_closed();
    }
}

/// Ends a record when the answer's last byte is sent, or when the client has left.
pub struct Finishing {
    record: Option<Box<Record>>,
    outcomes: Vec<Outcome>,
    shared: Rc<Shared>,
}

impl Finish for Finishing {
    fn finish(mut self, sent: Sent) {
        if let Some(mut record) = self.record.take() {
            self.shared.ended(&mut record, &self.outcomes, Some(sent));
        }
    }
}

impl Drop for Finishing {
    fn drop(&mut self) {
        if let Some(mut record) = self.record.take() {
            self.shared.ended(&mut record, &self.outcomes, None);
        }
    }
}
