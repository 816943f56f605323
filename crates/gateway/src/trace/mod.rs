//! What each step of one request did, and why. Kept only where someone asked for it: a step hands over a closure, and
//! where nobody asked the closure is never run.
//!
//! Texts are gathered in one arena and cut to bounds, so that tracing every request stays cheap; [`Trace::steps`] makes them readable.

mod steps;
mod telling;

use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use tollgate_http::{Body, Headers};
use tollgate_model::clock::Clock;
use tollgate_vtl::Template;

pub use steps::{Decision, Detail, DetailKind, Step, StepName};
pub(crate) use telling::Telling;
use telling::{Message, Output};

use crate::map::Call;

/// The steps of one request, in order.
#[derive(Debug)]
pub struct Trace {
    /// What was sent, one for each call out.
    pub calls: Vec<Sent>,
    text: String,
    messages: Vec<Message>,
    steps: Vec<Noted>,
    details: Vec<NotedDetail>,
    /// Those that details speak of.
    templates: Vec<Arc<Template>>,
    /// Details that came when there was no room for more.
    lost: usize,
    clock: Clock,
    began_us: u64,
    /// What passed elsewhere, and passes in no time when the request is run again.
    passed_us: u64,
}

/// A call out, as it was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: Box<str>,
    /// The whole address.
    pub uri: String,
    /// The fields.
    pub headers: Headers,
    /// The body, where it was in memory.
    pub body: Bytes,
}

/// A step as it is kept.
#[derive(Debug)]
struct Noted {
    name: StepName,
    input: Piece,
    output: Output,
    chosen: Piece,
    because: Piece,
    /// In `details`; they end where those of the next step begin.
    details: usize,
    /// After the request's arrival.
    end_us: u64,
}

/// A detail as it is kept.
#[derive(Debug)]
struct NotedDetail {
    kind: DetailKind,
    /// The template and the byte in it, for what a template tells.
    place: Option<(usize, usize)>,
    subject: Piece,
    value: Piece,
    is_whole: bool,
}

/// A part of the arena.
type Piece = Range<usize>;

/// Bytes of one text; of what is longer the beginning is kept.
const TEXT_BYTES_MAX: usize = 4 << 10;

/// Bytes of all texts.
const ARENA_BYTES_MAX: usize = 1 << 20;

/// Details of a whole request.
const DETAILS_MAX: usize = 2_000;

impl Trace {
    /// An empty trace of a request that arrives now.
    pub fn new(clock: Clock) -> Self {
        Self {
            calls: Vec::new(),
            text: String::with_capacity(2 << 10),
            messages: Vec::with_capacity(4),
            steps: Vec::with_capacity(8),
            details: Vec::with_capacity(16),
            templates: Vec::new(),
            lost: 0,
            began_us: clock.now_us(),
            passed_us: 0,
            clock,
        }
    }

    /// Keeps what is about to be sent.
    pub(crate) fn calls(&mut self, call: &Call<'_>) {
        let (endpoint, request) = (&call.endpoint, &call.request);
        let (scheme, usual_port) = match endpoint.tls {
            Some(_) => ("https", 443),
            None => ("http", 80),
        };
        let mut uri = String::with_capacity(endpoint.host.len() + request.target.len() + 16);
        for part in [scheme, "://", &endpoint.host] {
            uri.push_str(part);
        }
        if endpoint.port != usual_port {
            uri.push(':');
            uri.push_str(itoa::Buffer::new().format(endpoint.port));
        }
        uri.push_str(&request.target);
        self.calls.push(Sent {
            method: request.method.clone(),
            uri,
            headers: request.headers.clone(),
            body: match &request.body {
                Body::Whole(bytes) => bytes.clone(),
                Body::Empty | Body::Stream(_) => Bytes::new(),
            },
        });
    }

    /// Lets time pass that a call took when the request first ran.
    pub(crate) fn passed(&mut self, ms: u64) {
        self.passed_us = self.passed_us.saturating_add(ms.saturating_mul(1_000));
    }

