//! Tollgate's own calls, for what AWS has no operation: JSON over paths below `/_tollgate/`, signed for the service `tollgate`.
//!
//! The client commands (`tollgate rollback`, …) are nothing but such calls. Refusals have API Gateway's form.

pub(crate) mod drift;
mod history;
mod proof;
mod requests;
mod rollback;

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tollgate_wire::rest::{Encoded, Labels};

use crate::apigateway::tags;
use crate::authorize::{self, Attempt};
use crate::call::Call;
use crate::error::{ApiError, Exception};
use crate::session::Session;

/// The service's name in credential scopes.
pub(crate) const SERVICE: &str = "tollgate";

const PREFIX: &str = "/_tollgate/";

/// Answers a call.
pub(crate) async fn answer(call: &Call, on: Session) -> Result<Encoded, ApiError> {
    let segments = segments(call)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    authorize(call, &on, &segments).await?;
    match (call.method.as_str(), &segments[..]) {
        ("GET", ["restapis", api, "drift"]) => json(&drift::of(&on, api, None).await?),
        ("GET", ["restapis", api, "stages", stage, "drift"]) => {
            json(&drift::of(&on, api, Some(stage)).await?)
        }
        ("GET", ["restapis", api, "stages", stage, "exposure"]) => proof::of(&on, api, stage).await,
        ("GET", ["restapis", api, "history"]) => json(&history::of(&on, api, None).await?),
        ("GET", ["restapis", api, "stages", stage, "history"]) => {
            json(&history::of(&on, api, Some(stage)).await?)
        }
        ("GET", ["requests", id, "explanation"]) => requests::explain(&on, id).await,
        ("GET", ["requests", id, "recording"]) => requests::record(&on, id).await,
        ("POST", ["restapis", api, "stages", stage, "rollback"]) => {
            let asked = read::<rollback::Asked>(call)?;
            json(&rollback::roll_back(&on, api, stage, &asked).await?)
        }
        _ => Err(no_operation(call)),
    }
}

/// IAM is asked for these calls too: `tollgate:Rollback` and so on, on the ARN that API Gateway gives the API or the stage, whose tags
/// count as they do there.
async fn authorize(call: &Call, on: &Session, segments: &[&str]) -> Result<(), ApiError> {
    if on.caller.who.is_root() {
        return Ok(());
    }
    let (action, labels) = match (call.method.as_str(), segments) {
        ("GET", ["restapis", api, "drift"]) => ("GetDrift", of_api(api)),
        ("GET", ["restapis", api, "stages", stage, "drift"]) => ("GetDrift", of_stage(api, stage)),
        ("GET", ["restapis", api, "stages", stage, "exposure"]) => ("Prove", of_stage(api, stage)),
        ("GET", ["restapis", api, "history"]) => ("GetHistory", of_api(api)),
        ("GET", ["restapis", api, "stages", stage, "history"]) => {
            ("GetHistory", of_stage(api, stage))
        }
        ("GET", ["requests", id, "explanation"]) => {
            ("ExplainRequest", of_api(&requests::api(on, id).await?))
        }
        ("GET", ["requests", id, "recording"]) => {
            ("RecordRequest", of_api(&requests::api(on, id).await?))
        }
        ("POST", ["restapis", api, "stages", stage, "rollback"]) => {
            ("Rollback", of_stage(api, stage))
        }
        _ => return Err(no_operation(call)),
    };
    let arn = authorize::apigateway::arn(on, &path(&labels));
    let mut attempt = Attempt::new(on, format!("tollgate:{action}"), arn);
    let tags = tags::inherited(on, &labels).await?;
    attempt.tell_resource_tags("aws:ResourceTag", &tags);
    attempt.check()
}

fn of_api(api: &str) -> Labels {
    vec![("restapi_id", api.to_owned())]
}

fn of_stage(api: &str, stage: &str) -> Labels {
    let mut labels = of_api(api);
    labels.push(("stage_name", stage.to_owned()));
    labels
}

fn path(labels: &Labels) -> String {
    let values = labels.iter();
    let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
    format!("/restapis/{}", values.join("/stages/"))
}

/// The decoded parts of the path.
fn segments(call: &Call) -> Result<Vec<String>, ApiError> {
    let path = call.path().strip_prefix(PREFIX);
    let path = path.ok_or_else(|| no_operation(call))?;
    let decoded = path
        .split('/')
        .map(|part| percent_decode_str(part).decode_utf8());
    let decoded = decoded.map(|part| part.map(|part| part.into_owned()));
    decoded
        .collect::<Result<_, _>>()
        .map_err(|_| no_operation(call))
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, ApiError> {
    serde_json::from_slice(&call.body).map_err(|error| {
        ApiError::new(
            Exception::Serialization,
            format!("the body cannot be read: {error}"),
        )
    })
}

fn json(answer: &impl Serialize) -> Result<Encoded, ApiError> {
    let body = serde_json::to_vec(answer)
        .map_err(|error| ApiError::new(Exception::InternalFailure, error.to_string()))?;
    Ok(Encoded {
        status: 200,
        headers: Vec::new(),
        body,
    })
}

fn no_operation(call: &Call) -> ApiError {
    let (method, path) = (&call.method, call.path());
    ApiError::new(
        Exception::UnknownOperation,
        format!("Tollgate has no operation {method} {path}"),
    )
}
