//! History: the deployments of an API, newest first, and which stages serve or served each.
//!
//! GetDeployments with what it leaves out: who serves what and who served it when, in the order in which one looks for it.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tollgate_model::rest::StoredDeployment;
use tollgate_store::{Key, Kind, Range};
use tollgate_wire::apigateway::Stage;

use crate::apigateway::stages::served::{self, Served};
use crate::apigateway::{rest_apis, stages};
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
    /// The stages that serve it or served it.
    stages: Vec<ServedBy>,
}

/// A time in which a stage served a deployment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServedBy {
    stage: String,
    /// Whether its canary did.
    is_canary: bool,
    /// Nothing where it began before there was a record.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Nothing while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// By the deployment served.
type ByDeployment = HashMap<String, Vec<ServedBy>>;

/// The deployments of an API, or those that one of its stages serves or served.
///
/// # Errors
/// An API that is not there, or a stage that is not there and never was.
pub(super) async fn of(on: &Session, api: &str, stage: Option<&str>) -> Result<History, ApiError> {
    let api = rest_apis::find(on, Some(api)).await?;
    let mut served = served(on, &api.key, stage).await?;
    if let Some(name) = stage.filter(|_| served.is_empty()) {
        // It says how an unknown stage is refused.
        stages::find(on, Some(api.id()), Some(name)).await?;
    }
    let is_told = |id: &str| stage.is_none() || served.contains_key(id);
    let (count, mut deployments) = newest(on, &api.key, is_told).await?;
    for past in &mut deployments {
        past.stages = served.remove(&past.id).unwrap_or_default();
    }
    Ok(History {
        api_id: api.id().to_owned(),
        count,
        deployments,
    })
}

/// Who served what: as it was noted, and what stages serve that are older than such notes.
async fn served(on: &Session, api: &Key, only: Option<&str>) -> Result<ByDeployment, ApiError> {
    let is_told = |name: &str| only.is_none_or(|only| only == name);
    let mut found = ByDeployment::new();
    let range = Range::children_of(api, Kind::StageHistory);
    let noted = on.in_range(range, Served::from_json).await?;
    for history in noted.iter().filter(|it| is_told(it.id())) {
        for period in &history.it.periods {
            let by = ServedBy {
                stage: history.id().to_owned(),
                is_canary: period.is_canary,
                from: Some(date(period.from_ms)),
                until: period.until_ms.map(date),
            };
            found
                .entry(period.deployment_id.clone())
                .or_default()
                .push(by);
        }
    }
    let present = on.children::<Stage>(api, Kind::Stage).await?;
    for stage in present.iter().filter(|it| is_told(it.id())) {
        for (id, is_canary) in served::by(&stage.it) {
            let by = ServedBy {
                stage: stage.id().to_owned(),
                is_canary,
                from: None,
                until: None,
            };
            let known = found.entry(id.to_owned()).or_default();
            if !known.iter().any(|it| it.is_now(&by)) {
                known.push(by);
            }
        }
    }
    Ok(found)
}

impl ServedBy {
    fn is_now(&self, other: &Self) -> bool {
        self.until.is_none() && self.stage == other.stage && self.is_canary == other.is_canary
    }
}

/// How many deployments there are of those that are told, and the newest.
async fn newest(
    on: &Session,
    api: &Key,
    is_told: impl Fn(&str) -> bool,
) -> Result<(usize, Vec<Past>), ApiError> {
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
        let before = newest.len();
        newest.extend(page.into_iter().filter(|it| is_told(it.id())).map(past));
        count += newest.len() - before;
        newest.sort_by_key(|past: &Past| Reverse(past.created_ms));
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