    /// Appends a step that ends now; it began where the one before ended, and the details told since are its.
    pub(crate) fn add(&mut self, name: StepName, tell: impl FnOnce(&mut Telling<'_>)) {
        let details = self.details.len();
        let mut telling = Telling::new(&mut self.text, &mut self.messages);
        tell(&mut telling);
        let told = telling.told();
        let now_us = self.clock.now_us().saturating_sub(self.began_us);
        self.steps.push(Noted {
            name,
            input: told.input,
            output: told.output,
            chosen: told.chosen,
            because: told.because,
            details,
            end_us: now_us.saturating_add(self.passed_us),
        });
    }

    /// Keeps a detail of the step under way.
    pub(crate) fn detail(&mut self, kind: DetailKind, subject: &[&str], value: &[&str]) {
        if self.has_no_room() {
            return;
        }
        let (subject, _) = telling::put(&mut self.text, subject);
        let (value, is_whole) = telling::put(&mut self.text, value);
        self.details.push(NotedDetail {
            kind,
            place: None,
            subject,
            value,
            is_whole,
        });
    }

    /// Keeps a row of a parameter mapping with the values that it gives.
    pub(crate) fn mapping<V: AsRef<str>>(
        &mut self,
        to: &impl Display,
        from: &impl Display,
        values: &[V],
    ) {
        let subject = format!("{to} from {from}");
        match values {
            [] => self.detail(DetailKind::Mapping, &[&subject], &[]),
            [value] => self.detail(DetailKind::Mapping, &[&subject], &[value.as_ref()]),
            several => {
                let several: Vec<_> = several.iter().map(AsRef::as_ref).collect();
                self.detail(DetailKind::Mapping, &[&subject], &[&several.join(", ")]);
            }
        }
    }

    fn has_no_room(&mut self) -> bool {
        let is_full = self.details.len() >= DETAILS_MAX || self.text.len() >= ARENA_BYTES_MAX;
        self.lost += usize::from(is_full);
        is_full
    }

    /// Who hears of a template's rendering for this trace.
    pub(crate) fn of_template(&mut self, template: &Arc<Template>) -> OfTemplate<'_> {
        self.templates.push(template.clone());
        OfTemplate { trace: self }
    }
}

/// Hears of the rendering of the template told last.
pub(crate) struct OfTemplate<'t> {
    trace: &'t mut Trace,
}

impl OfTemplate<'_> {
    fn note(&mut self, kind: DetailKind, at: usize, seen: tollgate_vtl::Seen<'_>) {
        let trace = &mut *self.trace;
        if trace.has_no_room() {
            return;
        }
        let start = trace.text.len();
        let is_whole = seen.write(&mut trace.text, TEXT_BYTES_MAX);
        trace.details.push(NotedDetail {
            kind,
            place: Some((trace.templates.len() - 1, at)),
            subject: start..start,
            value: start..trace.text.len(),
            is_whole,
        });
    }
}

impl tollgate_vtl::Tracer for OfTemplate<'_> {
    fn reference(&mut self, at: usize, seen: tollgate_vtl::Seen<'_>) {
        let kind = match seen {
            tollgate_vtl::Seen::Nothing => DetailKind::Unresolved,
            tollgate_vtl::Seen::Data(_) | tollgate_vtl::Seen::Thing(_) => DetailKind::Reference,
        };
        self.note(kind, at, seen);
    }

    fn set(&mut self, at: usize, seen: tollgate_vtl::Seen<'_>) {
        self.note(DetailKind::Set, at, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn steps_follow_each_other_without_gaps() {
        let now = Arc::new(AtomicU64::new(1_000));
        let mut trace = Trace::new(Clock::Manual(now.clone()));
        now.store(1_004, Ordering::Relaxed);
        trace.detail(DetailKind::Check, &["header x"], &["present"]);
        trace.add(StepName::Route, |told| {
            told.decided(&["/pets"], &["the only match"])
        });
        now.store(1_010, Ordering::Relaxed);
        trace.passed(20);
        trace.add(StepName::Integrate, |_| {});
        let times: Vec<_> = trace
            .steps()
            .iter()
            .map(|step| (step.start_us, step.duration_us, step.details.len()))
            .collect();
        assert_eq!(times, [(0, 4_000, 1), (4_000, 26_000, 0)]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut trace = Trace::new(Clock::at(0));
        let long = "ä".repeat(10_000);
        for _ in 0..10_000 {
            trace.detail(DetailKind::Mapping, &["header x"], &[&long]);
        }
        trace.add(StepName::MapRequest, |told| told.output(&long));
        assert!(trace.text.len() <= ARENA_BYTES_MAX + 4 * TEXT_BYTES_MAX);
        let step = &trace.steps()[0];
        assert!(step.output.ends_with('ä') && step.output.len() <= TEXT_BYTES_MAX);
        assert!(!step.details[0].is_whole && trace.lost() > 9_000);
    }
}
