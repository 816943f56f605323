//! Who am I? <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use tollgate_wire::sts::{GetCallerIdentity, GetCallerIdentityRequest, GetCallerIdentityResponse};

use crate::error::ApiError;
use crate::operations::Operations;
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetCallerIdentity, _>(get);
}

/// Everybody may ask, whatever policies say.
async fn get(
    on: Session,
    _: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, ApiError> {
    let caller = &on.caller;
    Ok(GetCallerIdentityResponse {
        user_id: Some(caller.who.user_id()),
        account: Some(caller.account.to_string()),
        arn: Some(caller.arn()),
    })
}
