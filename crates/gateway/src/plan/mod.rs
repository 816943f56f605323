//! What is deployed, compiled: immutable, shared, swapped whole.
//!
//! A [`DeploymentPlan`] comes of a frozen deployment alone; a [`StagePlan`] adds what belongs to one stage, so that a change
//! of a stage's variables never parses a template again.

mod binary;
mod canary;
mod compile;
pub mod honour;
mod library;
mod method_meters;
mod method_settings;
mod plans;
mod stage;
mod template;
pub(crate) mod uri;
mod user_pools;

use std::sync::Arc;

use tollgate_http::Endpoint;
use tollgate_iam::Policy;
use tollgate_telemetry::StageMeter;

pub use binary::{BinaryTypes, ContentHandling};
pub use canary::Canary;
pub use method_meters::MethodMeters;
pub use method_settings::{LogLevel, Logging, MethodSettings};
pub use plans::Plans;
pub use stage::{ApiFacts, StageError, StageSettings};

pub use template::{Passthrough, Script, Templates};
pub use user_pools::UserPools;

use crate::access_log::AccessLog;
use crate::cache::{CacheKey, StageCaching};
use crate::map::{Place, RequestMapping, ResponseMapping};
use crate::respond::GatewayResponses;
use crate::route::Tree;
use crate::throttle::{OwnBucket, StageBuckets};
use crate::validate::{Schema, SchemaError};
use uri::UriTemplate;

/// A frozen deployment, compiled; independent of stages.
#[derive(Debug)]
pub struct DeploymentPlan {
    /// The name of what was frozen: equal for deployments that are.
    pub hash: [u8; 32],
    /// The kind of API this is, and what only that kind has.
    pub kind: ApiKind,
    /// Resources by path; the numbers are those of `resources`.
    pub routes: Tree,
    /// The resources that have methods.
    pub resources: Vec<Resource>,
    /// Customised answers of the gateway itself.
    pub responses: GatewayResponses,
    /// How many integrations there are; each has a number below it.
    pub integrations: usize,
    /// What the API says of its own address.
    pub endpoint: EndpointFacts,
    /// Who may call it: its resource policy.
    pub policy: Option<Arc<Policy>>,
    /// `binaryMediaTypes`
    pub binary: BinaryTypes,
    /// `minimumCompressionSize`: answers at least this long may be compressed; none are without it.
    pub compression_bytes_min: Option<u64>,
}

/// An API's own address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointFacts {
    /// `REGIONAL`, `EDGE` or `PRIVATE`
    pub kind: Box<str>,
    /// Whether it is called from the networks of private endpoints only.
    pub is_private: bool,
    /// `disableExecuteApiEndpoint`: nobody may use it.
    pub is_disabled: bool,
}

/// The three products that share the engine. REST APIs are served today; a closed list, so that the compiler shows every
/// place where HTTP and WebSocket APIs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// API Gateway v1.
    Rest,
}

/// A stage of an API, ready to serve.
#[derive(Debug)]
pub struct StagePlan {
    /// The API it belongs to.
    pub api: Arc<ApiFacts>,
    /// The first segment of the path.
    pub name: Box<str>,
    /// The id of the deployment it serves.
    pub deployment_id: Box<str>,
    /// What it serves.
    pub deployment: Arc<DeploymentPlan>,
    /// The settings that it was made of, for what records requests.
    pub settings: Arc<StageSettings>,
    /// `stageVariables`
    pub variables: Vec<(Box<str>, Box<str>)>,
    /// Its access log, if it has one.
    pub access_log: Option<AccessLog>,
    /// Where the execution log of its requests goes, by the numbers that [`Plans::with_execution_logs`] was given; nowhere if there are none.
    pub execution_log: Vec<usize>,
    /// `tracingEnabled`
    pub is_traced: bool,
    /// Its counters; they outlive its plans.
    pub meter: Arc<StageMeter>,
    /// The counters of the methods that have some.
    pub method_meters: MethodMeters,
    /// The backends with this stage's variables filled in, by number of the integration.
    pub targets: Vec<Target>,
    /// What its methods log and count.
    pub method_settings: Arc<MethodSettings>,
    /// The limits of its methods, and what of them is used up.
    pub(crate) buckets: StageBuckets,
    /// The limit of its account, where the configuration has one.
    pub(crate) account: Option<Arc<OwnBucket>>,
    /// Its cache, if it has one.
    pub(crate) cache: Option<StageCaching>,
    /// Its canary release, if it has one.
    pub canary: Option<Box<Canary>>,
    /// `$context.isCanaryRequest`: whether this is the canary's plan; nothing where the stage has no canary.
    pub is_canary: Option<bool>,
}

impl StagePlan {
    /// The value of a stage variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .iter()
            .find(|(known, _)| **known == *name)
            .map(|(_, value)| &**value)
    }
}

/// A resource with methods.
#[derive(Debug)]
pub struct Resource {
    /// Its id.
    pub id: Box<str>,
    /// Its path, e.g. `/pets/{id}`.
    pub path: Box<str>,
    /// The names of the path's variables, in order.
    pub variables: Vec<Box<str>>,
    methods: Vec<Method>,
}

