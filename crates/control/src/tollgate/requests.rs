//! Requests that the gateway remembers: what happened to one, and the file from which it can be run again.

use tollgate_wire::rest::Encoded;

use crate::error::{ApiError, Exception};
use crate::runtime::{Request, RequestFault};
use crate::session::Session;

/// Tells what happened to a request, step by step.
///
/// # Errors
/// When it is not remembered.
pub(super) async fn explain(on: &Session, id: &str) -> Result<Encoded, ApiError> {
    let told = on.shared.runtime.explain(asked(on, id)).await;
    encoded(id, told, "application/json")
}

/// Gives a request as a file.
///
/// # Errors
/// When it is not remembered.
pub(super) async fn record(on: &Session, id: &str) -> Result<Encoded, ApiError> {
    let told = on.shared.runtime.record(asked(on, id)).await;
    encoded(id, told, "application/gzip")
}

/// The API that a request was of, by which it is judged who may know of it.
///
/// # Errors
/// When it is not remembered.
pub(super) async fn api(on: &Session, id: &str) -> Result<String, ApiError> {
    let told = on.shared.runtime.api_of(asked(on, id)).await;
    told.map_err(|fault| refused(id, fault))
}

fn asked(on: &Session, id: &str) -> Request {
    Request {
        account: on.caller.account.to_string(),
        region: on.caller.region.to_string(),
        id: id.to_owned(),
    }
}

fn encoded(
    id: &str,
    told: Result<Vec<u8>, RequestFault>,
    content_type: &str,
) -> Result<Encoded, ApiError> {
    let body = told.map_err(|fault| refused(id, fault))?;
    Ok(Encoded {
        status: 200,
        headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
        body,
    })
}

fn refused(id: &str, fault: RequestFault) -> ApiError {
    match fault {
        RequestFault::Unknown => ApiError::new(
            Exception::NotFound,
            format!(
                "no request {id} is remembered: it was none of an API of this account and region, it is too long ago, or it succeeded \
                 and was not among those that are kept ([recorder] of the settings)"
            ),
        ),
        RequestFault::Gone(text) => ApiError::new(Exception::NotFound, text),
        RequestFault::Failed(text) => ApiError::internal(text),
    }
}
