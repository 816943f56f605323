//! Rollback: a stage serves another of its API's deployments again, at once and whole.
//!
//! What AWS does by an update of the stage's `deploymentId`, with the deployment left behind told, so that it can be undone.

use serde::{Deserialize, Serialize};
use tollgate_wire::apigateway::{GetStageRequest, PatchOperation, UpdateStageRequest};

use crate::apigateway::stages;
use crate::error::ApiError;
use crate::operations::until_alone;
use crate::session::Session;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Asked {
    deployment_id: String,
}

/// What was done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RolledBack {
    /// The deployment served before.
    from: Option<String>,
    /// The one served now.
    to: Option<String>,
}

/// Lets a stage serve the deployment asked for.
///
/// # Errors
/// Those of GetStage and UpdateStage.
pub(super) async fn roll_back(
    on: &Session,
    api: &str,
    stage: &str,
    asked: &Asked,
) -> Result<RolledBack, ApiError> {
    until_alone(on, Some(api), || {
        turn(on.clone(), api, stage, &asked.deployment_id)
    })
    .await
}

async fn turn(on: Session, api: &str, stage: &str, to: &str) -> Result<RolledBack, ApiError> {
    let named = GetStageRequest {
        rest_api_id: Some(api.to_owned()),
        stage_name: Some(stage.to_owned()),
    };
    let before = stages::get(on.clone(), named).await?;
    let update = UpdateStageRequest {
        rest_api_id: Some(api.to_owned()),
        stage_name: Some(stage.to_owned()),
        patch_operations: Some(vec![PatchOperation {
            op: Some("replace".to_owned()),
            path: Some("/deploymentId".to_owned()),
            value: Some(to.to_owned()),
            ..PatchOperation::default()
        }]),
    };
    let after = stages::update(on, update).await?;
    Ok(RolledBack {
        from: before.deployment_id,
        to: after.deployment_id,
    })
}
