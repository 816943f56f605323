//! Where plans come from: compiled once for what was frozen, whoever asks. The control plane asks before a deployment is stored, the
//! loader after.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_model::rest::Definition;
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::Stage;

use super::compile::compile;
use super::honour::{self, Refusal};
use super::library::{Library, Shelf};
use super::{ApiFacts, Canary, DeploymentPlan, StageError, StagePlan, StageSettings};
use crate::cache::{CacheSettings, Caches, StageCaching};
use crate::throttle::{Buckets, Limit, OwnBucket};

/// An account and a region.
type Owner = (Box<str>, Box<str>);
use crate::identity::IdentityProviders;

/// Compiles plans and shares them. All its work belongs off the gateway's cores.
#[derive(Debug)]
pub struct Plans {
    library: Library,
    deployments: Shelf<[u8; 32], DeploymentPlan>,
    /// Those compiled last: a deployment is prepared first and loaded a moment later.
    recent: Mutex<VecDeque<Arc<DeploymentPlan>>>,
    counters: Arc<Counters>,
    execution_logs: ExecutionLogs,
    /// Where user pools are.
    identity_providers: IdentityProviders,
    /// Whether networks stand for private endpoints.
    has_private_endpoints: bool,
    buckets: Buckets,
    /// Of every account in each region.
    account_limit: Option<Limit>,
    /// The buckets of accounts that have any stage.
    accounts: Mutex<HashMap<Owner, Arc<OwnBucket>>>,
    /// Made when the first stage has one.
    caches: OnceLock<Arc<Caches>>,
}

/// Where the lines of a log group go: a number that means something to whoever writes them.
type FindLog = dyn Fn(&str) -> Option<usize> + Send + Sync;

/// Who takes execution logs.
#[derive(Default)]
struct ExecutionLogs(Option<Box<FindLog>>);

impl fmt::Debug for ExecutionLogs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ExecutionLogs")
            .field(&self.0.is_some())
            .finish()
    }
}

impl ExecutionLogs {
    /// Where a stage's requests are logged, in AWS's log groups. The guide: a canary's are in the stage's group and in one of their own.
    fn of(&self, api: &ApiFacts, stage: &str, is_canary: bool) -> Vec<usize> {
        let Some(find) = &self.0 else {
            return Vec::new();
        };
        let group = format!("API-Gateway-Execution-Logs_{}/{stage}", api.id);
        let of_stage = find(&group);
        let of_canary = is_canary
            .then(|| find(&format!("{group}/Canary")))
            .flatten();
        let mut numbers: Vec<_> = of_stage.into_iter().chain(of_canary).collect();
        numbers.dedup();
        numbers
    }
}

fn unreachable_endpoint() -> Refusal {
    Refusal {
        member: "endpointConfiguration.types of the API".to_owned(),
        reason: "a private API needs networks that stand for its endpoints ([private_endpoints])"
            .to_owned(),
    }
}

const RECENT_MAX: usize = 8;

impl Plans {
    /// No plans yet; the stages of those to come are counted by `counters`.
    pub fn new(counters: Arc<Counters>) -> Self {
        Self {
            library: Library::default(),
            deployments: Shelf::default(),
            recent: Mutex::default(),
            counters,
            execution_logs: ExecutionLogs::default(),
            identity_providers: IdentityProviders::default(),
            has_private_endpoints: false,
            buckets: Buckets::new(Clock::System),
            account_limit: None,
            accounts: Mutex::default(),
            caches: OnceLock::new(),
        }
    }

    /// Lets methods be called by tokens of these providers. A method whose provider is none of them is refused.
    #[must_use]
    pub fn with_identity_providers(mut self, providers: IdentityProviders) -> Self {
        self.identity_providers = providers;
        self
    }

    /// Lets private APIs be served: the gateway knows networks that stand for endpoints.
    #[must_use]
    pub fn with_private_endpoints(mut self) -> Self {
        self.has_private_endpoints = true;
        self
    }

    /// Limits what all stages of an account in a region may be asked for together.
    #[must_use]
    pub fn with_account_limit(mut self, limit: Option<Limit>) -> Self {
        self.account_limit = limit;
        self
    }

