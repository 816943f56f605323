//! Client commands: each is a signed call to a Tollgate that runs, here or elsewhere.

pub(crate) mod drift;
#[expect(
    clippy::disallowed_methods,
    reason = "it looks where AWS's clients look"
)]
mod endpoint;
pub(crate) mod history;
#[expect(
    clippy::disallowed_methods,
    reason = "it looks where AWS's clients look"
)]
mod keys;
pub(crate) mod requests;
pub(crate) mod rollback;

use std::time::Duration;

use anyhow::{Context, anyhow};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tollgate_http::{Body, ClientConfig, Deadline, Headers, Outgoing, Response};
use tollgate_model::clock::Clock;
use tollgate_sigv4::{Moment, Request, Signer};

use crate::arguments::Server;
use crate::failure::Failure;
use endpoint::Target;

/// The service that Tollgate's own calls are signed for.
const SERVICE: &str = "tollgate";

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Whom to call, and as whom.
pub(crate) struct Client {
    target: Target,
    signer: Signer,
}

impl Client {
    /// Where and as whom the arguments, the environment and AWS's files say.
    ///
    /// # Errors
    /// An address that is none, or credentials that are missing.
    pub(crate) fn new(server: &Server) -> Result<Self, Failure> {
        let target = Target::find(server.url.as_deref()).map_err(Failure::given)?;
        let keys = keys::find(server.profile.as_deref(), target.is_this_machine());
        let keys = keys.map_err(Failure::given)?;
        Ok(Self {
            signer: Signer {
                access_key: keys.id,
                secret: keys.secret,
                session_token: keys.session_token,
                region: server.region(),
                service: SERVICE.to_owned(),
            },
            target,
        })
    }

    /// Sends a value, and reads one.
    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let body = serde_json::to_vec(body).map_err(Failure::running)?;
        read(&self.call("POST", path, body)?)
    }

    /// Reads an answer as it came.
    pub(crate) fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.call("GET", path, Vec::new())
    }

    fn call(&self, method: &str, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.context("cannot start a runtime")?;
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, self.exchange(method, path, body))
    }

    async fn exchange(&self, method: &str, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let client = tollgate_http::Client::new(ClientConfig {
            trust: self.target.trust()?,
            ..ClientConfig::default()
        });
        let request = Outgoing {
            method: method.into(),
            target: path.into(),
            headers: self.headers(method, path, &body)?,
            body: Body::from(bytes::Bytes::from(body)),
        };
        let sent = client.send(&self.target.endpoint, request, Deadline::after(PATIENCE));
        let response = sent.await.with_context(|| {
            format!(
                "no answer from {} (--url or AWS_ENDPOINT_URL say where Tollgate is)",
                self.target.url
            )
        })?;
        let status = response.status;
        let body = gather(response).await?;
        match status {
            200..300 => Ok(body),
            _ => Err(refused(status, &body)),
        }
    }

    fn headers(&self, method: &str, path: &str, body: &[u8]) -> Result<Headers, Failure> {
        let (plain, query) = path.split_once('?').unwrap_or((path, ""));
        let host = self.target.host.as_bytes();
        let request = Request {
            method,
            path: plain,
            query,
            headers: &[("host", host), ("content-type", b"application/json")],
            body,
        };
        let now = Moment::from_ms(Clock::System.now_ms());
        let mut headers = Headers::new();
        let push = |headers: &mut Headers, name: &str, value: &[u8]| {
            headers
                .push(name, value)
                .with_context(|| format!("{name} cannot be sent"))
        };
        push(&mut headers, "Host", host)?;
        push(&mut headers, "Content-Type", b"application/json")?;
        for (name, value) in self.signer.sign(&request, now) {
            push(&mut headers, &name, value.as_bytes())?;
        }
        Ok(headers)
    }
}

/// Reads an answer of a form that this version knows.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let read = serde_json::from_slice(body);
    Ok(read.context("the answer is none of this version's")?)
}

async fn gather(response: Response) -> Result<Vec<u8>, Failure> {
    let body = response.body.gather(ANSWER_BYTES_MAX).await;
    Ok(body.context("the answer broke off")?.to_vec())
}

/// A refusal in the words of the one who refused.
fn refused(status: u16, body: &[u8]) -> Failure {
    let said = serde_json::from_slice::<serde_json::Value>(body).ok();
    let message = said.and_then(|said| said["message"].as_str().map(str::to_owned));
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    Failure::Given(anyhow!("{message} (status {status})"))
}

/// A path segment.
pub(crate) fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, SEGMENT).to_string()
}

/// Everything but RFC 3986's unreserved characters.
const SEGMENT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
