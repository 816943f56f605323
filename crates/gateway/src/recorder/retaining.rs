//! A store that sees to it that deployments which are about to be deleted can still be told of. The control plane writes through it; reading and
//! every other write go straight on.
//!
//! A deletion pays with reading what it deletes: one deployment, or of an API those that requests ran on. What cannot be read is left out, and
//! keeps nothing from being deleted.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;
use tollgate_model::rest::StoredDeployment;
use tollgate_store::{
    BoxFuture, Change, Commit, CommitError, ContentHash, Delete, Entity, Key, Kind, Range, Store,
    StoreError,
};

use super::Recorder;
use super::deleted::Frozen;
use crate::gateway::Gateway;
use crate::table::Api;

/// A store, and whose requests are remembered.
pub struct Retaining {
    store: Arc<dyn Store>,
    gateway: Arc<Gateway>,
}

impl Retaining {
    /// This store for the control plane; the store itself, where no request is remembered.
    pub fn over(store: Arc<dyn Store>, gateway: Arc<Gateway>) -> Arc<dyn Store> {
        match gateway.settings().recorder.is_some() {
            true => Arc::new(Self { store, gateway }),
            false => store,
        }
    }
}

impl Store for Retaining {
    fn commit(&self, commit: Commit) -> BoxFuture<Result<u64, CommitError>> {
        let (store, gateway) = (self.store.clone(), self.gateway.clone());
        Box::pin(async move {
            for delete in &commit.deletes {
                retain(&*store, &gateway, delete).await;
            }
            store.commit(commit).await
        })
    }

    fn get(&self, key: &Key) -> BoxFuture<Result<Option<Entity>, StoreError>> {
        self.store.get(key)
    }

    fn list(&self, range: Range) -> BoxFuture<Result<Vec<Entity>, StoreError>> {
        self.store.list(range)
    }

    fn lists(&self, ranges: Vec<Range>) -> BoxFuture<Result<Vec<Vec<Entity>>, StoreError>> {
        self.store.lists(ranges)
    }

    fn find(&self, kind: Kind, id: &str) -> BoxFuture<Result<Vec<Entity>, StoreError>> {
        self.store.find(kind, id)
    }

    fn all(
        &self,
        kind: Kind,
        after: Option<Key>,
        limit: usize,
    ) -> BoxFuture<Result<Vec<Entity>, StoreError>> {
        self.store.all(kind, after, limit)
    }

    fn contents(&self, hashes: Vec<ContentHash>) -> BoxFuture<Result<Vec<Bytes>, StoreError>> {
        self.store.contents(hashes)
    }

    fn changes(&self, after: u64, limit: usize) -> BoxFuture<Result<Vec<Change>, StoreError>> {
        self.store.changes(after, limit)
    }

    fn rev(&self) -> u64 {
        self.store.rev()
    }

    fn watch(&self) -> watch::Receiver<u64> {
        self.store.watch()
    }
}

async fn retain(store: &dyn Store, gateway: &Gateway, delete: &Delete) {
    let Some(recorder) = &gateway.settings().recorder else {
        return;
    };
    let mut bytes_left = recorder.settings.deleted_deployments_bytes_max;
    for key in going(gateway, recorder, delete).await {
        match frozen(store, &key).await {
            Ok(Some(frozen)) => {
                let Some(left) = bytes_left.checked_sub(frozen.bytes()) else {
                    return;
                };
                bytes_left = left;
                recorder.keep_deleted(frozen);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%key, %error, "a deployment that is being deleted cannot be read; requests that ran on it cannot be explained");
            }
        }
    }
}

/// The deployments that a deletion takes away and somebody may ask about.
async fn going(gateway: &Gateway, recorder: &Recorder, delete: &Delete) -> Vec<Key> {
    match delete {
        Delete::One(key) if key.kind == Kind::Deployment => vec![key.clone()],
        Delete::Children {
            account,
            region,
            kind: Kind::Deployment,
            parent,
        } => {
            // Those that are served come first: requests are under way on them.
            let mut ids = gateway.table().api(parent).map_or(Vec::new(), served);
            ids.extend(recorder.deployments(parent).await);
            let mut known = BTreeSet::new();
            ids.retain(|id| known.insert(id.clone()));
            let keys = ids.into_iter().map(|id| Key {
                account: account.clone(),
                region: region.clone(),
                kind: Kind::Deployment,
                parent: parent.clone(),
                id,
            });
            keys.collect()
        }
        Delete::One(_) | Delete::Children { .. } => Vec::new(),
    }
}

fn served(api: &Api) -> Vec<Box<str>> {
    let canaries = api.stages.iter().filter_map(|stage| stage.canary.as_ref());
    let settings = api.stages.iter().map(|stage| &stage.settings);
    let settings = settings.chain(canaries.map(|canary| &canary.plan.settings));
    settings
        .map(|it| it.deployment_id.as_str().into())
        .collect()
}

async fn frozen(store: &dyn Store, key: &Key) -> Result<Option<Frozen>, StoreError> {
    let Some(entity) = store.get(key).await? else {
        return Ok(None);
    };
    let Ok(StoredDeployment { manifest, .. }) = StoredDeployment::from_json(&entity.body) else {
        return Ok(None);
    };
    let hashes = manifest.parts.iter().map(|part| ContentHash(part.hash));
    let contents = store.contents(hashes.collect()).await?;
    Ok(Some(Frozen { manifest, contents }))
}
