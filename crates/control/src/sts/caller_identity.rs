//! Who am I? <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use tollgate_wire::sts::{
    GetAccessKeyInfo, GetAccessKeyInfoRequest, GetAccessKeyInfoResponse, GetCallerIdentity,
    GetCallerIdentityRequest, GetCallerIdentityResponse,
};

use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetCallerIdentity, _>(get);
    on.serve::<GetAccessKeyInfo, _>(account_of);
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

/// The account of an access key. AWS reads it out of the key itself, and so cannot say it of keys that it has not made.
async fn account_of(
    on: Session,
    input: GetAccessKeyInfoRequest,
) -> Result<GetAccessKeyInfoResponse, ApiError> {
    let id = input.access_key_id.unwrap_or_default();
    let principals = on.shared.directory.principals();
    let key = principals.keys.get(id.as_str());
    let account = key.map(|key| key.account.to_string()).ok_or_else(|| {
        // Guess: the text is ours. Of a temporary key only its token knows the account.
        ApiError::new(
            Exception::Validation,
            format!("The access key {id} is not known"),
        )
    })?;
    Ok(GetAccessKeyInfoResponse {
        account: Some(account),
    })
}
