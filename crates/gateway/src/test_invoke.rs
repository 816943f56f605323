//! TestInvokeMethod: a method of an API as it is now, without what stands before it: no address, authorizer, key or throttle.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html>

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use tollgate_http::{Body, Client, Headers, Request, RequestHead, Response};
use tollgate_model::random::Random;
use tollgate_model::rest::Definition;
use tollgate_wire::apigateway::Stage;

use crate::address::Shown;
use crate::effects::{Effects, Live, Tape};
use crate::exchange::{decode, pairs};
use crate::execution_log::ExecutionLog;
use crate::gateway::{Gateway, Settings};
use crate::pipeline;
use crate::plan::honour::Refusal;
use crate::plan::{ApiFacts, LogLevel, Logging, Method, Plans, Resource, StagePlan};
use crate::record::{Arrival, Record};
use crate::respond;
use crate::route::{Captured, Matched};
use crate::table::{Api, Held, Seat, Table};
use crate::throttle::Permit;
use crate::trace::Trace;

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct TestInvocation {
    /// Whose API it is.
    pub api: Arc<ApiFacts>,
    /// The API as it is now.
    pub definition: Definition,
    /// The resource's id.
    pub resource_id: String,
    /// The method to call.
    pub http_method: String,
    /// Path and query; without them the resource's own path, its variables as they are written.
    pub path_with_query: Option<String>,
    /// The fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Values of stage variables.
    pub stage_variables: Vec<(String, String)>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct TestInvoked {
    /// The status.
    pub status: u16,
    /// The fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The execution log in AWS's words.
    pub log: String,
    /// How long it took.
    pub latency_ms: u64,
}

/// Why nothing was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// The method asks for what Tollgate does not honour.
    Refused(Vec<Refusal>),
    /// The request is none, or there is no such method.
    Request(String),
}

/// The name of the stage that a test runs on, known from published events.
const STAGE: &str = "test-invoke-stage";

/// A test tells all there is to tell.
const EVERYTHING: Logging = Logging {
    level: LogLevel::Info,
    has_data: true,
};

impl Gateway {
    /// Calls a method of an API as it is now. Compiles, so it belongs off the gateway's cores; `client` is of the thread it runs on.
    ///
    /// # Errors
    /// When there is nothing that could be called.
    pub async fn test_invoke(
        &self,
        plans: &Plans,
        client: Client,
        random: &mut Random,
        mut asked: TestInvocation,
    ) -> Result<TestInvoked, Invalid> {
        let definition = only(&asked);
        // A plan without an API's name has no counters of its own.
        let plan = plans.plan(Arc::default(), &definition, &stage(&asked));
        let plan = StagePlan {
            api: asked.api.clone(),
            ..plan.map_err(Invalid::Refused)?
        };
        let settings = self.settings();
        let body = std::mem::take(&mut asked.body);
        let request = request(&asked, &definition, body.clone())?;
        let (mut record, arrived) = Record::open(request, Arrival::now(&settings.clock, random));
        let seat = seat(plan)?;
        let shown = 0..record.head().path().len();
        record.addressed(seat.clone(), shown.clone(), Shown::Part(shown));
        record.is_test = true;
        record.trace = Some(Box::new(Trace::new(settings.clock.clone())));
        let stage = seat.stage();
        let route = route(stage, &mut record)?;

        let mut log = ExecutionLog::begin(&record, EVERYTHING);
        let query = record.head().query().unwrap_or_default();
        let query = pairs(query).map(|(name, value)| (decode(name), decode(value)));
        log.request(route.parameters(&record), query, record.headers(), &body);
        let mut effects = effects(settings, client);
        let done = perform(stage, &route, arrived, &mut record, &mut effects, settings).await;
        Ok(finish(done, record, effects, log, settings))
    }
}

/// The method's own parts, open to everybody: what else the API has is not asked about.
fn only(asked: &TestInvocation) -> Definition {
    let mut definition = asked.definition.clone();
    definition.api.policy = None;
    definition.api.endpoint_configuration = None;
    definition.api.disable_execute_api_endpoint = None;
    definition
        .resources
        .retain(|resource| resource.id.as_deref() == Some(&*asked.resource_id));
    definition
        .methods
        .retain(|it| it.resource_id == asked.resource_id);
    let names = |name: &str| {
        let mut methods = definition.methods.iter();
        methods.any(|it| it.method.http_method.as_deref() == Some(name))
    };
    let name = match names(&asked.http_method) {
        true => asked.http_method.clone(),
        false => "ANY".to_owned(),
    };
    definition
        .methods
        .retain(|it| it.method.http_method.as_deref() == Some(&*name));
    for it in &mut definition.methods {
        it.method.authorization_type = Some("NONE".to_owned());
        it.method.api_key_required = None;
    }
    definition
}

