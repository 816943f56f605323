//! From the store to what is served: every stage at the start, then what changed, revision by revision.
//!
//! The loader compiles, so it runs on a thread of its own and never on a gateway core. The gateway needs nobody else: it serves
//! on, and restarts, without the control plane.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tollgate_model::rest::{Definition, StoredDeployment, ThawError};
use tollgate_store::{Change, ContentHash, Entity, Key, Kind, Store, StoreError, all_of_kind};
use tollgate_wire::apigateway::Stage;
use tollgate_wire::json;

use crate::cold::Wanted;
use crate::gateway::Gateway;
use crate::keys::{KeyLoader, Order};
use crate::plan::honour::Refusal;
use crate::plan::{ApiFacts, DeploymentPlan, Plans, StagePlan};
use crate::table::{Api, Broken, Table};

/// Keeps what a gateway serves as the store has it.
pub struct Loader {
    store: Arc<dyn Store>,
    gateway: Arc<Gateway>,
    plans: Arc<Plans>,
    table: Table,
    /// Stages that requests wait for; nothing where another loader has them.
    wanted: Option<Receiver<Wanted>>,
    keys: KeyLoader,
    /// What the control plane wants of the keys; nothing where another loader hears it.
    orders: Option<Receiver<Order>>,
    warm_stages_max: usize,
}

/// Stages up to which all are compiled at the start, so that the operator reads of those that cannot be served. Of more, each is compiled when
/// it is first called: ten thousand would be seconds, and memory for what nobody may call.
const WARM_STAGES_MAX: usize = 500;

