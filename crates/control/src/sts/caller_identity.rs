//! Who am I? <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use tollgate_wire::sts::{GetCallerIdentity, GetCallerIdentityRequest, GetCallerIdentityResponse};

use crate::error::ApiError;
use crate::operations::Operations;
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetCallerIdentity, _>(get);
}

/// The root of an account, the only principal yet: its user id is the account's.
async fn get(
    on: Session,
    _: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, ApiError> {
    let caller = &on.caller;
    Ok(GetCallerIdentityResponse {
        user_id: Some(caller.account.to_string()),
        account: Some(caller.account.to_string()),
        arn: Some(caller.arn()),
    })
}
