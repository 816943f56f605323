//! The Security Token Service, version 2011-06-15: who am I, and credentials for a while.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>

mod assume_role;
mod caller_identity;
mod session_token;
mod temporary;

use tollgate_sigv4::is_signed;
use tollgate_wire::query::Form;
use tollgate_wire::sts;

use crate::authorize::Attempt;
use crate::call::Call;
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::query::Service;
use crate::session::Session;

/// The service.
pub(crate) fn service() -> Service {
    let mut operations = Operations::default();
    caller_identity::operations(&mut operations);
    assume_role::operations(&mut operations);
    session_token::operations(&mut operations);
    Service {
        version: sts::VERSION,
        namespace: sts::NAMESPACE,
        operations,
        authorize: |on, name, _| Box::pin(std::future::ready(check(on, name))),
        not_kept: sts::NOT_KEPT,
    }
}

/// Who may ask for what. AssumeRole is judged where the role is known, and the others that are not named need no permission.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html#stsapi_comparison>
fn check(on: &Session, name: &str) -> Result<(), ApiError> {
    let who = &on.caller.who;
    match name {
        "AssumeRole" | "GetCallerIdentity" => Ok(()),
        _ if who.session().is_some() && (who.is_root() || who.user().is_some()) => {
            let text = format!("Cannot call {name} with session credentials");
            Err(ApiError::new(Exception::AccessDenied, text))
        }
        "GetSessionToken" | "AssumeRoleWithWebIdentity" => Ok(()),
        _ if who.is_root() => Ok(()),
        _ => Attempt::new(on, format!("sts:{name}"), "*".to_owned()).check(),
    }
}

/// The action of a call that carries no signature and need not: a token of an identity provider stands in its place.
pub(crate) fn unsigned(call: &Call) -> Option<String> {
    if call.method != "POST" || call.header("authorization").is_some() || is_signed(call.query()) {
        return None;
    }
    let form = Form::read(&call.body).ok()?;
    let action = form.text("Action")?;
    UNSIGNED.contains(&action).then(|| action.to_owned())
}

const UNSIGNED: [&str; 2] = ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];

/// To take a token's word without having verified it would open every role to everybody.
pub(crate) fn refuse_unsigned(action: &str) -> ApiError {
    ApiError::new(
        Exception::InvalidIdentityToken,
        format!(
            "Tollgate does not serve {action} yet: it has no verifier of the tokens of identity providers here"
        ),
    )
}