/// Why a stage cannot be served.
#[derive(Debug, thiserror::Error)]
enum Unserved {
    #[error("tollgate cannot honour {}", told(.0))]
    Refused(Vec<Refusal>),
    #[error("its deployment `{0}` is not stored")]
    NoDeployment(String),
    #[error("its deployment cannot be read: {0}")]
    Thaw(#[from] ThawError),
    #[error("what is stored of it cannot be read: {0}")]
    Unreadable(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

const REFUSALS_TOLD_MAX: usize = 20;

fn told(refusals: &[Refusal]) -> String {
    let told = refusals
        .iter()
        .take(REFUSALS_TOLD_MAX)
        .map(|it| format!("{}: {}", it.member, it.reason));
    told.collect::<Vec<_>>().join("; ")
}

/// Changes that are read at once.
const CHANGES_MAX: usize = 1_000;

/// After a fault of the store.
const PAUSE: Duration = Duration::from_secs(1);

impl Loader {
    /// Reads every stage of the store and serves it.
    ///
    /// # Errors
    /// When the store cannot be read. A stage that cannot be served is told to the log, and does not keep the others from being served.
    pub async fn load(
        store: Arc<dyn Store>,
        gateway: Arc<Gateway>,
        plans: Arc<Plans>,
    ) -> Result<Self, StoreError> {
        Self::load_with(store, gateway, plans, WARM_STAGES_MAX).await
    }

    /// As [`Self::load`], with another number of stages up to which all are compiled at the start.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn load_with(
        store: Arc<dyn Store>,
        gateway: Arc<Gateway>,
        plans: Arc<Plans>,
        warm_stages_max: usize,
    ) -> Result<Self, StoreError> {
        let settings = gateway.settings();
        let mut loader = Self {
            table: Table::clone(&gateway.table()),
            wanted: gateway.warmth().take(),
            keys: KeyLoader::new(
                store.clone(),
                settings.ledger.clone(),
                settings.clock.clone(),
            ),
            orders: gateway.orders().take(),
            store,
            gateway,
            plans,
            warm_stages_max,
        };
        loader.reload().await?;
        Ok(loader)
    }

    /// Follows the store's changes until it is closed.
    pub async fn follow(mut self) {
        let mut revs = self.store.watch();
        loop {
            match self.catch_up().await {
                Ok(()) => tokio::select! {
                    changed = revs.changed() => if changed.is_err() {
                        return;
                    },
                    Some(wanted) = next(&mut self.wanted) => self.warm(wanted).await,
                    Some(order) = next(&mut self.orders) => self.carry_out(order),
                },
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::error!(%error, "changes cannot be read; what was served before is served on");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Serves everything that the store has acknowledged by now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn catch_up(&mut self) -> Result<(), StoreError> {
        loop {
            match self.store.changes(self.table.rev, CHANGES_MAX).await {
                Ok(changes) if changes.is_empty() => return Ok(()),
                Ok(changes) => self.apply(&changes).await?,
                Err(StoreError::ChangesForgotten { .. }) => self.reload().await?,
                Err(error) => return Err(error),
            }
        }
    }

    async fn reload(&mut self) -> Result<(), StoreError> {
        // A change that comes meanwhile is read again when it is followed.
        let rev = self.store.rev();
        let mut by_api: BTreeMap<Box<str>, Vec<Entity>> = BTreeMap::new();
        let stages = all_of_kind(&*self.store, Kind::Stage).await?;
        let all_warm = stages.len() <= self.warm_stages_max;
        for entity in stages {
            by_api
                .entry(entity.key.parent.clone())
                .or_default()
                .push(entity);
        }
        let mut table = Table::new([], rev);
        for (id, entities) in by_api {
            let mut draft = Draft::of(&id, self.table.api(&id));
            draft.keep_only(&entities, &self.plans);
            for entity in &entities {
                match all_warm || draft.has(&entity.key.id) {
                    true => self.put_stage(&mut draft, entity).await?,
                    false => draft.put_cold(&entity.key),
                }
            }
            table.put(draft.api);
        }
        for gone in self.table.apis().filter(|api| table.api(&api.id).is_none()) {
            gone.stages
                .iter()
                .for_each(|stage| self.plans.gone(&gone.id, &stage.name));
        }
        self.keys.reload().await?;
        self.gateway.swap_keys(self.keys.directory());
        self.table = table;
        self.gateway.swap(self.table.clone());
        Ok(())
    }

    async fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let Some(rev) = changes.last().map(|change| change.rev) else {
            return Ok(());
        };
        let stages: BTreeSet<&Key> = changes
            .iter()
            .map(|change| &change.key)
            .filter(|key| key.kind == Kind::Stage)
            .collect();
        let is_unchanged = stages.is_empty();
        for key in stages {
            self.renew(key).await?;
        }
        if self.keys.apply(changes).await? {
            self.gateway.swap_keys(self.keys.directory());
        }
        self.table.rev = rev;
        match is_unchanged {
            true => self.gateway.skip_to(rev),
            false => self.gateway.swap(self.table.clone()),
        }
        Ok(())
    }

    /// Takes a stage as it is stored now: whatever happened to it, only its present state is served.
    async fn renew(&mut self, key: &Key) -> Result<(), StoreError> {
        let mut draft = Draft::of(&key.parent, self.table.api(&key.parent));
        match self.store.get(key).await? {
            Some(entity) => self.put_stage(&mut draft, &entity).await?,
            None => draft.remove(&key.id, &self.plans),
        }
        match draft.is_empty() {
            true => self.table.remove(&key.parent),
            false => self.table.put(draft.api),
        }
        Ok(())
    }

    /// Sees to a stage that a request waits for. Others may have waited for it, too.
    async fn warm(&mut self, wanted: Wanted) {
        let Wanted { key, done } = wanted;
        if self.table.cold(&key.parent, &key.id).is_some() {
            match self.renew(&key).await {
                Ok(()) => self.gateway.swap(self.table.clone()),
                Err(error) => {
                    let (api, stage) = (&key.parent, &key.id);
                    tracing::error!(%api, %stage, %error, "a stage cannot be read; it is tried again at the next request");
                }
            }
        }
        // Whoever asked may have left.
        let _ = done.send(());
    }

    fn carry_out(&self, order: Order) {
        let done = self.keys.set_remaining(&order.member, order.remaining);
        // Whoever asked may have left.
        let _ = order.done.send(done);
    }

    async fn put_stage(&self, draft: &mut Draft, entity: &Entity) -> Result<(), StoreError> {
        match self.compile(entity).await {
            Ok(plan) => draft.put(plan),
            // The store itself fails: that is no fault of the stage.
            Err(Unserved::Store(error)) => return Err(error),
            Err(reason) => {
                let (api, stage) = (&entity.key.parent, &entity.key.id);
                tracing::error!(%api, %stage, %reason, "a stage cannot be served; one that was served before is served on as it was");
                draft.mark_broken(stage, reason.to_string());
            }
        }
        Ok(())
    }

    async fn compile(&self, entity: &Entity) -> Result<StagePlan, Unserved> {
        let stage: Stage = json::from_slice(&entity.body)
            .map_err(|error| Unserved::Unreadable(error.to_string()))?;
        let deployment = self
            .deployment(
                &entity.key,
                stage.deployment_id.as_deref().unwrap_or_default(),
            )
            .await?;
        let canary = stage.canary_settings.as_ref();
        let of_canary = match canary.and_then(|canary| canary.deployment_id.as_deref()) {
            Some(id) => Some(self.deployment(&entity.key, id).await?),
            None => None,
        };
        let key = &entity.key;
        let api = Arc::new(ApiFacts {
            id: key.parent.clone(),
            account: key.account.clone(),
            region: key.region.clone(),
        });
        self.plans
            .on_stage(api, deployment, of_canary, &stage)
            .map_err(Unserved::Refused)
    }

    async fn deployment(&self, stage: &Key, id: &str) -> Result<Arc<DeploymentPlan>, Unserved> {
        let key = Key {
            kind: Kind::Deployment,
            id: id.into(),
            ..stage.clone()
        };
        let missing = || Unserved::NoDeployment(id.to_owned());
        let entity = self.store.get(&key).await?.ok_or_else(missing)?;
        let stored = StoredDeployment::from_json(&entity.body)
            .map_err(|error| Unserved::Unreadable(error.to_string()))?;
        let hash = stored.manifest.hash();
        if let Some(known) = self.plans.known(&hash) {
            return Ok(known);
        }
        let hashes = stored
            .manifest
            .parts
            .iter()
            .map(|part| ContentHash(part.hash))
            .collect();
        let contents = match self.store.contents(hashes).await {
            // The deployment was deleted between two reads; the change that did it is on its way.
            Err(StoreError::MissingContent { .. }) => return Err(missing()),
            contents => contents?,
        };
        let definition = Definition::thaw(&stored.manifest, &contents)?;
        self.plans
            .deployment(hash, &definition)
            .map_err(Unserved::Refused)
    }
}

/// The next thing that somebody waits for; never, where no one can ask.
async fn next<T>(wanted: &mut Option<Receiver<T>>) -> Option<T> {
    match wanted {
        Some(wanted) => wanted.recv().await,
        None => pending().await,
    }
}

/// An API that is about to be served.
struct Draft {
    api: Api,
}

impl Draft {
    /// It begins as what is served now.
    fn of(id: &str, served: Option<&Api>) -> Self {
        Self {
            api: Api {
                id: id.into(),
                stages: served.map(|api| api.stages.clone()).unwrap_or_default(),
                broken: served.map(|api| api.broken.clone()).unwrap_or_default(),
                cold: served.map(|api| api.cold.clone()).unwrap_or_default(),
            },
        }
    }

    fn is_empty(&self) -> bool {
        let Api {
            stages,
            broken,
            cold,
            ..
        } = &self.api;
        stages.is_empty() && broken.is_empty() && cold.is_empty()
    }

    /// Whether a stage is served, or would be but for a reason that is known.
    fn has(&self, stage: &str) -> bool {
        let mut broken = self.api.broken.iter();
        let mut stages = self.api.stages.iter();
        stages.any(|served| *served.name == *stage) || broken.any(|broken| *broken.stage == *stage)
    }

    /// A stage that is compiled when it is first called.
    fn put_cold(&mut self, key: &Key) {
        if !self.api.cold.iter().any(|cold| **cold == *key) {
            self.api.cold.push(Arc::new(key.clone()));
        }
    }

    fn put(&mut self, plan: StagePlan) {
        self.api.broken.retain(|broken| broken.stage != plan.name);
        self.api.cold.retain(|cold| *cold.id != *plan.name);
        let mut stages = self.api.stages.iter_mut();
        match stages.find(|stage| stage.name == plan.name) {
            Some(stage) => *stage = Arc::new(plan),
            None => self.api.stages.push(Arc::new(plan)),
        }
    }

    /// A stage that was served before keeps its old plan.
    fn mark_broken(&mut self, stage: &str, reason: String) {
        self.api.broken.retain(|broken| *broken.stage != *stage);
        self.api.cold.retain(|cold| *cold.id != *stage);
        if !self.api.stages.iter().any(|served| *served.name == *stage) {
            self.api.broken.push(Broken {
                stage: stage.into(),
                reason,
            });
        }
    }

    fn remove(&mut self, stage: &str, plans: &Plans) {
        self.api.broken.retain(|broken| *broken.stage != *stage);
        self.api.stages.retain(|served| *served.name != *stage);
        self.api.cold.retain(|cold| *cold.id != *stage);
        plans.gone(&self.api.id, stage);
    }

    fn keep_only(&mut self, entities: &[Entity], plans: &Plans) {
        let is_stored = |name: &str| entities.iter().any(|entity| *entity.key.id == *name);
        let served = self.api.stages.iter().map(|stage| &stage.name);
        let broken = self.api.broken.iter().map(|broken| &broken.stage);
        let cold = self.api.cold.iter().map(|cold| &cold.id);
        let gone: Vec<_> = served
            .chain(broken)
            .chain(cold)
            .filter(|name| !is_stored(name))
            .cloned()
            .collect();
        gone.iter().for_each(|name| self.remove(name, plans));
    }
}
