//! Who signs the requests of specs: an account of the APIs' own and another one, users whose policies allow, do not mention and deny,
//! sessions. And how they sign, rightly and wrongly.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tollgate_gateway::Callers;
use tollgate_iam::{Kind, Policy};
use tollgate_model::clock::Clock;
use tollgate_model::principals::{AccessKey, Identity, Principals, Role, Session};
use tollgate_model::random::Random;
use tollgate_model::seal::{Seal, Unsealed};
use tollgate_sigv4::{Moment, Request, Signer};

/// The account of every API in the specs.
pub(crate) use crate::keys::ACCOUNT;

const OTHER: &str = "222222222222";

const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Sid":"Most","Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:111111111111:*"}}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"execute-api:*","Resource":"*"}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:*:*:*/dev/GET/*"}}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}"#;

/// Seals by naming the owner, which is enough for a test.
struct Envelope;

impl Seal for Envelope {
    fn seal(&self, owner: &str, secret: &[u8], _: &mut Random) -> Result<Vec<u8>, Unsealed> {
        Ok([owner.as_bytes(), b"\0", secret].concat())
    }

    fn open(&self, owner: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let secret = sealed.strip_prefix(owner.as_bytes())?.strip_prefix(b"\0")?;
        Some(secret.to_vec())
    }
}

/// A user's policies by the first part of its name: `ALLOW`, `ALLOW-OTHER`.
fn policy_of(name: &str) -> Option<&'static str> {
    match name.split('-').next()? {
        "ALLOW" | "OFF" | "BOUND" => Some(ALLOW),
        "DENY" => Some(DENY),
        _ => None,
    }
}

const USERS: [&str; 8] = [
    "ALLOW",
    "NONE",
    "DENY",
    "BOUND",
    "OFF",
    "ALLOW-OTHER",
    "NONE-OTHER",
    "DENY-OTHER",
];

fn policy(document: &str, name: &str) -> Arc<Policy> {
    Arc::new(Policy::parse(document, Kind::Identity).unwrap().named(name))
}

fn identity(name: &str, noun: &str, role: Option<Role>) -> Arc<Identity> {
    let account = if name.ends_with("-OTHER") {
        OTHER
    } else {
        ACCOUNT
    };
    let policies = policy_of(name).map(|document| policy(document, "own"));
    Arc::new(Identity {
        account: account.into(),
        name: name.into(),
        id: format!("AIDA{name}").into(),
        arn: format!("arn:aws:iam::{account}:{noun}/{name}").into(),
        role,
        policies: policies.into_iter().collect(),
        boundary: (name == "BOUND").then(|| policy(READ, "bound")),
        tags: BTreeMap::from([("team".to_owned(), "red".to_owned())]),
    })
}

fn role() -> Arc<Identity> {
    let trust = Policy::parse(TRUST, Kind::Trust).unwrap();
    let role = Role {
        trust: Arc::new(trust),
        session_seconds_max: 3600,
    };
    identity("ALLOW", "role", Some(role))
}

fn key(account: &str, user: Option<&Arc<Identity>>, is_active: bool) -> AccessKey {
    AccessKey {
        secret: "secret".into(),
        is_active,
        account: account.into(),
        user: user.cloned(),
    }
}

/// Everybody who may sign.
pub(crate) fn callers() -> Callers {
    let mut keys: HashMap<Box<str>, AccessKey> = HashMap::new();
    for (name, account) in [("ROOT", ACCOUNT), ("ROOT-OTHER", OTHER)] {
        keys.insert(name.into(), key(account, None, true));
    }
    for name in USERS {
        let user = identity(name, "user", None);
        keys.insert(name.into(), key(&user.account, Some(&user), name != "OFF"));
    }
    Callers::known(Arc::new(ArcSwap::from_pointee(Principals {
        keys,
        identities: HashMap::from([("AROA1".into(), role())]),
        managed: HashMap::new(),
        seal: Arc::new(Envelope),
    })))
}

/// The token of a session of the role: `ASIASESSION`, which is over in an hour; `ASIAOVER`, which is over; `ASIAREAD`, which may only read.
fn token(access_key: &str) -> Option<String> {
    let now_ms = Clock::System.now_ms();
    let hour_ms = 3_600_000;
    let (expires_ms, policy) = match access_key {
        "ASIASESSION" => (now_ms + hour_ms, None),
        "ASIAOVER" => (now_ms - 1, None),
        "ASIAREAD" => (now_ms + hour_ms, Some(READ.to_owned())),
        _ => return None,
    };
    let session = Session {
        account: ACCOUNT.to_owned(),
        identity: Some("AROA1".to_owned()),
        name: "session".to_owned(),
        issued_ms: now_ms - hour_ms,
        expires_ms,
        secret: "secret".to_owned(),
        policy,
        ..Session::default()
    };
    let sealed = session.token(access_key, &Envelope, &mut Random::seeded(1));
    Some(sealed.unwrap())
}

/// How a request is signed: `ALLOW service=s3 seconds=-600 in=query`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signing {
    who: String,
    options: Vec<(String, String)>,
}

impl Signing {
    pub(crate) fn read(text: &str) -> Self {
        let mut words = text.split(' ').map(str::to_owned);
        let who = words.next().unwrap_or_default();
        let options = words.map(|word| {
            let (name, value) = word.split_once('=').expect("name=value");
            (name.to_owned(), value.to_owned())
        });
        Self {
            options: options.collect(),
            who,
        }
    }

    fn option(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn signer(&self) -> Signer {
        let or = |name: &str, usual: &str| self.option(name).unwrap_or(usual).to_owned();
        let token = token(&self.who);
        Signer {
            access_key: self.who.clone(),
            secret: or("secret", "secret"),
            session_token: match self.option("token") {
                Some("none") => None,
                Some("cut") => token.map(|it| it[..it.len() / 2].to_owned()),
                Some(other) => Some(other.to_owned()),
                None => token,
            },
            region: or("region", "us-east-1"),
            service: or("service", "execute-api"),
        }
    }

    fn now(&self) -> Moment {
        let seconds: i64 = self.option("seconds").map_or(0, |it| it.parse().unwrap());
        let now_ms = Clock::System.now_ms().saturating_add_signed(seconds * 1000);
        Moment::from_ms(now_ms)
    }

    /// The target and the headers to add. Options of what happens to a signed request: `without` and `twice` name a header, `end` is added to
    /// the signature, `cut` is how many of its characters are left.
    pub(crate) fn sign(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &[u8])],
        body: &[u8],
    ) -> (String, Vec<(String, String)>) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            method: self.option("method").unwrap_or(method),
            path: self.option("path").unwrap_or(path),
            query,
            headers,
            body: self.option("body").map_or(body, str::as_bytes),
        };
        let (signer, now) = (self.signer(), self.now());
        if self.option("in") == Some("query") {
            let seconds = self.option("expires").map_or(60, |it| it.parse().unwrap());
            let query = signer.presign(&request, now, seconds);
            return (format!("{path}?{query}"), Vec::new());
        }
        let mut added = signer.sign(&request, now);
        if let Some(name) = self.option("without") {
            added.retain(|(known, _)| known != name);
        }
        for (name, value) in &mut added {
            if name == "Authorization" {
                value
                    .truncate(value.len() - self.option("cut").map_or(0, |it| it.parse().unwrap()));
                value.push_str(self.option("end").unwrap_or_default());
            }
        }
        if let Some(name) = self.option("twice") {
            let twice = added.iter().find(|(known, _)| known == name).cloned();
            added.extend(twice);
        }
        (target.to_owned(), added)
    }
}
