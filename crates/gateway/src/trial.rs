//! A definition tried out where nobody is served: requests go through the engine as they do in traffic, from host and path to the last
//! header, and the calls out are answered by whoever tries.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use tollgate_http::{Headers, Request, RequestHead};
use tollgate_model::random::Random;

use crate::effects::{Effects, Outcome};
use crate::gateway::Settings;
use crate::identity::Tokens;
use crate::pipeline::{self, Surroundings};
use crate::plan::StagePlan;
use crate::record::{Arrival, ErrorFacts, Record};
use crate::respond;
use crate::table::{Api, Held, Table};
use crate::throttle::Gate;
use crate::trace::{Sent, Trace};

/// One stage, served to whoever holds it.
#[derive(Debug)]
pub struct Trial {
    settings: Settings,
    table: Rc<Held>,
    random: Random,
}

/// A request to be tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path, stage included, and query.
    pub target: String,
    /// The fields; `Host` has to name the API.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What came of it.
#[derive(Debug)]
pub struct Tried {
    /// The status.
    pub status: u16,
    /// The fields.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
    /// Why it was refused.
    pub error: Option<ErrorFacts>,
    /// The path of the resource that it met.
    pub resource: Option<Box<str>>,
    /// What was sent to the integration, one for each call.
    pub calls: Vec<Sent>,
}

impl Trial {
    /// Serves this stage alone. Times and chances come from the settings' clock and from `random`, so that the same request always ends
    /// the same way under a clock that stands.
    pub fn new(plan: StagePlan, settings: Settings, random: Random) -> Self {
        let api = Api {
            id: plan.api.id.clone(),
            stages: vec![Arc::new(plan)],
            broken: Vec::new(),
            cold: Vec::new(),
        };
        Self {
            settings,
            table: Rc::new(Held(Arc::new(Table::new([api], 0)))),
            random,
        }
    }

    /// Sends a request; `outcomes` answer its calls out, in their order. Nothing leaves the process.
    ///
    /// # Errors
    /// When it is no request: a method, target or header that HTTP has no form for.
    pub async fn send(
        &mut self,
        asked: &Asked,
        outcomes: impl IntoIterator<Item = Outcome>,
    ) -> Result<Tried, String> {
        let request = request(asked)?;
        let arrival = Arrival::now(&self.settings.clock, &mut self.random);
        let (mut record, body) = Record::open(request, arrival);
        record.trace = Some(Box::new(Trace::new(self.settings.clock.clone())));
        let around = Surroundings {
            hosts: &self.settings.hosts,
            limits: &self.settings.limits,
            private_endpoints: &self.settings.private_endpoints,
            callers: &self.settings.callers,
            tokens: Tokens::Told(None),
            table: self.table.clone(),
            gate: Gate::Open,
        };
        let mut effects = Effects::Recorded(outcomes.into_iter().collect());
        let response = pipeline::serve(&around, body, &mut record, &mut effects).await;
        let limit = self.settings.limits.response_body_bytes_max;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let body = response.body.gather(limit).await;
        Ok(Tried {
            status: response.status,
            headers: response.headers,
            body: body.map_err(|error| error.to_string())?,
            resource: record.resource().map(|resource| resource.path.clone()),
            calls: record.trace.take().map_or(Vec::new(), |trace| trace.calls),
            error: record.error,
        })
    }
}

fn request(asked: &Asked) -> Result<Request, String> {
    let mut headers = Headers::new();
    for (name, value) in &asked.headers {
        let pushed = headers.push(name, value.as_bytes());
        pushed.map_err(|_| format!("`{name}: {value}` is no header"))?;
    }
    let head = RequestHead::new(&asked.method, &asked.target, headers);
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 443));
    Ok(Request {
        head: head.map_err(|_| format!("`{} {}` is no request", asked.method, asked.target))?,
        body: respond::body_of(asked.body.clone()),
        peer: nowhere,
        local: nowhere,
        secure: true,
        tls: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Answered;
    use crate::plan::{ApiFacts, Plans};
    use tollgate_model::clock::Clock;
    use tollgate_telemetry::Counters;
    use tollgate_wire::apigateway::Stage;

    const DOCUMENT: &str = r#"{"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/pets/{id}": {"get": {
        "responses": {"200": {"description": "ok"}},
        "x-amazon-apigateway-integration": {"type": "http", "httpMethod": "GET", "uri": "http://backend.invalid/{id}",
            "requestParameters": {"integration.request.path.id": "method.request.path.id"},
            "responses": {"default": {"statusCode": 200, "responseTemplates": {"application/json": "{\"name\": $input.json('$.name')}"}}}}}}}}"#;

    fn trial() -> Trial {
        let options = tollgate_openapi::Options::default();
        let mut imported = tollgate_openapi::import(DOCUMENT.as_bytes(), &options).unwrap();
        imported.bind("trial", |part| part.name().to_owned());
        let facts = ApiFacts {
            id: "trial".into(),
            ..ApiFacts::default()
        };
        let stage = Stage {
            stage_name: Some("dev".to_owned()),
            ..Stage::default()
        };
        let plans = Plans::new(Counters::new(1));
        let plan = plans.plan(Arc::new(facts), &imported.definition, &stage);
        let settings = Settings {
            clock: Clock::at(5),
            ..Settings::default()
        };
        Trial::new(plan.unwrap(), settings, Random::seeded(1))
    }

    fn asked(target: &str) -> Asked {
        let host = "trial.execute-api.localhost".to_owned();
        Asked {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: vec![("Host".to_owned(), host)],
            body: Bytes::new(),
        }
    }

    #[tokio::test]
    async fn a_request_meets_the_whole_engine_and_no_backend() {
        let mut trial = trial();
        let outcome = Outcome {
            elapsed_ms: 1,
            result: Ok(Answered {
                status: 200,
                headers: Headers::new(),
                body: Bytes::from_static(b"{\"name\": \"rex\"}"),
                left: None,
            }),
        };
        let tried = trial.send(&asked("/dev/pets/7"), [outcome]).await.unwrap();
        assert_eq!(
            (tried.status, &*tried.body),
            (200, &b"{\"name\": \"rex\"}"[..])
        );
        assert_eq!(tried.resource.as_deref(), Some("/pets/{id}"));
        assert_eq!(tried.calls[0].uri, "http://backend.invalid/7");
        // Without an answer there is nobody to ask.
        let tried = trial.send(&asked("/dev/pets/7"), []).await.unwrap();
        assert_eq!((tried.status, tried.calls.len()), (504, 1));
        let tried = trial.send(&asked("/dev/none"), []).await.unwrap();
        assert_eq!((tried.status, tried.resource), (403, None));
        assert!(
            tried
                .error
                .unwrap()
                .reason
                .text
                .starts_with("no such route")
        );
    }

    #[tokio::test]
    async fn what_is_no_request_is_refused() {
        let mut broken = asked("/dev/pets/7");
        broken.headers.push(("a b".to_owned(), "c".to_owned()));
        let refused = trial().send(&broken, []).await.unwrap_err();
        assert_eq!(refused, "`a b: c` is no header");
    }
}
