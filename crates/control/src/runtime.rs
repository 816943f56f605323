//! What the control plane asks of a running gateway. The program implements it over the gateway, so that the two
//! planes never see each other.

use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;

use tollgate_model::quota::Day;
use tollgate_model::rest::Definition;
use tollgate_wire::apigateway::Stage;

/// An answer on its way.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The gateway, as the control plane sees it.
pub trait Runtime: Send + Sync {
    /// Would this deployment serve on this stage with every setting honoured? Runs off the gateway's cores.
    ///
    /// # Errors
    /// Each setting that would be ignored otherwise.
    fn prepare<'a>(&'a self, proposal: Proposal<'a>) -> BoxFuture<'a, Result<(), Vec<Refusal>>>;

    /// Returns when every core of the gateway serves at least the store's revision `rev`, or after a bound that
    /// the gateway sets.
    fn applied(&self, rev: u64) -> BoxFuture<'_, ()>;

    /// Empties the cache of a stage: no request that comes after this is answered by what was kept or asked for before. A gateway without
    /// caches has nothing to empty.
    fn flush_cache(&self, _api_id: &str, _stage: &str) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// The same of what authorizers answered for a stage. A gateway that runs no authorizers has nothing to empty.
    fn flush_authorizers_cache(&self, _api_id: &str, _stage: &str) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// Calls a method of an API as it is now.
    ///
    /// # Errors
    /// Why it could not be called; what the method then answers is no error, whatever its status.
    fn test_invoke(
        &self,
        invocation: TestInvocation,
    ) -> BoxFuture<'_, Result<TestInvoked, TestFault>>;

    /// What keys used of their plans from the first to the last of these days, for each key in their order. Days on which nothing
    /// happened are left out.
    ///
    /// # Errors
    /// When counts cannot be read.
    fn usage(
        &self,
        keys: Vec<PlanKey>,
        _: RangeInclusive<Day>,
    ) -> BoxFuture<'_, Result<Vec<Vec<DayUse>>, String>> {
        Box::pin(async move { Ok(vec![Vec::new(); keys.len()]) })
    }

    /// Lets a key use so many requests more until its plan's period ends.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn set_remaining(&self, _: PlanKey, _: i64) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { Err("this gateway counts nothing".to_owned()) })
    }

    /// What happened to a request that the gateway remembers, step by step, as JSON. A gateway without a recorder remembers none.
    ///
    /// # Errors
    /// When it is not remembered.
    fn explain(&self, _: Request) -> BoxFuture<'_, Result<Vec<u8>, RequestFault>> {
        Box::pin(async { Err(RequestFault::Unknown) })
    }

    /// Which routes of a stage answer a caller who shows nothing, as JSON. No integration is called.
    ///
    /// # Errors
    /// Why that cannot be known.
    fn prove(&self, _api: String, _stage: String) -> BoxFuture<'_, Result<Vec<u8>, String>> {
        Box::pin(async { Err("this gateway cannot find out what it exposes".to_owned()) })
    }

    /// The API that a request which the gateway remembers was of; empty where it met none.
    ///
    /// # Errors
    /// When it is not remembered.
    fn api_of(&self, _: Request) -> BoxFuture<'_, Result<String, RequestFault>> {
        Box::pin(async { Err(RequestFault::Unknown) })
    }

    /// The same request as a file from which it can be run again.
    ///
    /// # Errors
    /// When it is not remembered.
    fn record(&self, _: Request) -> BoxFuture<'_, Result<Vec<u8>, RequestFault>> {
        Box::pin(async { Err(RequestFault::Unknown) })
    }
}

/// A key in a usage plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanKey {
    /// Who owns both.
    pub account: String,
    /// Where they live.
    pub region: String,
    /// The usage plan.
    pub plan_id: String,
    /// The API key.
    pub key_id: String,
}

/// What a key used on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// The day.
    pub day: Day,
    /// Requests that the plan let through.
    pub used: i64,
    /// What was left of the quota after the last of them; nothing where the plan had none.
    pub remaining: Option<i64>,
}

/// A request to tell of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks: only the APIs of this account are told of.
    pub account: String,
    /// Where they live.
    pub region: String,
    /// `x-amzn-RequestId` or `x-amz-apigw-id`.
    pub id: String,
}

/// Why a request cannot be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestFault {
    /// It is not remembered, or is another account's.
    Unknown,
    /// It is remembered, and something that it takes to tell of it is not there any more.
    Gone(String),
    /// Tollgate's own fault.
    Failed(String),
}

/// A method to call without a deployment.
#[derive(Clone, Debug)]
pub struct TestInvocation {
    /// Who owns the API.
    pub account: String,
    /// Where it lives.
    pub region: String,
    /// The REST API.
    pub api_id: String,
    /// The API as it is now.
    pub definition: Definition,
    /// The resource's id.
    pub resource_id: String,
    /// The method, or one that its `ANY` stands for.
    pub http_method: String,
    /// Path and query; without them the resource's own path.
    pub path_with_query: Option<String>,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// Names and values of stage variables.
    pub stage_variables: Vec<(String, String)>,
}

/// What a method answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestInvoked {
    /// The status.
    pub status: u16,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// The execution log, in AWS's words.
    pub log: String,
    /// How long it took.
    pub latency_ms: u64,
}

/// Why a method could not be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestFault {
    /// It asks for what Tollgate does not honour.
    Refused(Vec<Refusal>),
    /// The request is none.
    Invalid(String),
    /// Tollgate's own fault.
    Failed(String),
}

/// A deployment about to be served, or only made when its stage is still unnamed.
#[derive(Clone)]
pub struct Proposal<'a> {
    /// Who owns the API.
    pub account: &'a str,
    /// Where it lives.
    pub region: &'a str,
    /// The REST API.
    pub api_id: &'a str,
    /// The deployment.
    pub deployment_id: &'a str,
    /// What it froze.
    pub definition: Arc<Definition>,
    /// The stage as it would be. Without a name it is the blank stage of a deployment that goes nowhere yet.
    pub stage: &'a Stage,
}

/// A setting that Tollgate does not honour, and therefore refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The member as its path in the wire shapes, with what it belongs to.
    pub member: String,
    /// Why.
    pub reason: String,
}
