//! The life of a call: identify, check the signature, authorize, decode, operate, encode.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tollgate_model::api_key::Digester;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_model::seal::Seal;
use tollgate_sigv4::{is_signed, without_claim};
use tollgate_store::Store;
use tollgate_wire::apigateway;
use tollgate_wire::rest::{self, Encoded};
use tracing::{debug, error};

use crate::apigateway::import::{self, Deployed};
use crate::apigateway::tree::Trees;
use crate::authorize;
use crate::call::{Answer, Call};
use crate::credentials::Credentials;
use crate::error::{ApiError, Exception};
use crate::iam::directory::Directory;
use crate::operations::{Incoming, Operations, until_alone};
use crate::protocol::Protocol;
use crate::query;
use crate::runtime::Runtime;
use crate::session::{Caller, Session, Shared};
use crate::sts;
use crate::tollgate::{self, drift};
use crate::turns::{NamedTurns, Turns};

/// The largest body: AWS's limit on an imported definition, which is the largest thing sent.
const BODY_BYTES_MAX: usize = 6 * 1024 * 1024;

/// Documents read at once. Each may take a hundred megabytes while it is read.
const IMPORTS_AT_ONCE_MAX: usize = 2;

/// The control plane.
pub struct Control {
    shared: Arc<Shared>,
    apigateway: Operations,
    iam: query::Service,
    sts: query::Service,
    credentials: Credentials,
}

/// What the program decides.
#[derive(Clone)]
pub struct Config {
    /// Who may call.
    pub credentials: Credentials,
    /// The longest that an integration may be given to answer; 29,000 in AWS unless an account's quota is raised.
    pub integration_timeout_ms_max: u64,
    /// What seals the secrets of access keys.
    pub seal: Arc<dyn Seal>,
    /// What finds the values of API keys; the gateway has the same.
    pub digester: Digester,
    /// Who there is.
    pub directory: Arc<Directory>,
}

