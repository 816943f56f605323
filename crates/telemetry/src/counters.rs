//! Counters of requests and connections. Each core has cells of its own, which nobody else writes; they are added up
//! when somebody asks. So counting costs a request a few plain additions.
//!
//! Series exist per live stage that has had a request: their number is bounded by what is deployed, never by what
//! clients send.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use crate::cloudwatch;
use crate::histogram::{Histogram, Sum};
use crate::prometheus::{Kind, Labels, Text};

/// All counters of a running Tollgate.
pub struct Counters {
    cores: Box<[Core]>,
    stages: Mutex<Stages>,
    elsewhere: Arc<StageMeter>,
    /// The names of APIs by their id, where they are known.
    names: Mutex<BTreeMap<Box<str>, Box<str>>>,
    shown: Mutex<Vec<Shown>>,
}

/// By API id and stage name.
type Stages = BTreeMap<(Box<str>, Box<str>), Arc<StageMeter>>;

/// By path and method. A plan holds those that it counts by; one that no plan holds any more is not shown.
type Methods = BTreeMap<[Box<str>; 2], Weak<StageMeter>>;

/// What one core counts outside of stages. Aligned, so that cores do not share a cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Core {
    is_taken: AtomicBool,
    connections_opened: AtomicU64,
    connections_closed: AtomicU64,
}

/// A number of somebody else's.
struct Shown {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    read: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// One stage's counters, or those of one of its methods. A stage plan holds it; it outlives plans, so that a deployment
/// resets nothing.
#[derive(Debug)]
pub struct StageMeter {
    api: Box<str>,
    stage: Box<str>,
    /// Path and method, where it counts one method only.
    method: Option<[Box<str>; 2]>,
    methods: Mutex<Methods>,
    // Made when the core first serves the stage: most stages of many are idle.
    cells: Box<[OnceLock<Box<Cells>>]>,
}

#[derive(Debug, Default)]
#[repr(align(128))]
struct Cells {
    classes: [AtomicU64; CLASSES.len()],
    abandoned: AtomicU64,
    cache_hits: AtomicU64,
    cache_misses: AtomicU64,
    request_bytes: AtomicU64,
    response_bytes: AtomicU64,
    latency: Histogram,
    integration_latency: Histogram,
}

/// Status classes as shown; the first is a request that ended without a status.
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// What is counted of a finished request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The status sent; 0 if there was none.
    pub status: u16,
    /// From the request's arrival to the last byte of the answer.
    pub latency: Duration,
    /// From the call of the integration to its answer; `None` if none was called.
    pub integration_latency: Option<Duration>,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// Bytes of the answer's body that were sent.
    pub response_bytes: u64,
    /// Whether the whole answer was sent.
    pub is_complete: bool,
    /// Whether the stage's cache answered; `None` where the method has none.
    pub is_cache_hit: Option<bool>,
}

/// One core's right to count. There is one at a time for each core, which makes its plain additions exact.
pub struct CoreMeter {
    counters: Arc<Counters>,
    core: usize,
    // Not `Sync`: two threads adding to one cell would lose counts.
    _one_thread: std::marker::PhantomData<std::cell::Cell<()>>,
}

/// Adds to a cell that only the caller writes.
pub(crate) fn add(cell: &AtomicU64, amount: u64) {
    cell.store(read(cell).wrapping_add(amount), Ordering::Relaxed);
}

