//! Where made-up requests run through the gateway's engine, within a budget of requests and time.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tollgate_gateway::plan::StagePlan;
use tollgate_gateway::{Answered, Asked, Failure, Fault, Outcome, Settings, Trial, Tried};
use tollgate_http::Headers;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;

use crate::Options;
use crate::exam::Seen;
use crate::finding::Evidence;
use crate::runnable::{API, STAGE};

/// The moment at which all requests are run, so that checks repeat: 2025-01-01.
const MOMENT_MS: u64 = 1_735_689_600_000;
/// Whatever means something in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Runs requests.
pub(crate) struct Bench {
    trial: Trial,
    runtime: Option<tokio::runtime::Runtime>,
    clock: Clock,
    ends_ms: u64,
    left: usize,
    /// Whether anything was left undone.
    pub(crate) is_exhausted: bool,
}

/// A request to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask {
    pub(crate) method: String,
    /// With its variables filled in.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// What the backend is made to do.
#[derive(Clone, Debug)]
pub(crate) enum Backend {
    /// It answers with JSON.
    Answers(u16, String),
    /// It does not answer in time.
    Silent,
}

/// A request that was run.
pub(crate) struct Run {
    ask: Ask,
    backend: Backend,
    pub(crate) tried: Tried,
}

impl Bench {
    pub(crate) fn new(plan: StagePlan, options: &Options) -> Self {
        let settings = Settings {
            clock: Clock::at(MOMENT_MS),
            ..Settings::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().ok();
        Self {
            trial: Trial::new(plan, settings, Random::seeded(1)),
            is_exhausted: runtime.is_none(),
            runtime,
            clock: options.clock.clone(),
            ends_ms: options.clock.now_ms().saturating_add(options.time_ms_max),
            left: options.requests_max,
        }
    }

    /// Runs a request, if the budget has room for it.
    pub(crate) fn run(&mut self, ask: &Ask, backend: Backend) -> Option<Run> {
        if self.left == 0 || self.clock.now_ms() >= self.ends_ms {
            self.is_exhausted = true;
            return None;
        }
        self.left -= 1;
        let runtime = self.runtime.as_ref()?;
        let asked = ask.asked();
        let sent = self.trial.send(&asked, [backend.outcome()]);
        let tried = runtime.block_on(sent).ok()?;
        Some(Run {
            ask: ask.clone(),
            backend,
            tried,
        })
    }
}

impl Ask {
    /// A request that has all that the method declares as required.
    pub(crate) fn of(seen: &Seen<'_>) -> Self {
        let mut ask = Self {
            method: match seen.name {
                "ANY" => "POST".to_owned(),
                name => name.to_owned(),
            },
            path: filled(seen.path),
            ..Self::default()
        };
        for (name, required) in seen.method.request_parameters.iter().flatten() {
            let place = name.strip_prefix("method.request.");
            let Some((place, name)) = place.and_then(|place| place.split_once('.')) else {
                continue;
            };
            match place {
                "querystring" if *required => ask.query.push((name.to_owned(), "1".to_owned())),
                "header" if *required => ask.headers.push((name.to_owned(), "1".to_owned())),
                _ => {}
            }
        }
        ask
    }

    /// With this body.
    pub(crate) fn with_body(mut self, content_type: &str, body: impl Into<String>) -> Self {
        self.headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Type"));
        self.headers
            .push(("Content-Type".to_owned(), content_type.to_owned()));
        self.body = body.into();
        self
    }

    /// Without its method's own rule for content types.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Path and query.
    pub(crate) fn target(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let pairs = self.query.iter();
        let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let query: Vec<String> = pairs.collect();
        match query.is_empty() {
            true => self.path.clone(),
            false => format!("{}?{}", self.path, query.join("&")),
        }
    }

    fn asked(&self) -> Asked {
        let host = ("Host".to_owned(), format!("{API}.execute-api.localhost"));
        Asked {
            method: self.method.clone(),
            target: format!("/{STAGE}{}", self.target()),
            headers: std::iter::once(host).chain(self.headers.clone()).collect(),
            body: Bytes::from(self.body.clone()),
        }
    }
}

/// A path with values for its variables: 1, 2, … in their order.
pub(crate) fn filled(path: &str) -> String {
    let mut count = 0;
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => {
            count += 1;
            count.to_string()
        }
        false => part.to_owned(),
    });
    let parts: Vec<String> = parts.collect();
    parts.join("/")
}

impl Backend {
    /// It answers 200 with an empty object.
    pub(crate) fn fine() -> Self {
        Self::Answers(200, "{}".to_owned())
    }

    fn outcome(&self) -> Outcome {
        let result = match self {
            Self::Answers(status, body) => {
                let mut headers = Headers::new();
                // It is a header: the name and the value are constants.
                let _ = headers.push("Content-Type", b"application/json");
                Ok(Answered {
                    status: *status,
                    headers,
                    body: Bytes::from(body.clone()),
                    left: None,
                })
            }
            Self::Silent => Err(Failure::Timeout("no answer in time".to_owned())),
        };
        Outcome {
            elapsed_ms: 1,
            result,
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Answers(status, body) => format!("{status} {body}"),
            Self::Silent => "no answer in time".to_owned(),
        }
    }
}

impl Run {
    /// Why the gateway could not do what the definition says; nothing when it could.
    pub(crate) fn fault(&self) -> Option<&str> {
        let error = self.tried.error.as_ref()?;
        (error.reason.fault == Fault::Definition).then_some(error.reason.text.as_str())
    }

    /// Why the request was refused, whoever is to blame.
    pub(crate) fn why(&self) -> Option<&str> {
        self.tried.error.as_ref().map(|it| it.reason.text.as_str())
    }

    /// The body that went to the backend, when one did.
    pub(crate) fn sent(&self) -> Option<String> {
        let sent = self.tried.calls.first()?;
        Some(String::from_utf8_lossy(&sent.body).into_owned())
    }

    /// The body of the answer.
    pub(crate) fn answer(&self) -> String {
        String::from_utf8_lossy(&self.tried.body).into_owned()
    }

    /// A header of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let value = self.tried.headers.get(name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    pub(crate) fn evidence(&self) -> Evidence {
        let is_called = !self.tried.calls.is_empty();
        Evidence {
            method: self.ask.method.clone(),
            target: self.ask.target(),
            headers: self.ask.headers.clone(),
            body: self.ask.body.clone(),
            backend: is_called.then(|| self.backend.told()),
            called: self.tried.calls.first().map(|call| call.uri.clone()),
            sent: self.sent().filter(|body| !body.is_empty()),
            status: self.tried.status,
            answer: self.answer(),
            why: self.why().map(str::to_owned),
        }
    }
}
