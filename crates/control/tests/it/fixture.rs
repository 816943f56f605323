//! A control plane to call: a real store in a temporary folder, and a gateway that honours everything and remembers
//! what it was asked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;
use tollgate_control::{BoxFuture, Call, Config, Control, Credentials, Proposal, Refusal, Runtime};
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_store::{Options, Sqlite};

/// Status, headers by lower-case name, body as JSON.
pub type Answered = (u16, BTreeMap<String, String>, Value);

pub struct Fixture {
    pub control: Arc<Control>,
    pub gateway: Arc<Gateway>,
    pub now_ms: Arc<AtomicU64>,
    _folder: TempDir,
}

/// What stands in for the gateway.
#[derive(Default)]
pub struct Gateway {
    /// What the next preparations refuse.
    pub refusals: Mutex<Vec<Refusal>>,
    /// `{api}/{deployment}/{stage}` of each preparation.
    pub prepared: Mutex<Vec<String>>,
    /// The revisions awaited.
    pub applied: Mutex<Vec<u64>>,
}

impl Runtime for Gateway {
    fn prepare<'a>(&'a self, proposal: Proposal<'a>) -> BoxFuture<'a, Result<(), Vec<Refusal>>> {
        let stage = proposal.stage.stage_name.as_deref().unwrap_or("-");
        let asked = format!("{}/{}/{stage}", proposal.api_id, proposal.deployment_id);
        self.prepared.lock().unwrap().push(asked);
        let refusals = self.refusals.lock().unwrap().clone();
        Box::pin(async move { if refusals.is_empty() { Ok(()) } else { Err(refusals) } })
    }

    fn applied(&self, rev: u64) -> BoxFuture<'_, ()> {
        self.applied.lock().unwrap().push(rev);
        Box::pin(async {})
    }
}

impl Fixture {
    pub async fn new() -> Self {
        let credentials = Credentials::Any {
            account: "000000000000".to_owned(),
            hosts: Vec::new(),
        };
        Self::with(credentials).await
    }

    pub async fn with(credentials: Credentials) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Sqlite::open(folder.path(), Options::default()).expect("an empty store");
        let gateway = Arc::new(Gateway::default());
        let now_ms = Arc::new(AtomicU64::new(1_767_225_600_000));
        let clock = Clock::Manual(now_ms.clone());
        let random = Random::seeded(7);
        let control = Control::new(Arc::new(store), gateway.clone(), clock, random, Config { credentials });
        Self {
            control: Arc::new(control),
            gateway,
            now_ms,
            _folder: folder,
        }
    }

    /// Lets time pass.
    pub fn pass_ms(&self, ms: u64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// A call signed as development wants it.
    pub async fn call(&self, method: &str, target: &str, body: impl Into<String>) -> Answered {
        self.call_as("us-east-1", method, target, body).await
    }

    pub async fn call_as(&self, region: &str, method: &str, target: &str, body: impl Into<String>) -> Answered {
        let scope = format!("{region}/apigateway");
        self.send(method, target, vec![("Host", "localhost".into()), ("Authorization", authorization(&scope))], body.into().into_bytes())
            .await
    }

    pub async fn send(&self, method: &str, target: &str, headers: Vec<(&str, String)>, body: Vec<u8>) -> Answered {
        let call = Call {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes())).collect(),
            body: body.into(),
            peer: None,
        };
        let answer = self.control.handle(call).await;
        let headers = answer.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let body = serde_json::from_slice(&answer.body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&answer.body).into_owned()));
        let body = if answer.body.is_empty() { Value::Null } else { body };
        (answer.status, headers, body)
    }
}

pub fn authorization(scope: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential=test/20260101/{scope}/aws4_request, SignedHeaders=host, Signature={}", "0".repeat(64))
}