impl Control {
    /// A control plane over `store` that speaks to the gateway by `runtime`.
    pub fn new(
        store: Arc<dyn Store>,
        runtime: Arc<dyn Runtime>,
        clock: Clock,
        random: Random,
        config: Config,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                runtime,
                clock,
                random: Mutex::new(random),
                turns: NamedTurns::new(),
                trees: Trees::default(),
                drift: drift::header::Known::default(),
                imports: Turns::new(IMPORTS_AT_ONCE_MAX),
                integration_timeout_ms_max: config.integration_timeout_ms_max,
                seal: config.seal,
                digester: config.digester,
                youngest_ms: AtomicU64::new(0),
                directory: config.directory,
            }),
            apigateway: crate::apigateway::operations(),
            iam: crate::iam::service(),
            sts: sts::service(),
            credentials: config.credentials,
        }
    }

    /// Answers a call. Every failure is an answer too, in AWS's form.
    pub async fn handle(&self, call: Call) -> Answer {
        let request_id = self.request_id();
        let answered = self.answer(&call, &request_id).await;
        if let Err(refusal) = &answered {
            log(&call, &request_id, refusal);
        }
        let encoded =
            answered.unwrap_or_else(|refusal| Protocol::encode_error(&call, &refusal, &request_id));
        finish(encoded, request_id)
    }

    /// Creates the REST API `id` of a definition in OpenAPI, or writes it anew, and deploys it to `stage`; all in one
    /// commit, and served when this returns.
    ///
    /// # Errors
    /// Those of an import and a deployment; a conflict when another account or region has the id.
    pub async fn deploy_definition(
        &self,
        account: &str,
        region: &str,
        id: &str,
        definition: Bytes,
        stage: &str,
    ) -> Result<Deployed, ApiError> {
        let on = self.session(Caller::root(account, region));
        let deploy = || {
            import::deploy(
                on.clone(),
                id.to_owned(),
                definition.clone(),
                stage.to_owned(),
            )
        };
        until_alone(&on, Some(id), deploy).await
    }

    /// The names of the operations of `apigateway` that are served, sorted.
    pub fn served(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.apigateway.names().collect();
        names.sort_unstable();
        names
    }

    /// The services of awsQuery with the names of the operations that are served, sorted.
    pub fn served_beside(&self) -> [(&'static str, Vec<&'static str>); 2] {
        [("iam", &self.iam), ("sts", &self.sts)].map(|(name, service)| {
            let mut names: Vec<_> = service.operations.names().collect();
            names.sort_unstable();
            (name, names)
        })
    }

    async fn answer(&self, call: &Call, request_id: &str) -> Result<Encoded, ApiError> {
        if call.body.len() > BODY_BYTES_MAX {
            let text = format!("Request body exceeds the limit of {BODY_BYTES_MAX} bytes");
            return Err(ApiError::new(Exception::RequestEntityTooLarge, text));
        }
        if let Some(action) = sts::unsigned(call) {
            return Err(sts::refuse_unsigned(&action));
        }
        let principals = self.shared.directory.principals();
        let now_ms = self.shared.clock.now_ms();
        let identity = self.credentials.identify(call, now_ms, &principals)?;
        let caller = identity.caller;
        match identity.service.as_str() {
            "apigateway" => self.apigateway(call, caller).await,
            "iam" => {
                self.iam
                    .answer(call, self.session(caller), request_id)
                    .await
            }
            "sts" => {
                self.sts
                    .answer(call, self.session(caller), request_id)
                    .await
            }
            tollgate::SERVICE => tollgate::answer(call, self.session(caller)).await,
            other => Err(ApiError::not_served(&format!("the service {other}"))),
        }
    }

    async fn apigateway(&self, call: &Call, caller: Caller) -> Result<Encoded, ApiError> {
        // Who signed an address is no parameter of the operation.
        let query = match is_signed(call.query()) {
            true => without_claim(call.query()),
            false => call.query().to_owned(),
        };
        let matched =
            apigateway::route(&call.method, call.path(), &query).map_err(|_| no_operation(call))?;
        let (session, name) = (self.session(caller), matched.operation.name);
        authorize::apigateway::check(&session, call, &matched).await?;
        let incoming = rest::Incoming {
            labels: matched.labels,
            query: &query,
            headers: &call.headers,
            body: &call.body,
        };
        let incoming_call = Incoming::Rest(&incoming);
        let answered = self.apigateway.answer(session.clone(), name, incoming_call);
        let mut answer = answered.await?;
        drift::header::tell(&session, name, &incoming.labels, &mut answer).await;
        Ok(answer)
    }

    /// A session of `caller`.
    fn session(&self, caller: Caller) -> Session {
        Session {
            shared: self.shared.clone(),
            caller: Arc::new(caller),
        }
    }

    fn request_id(&self) -> String {
        let id = self.shared.draw(Random::uuid);
        String::from_utf8_lossy(&id).into_owned()
    }
}

/// The name is that of AWS's framework for what it cannot route. Guess: the text, ours, is not AWS's.
fn no_operation(call: &Call) -> ApiError {
    let (method, path) = (&call.method, call.path());
    ApiError::new(
        Exception::UnknownOperation,
        format!("API Gateway has no operation {method} {path}"),
    )
}

fn log(call: &Call, request_id: &str, refusal: &ApiError) {
    let (method, path) = (call.method.as_str(), call.path());
    match refusal.exception.status() {
        500.. => error!(method, path, request_id, %refusal, "control call failed"),
        _ => debug!(method, path, request_id, %refusal, "control call refused"),
    }
}

fn finish(encoded: Encoded, request_id: String) -> Answer {
    let mut headers = encoded.headers;
    let has_type = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !has_type && !encoded.body.is_empty() {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    headers.push(("x-amzn-RequestId".to_owned(), request_id));
    Answer {
        status: encoded.status,
        headers,
        body: Bytes::from(encoded.body),
    }
}
