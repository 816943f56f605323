//! The live table of who there is, kept as the store has it. The control plane follows each of its own changes before it answers, so that
//! the next call, and the next request at the gateway, meets it; the program follows those that others make.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tollgate_iam::{Kind as PolicyKind, Policy};
use tollgate_model::principals::{AccessKey, Identity, Principals, Role};
use tollgate_model::seal::Seal;
use tollgate_store::{Change, Entity, Key, Kind, Store, StoreError, What, all_of_kind};
use tracing::{error, warn};

use super::access_keys::{self, StoredAccessKey};
use super::holders::Holder;
use super::managed;
use super::policies::StoredPolicy;
use crate::credentials::RootKey;

/// Changes that are read at once.
const CHANGES_MAX: usize = 1_000;
/// After a fault of the store.
const PAUSE: Duration = Duration::from_secs(1);
/// What the table is made of.
const KINDS: [Kind; 5] = [
    Kind::IamUser,
    Kind::IamGroup,
    Kind::IamRole,
    Kind::IamPolicy,
    Kind::AccessKey,
];
/// Stands in for what cannot be read: it may have denied something, and nothing may be opened by its absence.
const DENY_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

/// Who there is.
pub struct Directory {
    live: Arc<ArcSwap<Principals>>,
    store: Arc<dyn Store>,
    seal: Arc<dyn Seal>,
    roots: Vec<RootKey>,
    read: Mutex<Read>,
}

/// What was read of the store, its policies compiled.
#[derive(Default)]
struct Read {
    /// Up to where changes were read; nothing before all were.
    rev: Option<u64>,
    holders: BTreeMap<Key, Compiled>,
    /// Customers' policies by their keys, with their ARNs.
    policies: BTreeMap<Key, (String, Arc<Policy>)>,
    keys: BTreeMap<Key, OpenKey>,
}

/// A user, a group or a role.
struct Compiled {
    holder: Holder,
    tags: BTreeMap<String, String>,
    inline: Vec<Arc<Policy>>,
    /// Of a role.
    trust: Option<Arc<Policy>>,
}

struct OpenKey {
    is_active: bool,
    secret: Arc<str>,
}

impl Directory {
    /// A directory that knows the roots' keys alone, until it is told to [catch up](Self::catch_up).
    pub fn new(store: Arc<dyn Store>, seal: Arc<dyn Seal>, roots: Vec<RootKey>) -> Self {
        let directory = Self {
            live: Arc::new(ArcSwap::from_pointee(Principals::none(seal.clone()))),
            store,
            seal,
            roots,
            read: Mutex::default(),
        };
        directory
            .live
            .store(Arc::new(directory.table(&Read::default())));
        directory
    }

    /// The table as it is now.
    pub fn principals(&self) -> Arc<Principals> {
        self.live.load_full()
    }

    /// The table itself, for whoever asks it often. It is swapped whole.
    pub fn live(&self) -> Arc<ArcSwap<Principals>> {
        self.live.clone()
    }