/// The methods that AWS counts under ANY.
const ANY_STANDS_FOR: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

impl Resource {
    /// The method for a request: its own, or ANY for the methods AWS counts under it.
    pub fn method(&self, name: &str) -> Option<&Method> {
        let own = self.methods.iter().find(|method| *method.name == *name);
        own.or_else(|| {
            let any = self.methods.iter().find(|method| &*method.name == "ANY");
            any.filter(|_| ANY_STANDS_FOR.contains(&name))
        })
    }

    /// Its methods.
    pub(crate) fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// For the operator: `GET, POST`.
    pub fn method_names(&self) -> String {
        let names: Vec<_> = self.methods.iter().map(|method| &*method.name).collect();
        names.join(", ")
    }
}

/// A method with its integration.
#[derive(Debug)]
pub struct Method {
    /// `GET` … or `ANY`.
    pub name: Box<str>,
    /// What a caller must show.
    pub authorization: Authorization,
    /// Parameters that must come, in the order AWS names them; none if they are not checked.
    pub required: Vec<Required>,
    /// Whether the caller must present an API key.
    pub api_key_required: bool,
    /// Models by media type; none if bodies are not checked.
    pub models: Vec<Model>,
    /// Statuses that the method may answer.
    pub statuses: Vec<u16>,
    /// Whether any step needs the body whole.
    pub reads_body: bool,
    /// What answers.
    pub integration: Integration,
}

/// What a caller must show: `authorizationType`. A closed list, so that the compiler shows every place where authorizers come in.
#[derive(Debug)]
pub enum Authorization {
    /// Nothing.
    None,
    /// A signature: `AWS_IAM`.
    Iam,
    /// `COGNITO_USER_POOLS`: a token of one of these.
    UserPools(Box<UserPools>),
}

/// A parameter that must come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// Where.
    pub place: Place,
    /// Its name.
    pub name: Box<str>,
}

/// A model for one media type.
#[derive(Debug)]
pub struct Model {
    /// `application/json`, … or `$default`.
    pub media_type: Box<str>,
    /// The model's name.
    pub name: Box<str>,
    /// Ready to judge, or why it cannot: AWS fails such requests, not the deployment.
    pub schema: Result<Arc<Schema>, SchemaError>,
}

/// What answers a method.
#[derive(Debug)]
pub struct Integration {
    /// Its number: the place of its target in [`StagePlan::targets`].
    pub number: usize,
    /// Which kind.
    pub kind: IntegrationKind,
    /// How parameters are mapped.
    pub mapping: RequestMapping,
    /// How bodies are mapped.
    pub templates: Templates,
    /// `contentHandling`
    pub content_handling: Option<ContentHandling>,
    /// How answers are chosen and mapped, in the order of their status.
    pub responses: Vec<IntegrationResponse>,
    /// What tells its cached answers apart.
    pub cache: CacheKey,
    /// How long the backend may take.
    pub timeout_ms: u64,
}

/// The kinds of integrations that are served.
#[derive(Debug)]
pub enum IntegrationKind {
    /// Answers out of its own templates.
    Mock,
    /// A backend behind mappings.
    Http(Backend),
    /// A backend that sees the client's request and whose answer the client sees.
    HttpProxy(Backend),
}

/// A backend as a deployment names it.
#[derive(Debug)]
pub struct Backend {
    /// The method to call it with; `None` is the client's.
    pub method: Option<Box<str>>,
    /// Its address, with places for stage variables and path parameters.
    pub uri: UriTemplate,
    /// Whether the issuer of its certificate is checked.
    pub verify_issuer: bool,
}

/// A backend's address once the stage's variables are known.
#[derive(Debug)]
pub enum Target {
    /// There is no backend.
    None,
    /// The whole address is known.
    Fixed(Box<Resolved>),
    /// Host and port are known; path parameters fill what follows, per request.
    Rooted(Box<Resolved>, UriTemplate),
    /// Path parameters are part of the host or port.
    Open(UriTemplate),
    /// Not an address AWS could call. The request fails, not the deployment.
    Invalid(String),
}

/// Host, port and target of a backend.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Where to connect.
    pub endpoint: Endpoint,
    /// The `Host` header.
    pub authority: Box<str>,
    /// Path and query, as in the request line.
    pub target: Box<str>,
}

/// What becomes of a backend's answer.
#[derive(Debug)]
pub struct IntegrationResponse {
    /// The status the client sees.
    pub status: u16,
    /// Which answers this is for.
    pub pattern: Selection,
    /// `selectionPattern` as it was written.
    pub selection: Box<str>,
    /// How headers are mapped.
    pub mapping: ResponseMapping,
    /// How the body is mapped.
    pub templates: Templates,
    /// `contentHandling`
    pub content_handling: Option<ContentHandling>,
}

/// Which answers an integration response is for.
#[derive(Debug)]
pub enum Selection {
    /// Those that no other is for.
    Default,
    /// Those that the whole pattern matches.
    Pattern(Arc<tollgate_jsonpath::Pattern>),
    /// The pattern does not parse, so it is for none.
    Never(String),
}
