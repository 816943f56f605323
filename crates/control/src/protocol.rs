//! In which form a service speaks: API Gateway in JSON by resource, IAM and STS in XML by action. Refusals take the same form.
//! <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use tollgate_wire::rest::Encoded;

use crate::call::Call;
use crate::credentials::service_named;
use crate::error::ApiError;
use crate::query;

/// A protocol of AWS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    RestJson,
    Query,
}

impl Protocol {
    pub(crate) fn of_service(service: &str) -> Self {
        match service {
            "iam" | "sts" => Self::Query,
            _ => Self::RestJson,
        }
    }

    /// By the service that the call says it is for; JSON when it says none.
    pub(crate) fn of_call(call: &Call) -> Self {
        service_named(call).map_or(Self::RestJson, |service| Self::of_service(&service))
    }

    /// How far clocks may differ. Seen: `+ 5 min.` in answers of CreateRestApi, `- 15 min.` in those of
    /// GetCallerIdentity.
    pub(crate) fn skew_minutes(self) -> u32 {
        match self {
            Self::RestJson => 5,
            Self::Query => 15,
        }
    }

    /// A refusal as the service of the call writes it.
    pub(crate) fn encode_error(call: &Call, refusal: &ApiError, request_id: &str) -> Encoded {
        let service = service_named(call).unwrap_or_default();
        match Self::of_service(&service) {
            Self::RestJson => in_json(refusal),
            Self::Query => query::encode_error(&service, refusal, request_id),
        }
    }
}

fn in_json(refusal: &ApiError) -> Encoded {
    let body = serde_json::json!({ "message": refusal.message });
    let mut headers = vec![(
        "x-amzn-ErrorType".to_owned(),
        refusal.exception.name().to_owned(),
    )];
    if let Some(seconds) = refusal.exception.retry_after_seconds() {
        headers.push(("Retry-After".to_owned(), seconds.to_string()));
    }
    Encoded {
        status: refusal.exception.status(),
        headers,
        body: body.to_string().into_bytes(),
    }
}
