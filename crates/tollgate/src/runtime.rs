//! What the control plane asks of the gateway, asked of the one in this process.

use std::sync::Arc;
use std::time::Duration;

use tollgate_control::{BoxFuture, Proposal, Refusal, Runtime};
use tollgate_gateway::Gateway;
use tollgate_gateway::plan::Plans;

/// The gateway of this process.
#[derive(Debug)]
pub(crate) struct InProcess {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) plans: Arc<Plans>,
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
