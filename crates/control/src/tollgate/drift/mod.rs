//! Drift: what of an API as it is now is not in the deployments that its stages serve, part by part and member by member.
//!
//! AWS has no operation for it: there, who changed an API and did not deploy it finds out by its behaviour.

mod compare;
pub(crate) mod header;
mod parts;

use serde::Serialize;
use tollgate_model::rest::Definition;
use tollgate_store::Kind;
use tollgate_wire::apigateway::RestApi;

use self::compare::Difference;
use self::parts::Parts;
use crate::apigateway::{deployments, rest_apis, stages};
use crate::error::ApiError;
use crate::session::{Session, Stored};

/// Differences of one stage that are told one by one; all are counted.
const DIFFERENCES_TOLD_MAX: usize = 1_000;

/// How the deployments of an API's stages differ from the API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Drift {
    api_id: String,
    stages: Vec<OfStage>,
}

/// How a deployment that a stage serves differs from the API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OfStage {
    stage: String,
    /// Whether it is the deployment of the stage's canary.
    is_canary: bool,
    deployment_id: String,
    /// How many differences there are.
    count: usize,
    /// The first of them.
    changes: Vec<Difference>,
}

/// Compares an API with what one of its stages serves, or all of them.
///
/// # Errors
/// An API or a stage that is not there.
pub(super) async fn of(on: &Session, api: &str, stage: Option<&str>) -> Result<Drift, ApiError> {
    let (api, stages) = match stage {
        Some(name) => {
            let (api, stage) = stages::find(on, Some(api), Some(name)).await?;
            (api, vec![stage])
        }
        None => {
            let api = rest_apis::find(on, Some(api)).await?;
            let stages = on.children(&api.key, Kind::Stage).await?;
            (api, stages)
        }
    };
    let present = deployments::present(on, &api).await?;
    let mut drift = Drift {
        api_id: api.id().to_owned(),
        stages: Vec::new(),
    };
    for stage in &stages {
        for (id, is_canary) in stages::served::by(&stage.it) {
            let changes = between(on, &api, id, &present).await?;
            drift.stages.push(OfStage {
                stage: stage.id().to_owned(),
                is_canary,
                deployment_id: id.to_owned(),
                count: changes.len(),
                changes: told(changes),
            });
        }
    }
    Ok(drift)
}

/// Away from the threads that answer: a large API has megabytes of templates.
async fn between(
    on: &Session,
    api: &Stored<RestApi>,
    deployment_id: &str,
    present: &Definition,
) -> Result<Vec<Difference>, ApiError> {
    let deployed = deployments::definition(on, &api.key, deployment_id).await?;
    let present = present.clone();
    let compared = tokio::task::spawn_blocking(move || {
        compare::all(&Parts::of(&deployed)?, &Parts::of(&present)?)
    });
    let compared = compared.await.map_err(ApiError::internal)?;
    compared.map_err(ApiError::internal)
}

fn told(mut changes: Vec<Difference>) -> Vec<Difference> {
    changes.truncate(DIFFERENCES_TOLD_MAX);
    changes
}
