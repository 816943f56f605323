//! Proof of exposure: which routes of what a stage serves answer a caller who shows nothing. The gateway finds it out by requests that it runs
//! and lets call nothing.

use tollgate_wire::rest::Encoded;

use crate::apigateway::stages;
use crate::error::{ApiError, Exception};
use crate::session::Session;

/// What a stage exposes.
///
/// # Errors
/// A stage that is not there, or that the gateway does not serve.
pub(super) async fn of(on: &Session, api: &str, stage: &str) -> Result<Encoded, ApiError> {
    stages::find(on, Some(api), Some(stage)).await?;
    let proven = on.shared.runtime.prove(api.to_owned(), stage.to_owned());
    let body = proven.await.map_err(|reason| {
        let text = format!("stage {stage} of API {api} cannot be proven: {reason}");
        ApiError::new(Exception::BadRequest, text)
    })?;
    Ok(Encoded {
        status: 200,
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body,
    })
}
