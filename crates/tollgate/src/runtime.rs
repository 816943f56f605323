//! What the control plane asks of the gateway, asked of the one in this process.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tollgate_control::{
    BoxFuture, DayUse, PlanKey, Proposal, Refusal, Request, RequestFault, Runtime, TestFault,
    TestInvocation, TestInvoked,
};
use tollgate_gateway::exposure::{Networks, prove};
use tollgate_gateway::plan::{ApiFacts, Plans, StagePlan};
use tollgate_gateway::recorder::{Explanation, Kept, Recording, Redaction, Rerun, Unrecorded};
use tollgate_gateway::{Gateway, Invalid};
use tollgate_http::ClientConfig;
use tollgate_model::quota::Day;
use tollgate_model::random::Random;
use tollgate_store::{DayRow, MemberKey, Store};

/// The gateway of this process.
pub(crate) struct InProcess {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) plans: Arc<Plans>,
    /// Where deployments are read that a remembered request ran on.
    pub(crate) store: Arc<dyn Store>,
    /// Domains of APIs beside those that are always known.
    pub(crate) domains: Vec<String>,
    /// How test invocations call backends.
    pub(crate) client: ClientConfig,
    /// How long a change is waited for before its call is answered all the same.
    pub(crate) patience: Duration,
}

impl Runtime for InProcess {
    fn prepare<'a>(&'a self, proposal: Proposal<'a>) -> BoxFuture<'a, Result<(), Vec<Refusal>>> {
        let plans = self.plans.clone();
        let (definition, stage) = (proposal.definition.clone(), proposal.stage.clone());
        Box::pin(async move {
            let prepared =
                tokio::task::spawn_blocking(move || plans.prepare(&definition, &stage)).await;
            match prepared {
                Ok(outcome) => {
                    outcome.map_err(|refused| refused.into_iter().map(refusal).collect())
                }
                Err(error) => Err(vec![uncompiled(&error)]),
            }
        })
    }

    fn applied(&self, rev: u64) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if tokio::time::timeout(self.patience, self.gateway.applied(rev))
                .await
                .is_err()
            {
                tracing::warn!(rev, "a change is durable but not served yet");
            }
        })
    }

    fn usage(
        &self,
        keys: Vec<PlanKey>,
        days: RangeInclusive<Day>,
    ) -> BoxFuture<'_, Result<Vec<Vec<DayUse>>, String>> {
        let ledger = self.gateway.settings().ledger.clone();
        Box::pin(async move {
            ledger.flush().await;
            let mut all = Vec::with_capacity(keys.len());
            for key in keys {
                let days = ledger.days(member(key), *days.start(), *days.end());
                let days = days.await.map_err(|error| error.to_string())?;
                all.push(days.into_iter().map(day_use).collect());
            }
            Ok(all)
        })
    }

    fn set_remaining(&self, key: PlanKey, remaining: i64) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(self.gateway.set_remaining(member(key), remaining))
    }

    fn flush_cache(&self, api_id: &str, stage: &str) -> BoxFuture<'_, ()> {
        let plans = self.plans.clone();
        let (api_id, stage) = (api_id.to_owned(), stage.to_owned());
        Box::pin(async move {
            // It looks at every entry of all caches.
            let flushed =
                tokio::task::spawn_blocking(move || plans.flush_cache(&api_id, &stage)).await;
            if let Err(error) = flushed {
                tracing::error!(%error, "a cache could not be flushed whole");
            }
        })
    }

    fn explain(&self, asked: Request) -> BoxFuture<'_, Result<Vec<u8>, RequestFault>> {
        Box::pin(self.told(asked, explanation))
    }

    fn prove(&self, api: String, stage: String) -> BoxFuture<'_, Result<Vec<u8>, String>> {
        let gateway = self.gateway.clone();
        Box::pin(async move {
            let plan = gateway.stage(&api, &stage).await?;
            let proven = tokio::task::spawn_blocking(move || exposure(&gateway, plan)).await;
            proven.unwrap_or_else(|error| Err(unproven(&error)))
        })
    }

    fn api_of(&self, asked: Request) -> BoxFuture<'_, Result<String, RequestFault>> {
        Box::pin(async move {
            let kept = self.kept(&asked).await?;
            let api = kept.ran.map(|ran| ran.api.id.to_string());
            Ok(api.unwrap_or_default())
        })
    }

    fn record(&self, asked: Request) -> BoxFuture<'_, Result<Vec<u8>, RequestFault>> {
        Box::pin(self.told(asked, file))
    }

    fn test_invoke(
        &self,
        invocation: TestInvocation,
    ) -> BoxFuture<'_, Result<TestInvoked, TestFault>> {
        let (gateway, plans) = (self.gateway.clone(), self.plans.clone());
        let client = self.client.clone();
        Box::pin(async move {
            let tried =
                tokio::task::spawn_blocking(move || invoke(&gateway, &plans, client, invocation));
            tried.await.unwrap_or_else(|error| Err(untried(&error)))
        })
    }
}

fn member(key: PlanKey) -> MemberKey {
    MemberKey {
        account: key.account.into(),
        region: key.region.into(),
        plan: key.plan_id.into(),
        key: key.key_id.into(),
    }
}

fn day_use(row: DayRow) -> DayUse {
    DayUse {
        day: Day(row.day),
        used: i64::try_from(row.used).unwrap_or(i64::MAX),
        remaining: row.remaining,
    }
}

