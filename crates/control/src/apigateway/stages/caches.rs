//! The caches of a stage: what is shown of them, and how they are emptied.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageCache.html>

use tollgate_wire::apigateway::{FlushStageAuthorizersCacheRequest, FlushStageCacheRequest, Stage};

use crate::error::ApiError;
use crate::session::Session;

/// Guess: a stage without a cache is flushed as well, of nothing.
pub(super) async fn flush(on: Session, input: FlushStageCacheRequest) -> Result<(), ApiError> {
    let (api, stage) = (input.rest_api_id.as_deref(), input.stage_name.as_deref());
    let (api, stage) = super::find(&on, api, stage).await?;
    let runtime = &on.shared.runtime;
    runtime.flush_cache(api.id(), stage.id()).await;
    Ok(())
}

pub(super) async fn flush_authorizers(
    on: Session,
    input: FlushStageAuthorizersCacheRequest,
) -> Result<(), ApiError> {
    let (api, stage) = (input.rest_api_id.as_deref(), input.stage_name.as_deref());
    let (api, stage) = super::find(&on, api, stage).await?;
    let runtime = &on.shared.runtime;
    runtime.flush_authorizers_cache(api.id(), stage.id()).await;
    Ok(())
}

/// A cache is there as soon as it is asked for; AWS takes minutes, in which the status is `CREATE_IN_PROGRESS`. Guess: the smallest size
/// where none is said.
pub(super) fn shown(stage: &mut Stage) {
    let is_enabled = stage.cache_cluster_enabled == Some(true);
    let status = if is_enabled {
        "AVAILABLE"
    } else {
        "NOT_AVAILABLE"
    };
    stage.cache_cluster_status = Some(status.to_owned());
    if is_enabled && stage.cache_cluster_size.is_none() {
        stage.cache_cluster_size = Some("0.5".to_owned());
    }
}
