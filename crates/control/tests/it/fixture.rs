//! A control plane to call: a real store in a temporary folder, and a gateway that honours everything and remembers
//! what it was asked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;
use tollgate_control::{
    BoxFuture, Call, Config, Control, Credentials, Directory, Proposal, Refusal, RootKey, Runtime,
    TestFault, TestInvocation, TestInvoked,
};
use tollgate_model::api_key::Digester;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_model::seal::{Seal, Unsealed};
use tollgate_store::{Options, Sqlite};

pub(crate) const ACCOUNT: &str = "000000000000";
/// 2026-01-01T00:00:00Z.
pub(crate) const NOW_MS: u64 = 1_767_225_600_000;

pub(crate) struct Fixture {
    pub(crate) control: Arc<Control>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) now_ms: Arc<AtomicU64>,
    pub(crate) store: Arc<Sqlite>,
    _folder: Arc<TempDir>,
}

/// The credentials of development.
fn anyone() -> Credentials {
    Credentials::Any {
        account: ACCOUNT.to_owned(),
        hosts: vec!["tollgate".to_owned()],
    }
}

/// An answer as a client reads it.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// `{code}: {message}` of a refusal.
    pub(crate) fn refusal(&self) -> String {
        let code = self
            .headers
            .get("x-amzn-errortype")
            .cloned()
            .unwrap_or_default();
        let message = self.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        format!("{code}: {message}")
    }
}

/// What stands in for the gateway.
#[derive(Default)]
pub(crate) struct Gateway {
    /// What the next preparations refuse.
    pub(crate) refusals: Mutex<Vec<Refusal>>,
    /// `{api}/{deployment}/{stage}` of each preparation.
    pub(crate) prepared: Mutex<Vec<String>>,
    /// What was flushed.
    pub(crate) flushed: Mutex<Vec<String>>,
    /// The revisions awaited.
    pub(crate) applied: Mutex<Vec<u64>>,
}

impl Gateway {
    /// How many changes were awaited.
    pub(crate) fn served(&self) -> usize {
        self.applied.lock().expect("no test panicked").len()
    }
}

/// Seals as a child would: what is written on the envelope, and the letter, turned around.
struct Envelope;

impl Seal for Envelope {
    fn seal(&self, owner: &str, secret: &[u8], _: &mut Random) -> Result<Vec<u8>, Unsealed> {
        let mut sealed = [owner.as_bytes(), b"\0", secret].concat();
        sealed.reverse();
        let sum = sealed
            .iter()
            .fold(7_u8, |sum, byte| sum.wrapping_mul(31) ^ byte);
        sealed.push(sum);
        Ok(sealed)
    }

    fn open(&self, owner: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (sum, sealed) = sealed.split_last()?;
        let expected = sealed
            .iter()
            .fold(7_u8, |sum, byte| sum.wrapping_mul(31) ^ byte);
        let mut text = sealed.to_vec();
        text.reverse();
        let secret = text.strip_prefix(owner.as_bytes())?.strip_prefix(b"\0")?;
        (*sum == expected).then(|| secret.to_vec())
    }
}

impl Runtime for Gateway {
    fn prepare<'a>(&'a self, proposal: Proposal<'a>) -> BoxFuture<'a, Result<(), Vec<Refusal>>> {
        let stage = proposal.stage.stage_name.as_deref().unwrap_or("-");
        let asked = format!("{}/{}/{stage}", proposal.api_id, proposal.deployment_id);
        self.prepared.lock().expect("no test panicked").push(asked);
        let refusals = self.refusals.lock().expect("no test panicked").clone();
        let answer = if refusals.is_empty() {
            Ok(())
        } else {
            Err(refusals)
        };
        Box::pin(async move { answer })
    }