    /// Measures limits by this clock, which has to be the gateway's.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.buckets = Buckets::new(clock);
        self
    }

    /// Puts the buckets of its methods and of its account on a stage.
    fn limit(&self, plan: &mut StagePlan) {
        // A stage that is only asked about lets nobody in, and must change no limit.
        if plan.api.id.is_empty() {
            return;
        }
        let (api, stage) = (&plan.api.id, &plan.name);
        for resource in &plan.deployment.resources {
            for method in resource.request_methods() {
                if let Some(limit) = plan.method_settings.limit(&resource.path, method) {
                    let name = format!("{api}/{stage}{}/{method}", resource.path);
                    let bucket = self.buckets.find(name, limit);
                    plan.buckets.put(&resource.path, method, bucket);
                }
            }
        }
        plan.account = self
            .account_limit
            .map(|limit| self.account(&plan.api, limit));
    }

    fn account(&self, api: &ApiFacts, limit: Limit) -> Arc<OwnBucket> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (api.account.clone(), api.region.clone());
        let bucket = accounts.entry(name);
        bucket
            .or_insert_with(|| Arc::new(OwnBucket::new(limit)))
            .clone()
    }

    /// Keeps answers of stages that ask for it in these caches.
    #[must_use]
    pub fn with_caches(mut self, caches: Arc<Caches>) -> Self {
        self.caches = OnceLock::from(caches);
        self
    }

    /// Empties the cache of a stage, if it has one: no request that comes from now on is answered by what was kept or asked for before.
    pub fn flush_cache(&self, api: &str, stage: &str) {
        if let Some(caches) = self.caches.get() {
            caches.flush(api, stage);
        }
    }

    /// The cache of a stage, as this plan of it uses it; one that has none any more loses what it had. Guess: 0.5 gigabytes where no
    /// size is said.
    fn cache(&self, plan: &StagePlan, stage: &Stage) -> Option<StageCaching> {
        // A stage that is only asked about keeps nothing.
        if plan.api.id.is_empty() {
            return None;
        }
        if stage.cache_cluster_enabled != Some(true) {
            if let Some(caches) = self.caches.get() {
                caches.forget(&plan.api.id, &plan.name);
            }
            return None;
        }
        let new = || {
            Arc::new(Caches::new(
                CacheSettings::default(),
                &mut Random::from_os(),
            ))
        };
        let caches = self.caches.get_or_init(new).clone();
        let size = stage.cache_cluster_size.as_deref().unwrap_or("0.5");
        let own = caches.stage(&plan.api.id, &plan.name, size);
        let (deployment, settings) = (&plan.deployment, &plan.method_settings);
        Some(StageCaching::new(caches, own, deployment, settings))
    }

    /// Has execution logs written: `find` says for a log group (`API-Gateway-Execution-Logs_{api}/{stage}`, that of a canary with `/Canary`
    /// at its end) whether somebody takes its lines, and under which number.
    #[must_use]
    pub fn with_execution_logs(
        mut self,
        find: impl Fn(&str) -> Option<usize> + Send + Sync + 'static,
    ) -> Self {
        self.execution_logs = ExecutionLogs(Some(Box::new(find)));
        self
    }

    /// Whether `definition` can be served on `stage` with every setting honoured. Without a name it is a stage that is not known yet.
    ///
    /// # Errors
    /// Each setting that would have to be ignored.
    pub fn prepare(&self, definition: &Definition, stage: &Stage) -> Result<(), Vec<Refusal>> {
        // Nobody is to be counted for a stage that is only asked about.
        self.plan(Arc::default(), definition, stage).map(drop)
    }

    /// A definition on a stage, ready to serve.
    ///
    /// # Errors
    /// Each setting that would have to be ignored.
    pub fn plan(
        &self,
        api: Arc<ApiFacts>,
        definition: &Definition,
        stage: &Stage,
    ) -> Result<StagePlan, Vec<Refusal>> {
        let (manifest, _) = definition.freeze();
        match self.deployment(manifest.hash(), definition) {
            // Who asks has one definition: both of a stage's deployments are asked about one after the other.
            Ok(deployment) => self.on_stage(api, deployment.clone(), Some(deployment), stage),
            Err(mut refused) => {
                refused.extend(honour::of_stage(stage));
                Err(refused)
            }
        }
    }

    /// The plan of what was frozen under this hash, if one is in use.
    pub(crate) fn known(&self, hash: &[u8; 32]) -> Option<Arc<DeploymentPlan>> {
        self.deployments.get(hash)
    }

    /// The plan of a definition that was frozen under this hash.
    pub(crate) fn deployment(
        &self,
        hash: [u8; 32],
        definition: &Definition,
    ) -> Result<Arc<DeploymentPlan>, Vec<Refusal>> {
        if let Some(known) = self.known(&hash) {
            return Ok(known);
        }
        let plan = Arc::new(compile(
            hash,
            definition,
            &self.library,
            &self.identity_providers,
        )?);
        let plan = self.deployments.put(hash, plan);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.truncate(RECENT_MAX - 1);
        recent.push_front(plan.clone());
        Ok(plan)
    }

    /// Puts a deployment on a stage, and that of its canary if it has one.
    pub(crate) fn on_stage(
        &self,
        api: Arc<ApiFacts>,
        deployment: Arc<DeploymentPlan>,
        of_canary: Option<Arc<DeploymentPlan>>,
        stage: &Stage,
    ) -> Result<StagePlan, Vec<Refusal>> {
        let mut refused = honour::of_stage(stage);
        let deployments = std::iter::once(&deployment).chain(&of_canary);
        if !self.has_private_endpoints && { deployments }.any(|it| it.endpoint.is_private) {
            refused.push(unreachable_endpoint());
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        let settings = StageSettings::of(stage);
        // A stage that is only asked about has no API yet, and counts nothing.
        let meter = match api.id.is_empty() {
            true => self.counters.elsewhere(),
            false => self.counters.stage(&api.id, &settings.name),
        };
        let refused = |error: StageError| {
            vec![Refusal {
                member: format!("accessLogSettings.format of stage {}", settings.name),
                reason: error.to_string(),
            }]
        };
        let mut plan = StagePlan::new(api, deployment, &settings, meter).map_err(refused)?;
        self.limit(&mut plan);
        let logs = |is_canary| self.execution_logs.of(&plan.api, &plan.name, is_canary);
        let (of_stage, of_canaries) = (logs(false), logs(true));
        plan.execution_log = of_stage;
        plan.cache = self.cache(&plan, stage);
        if let (Some(given), Some(deployment)) = (&stage.canary_settings, of_canary) {
            let mut canary = Canary::new(&plan, deployment, &settings, given).map_err(refused)?;
            self.limit(&mut canary.plan);
            canary.plan.execution_log = of_canaries;
            if given.use_stage_cache == Some(true) {
                canary.plan.cache = self.cache(&canary.plan, stage);
            }
            plan.is_canary = Some(false);
            plan.canary = Some(Box::new(canary));
        }
        Ok(plan)
    }

    /// Forgets a stage that is gone.
    pub(crate) fn gone(&self, api: &str, stage: &str) {
        self.counters.forget(api, stage);
        if let Some(caches) = self.caches.get() {
            caches.forget(api, stage);
        }
    }
}
