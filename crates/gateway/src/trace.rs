//! What each step of one request did, and why. Kept only where someone asked for it: a step hands over a closure, and
//! where nobody asked the closure is never run.

use bytes::Bytes;
use tollgate_http::{Body, Headers};
use tollgate_model::clock::Clock;

use crate::effects::Outcome;
use crate::map::Call;

/// The steps of one request, in order.
#[derive(Debug)]
pub struct Trace {
    /// What happened.
    pub steps: Vec<Step>,
    /// What every call out answered: with these the request can be run again offline.
    pub outcomes: Vec<Outcome>,
    /// What was sent, one for each outcome.
    pub calls: Vec<Sent>,
    clock: Clock,
    began_ms: u64,
}

/// A call out, as it was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The whole address.
    pub uri: String,
    /// The fields.
    pub headers: Headers,
    /// The body, where it was in memory.
    pub body: Bytes,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which one.
    pub name: StepName,
    /// What it was given.
    pub input: String,
    /// What it produced.
    pub output: String,
    /// What it decided, and why.
    pub decision: Option<Decision>,
    /// Milliseconds after the request's arrival.
    pub start_ms: u64,
    /// How long it took.
    pub duration_ms: u64,
}

/// The steps of the pipeline, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names are those of the pipeline's functions"
)]
pub enum StepName {
    Address,
    Route,
    Validate,
    MapRequest,
    Integrate,
    MapResponse,
    Respond,
}

/// A choice that a step made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was chosen.
    pub chosen: String,
    /// Because of what: a template's line, a pattern, a table's row.
    pub because: String,
}

/// What a step's closure tells.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) input: String,
    pub(crate) output: String,
    pub(crate) decision: Option<Decision>,
}

impl Trace {
    /// An empty trace of a request that arrives now.
    pub fn new(clock: Clock) -> Self {
        Self {
            steps: Vec::new(),
            outcomes: Vec::new(),
            calls: Vec::new(),
            began_ms: clock.now_ms(),
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
        let mut uri = format!("{scheme}://{}", endpoint.host);
        if endpoint.port != usual_port {
            uri.push_str(&format!(":{}", endpoint.port));
        }
        uri.push_str(&request.target);
        self.calls.push(Sent {
            uri,
            headers: request.headers.clone(),
            body: match &request.body {
                Body::Whole(bytes) => bytes.clone(),
                Body::Empty | Body::Stream(_) => Bytes::new(),
            },
        });
    }

    /// Appends a step that ends now; it began where the one before ended.
    pub(crate) fn add(&mut self, name: StepName, told: Told) {
        let start_ms = self
            .steps
            .last()
            .map_or(0, |step| step.start_ms + step.duration_ms);
        let now_ms = self.clock.now_ms().saturating_sub(self.began_ms);
        self.steps.push(Step {
            name,
            input: told.input,
            output: told.output,
            decision: told.decision,
            start_ms,
            duration_ms: now_ms.saturating_sub(start_ms),
        });
    }
}

impl Told {
    pub(crate) fn decided(chosen: impl Into<String>, because: impl Into<String>) -> Self {
        Self {
            decision: Some(Decision {
                chosen: chosen.into(),
                because: because.into(),
            }),
            ..Self::default()
        }
    }

    pub(crate) fn with(mut self, input: impl Into<String>, output: impl Into<String>) -> Self {
        self.input = input.into();
        self.output = output.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn steps_follow_each_other_without_gaps() {
        let now = Arc::new(AtomicU64::new(1_000));
        let mut trace = Trace::new(Clock::Manual(now.clone()));
        now.store(1_004, Ordering::Relaxed);
        trace.add(StepName::Route, Told::decided("/pets", "the only match"));
        now.store(1_010, Ordering::Relaxed);
        trace.add(StepName::Integrate, Told::default());
        let times: Vec<_> = trace
            .steps
            .iter()
            .map(|step| (step.start_ms, step.duration_ms))
            .collect();
        assert_eq!(times, [(0, 4), (4, 6)]);
    }
}