pub(crate) fn read(cell: &AtomicU64) -> u64 {
    cell.load(Ordering::Relaxed)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Counters {
    /// Counters for so many cores.
    pub fn new(cores: usize) -> Arc<Self> {
        Arc::new(Self {
            cores: (0..cores).map(|_core| Core::default()).collect(),
            stages: Mutex::default(),
            elsewhere: Arc::new(StageMeter::new("", "", cores)),
            names: Mutex::default(),
            shown: Mutex::default(),
        })
    }

    /// The right to count for a core; `None` for a core there is not, or that somebody holds already.
    pub fn core(self: &Arc<Self>, core: usize) -> Option<CoreMeter> {
        let is_taken = self.cores.get(core)?.is_taken.swap(true, Ordering::AcqRel);
        (!is_taken).then(|| CoreMeter {
            counters: self.clone(),
            core,
            _one_thread: std::marker::PhantomData,
        })
    }

    /// The counters of a live stage, by API id and stage name; the same ones for as long as it lives.
    pub fn stage(&self, api: &str, stage: &str) -> Arc<StageMeter> {
        let mut stages = held(&self.stages);
        let meter = stages.entry((api.into(), stage.into()));
        meter
            .or_insert_with(|| Arc::new(StageMeter::new(api, stage, self.cores.len())))
            .clone()
    }

    /// Forgets a stage that was deleted.
    pub fn forget(&self, api: &str, stage: &str) {
        held(&self.stages).remove(&(api.into(), stage.into()));
    }

    /// Says what an API is called, as CloudWatch's dimension `ApiName` does; without a name it is forgotten.
    pub fn name_api(&self, api: &str, name: Option<&str>) {
        let mut names = held(&self.names);
        match name {
            Some(name) => names.insert(api.into(), name.into()),
            None => names.remove(api),
        };
    }

    /// The counters of requests that reach no stage: shown without `api` and `stage`.
    pub fn elsewhere(&self) -> Arc<StageMeter> {
        self.elsewhere.clone()
    }

    /// Shows a number that somebody else keeps, under a metric name of its own.
    pub fn show(
        &self,
        name: &'static str,
        help: &'static str,
        kind: Kind,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) {
        let read = Box::new(read);
        held(&self.shown).push(Shown {
            name,
            help,
            kind,
            read,
        });
    }

    /// Everything, in Prometheus' text form (see [`crate::prometheus::CONTENT_TYPE`]).
    pub fn render(&self) -> String {
        let mut text = Text::default();
        self.render_stages(&mut text);
        let [opened, closed] = self.connections();
        text.family(
            "tollgate_connections_total",
            "Connections accepted.",
            Kind::Counter,
        );
        text.sample("tollgate_connections_total", &Labels::NONE, opened);
        text.family(
            "tollgate_connections_open",
            "Connections open now.",
            Kind::Gauge,
        );
        // Read core by core, so a connection may be seen closed and not opened.
        text.sample(
            "tollgate_connections_open",
            &Labels::NONE,
            opened.saturating_sub(closed),
        );
        for shown in held(&self.shown).iter() {
            text.family(shown.name, shown.help, shown.kind);
            text.sample(shown.name, &Labels::NONE, (shown.read)());
        }
        text.finish()
    }

    fn connections(&self) -> [u64; 2] {
        let sum =
            |cell: fn(&Core) -> &AtomicU64| self.cores.iter().map(|core| read(cell(core))).sum();
        [
            sum(|core| &core.connections_opened),
            sum(|core| &core.connections_closed),
        ]
    }

    fn render_stages(&self, text: &mut Text) {
        let stages: Vec<_> = held(&self.stages).values().cloned().collect();
        let methods: Vec<_> = stages.iter().flat_map(|stage| stage.methods()).collect();
        let meters = stages.iter().chain(std::iter::once(&self.elsewhere));
        let of_stages: Vec<_> = meters.filter_map(|meter| meter.total()).collect();
        let of_methods: Vec<_> = methods.iter().filter_map(|meter| meter.total()).collect();
        for family in &FAMILIES {
            family.render(text, family.of_stages, &of_stages);
            if !of_methods.is_empty() {
                family.render(text, family.of_methods, &of_methods);
            }
        }
        cloudwatch::render(text, &of_stages, &of_methods, &held(&self.names));
    }
}

/// A metric that stages have, and methods under a name of its own: added up with them, requests would count twice.
struct Family {
    of_stages: &'static str,
    of_methods: &'static str,
    help: &'static str,
    value: Value,
}

enum Value {
    ByClass,
    Number(fn(&Total<'_>) -> u64),
    Histogram(for<'total> fn(&'total Total<'_>) -> &'total Sum),
}

impl Family {
    fn render(&self, text: &mut Text, name: &str, totals: &[Total<'_>]) {
        let kind = match self.value {
            Value::ByClass | Value::Number(_) => Kind::Counter,
            Value::Histogram(_) => Kind::Histogram,
        };
        text.family(name, self.help, kind);
        for total in totals {
            let labels = total.labels();
            match self.value {
                Value::Number(number) => text.sample(name, &labels, number(total)),
                Value::Histogram(sum) => text.histogram(name, &labels, sum(total)),
                Value::ByClass => {
                    for (class, count) in CLASSES.iter().zip(total.classes) {
                        text.sample_unless_zero(name, &labels.with("class", class), count);
                    }
                }
            }
        }
    }
}

const FAMILIES: [Family; 6] = [
    Family {
        of_stages: "tollgate_requests_total",
        of_methods: "tollgate_method_requests_total",
        help: "Requests finished, by class of status.",
        value: Value::ByClass,
    },
    Family {
        of_stages: "tollgate_requests_abandoned_total",
        of_methods: "tollgate_method_requests_abandoned_total",
        help: "Requests whose answer the client did not take to its end.",
        value: Value::Number(|total| total.abandoned),
    },
    Family {
        of_stages: "tollgate_request_bytes_total",
        of_methods: "tollgate_method_request_bytes_total",
        help: "Bytes of request bodies.",
        value: Value::Number(|total| total.request_bytes),
    },
    Family {
        of_stages: "tollgate_response_bytes_total",
        of_methods: "tollgate_method_response_bytes_total",
        help: "Bytes of response bodies sent.",
        value: Value::Number(|total| total.response_bytes),
    },
    Family {
        of_stages: "tollgate_request_seconds",
        of_methods: "tollgate_method_request_seconds",
        help: "From a request's arrival to the last byte of its answer.",
        value: Value::Histogram(|total| &total.latency),
    },
    Family {
        of_stages: "tollgate_integration_seconds",
        of_methods: "tollgate_method_integration_seconds",
        help: "From the call of an integration to its answer.",
        value: Value::Histogram(|total| &total.integration_latency),
    },
];

impl fmt::Debug for Counters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Counters")
            .field("cores", &self.cores.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CoreMeter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CoreMeter")
            .field("core", &self.core)
            .finish_non_exhaustive()
    }
}

impl CoreMeter {
    /// Counts a finished request of a stage.
    pub fn request(&self, stage: &StageMeter, observed: &Observed) {
        // A meter of other counters may have fewer cores; there is nothing to count in then.
        let Some(cells) = stage.cells.get(self.core) else {
            return;
        };
        cells.get_or_init(Box::default).add(observed);
    }

    /// Counts a connection accepted.
    pub fn connection_opened(&self) {
        add(&self.counters.cores[self.core].connections_opened, 1);
    }

    /// Counts a connection's end.
    pub fn connection_closed(&self) {
        add(&self.counters.cores[self.core].connections_closed, 1);
    }
}

impl Drop for CoreMeter {
    fn drop(&mut self) {
        self.counters.cores[self.core]
            .is_taken
            .store(false, Ordering::Release);
    }
}

impl Cells {
    fn add(&self, observed: &Observed) {
        let class = usize::from(observed.status / 100);
        add(self.classes.get(class).unwrap_or(&self.classes[0]), 1);
        add(&self.abandoned, u64::from(!observed.is_complete));
        if let Some(is_hit) = observed.is_cache_hit {
            let cell = if is_hit {
                &self.cache_hits
            } else {
                &self.cache_misses
            };
            add(cell, 1);
        }
        add(&self.request_bytes, observed.request_bytes);
        add(&self.response_bytes, observed.response_bytes);
        self.latency.add(observed.latency);
        if let Some(latency) = observed.integration_latency {
            self.integration_latency.add(latency);
        }
    }

    fn add_to(&self, total: &mut Total<'_>) {
        for (sum, count) in total.classes.iter_mut().zip(&self.classes) {
            *sum += read(count);
        }
        total.abandoned += read(&self.abandoned);
        total.cache_hits += read(&self.cache_hits);
        total.cache_misses += read(&self.cache_misses);
        total.request_bytes += read(&self.request_bytes);
        total.response_bytes += read(&self.response_bytes);
        self.latency.add_to(&mut total.latency);
        self.integration_latency
            .add_to(&mut total.integration_latency);
    }
}

/// A stage's cells added up.
#[derive(Default)]
pub(crate) struct Total<'meter> {
    /// Empty for requests that reach no stage.
    pub(crate) api: &'meter str,
    pub(crate) stage: &'meter str,
    pub(crate) method: Option<&'meter [Box<str>; 2]>,
    pub(crate) classes: [u64; CLASSES.len()],
    abandoned: u64,
    pub(crate) cache_hits: u64,
    pub(crate) cache_misses: u64,
    request_bytes: u64,
    response_bytes: u64,
    pub(crate) latency: Sum,
    pub(crate) integration_latency: Sum,
}

impl<'meter> Total<'meter> {
    fn labels(&self) -> Labels<'meter> {
        let labels = match self.api {
            "" => Labels::NONE,
            api => Labels::NONE.with("api", api).with("stage", self.stage),
        };
        match self.method {
            None => labels,
            Some([path, method]) => labels.with("resource", path).with("method", method),
        }
    }
}

impl StageMeter {
    fn new(api: &str, stage: &str, cores: usize) -> Self {
        Self {
            api: api.into(),
            stage: stage.into(),
            method: None,
            methods: Mutex::default(),
            cells: (0..cores).map(|_core| OnceLock::new()).collect(),
        }
    }

    /// The counters of one of the stage's methods, by the path of its resource: the same ones for as long as somebody
    /// holds them.
    pub fn method(&self, path: &str, method: &str) -> Arc<Self> {
        let mut methods = held(&self.methods);
        let key = [path.into(), method.into()];
        if let Some(known) = methods.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        methods.retain(|_, meter| meter.strong_count() > 0);
        let made = Arc::new(Self {
            method: Some(key.clone()),
            ..Self::new(&self.api, &self.stage, self.cells.len())
        });
        methods.insert(key, Arc::downgrade(&made));
        made
    }

    /// The counters of methods that somebody holds.
    fn methods(&self) -> Vec<Arc<Self>> {
        held(&self.methods)
            .values()
            .filter_map(Weak::upgrade)
            .collect()
    }

    /// The sum over all cores; `None` if no core has served the stage.
    fn total(&self) -> Option<Total<'_>> {
        let mut cells = self.cells.iter().filter_map(OnceLock::get).peekable();
        cells.peek()?;
        let mut total = Total {
            api: &self.api,
            stage: &self.stage,
            method: self.method.as_ref(),
            ..Total::default()
        };
        cells.for_each(|cells| cells.add_to(&mut total));
        Some(total)
    }
}
