//! The Security Token Service, as far as clients of API Gateway ask it: who am I?
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

mod form;
mod xml;

use tollgate_model::arn::{Arn, partition_of};
use tollgate_wire::rest::Encoded;

use crate::call::Call;
use crate::error::{ApiError, Exception};
use crate::session::Caller;

const VERSION: &str = "2011-06-15";

/// Answers a call to the service. Actions stand in the form of a POST or in the query of a GET.
pub(crate) fn answer(call: &Call, caller: &Caller, request_id: &str) -> Result<Encoded, ApiError> {
    let action = match call.method.as_str() {
        "POST" => form::value(&call.body, "Action"),
        _ => form::value(call.query().as_bytes(), "Action"),
    };
    match action.as_deref() {
        Some("GetCallerIdentity") => Ok(encode(200, &identity(caller, request_id))),
        Some(action) if ACTIONS.contains(&action) => Err(ApiError::not_served(action)),
        Some(action) => Err(ApiError::new(
            Exception::InvalidAction,
            format!("Could not find operation {action} for version {VERSION}"),
        )),
        None => Err(ApiError::new(Exception::MissingAction, "Missing Action")),
    }
}

/// The actions that AWS has besides.
const ACTIONS: [&str; 10] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "DecodeAuthorizationMessage",
    "GetAccessKeyInfo",
    "GetDelegatedAccessToken",
    "GetFederationToken",
    "GetSessionToken",
    "GetWebIdentityToken",
];

/// The root of an account, the only principal yet: its user id is the account's.
fn identity(caller: &Caller, request_id: &str) -> String {
    let arn = Arn {
        partition: partition_of(&caller.region).to_owned(),
        service: "iam".to_owned(),
        region: String::new(),
        account: caller.account.to_string(),
        resource: "root".to_owned(),
    };
    xml::element("GetCallerIdentityResponse", |out| {
        out.child("GetCallerIdentityResult", |out| {
            out.text("Arn", &arn.to_string());
            out.text("UserId", &caller.account);
            out.text("Account", &caller.account);
        });
        out.child("ResponseMetadata", |out| out.text("RequestId", request_id));
    })
}

/// A refusal in the service's form. Its codes are those of the JSON services without `Exception`.
pub(crate) fn encode_error(refusal: &ApiError, request_id: &str) -> Encoded {
    let name = refusal.exception.name();
    let status = refusal.exception.status();
    let body = xml::element("ErrorResponse", |out| {
        out.child("Error", |out| {
            out.text("Type", if status < 500 { "Sender" } else { "Receiver" });
            out.text("Code", name.strip_suffix("Exception").unwrap_or(name));
            out.text("Message", &refusal.message);
        });
        out.text("RequestId", request_id);
    });
    encode(status, &body)
}

fn encode(status: u16, body: &str) -> Encoded {
    Encoded {
        status,
        headers: vec![("Content-Type".to_owned(), "text/xml".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}
