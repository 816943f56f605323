//! What APIs are called: CloudWatch's dimension `ApiName`. It is read beside the loader, because a name acts on no request.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tollgate_store::{Entity, Key, Kind, Store, StoreError, all_of_kind};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::RestApi;
use tollgate_wire::json;

/// Changes that are read at once.
const CHANGES_MAX: usize = 1_000;

/// After a fault of the store.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells the counters the name of every API, until the store is closed.
pub(crate) async fn follow(store: Arc<dyn Store>, counters: Arc<Counters>) {
    let mut names = Names {
        rev: None,
        store,
        counters,
    };
    let mut revs = names.store.watch();
    loop {
        match names.catch_up().await {
            Ok(()) if revs.changed().await.is_err() => return,
            Ok(()) => {}
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::warn!(%error, "names of APIs cannot be read; metrics have those known before");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

struct Names {
    /// Up to where changes were read; nothing before all were.
    rev: Option<u64>,
    store: Arc<dyn Store>,
    counters: Arc<Counters>,
}

impl Names {
    async fn catch_up(&mut self) -> Result<(), StoreError> {
        let Some(rev) = self.rev else {
            return self.read_all().await;
        };
        let changes = match self.store.changes(rev, CHANGES_MAX).await {
            Err(StoreError::ChangesForgotten { .. }) => return self.read_all().await,
            changes => changes?,
        };
        let Some(last) = changes.last() else {
            return Ok(());
        };
        let keys = changes.iter().map(|change| &change.key);
        let apis: BTreeSet<&Key> = keys.filter(|key| key.kind == Kind::RestApi).collect();
        for key in apis {
            let entity = self.store.get(key).await?;
            let name = entity.as_ref().and_then(name);
            self.counters.name_api(&key.id, name.as_deref());
        }
        self.rev = Some(last.rev);
        // There may be more than were read at once.
        match changes.len() < CHANGES_MAX {
            true => Ok(()),
            false => Box::pin(self.catch_up()).await,
        }
    }

    async fn read_all(&mut self) -> Result<(), StoreError> {
        // What changes meanwhile is read again.
        let rev = self.store.rev();
        for entity in all_of_kind(&*self.store, Kind::RestApi).await? {
            let name = name(&entity);
            self.counters.name_api(&entity.key.id, name.as_deref());
        }
        self.rev = Some(rev);
        Ok(())
    }
}

fn name(entity: &Entity) -> Option<String> {
    let api: RestApi = json::from_slice(&entity.body).ok()?;
    api.name
}
