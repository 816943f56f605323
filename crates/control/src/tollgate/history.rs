//! History: the deployments of an API, newest first, and which stages serve each.
//!
//! GetDeployments with what it leaves out: who serves what, in the order in which one looks for it.

use std::collections::HashMap;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tollgate_model::rest::StoredDeployment;
use tollgate_store::{Key, Kind, Range};
use tollgate_wire::apigateway::Stage;

use super::drift::served;
use crate::apigateway::rest_apis;
use crate::error::ApiError;
use crate::session::{Session, Stored};

/// Deployments that are told.
const DEPLOYMENTS_TOLD_MAX: usize = 1_000;

/// Deployments read at once: each names every part that it froze, so a thousand may be as many times a hundred kilobytes.
const PAGE: usize = 100;

/// The deployments of an API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    api_id: String,
    /// How many there are.
    count: usize,
    /// The newest of them, newest first.
    deployments: Vec<Past>,
}

/// A deployment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Past {
    id: String,
    /// As RFC 3339 has it.
    created_date: String,
    #[serde(skip)]
    created_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The stages that serve it.
    stages: Vec<Served>,
}

/// A stage that serves a deployment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Served {
    stage: String,
    /// Whether its canary does.
    is_canary: bool,
}

/// The deployments of an API.
///
/// # Errors
/// An API that is not there.
pub(super) async fn of(on: &Session, api: &str) -> Result<History, ApiError> {
    let api = rest_apis::find(on, Some(api)).await?;
    let stages = on.children::<Stage>(&api.key, Kind::Stage).await?;
    let mut serving = serving(&stages);
    let (count, mut deployments) = newest(on, &api.key).await?;
    for past in &mut deployments {
        past.stages = serving.remove(&past.id).unwrap_or_default();
    }
    Ok(History {
        api_id: api.id().to_owned(),
        count,
        deployments,
    })
}

/// The stages by the deployments that they serve.
fn serving(stages: &[Stored<Stage>]) -> HashMap<String, Vec<Served>> {
    let mut by_deployment: HashMap<String, Vec<Served>> = HashMap::new();
    for stage in stages {
        for (id, is_canary) in served(&stage.it) {
            let served = Served {
                stage: stage.id().to_owned(),
                is_canary,
            };
            by_deployment.entry(id.to_owned()).or_default().push(served);
        }
    }
    by_deployment
}

/// How many deployments there are, and the newest.
async fn newest(on: &Session, api: &Key) -> Result<(usize, Vec<Past>), ApiError> {
    let (mut count, mut newest) = (0, Vec::new());
    let mut range = Range {
        limit: PAGE,
        ..Range::children_of(api, Kind::Deployment)
    };
    loop {
        let page = on
            .in_range(range.clone(), StoredDeployment::from_json)
            .await?;
        range.after = page.last().map(|last| last.key.id.clone());
        let is_last = page.len() < PAGE;
        count += page.len();
        newest.extend(page.into_iter().map(past));
        newest.sort_by(|one: &Past, other| other.created_ms.cmp(&one.created_ms));
        newest.truncate(DEPLOYMENTS_TOLD_MAX);
        if is_last {
            return Ok((count, newest));
        }
    }
}

fn past(deployment: Stored<StoredDeployment>) -> Past {
    Past {
        id: deployment.id().to_owned(),
        created_date: date(deployment.created_ms),
        created_ms: deployment.created_ms,
        description: deployment.it.description,
        stages: Vec::new(),
    }
}

fn date(ms: u64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000);
    let text = at.ok().and_then(|at| at.format(&Rfc3339).ok());
    // Only what lies beyond the year 9999 has no such form.
    text.unwrap_or_else(|| ms.to_string())
}