    fn flush_cache(&self, api_id: &str, stage: &str) -> BoxFuture<'_, ()> {
        let flushed = format!("{api_id}/{stage} data");
        self.flushed.lock().expect("no test panicked").push(flushed);
        Box::pin(async {})
    }

    fn flush_authorizers_cache(&self, api_id: &str, stage: &str) -> BoxFuture<'_, ()> {
        let flushed = format!("{api_id}/{stage} authorizers");
        self.flushed.lock().expect("no test panicked").push(flushed);
        Box::pin(async {})
    }

    fn applied(&self, rev: u64) -> BoxFuture<'_, ()> {
        self.applied.lock().expect("no test panicked").push(rev);
        Box::pin(async {})
    }

    fn test_invoke(
        &self,
        invocation: TestInvocation,
    ) -> BoxFuture<'_, Result<TestInvoked, TestFault>> {
        Box::pin(async move {
            if invocation.path_with_query.as_deref() == Some("refused") {
                return Err(TestFault::Invalid("refused by the gateway".to_owned()));
            }
            Ok(TestInvoked {
                status: 201,
                headers: invocation.headers,
                body: invocation.body,
                log: format!(
                    "{} {:?}",
                    invocation.http_method, invocation.stage_variables
                ),
                latency_ms: 5,
            })
        })
    }
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(anyone(), Vec::new())
    }

    /// One that verifies signatures, with these keys of roots.
    pub(crate) fn known(roots: Vec<RootKey>) -> Self {
        Self::with(Credentials::Known, roots)
    }

    fn with(credentials: Credentials, roots: Vec<RootKey>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Sqlite::open(folder.path(), Options::default()).expect("an empty store");
        let gateway = Arc::new(Gateway::default());
        let now_ms = Arc::new(AtomicU64::new(NOW_MS));
        let clock = Clock::Manual(now_ms.clone());
        let store = Arc::new(store);
        let directory = Directory::new(store.clone(), Arc::new(Envelope), roots);
        let config = Config {
            credentials,
            integration_timeout_ms_max: 29_000,
            digester: Digester::default(),
            seal: Arc::new(Envelope),
            directory: Arc::new(directory),
        };
        let random = Random::seeded(7);
        let control = Control::new(store.clone(), gateway.clone(), clock, random, config);
        Self {
            control: Arc::new(control),
            store,
            gateway,
            now_ms,
            _folder: Arc::new(folder),
        }
    }

    /// Another control plane over the same store, which draws the ids of this `seed`.
    pub(crate) fn seeded(&self, seed: u64) -> Self {
        let directory = Directory::new(self.store.clone(), Arc::new(Envelope), Vec::new());
        let config = Config {
            credentials: anyone(),
            integration_timeout_ms_max: 29_000,
            digester: Digester::default(),
            seal: Arc::new(Envelope),
            directory: Arc::new(directory),
        };
        let clock = Clock::Manual(self.now_ms.clone());
        let (store, gateway) = (self.store.clone(), self.gateway.clone());
        let control = Control::new(store, gateway, clock, Random::seeded(seed), config);
        Self {
            control: Arc::new(control),
            store: self.store.clone(),
            gateway: self.gateway.clone(),
            now_ms: self.now_ms.clone(),
            _folder: self._folder.clone(),
        }
    }

    /// Lets time pass.
    pub(crate) fn pass_ms(&self, ms: u64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// A call signed as development wants it.
    pub(crate) async fn call(&self, method: &str, target: &str, body: &str) -> Answered {
        self.call_in("us-east-1", method, target, body).await
    }

    pub(crate) async fn call_in(
        &self,
        region: &str,
        method: &str,
        target: &str,
        body: &str,
    ) -> Answered {
        let authorization = authorization(&format!("{region}/apigateway"));
        let headers = [
            ("Host", "localhost"),
            ("Authorization", authorization.as_str()),
        ];
        self.send(method, target, &headers, body.as_bytes()).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answered {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
        let call = Call {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.collect(),
            body: body.to_vec().into(),
            peer: None,
            is_secure: false,
        };
        let answer = self.control.handle(call).await;
        let headers = answer
            .headers
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value));
        Answered {
            status: answer.status,
            headers: headers.collect(),
            text: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }
}

pub(crate) fn authorization(scope: &str) -> String {
    let signature = "0".repeat(64);
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{scope}/aws4_request, SignedHeaders=host, Signature={signature}"
    )
}
