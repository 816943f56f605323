//! A recorded request run again: the same engine on the same inputs, with nothing but itself to call.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use tollgate_http::{Body, Headers, Request, RequestHead};
use tollgate_model::clock::Clock;
use tollgate_model::rest::Definition;
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::{RestApi, Stage};

use super::kept::{Kept, KeptBody, Ran};
use super::recording::Recording;
use crate::address::Hosts;
use crate::callers::{self, Callers};
use crate::effects::Effects;
use crate::identity::{IdentityProviders, Tokens};
use crate::pipeline::{self, Surroundings};
use crate::plan::honour::Refusal;
use crate::plan::{ApiFacts, Plans, StagePlan};
use crate::private::{Network, PrivateEndpoint, PrivateEndpoints};
use crate::record::Record;
use crate::table::{Api, Broken, Held, Table, Vacant};
use crate::throttle::Gate;
use crate::trace::{Sent, Step, Trace};

/// What a request run again came to.
#[derive(Debug)]
pub struct Rerun {
    /// What was answered.
    pub answer: Answer,
    /// Every step.
    pub steps: Vec<Step>,
    /// What would have been sent, one for each call out.
    pub calls: Vec<Sent>,
    /// Details that there was no room for.
    pub lost: usize,
    /// What makes this run another than the first.
    pub notes: Vec<String>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The fields, without those that the connection adds.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Bytes,
    /// Why it is a refusal, for the operator.
    pub reason: Option<String>,
}

/// Why a request cannot be run again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RerunError {
    /// The definition asks for what Tollgate does not honour.
    #[error("the definition asks for what Tollgate does not honour: {}", told(.0))]
    Refused(Vec<Refusal>),
    /// The head is none.
    #[error("what is recorded is no request: {0}")]
    NoRequest(&'static str),
    /// What was answered is longer than the limits say.
    #[error("the answer cannot be read: {0}")]
    Unread(String),
}

fn told(refused: &[Refusal]) -> String {
    let told = refused
        .iter()
        .take(20)
        .map(|it| format!("{}: {}", it.member, it.reason));
    told.collect::<Vec<_>>().join("; ")
}

impl Recording {
    /// Runs the request again, on another definition where one is given. Nothing leaves the process and nothing is waited for, so it
    /// runs to its end at once; it belongs off the gateway's cores.
    ///
    /// # Errors
    /// When it cannot be run at all; a request that is refused is no error.
    pub fn run(&self, other: Option<&Definition>) -> Result<Rerun, RerunError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|error| RerunError::Unread(error.to_string()))?;
        // The clock tells how long steps take, and decides nothing.
        runtime.block_on(self.rerun(other, &Clock::System))
    }

    async fn rerun(&self, other: Option<&Definition>, clock: &Clock) -> Result<Rerun, RerunError> {
        let hosts = Hosts::new(&self.domains);
        let private_endpoints = self.private_endpoints();
        let callers = Callers(callers::Kind::Replayed(self.kept.identified.clone()));
        let around = Surroundings {
            private_endpoints: &private_endpoints,
            callers: &callers,
            tokens: Tokens::Told(self.kept.token.clone().map(Rc::new)),
            limits: &self.limits,
            table: Rc::new(Held(Arc::new(self.table(other, &hosts)?))),
            hosts: &hosts,
            gate: Gate::Told(self.kept.verdict.clone()),
        };
        let (mut record, body) = Record::open(request(&self.kept)?, self.kept.arrival.clone());
        if let KeptBody::Left(length) = self.kept.body {
            record.request_bytes = length;
        }
        record.trace = Some(Box::new(Trace::new(clock.clone())));
        record.cache = self.kept.cache;
        let mut effects = Effects::Recorded(self.kept.outcomes.iter().cloned().collect());
        let response = pipeline::serve(&around, body, &mut record, &mut effects).await;
        let limit = usize::try_from(self.limits.response_body_bytes_max).unwrap_or(usize::MAX);
        let body = response.body.gather(limit).await;
        let trace = record.trace.take();
        Ok(Rerun {
            answer: Answer {
                status: response.status,
                headers: fields(&response.headers),
                body: body.map_err(|error| RerunError::Unread(error.to_string()))?,
                reason: record.error.map(|error| error.reason.text),
            },
            notes: self.notes(),
            steps: trace.as_ref().map_or(Vec::new(), |trace| trace.steps()),
            lost: trace.as_ref().map_or(0, |trace| trace.lost()),
            calls: trace.map_or(Vec::new(), |trace| trace.calls),
        })
    }

    /// What is served: the one stage, or the place where one was missed.
    fn table(&self, other: Option<&Definition>, hosts: &Hosts) -> Result<Table, RerunError> {
        let none = Definition::default();
        if let Some(ran) = &self.kept.ran {
            let definition = other.or(self.definition.as_ref()).unwrap_or(&none);
            return Ok(Table::new([served(plan(ran, definition)?)], 0));
        }
        let host = self.kept.headers.iter();
        let host = host
            .filter(|(name, _)| name.eq_ignore_ascii_case("Host"))
            .find_map(|(_, value)| std::str::from_utf8(value).ok());
        let path = self.kept.target.split('?').next().unwrap_or_default();
        let Some(address) = hosts.find(host, path) else {
            return Ok(Table::default());
        };
        let api = Api {
            id: address.api.to_ascii_lowercase().into(),
            ..Api::default()
        };
        Ok(match &self.kept.vacant {
            None | Some(Vacant::Api) => Table::default(),
            Some(Vacant::Stage) => Table::new([api], 0),
            Some(Vacant::Broken(reason)) => {
                let broken = Broken {
                    stage: address.stage.into(),
                    reason: reason.clone(),
                };
                let broken = vec![broken];
                Table::new([Api { broken, ..api }], 0)
            }
            Some(Vacant::Disabled) => Table::new([served(disabled(&api.id, address.stage)?)], 0),
        })
    }

    /// The one that the request came through, if it came through one: it does so again.
    fn private_endpoints(&self) -> PrivateEndpoints {
        let networks = vec![Network::of_one(self.kept.peer.ip())];
        let came = self.kept.private_endpoint.iter();
        PrivateEndpoints::new(came.map(|it| PrivateEndpoint {
            networks: networks.clone(),
            ..(**it).clone()
        }))
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let KeptBody::Left(length) = self.kept.body {
            notes.push(not_kept("request", length, "without one"));
        }
        let answered = self.kept.outcomes.iter();
        let left = answered.filter_map(|outcome| outcome.result.as_ref().ok()?.left);
        notes.extend(left.map(|length| not_kept("integration", length, "with an empty one")));
        notes
    }
}

