//! Credentials for a while of who asks for them.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>

use tollgate_model::principals::Session as Issued;
use tollgate_wire::sts::{GetSessionToken, GetSessionTokenRequest, GetSessionTokenResponse};

use super::temporary;
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::Session;

/// Twelve hours.
const SECONDS_DEFAULT: i32 = 43_200;
/// Of a root: what is asked beyond that is cut, as AWS does.
const ROOT_SECONDS_MAX: i32 = 3600;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetSessionToken, _>(get);
}

async fn get(
    on: Session,
    input: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse, ApiError> {
    let who = &on.caller.who;
    if who.session().is_some() {
        let text = "Cannot call GetSessionToken with session credentials";
        return Err(ApiError::new(Exception::AccessDenied, text));
    }
    temporary::refuse_device(input.serial_number.as_deref(), input.token_code.as_deref())?;
    temporary::refuse_size(input.minimum_session_token_size)?;
    let asked = input.duration_seconds.unwrap_or(SECONDS_DEFAULT);
    let seconds = match who.is_root() {
        true => asked.min(ROOT_SECONDS_MAX),
        false => asked,
    };
    let session = Issued {
        account: on.caller.account.to_string(),
        identity: who.identity().map(|it| it.id.to_string()),
        ..Issued::default()
    };
    Ok(GetSessionTokenResponse {
        credentials: Some(temporary::issue(&on, seconds, session)?),
        ..GetSessionTokenResponse::default()
    })
}