    /// Follows the store's changes until it is closed.
    pub async fn follow(self: Arc<Self>) {
        let mut revs = self.store.watch();
        loop {
            match self.catch_up().await {
                Ok(()) if revs.changed().await.is_err() => return,
                Ok(()) => {}
                Err(StoreError::Closed) => return,
                Err(error) => {
                    error!(%error, "changes of IAM cannot be read; who was known before still is");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Reads everything that the store has acknowledged by now.
    ///
    /// # Errors
    /// When the store cannot be read. What was known before still is.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let mut read = self.read.lock().await;
        loop {
            let Some(rev) = read.rev else {
                *read = self.read_all().await?;
                self.live.store(Arc::new(self.table(&read)));
                continue;
            };
            match self.store.changes(rev, CHANGES_MAX).await {
                Ok(changes) if changes.is_empty() => return Ok(()),
                Ok(changes) => self.apply(&mut read, &changes).await?,
                Err(StoreError::ChangesForgotten { .. }) => read.rev = None,
                Err(error) => return Err(error),
            }
        }
    }

    async fn read_all(&self) -> Result<Read, StoreError> {
        // What changes meanwhile is read again.
        let mut read = Read {
            rev: Some(self.store.rev()),
            ..Read::default()
        };
        for kind in KINDS {
            for entity in all_of_kind(&*self.store, kind).await? {
                read.put(entity, &*self.seal);
            }
        }
        Ok(read)
    }

    async fn apply(&self, read: &mut Read, changes: &[Change]) -> Result<(), StoreError> {
        let ours = changes.iter().filter(|it| KINDS.contains(&it.key.kind));
        let mut is_changed = false;
        for change in ours {
            is_changed = true;
            let entity = match change.what {
                What::Put => self.store.get(&change.key).await?,
                What::Delete => None,
            };
            match entity {
                Some(entity) => read.put(entity, &*self.seal),
                None => read.remove(&change.key),
            }
        }
        read.rev = changes.last().map(|change| change.rev).or(read.rev);
        if is_changed {
            self.live.store(Arc::new(self.table(read)));
        }
        Ok(())
    }

    fn table(&self, read: &Read) -> Principals {
        let managed = read.managed();
        let identities: HashMap<&Key, Arc<Identity>> = read
            .holders
            .iter()
            .filter(|(key, _)| key.kind != Kind::IamGroup)
            .map(|(key, it)| (key, Arc::new(read.identity(key, it, &managed))))
            .collect();
        let mut keys: HashMap<Box<str>, AccessKey> =
            self.roots.iter().map(RootKey::in_table).collect();
        for (key, it) in &read.keys {
            let user = Key::top(&key.account, &key.region, Kind::IamUser, &key.parent);
            // A key without its user is nobody's, and no root's either.
            let Some(user) = identities.get(&user) else {
                continue;
            };
            keys.insert(key.id.clone(), it.in_table(user));
        }
        Principals {
            keys,
            identities: { identities.into_values() }
                .map(|it| (it.id.clone(), it))
                .collect(),
            managed,
            seal: self.seal.clone(),
        }
    }
}

impl Read {
    fn put(&mut self, entity: Entity, seal: &dyn Seal) {
        let Entity {
            key, body, tags, ..
        } = entity;
        let known = match key.kind {
            Kind::AccessKey => { body_of(&key, &body) }
                .and_then(|stored| OpenKey::open(&key, &stored, seal))
                .map(|it| drop(self.keys.insert(key.clone(), it))),
            Kind::IamPolicy => body_of::<StoredPolicy>(&key, &body).map(|stored| {
                let policy = counting(&stored);
                self.policies.insert(key.clone(), (stored.arn, policy));
            }),
            _ => body_of::<Holder>(&key, &body).map(|holder| {
                drop(
                    self.holders
                        .insert(key.clone(), Compiled::new(holder, tags)),
                )
            }),
        };
        // What cannot be read is not there: nobody can sign with it, and what it was part of is denied.
        if known.is_none() {
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &Key) {
        self.keys.remove(key);
        self.policies.remove(key);
        self.holders.remove(key);
    }

    /// Every managed policy by its ARN.
    fn managed(&self) -> HashMap<Box<str>, Arc<Policy>> {
        let own = self.policies.values();
        let own = own.map(|(arn, policy)| (arn.as_str().into(), policy.clone()));
        let aws = ["us-east-1", "cn-north-1", "us-gov-west-1"].into_iter();
        let aws = aws.flat_map(managed::all);
        aws.map(|(policy, arn)| (arn.as_str().into(), policy.compiled()))
            .chain(own)
            .collect()
    }

    fn identity(
        &self,
        key: &Key,
        it: &Compiled,
        managed: &HashMap<Box<str>, Arc<Policy>>,
    ) -> Identity {
        let mut policies = it.policies(managed);
        for name in &it.holder.groups {
            let group = Key::top(&key.account, &key.region, Kind::IamGroup, name);
            match self.holders.get(&group) {
                Some(group) => policies.extend(group.policies(managed)),
                None => policies.push(deny_all(&format!("group {name}"))),
            }
        }
        let holder = &it.holder;
        let boundary = holder.boundary.as_deref();
        let role = holder.role.as_ref().zip(it.trust.clone());
        Identity {
            account: key.account.as_ref().into(),
            name: holder.name.as_str().into(),
            id: holder.id.as_str().into(),
            arn: holder.arn.as_str().into(),
            role: role.map(|(role, trust)| Role {
                trust,
                session_seconds_max: u32::try_from(role.session_seconds_max).unwrap_or(0),
            }),
            policies: policies.into(),
            boundary: boundary.map(|arn| found(managed, arn)),
            tags: it.tags.clone(),
        }
    }
}

impl Compiled {
    fn new(holder: Holder, tags: BTreeMap<String, String>) -> Self {
        let inline = holder.inline.iter();
        let inline = inline.map(|(name, document)| {
            let name = format!("{name} of {}", holder.arn);
            compiled(document, PolicyKind::Identity, &name)
        });
        let trust = holder.role.as_ref().map(|role| {
            let name = format!("trust policy of {}", holder.arn);
            compiled(&role.trust, PolicyKind::Trust, &name)
        });
        Self {
            inline: inline.collect(),
            trust,
            tags,
            holder,
        }
    }

    /// Its own policies and those that are attached to it.
    fn policies(&self, managed: &HashMap<Box<str>, Arc<Policy>>) -> Vec<Arc<Policy>> {
        let attached = self.holder.attached.iter();
        let attached = attached.map(|arn| found(managed, arn));
        self.inline.iter().cloned().chain(attached).collect()
    }
}

impl OpenKey {
    fn open(key: &Key, stored: &StoredAccessKey, seal: &dyn Seal) -> Option<Self> {
        let sealed = STANDARD.decode(&stored.sealed_secret).ok();
        let secret = sealed.and_then(|sealed| seal.open(&access_keys::owner(&key.id), &sealed));
        let secret = secret.and_then(|secret| String::from_utf8(secret).ok());
        if secret.is_none() {
            error!(%key, "the secret of an access key cannot be opened; nobody can sign with it");
        }
        Some(Self {
            is_active: stored.is_active,
            secret: secret?.into(),
        })
    }

    fn in_table(&self, user: &Arc<Identity>) -> AccessKey {
        AccessKey {
            secret: self.secret.clone(),
            is_active: self.is_active,
            account: user.account.clone(),
            user: Some(user.clone()),
        }
    }
}

fn body_of<T: DeserializeOwned>(key: &Key, body: &[u8]) -> Option<T> {
    let read = serde_json::from_slice(body);
    read.inspect_err(|error| error!(%key, %error, "what IAM has stored cannot be read"))
        .ok()
}

/// The version of a policy that counts.
fn counting(policy: &StoredPolicy) -> Arc<Policy> {
    let mut versions = policy.versions.iter();
    let counting = versions.find(|version| version.number == policy.default_version);
    match counting {
        Some(version) => compiled(&version.document, PolicyKind::Identity, &policy.arn),
        None => deny_all(&policy.arn),
    }
}

fn found(managed: &HashMap<Box<str>, Arc<Policy>>, arn: &str) -> Arc<Policy> {
    let found = managed.get(arn).cloned();
    found.unwrap_or_else(|| deny_all(arn))
}

/// A document was read before it was stored, so that this fails only where its reader has become stricter.
fn compiled(document: &str, kind: PolicyKind, name: &str) -> Arc<Policy> {
    match Policy::parse(document, kind) {
        Ok(policy) => Arc::new(policy.named(name)),
        Err(error) => {
            warn!(policy = name, %error, "a stored policy cannot be read; in its place everything is denied");
            deny_all(name)
        }
    }
}

fn deny_all(name: &str) -> Arc<Policy> {
    let policy = Policy::parse(DENY_ALL, PolicyKind::Identity).expect("our own policy is one");
    Arc::new(policy.named(format!("{name} (unreadable)")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_policy_that_denies_is_one() {
        assert_eq!(super::deny_all("a").statements(), 1);
    }
}
