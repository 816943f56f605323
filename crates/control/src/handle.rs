//! The life of a call: identify, check the signature, authorize, decode, operate, encode.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_store::Store;
use tollgate_wire::rest::{self, Encoded, Incoming};
use tracing::{debug, error};

use crate::call::{Answer, Call};
use crate::credentials::Credentials;
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::runtime::Runtime;
use crate::session::{Caller, Session, Shared};
use crate::sts;
use crate::turns::Turns;

/// The largest body: AWS's limit on an imported definition, which is the largest thing sent.
const BODY_BYTES_MAX: usize = 6 * 1024 * 1024;

/// The control plane.
pub struct Control {
    shared: Arc<Shared>,
    operations: Operations,
    credentials: Credentials,
}

/// What the program decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who may call.
    pub credentials: Credentials,
}

impl Control {
    /// A control plane over `store` that speaks to the gateway by `runtime`.
    pub fn new(store: Arc<dyn Store>, runtime: Arc<dyn Runtime>, clock: Clock, random: Random, config: Config) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                runtime,
                clock,
                random: Mutex::new(random),
                turns: Turns::default(),
            }),
            operations: Operations::new(),
            credentials: config.credentials,
        }
    }

    /// Answers a call. Every failure is an answer too, in AWS's form.
    pub async fn handle(&self, call: Call) -> Answer {
        let request_id = self.request_id();
        let answered = self.answer(&call).await;
        if let Err(refusal) = &answered {
            log(&call, &request_id, refusal);
        }
        let encoded = answered.unwrap_or_else(|refusal| encode_error(&refusal));
        finish(encoded, request_id)
    }

    /// The names of the operations of `apigateway` that are served, sorted.
    pub fn served(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.operations.names().collect();
        names.sort_unstable();
        names
    }

    async fn answer(&self, call: &Call) -> Result<Encoded, ApiError> {
        let identity = self.credentials.identify(call, self.shared.clock.now_ms())?;
        let caller = identity.caller;
        if call.body.len() > BODY_BYTES_MAX {
            let text = format!("Request body exceeds the limit of {BODY_BYTES_MAX} bytes");
            return Err(ApiError::new(Exception::RequestEntityTooLarge, text));
        }
        match identity.service.as_str() {
            "apigateway" => self.apigateway(call, caller).await,
            "sts" => sts::answer(call, &caller, &self.request_id()),
            other => Err(ApiError::not_served(&format!("the service {other}"))),
        }
    }

    async fn apigateway(&self, call: &Call, caller: Caller) -> Result<Encoded, ApiError> {
        let matched = rest::route(&call.method, call.path(), call.query()).map_err(no_operation)?;
        let incoming = Incoming {
            labels: matched.labels,
            query: call.query(),
            headers: &call.headers,
            body: &call.body,
        };
        let session = self.session(caller);
        self.operations.answer(session, matched.operation.name, &incoming).await
    }

    /// A session of `caller`. The root of an account, the only principal yet, is allowed everything in it.
    pub(crate) fn session(&self, caller: Caller) -> Session {
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

fn no_operation(_: impl std::fmt::Display) -> ApiError {
    ApiError::new(Exception::MissingAuthenticationToken, "Missing Authentication Token")
}

fn log(call: &Call, request_id: &str, refusal: &ApiError) {
    let (method, path) = (call.method.as_str(), call.path());
    match refusal.exception.status() {
        500.. => error!(method, path, request_id, %refusal, "control call failed"),
        _ => debug!(method, path, request_id, %refusal, "control call refused"),
    }
}

fn encode_error(refusal: &ApiError) -> Encoded {
    let body = serde_json::json!({ "message": refusal.message });
    let mut headers = vec![("x-amzn-ErrorType".to_owned(), refusal.exception.name().to_owned())];
    if let Some(seconds) = refusal.exception.retry_after_seconds() {
        headers.push(("Retry-After".to_owned(), seconds.to_string()));
    }
    Encoded {
        status: refusal.exception.status(),
        headers,
        body: body.to_string().into_bytes(),
    }
}

fn finish(encoded: Encoded, request_id: String) -> Answer {
    let mut headers = encoded.headers;
    let has_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
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