/// Under `dev` and for what is read whole the first of the settings is enough, for all else both are.
fn not_kept(whose: &str, length: u64, run: &str) -> String {
    format!(
        "the {whose}'s body ({length} bytes) was not kept: it is run {run}. [recorder] body_bytes_max and streamed_body_bytes_max of as many \
         keep the next one"
    )
}

fn served(plan: StagePlan) -> Api {
    Api {
        id: plan.api.id.clone(),
        stages: vec![Arc::new(plan)],
        ..Api::default()
    }
}

fn plan(ran: &Ran, definition: &Definition) -> Result<StagePlan, RerunError> {
    let settings = &ran.settings;
    let variables = settings.variables.iter();
    let stage = Stage {
        stage_name: Some(settings.name.clone()),
        deployment_id: Some(settings.deployment_id.clone()),
        variables: Some(
            variables
                .map(|(name, value)| (name.clone(), Some(value.clone())))
                .collect(),
        ),
        ..Stage::default()
    };
    let plan = plans().plan(ran.api.clone(), definition, &stage);
    Ok(StagePlan {
        is_canary: ran.is_canary,
        ..plan.map_err(RerunError::Refused)?
    })
}

/// A stage of an API whose own address is disabled, which is all that was asked about.
fn disabled(api: &str, stage: &str) -> Result<StagePlan, RerunError> {
    let definition = Definition {
        api: RestApi {
            disable_execute_api_endpoint: Some(true),
            ..RestApi::default()
        },
        ..Definition::default()
    };
    let facts = ApiFacts {
        id: api.into(),
        ..ApiFacts::default()
    };
    let stage = Stage {
        stage_name: Some(stage.to_owned()),
        ..Stage::default()
    };
    let plan = plans().plan(Arc::new(facts), &definition, &stage);
    plan.map_err(RerunError::Refused)
}

/// Plans of this run alone, counted by nobody.
fn plans() -> Plans {
    Plans::new(Counters::new(1))
        .with_private_endpoints()
        .with_identity_providers(IdentityProviders::any())
}

fn request(kept: &Kept) -> Result<Request, RerunError> {
    let mut headers = Headers::new();
    for (name, value) in &kept.headers {
        let pushed = headers.push(name, value);
        pushed.map_err(|_| RerunError::NoRequest("a header that is none"))?;
    }
    let head = RequestHead::new(&kept.method, &kept.target, headers)
        .map_err(|_| RerunError::NoRequest("method or target that are none"))?;
    Ok(Request {
        head: head.with_version(kept.version),
        body: match &kept.body {
            KeptBody::Whole(bytes) => Body::from(bytes.clone()),
            KeptBody::Unread | KeptBody::Left(_) => Body::Empty,
        },
        peer: kept.peer,
        local: kept.local,
        secure: kept.secure,
        tls: kept.tls,
    })
}

pub(super) fn fields(headers: &Headers) -> Vec<(String, Vec<u8>)> {
    let fields = headers.iter();
    fields
        .map(|(name, value)| (name.to_owned(), value.to_vec()))
        .collect()
}
