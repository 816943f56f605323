//! Why a request failed, in AWS's words where they are known.

use crate::record::{ErrorFacts, Record};
use crate::rejection::{Reason, Rejection};
use crate::respond::ResponseType;

/// Those of a request that was refused.
pub(super) fn of_error(error: &ErrorFacts, record: &Record) -> String {
    let known = known(&error.reason, error.response_type, &error.message);
    known.unwrap_or_else(|| match error.response_type {
        Some(ResponseType::BadRequestBody) => format!(
            "Request body does not match model schema for content type {}: {}",
            record.content_type(),
            error.validation.as_deref().unwrap_or_default()
        ),
        _ => error.message.clone(),
    })
}

/// `$context.integration.error`: in published access logs it has the words of the execution log.
pub(crate) fn of_rejection(rejection: &Rejection) -> String {
    let (reason, kind) = (&rejection.reason, rejection.response_type());
    let known = known(reason, kind, &rejection.message);
    known.unwrap_or_else(|| rejection.message.clone().into_owned())
}

/// What is neither recorded nor told by users is Tollgate's own reason (a guess).
fn known(reason: &Reason, kind: Option<ResponseType>, message: &str) -> Option<String> {
    let configuration =
        |words: &str| format!("Execution failed due to configuration error: {words}");
    let words = reason.logged.as_deref();
    Some(match (kind?, words) {
        (ResponseType::IntegrationFailure, words) if message.starts_with("Network") => {
            let words = words.unwrap_or(&reason.text);
            format!("Execution failed due to a network error communicating with endpoint: {words}")
        }
        (ResponseType::IntegrationTimeout, _) => {
            "Execution failed due to a timeout error".to_owned()
        }
        (
            ResponseType::InvalidApiKey | ResponseType::Throttled | ResponseType::QuotaExceeded,
            Some(words),
        ) => words.to_owned(),
        (_, Some(words)) => configuration(words),
        // Recorded for hosts that are not there.
        (ResponseType::IntegrationFailure, None) => configuration("Invalid endpoint address"),
        (ResponseType::ApiConfigurationError, None) => configuration(&reason.text),
        (ResponseType::Default5xx, None) => "Execution failed due to an internal error".to_owned(),
        _ => return None,
    })
}