impl InProcess {
    /// The remembered request, if whoever asks may know of it. What met no API belongs to nobody.
    async fn kept(&self, asked: &Request) -> Result<Kept, RequestFault> {
        let recorder = self.gateway.settings().recorder.as_ref();
        let kept = recorder.ok_or(RequestFault::Unknown)?.find(&asked.id).await;
        let kept = kept.ok_or(RequestFault::Unknown)?;
        let is_theirs = kept.ran.as_ref().is_none_or(|ran| {
            *ran.api.account == *asked.account && *ran.api.region == *asked.region
        });
        match is_theirs {
            true => Ok(kept),
            false => Err(RequestFault::Unknown),
        }
    }

    /// The same with what it ran on.
    async fn recording(&self, asked: &Request) -> Result<Recording, RequestFault> {
        let kept = self.kept(asked).await?;
        let (store, settings) = (&*self.store, self.gateway.settings());
        let found = Recording::of(kept, store, settings, &self.domains).await;
        found.map_err(|error| match error {
            gone @ Unrecorded::NoDeployment { .. } => RequestFault::Gone(gone.to_string()),
            Unrecorded::Unreadable(_) | Unrecorded::Store(_) => failed(&error),
        })
    }

    /// Runs a remembered request again, off the gateway's cores, and gives what `tell` makes of it.
    async fn told(
        &self,
        asked: Request,
        tell: fn(Recording, Rerun, &Redaction) -> Result<Vec<u8>, RequestFault>,
    ) -> Result<Vec<u8>, RequestFault> {
        let recording = self.recording(&asked).await?;
        let recorder = self.gateway.settings().recorder.as_ref();
        let redaction = recorder.map(|recorder| recorder.settings.redaction.clone());
        let redaction = redaction.unwrap_or_default();
        let told = tokio::task::spawn_blocking(move || {
            let rerun = recording.run(None).map_err(|error| failed(&error))?;
            tell(recording, rerun, &redaction)
        });
        told.await.unwrap_or_else(|error| Err(failed(&error)))
    }
}

/// Off the gateway's cores: it is thousands of requests.
fn exposure(gateway: &Gateway, stage: Arc<StagePlan>) -> Result<Vec<u8>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| unproven(&error))?;
    let proving = prove(stage, gateway.settings(), Networks::Configured);
    serde_json::to_vec(&runtime.block_on(proving)).map_err(|error| unproven(&error))
}

fn unproven(error: &dyn std::error::Error) -> String {
    tracing::error!(%error, "what a stage exposes could not be found out");
    "what it exposes could not be found out; Tollgate's log says why".to_owned()
}

fn explanation(
    recording: Recording,
    rerun: Rerun,
    redaction: &Redaction,
) -> Result<Vec<u8>, RequestFault> {
    let told = Explanation::of(&recording, &rerun, redaction);
    serde_json::to_vec(&told).map_err(|error| failed(&error))
}

/// The run's answer goes into the file, for others to be compared with.
fn file(
    recording: Recording,
    rerun: Rerun,
    redaction: &Redaction,
) -> Result<Vec<u8>, RequestFault> {
    let recording = Recording {
        answer: Some(rerun.answer),
        ..recording
    };
    let written = recording.redacted(redaction).to_file();
    written.map_err(|error| failed(&error))
}

fn failed(error: &dyn std::error::Error) -> RequestFault {
    tracing::error!(%error, "a remembered request cannot be told of");
    RequestFault::Failed(format!("the request cannot be told of: {error}"))
}

/// Runs on a thread of its own: connections belong to the thread that opened them.
fn invoke(
    gateway: &Gateway,
    plans: &Plans,
    client: ClientConfig,
    invocation: TestInvocation,
) -> Result<TestInvoked, TestFault> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build();
    let runtime = runtime.map_err(|error| untried(&error))?;
    let local = tokio::task::LocalSet::new();
    let invoked = local.block_on(&runtime, async {
        let client = gateway.client(client);
        let mut random = Random::from_os();
        let asked = asked(invocation);
        gateway.test_invoke(plans, client, &mut random, asked).await
    });
    invoked.map(shown).map_err(|invalid| match invalid {
        Invalid::Refused(refused) => TestFault::Refused(refused.into_iter().map(refusal).collect()),
        Invalid::Request(text) => TestFault::Invalid(text),
    })
}

fn asked(given: TestInvocation) -> tollgate_gateway::TestInvocation {
    tollgate_gateway::TestInvocation {
        api: Arc::new(ApiFacts {
            id: given.api_id.into(),
            account: given.account.into(),
            region: given.region.into(),
        }),
        definition: given.definition,
        resource_id: given.resource_id,
        http_method: given.http_method,
        path_with_query: given.path_with_query,
        headers: given.headers,
        body: given.body.into(),
        stage_variables: given.stage_variables,
    }
}

fn shown(invoked: tollgate_gateway::TestInvoked) -> TestInvoked {
    TestInvoked {
        status: invoked.status,
        headers: invoked.headers,
        body: String::from_utf8_lossy(&invoked.body).into_owned(),
        log: invoked.log,
        latency_ms: invoked.latency_ms,
    }
}

fn untried(error: &dyn std::error::Error) -> TestFault {
    tracing::error!(%error, "a method could not be tried");
    TestFault::Failed("the method could not be tried; Tollgate's log says why".to_owned())
}

fn refusal(refused: tollgate_gateway::plan::honour::Refusal) -> Refusal {
    Refusal {
        member: refused.member,
        reason: refused.reason,
    }
}

/// The compiler panicked: nothing is deployed, and the log has the panic.
fn uncompiled(error: &tokio::task::JoinError) -> Refusal {
    tracing::error!(%error, "a deployment could not be compiled");
    Refusal {
        member: "the deployment".to_owned(),
        reason: "it could not be compiled; Tollgate's log says why".to_owned(),
    }
}
