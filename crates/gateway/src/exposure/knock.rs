//! Requests that show nothing, run on the engine up to where an integration would be called.

use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

use tollgate_http::{Body, Headers, Request, RequestHead};
use tollgate_iam::Value;

use super::report::Passing;
use crate::gateway::Settings;
use crate::identity::{Finding, Tokens};
use crate::pipeline::{self, Surroundings};
use crate::plan::StagePlan;
use crate::private::PrivateEndpoints;
use crate::record::{Arrival, Record};
use crate::table::{Api, Held, Table};
use crate::throttle::Gate;

/// The greatest chance that a request can have: where it meets a canary, every request does.
pub(super) const LAST_DRAW: f64 = 100.0 - 100.0 / (u32::MAX as f64 + 1.0);

/// An anonymous request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) method: String,
    /// Below the stage.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) from: IpAddr,
    /// Whether other addresses are other kinds.
    pub(super) is_address_needed: bool,
    pub(super) is_secure: bool,
    pub(super) now_ms: u64,
    /// The endpoints that there are, where they are not those of the settings, and the one among them.
    pub(super) endpoints: Option<(PrivateEndpoints, String)>,
}

/// What came of it.
pub(super) enum Outcome {
    /// It was let in.
    In { path: Box<str> },
    /// It was not.
    Refused {
        /// The resource that it met.
        path: Option<Box<str>>,
        reason: String,
    },
    /// HTTP has no form for it.
    NoRequest(String),
}

/// Runs requests against one stage.
pub(super) struct Knocker<'k> {
    settings: &'k Settings,
    table: Rc<Held>,
    api: Box<str>,
    stage: Box<str>,
    no_token: Rc<Finding>,
}

impl<'k> Knocker<'k> {
    pub(super) fn new(stage: Arc<StagePlan>, settings: &'k Settings) -> Self {
        let (api, name) = (stage.api.id.clone(), stage.name.clone());
        let table = Table::new(
            [Api {
                id: api.clone(),
                stages: vec![stage],
                ..Api::default()
            }],
            0,
        );
        Self {
            settings,
            table: Rc::new(Held(Arc::new(table))),
            api,
            stage: name,
            no_token: Rc::new(Finding::Refused("it is no token".into())),
        }
    }

    /// The time.
    pub(super) fn now(&self) -> u64 {
        self.settings.clock.now_ms()
    }

    /// Runs a request; of a stage with a canary it meets the one or the other.
    pub(super) async fn try_out(&self, ask: &Ask, is_canary: bool) -> Outcome {
        let request = match self.request(ask) {
            Ok(request) => request,
            Err(why) => return Outcome::NoRequest(why),
        };
        let arrival = Arrival {
            now_ms: ask.now_ms,
            request_id: *b"00000000-0000-4000-8000-000000000000",
            extended_request_id: *b"AAAAAAAAAAAAAAA=",
            trace_entropy: [if is_canary { 0 } else { u8::MAX }; 20],
        };
        let (mut record, body) = Record::open(request, arrival);
        let settings = self.settings;
        let endpoints = ask.endpoints.as_ref().map(|(endpoints, _)| endpoints);
        let around = Surroundings {
            hosts: &settings.hosts,
            limits: &settings.limits,
            private_endpoints: endpoints.unwrap_or(&settings.private_endpoints),
            callers: &settings.callers,
            // Whatever stands where a token would stand is none.
            tokens: Tokens::Told(Some(self.no_token.clone())),
            table: self.table.clone(),
            // Nobody is asked about keys, as there is none to ask about: a method that wants one refuses.
            gate: Gate::Told(None),
        };
        let entered = pipeline::knock(&around, body, &mut record).await;
        let path = record.resource().map(|resource| resource.path.clone());
        match (entered, path) {
            (Ok(()), path) => Outcome::In {
                path: path.unwrap_or_default(),
            },
            (Err(refused), path) => Outcome::Refused {
                path,
                reason: refused.reason.text,
            },
        }
    }

    fn request(&self, ask: &Ask) -> Result<Request, String> {
        let none = |text: &str| format!("`{text}` is nothing that a request can have");
        let mut headers = Headers::new();
        let host = (
            "Host".to_owned(),
            format!("{}.execute-api.localhost", self.api),
        );
        for (name, value) in std::iter::once(&host).chain(&ask.headers) {
            let pushed = headers.push(name, value.as_bytes());
            pushed.map_err(|_| none(&format!("{name}: {value}")))?;
        }
        let target = format!("/{}{}", self.stage, ask.path);
        let head = RequestHead::new(&ask.method, &target, headers);
        Ok(Request {
            head: head.map_err(|_| none(&target))?,
            body: Body::Empty,
            peer: SocketAddr::from((ask.from, 40_000)),
            local: SocketAddr::from(([127, 0, 0, 1], 443)),
            secure: ask.is_secure,
            tls: None,
        })
    }
}

impl Ask {
    /// As it is told.
    pub(super) fn shown(&self, now_ms: u64) -> Passing {
        let at = (self.now_ms > now_ms).then(|| {
            let ms = i64::try_from(self.now_ms).unwrap_or(i64::MAX);
            Value::Time(ms).text().into_owned()
        });
        Passing {
            method: self.method.clone(),
            path: self.path.clone(),
            headers: self.headers.clone(),
            from: self.from.to_string(),
            is_address_needed: self.is_address_needed,
            is_secure: self.is_secure,
            through: self.endpoints.as_ref().map(|(_, id)| id.clone()),
            at,
        }
    }
}