fn stage(asked: &TestInvocation) -> Stage {
    let variables = asked.stage_variables.iter();
    Stage {
        stage_name: Some(STAGE.to_owned()),
        variables: Some(
            variables
                .map(|(name, value)| (name.clone(), Some(value.clone())))
                .collect(),
        ),
        ..Stage::default()
    }
}

fn request(
    asked: &TestInvocation,
    definition: &Definition,
    body: Bytes,
) -> Result<Request, Invalid> {
    let resource = definition.resources.first();
    let own = resource.and_then(|resource| resource.path.as_deref());
    let target = asked
        .path_with_query
        .as_deref()
        .filter(|path| !path.is_empty());
    let target = target.or(own).unwrap_or("/");
    let mut headers = Headers::new();
    for (name, value) in &asked.headers {
        let pushed = headers.push(name, value.as_bytes());
        pushed.map_err(|_| Invalid::Request(format!("Invalid header {name}")))?;
    }
    let head = RequestHead::new(&asked.http_method, target, headers);
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 443));
    Ok(Request {
        head: head.map_err(|_| Invalid::Request("Invalid pathWithQueryString".to_owned()))?,
        body: respond::body_of(body),
        peer: nowhere,
        local: nowhere,
        secure: true,
        tls: None,
    })
}

fn seat(plan: StagePlan) -> Result<Seat, Invalid> {
    let id = plan.api.id.clone();
    let api = Api {
        id: id.clone(),
        stages: vec![Arc::new(plan)],
        broken: Vec::new(),
        cold: Vec::new(),
    };
    let table = Rc::new(Held(Arc::new(Table::new([api], 0))));
    let missing = || Invalid::Request("Invalid Resource identifier specified".to_owned());
    Seat::find(&table, &id, STAGE).map_err(|_| missing())
}

/// The one method there is. Recorded: a path that is not the resource's gives its variables no values.
fn route<'p>(stage: &'p StagePlan, record: &mut Record) -> Result<Matched<'p>, Invalid> {
    let missing = || Invalid::Request("Invalid Method identifier specified".to_owned());
    let plan = &stage.deployment;
    let resource: &Resource = plan.resources.first().ok_or_else(missing)?;
    let method: &Method = resource
        .method(record.head().method())
        .ok_or_else(missing)?;
    let found = plan.routes.find(record.route_path());
    record.matched(0);
    Ok(Matched {
        resource,
        method,
        captured: found.map_or_else(Captured::default, |(_, captured)| captured),
    })
}

/// What was answered is kept: the log tells it.
fn effects(settings: &Settings, client: Client) -> Effects {
    Effects::Live(Live {
        client,
        clock: settings.clock.clone(),
        body_bytes_max: settings.limits.response_body_bytes_max,
        tape: Some(Tape::default()),
    })
}

async fn perform(
    stage: &StagePlan,
    route: &Matched<'_>,
    body: Body,
    record: &mut Record,
    effects: &mut Effects,
    settings: &Settings,
) -> (Response, Bytes) {
    let limits = &settings.limits;
    let answered = pipeline::perform(
        stage,
        route,
        Permit::for_test(),
        body,
        record,
        effects,
        limits,
    )
    .await;
    let mut response = match answered {
        Ok(response) => response,
        Err(rejection) => respond::refuse(&rejection, record),
    };
    respond::finish_test(&mut response, record);
    let limit = usize::try_from(limits.response_body_bytes_max).unwrap_or(usize::MAX);
    // What came is on tape and in memory; only a limit of another step could cut it.
    let body = std::mem::take(&mut response.body).gather(limit).await;
    (response, body.unwrap_or_default())
}

fn finish(
    (response, body): (Response, Bytes),
    mut record: Record,
    effects: Effects,
    mut log: ExecutionLog,
    settings: &Settings,
) -> TestInvoked {
    let outcomes = effects.into_tape();
    let trace = record.trace.take();
    for (at, sent) in trace.iter().flat_map(|trace| &trace.calls).enumerate() {
        log.call(sent, outcomes.get(at), record.integration.as_ref());
    }
    let (status, headers) = (response.status, &response.headers);
    log.end(&record, status, headers, &body);
    let now_ms = settings.clock.now_ms();
    let fields = headers.iter();
    TestInvoked {
        status,
        headers: fields
            .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned()))
            .collect(),
        log: log.text(record.arrival.request_id(), now_ms),
        latency_ms: now_ms.saturating_sub(record.arrival.now_ms),
        body,
    }
}
