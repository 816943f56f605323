//! Who calls: the access key, its owner, and whether the signature is the owner's.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>

use crate::call::Call;
use crate::error::{ApiError, Exception};
use crate::session::Caller;

/// An access key of an account's root.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The public half.
    pub id: String,
    /// The secret half.
    pub secret: String,
    /// The account it belongs to.
    pub account: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AccessKey").field("id", &self.id).field("account", &self.account).finish_non_exhaustive()
    }
}

/// Which access keys there are.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Development: any key and any signature, all of one account. A call must still carry a header of SigV4's shape,
    /// name a host of ours, and not come from a web page of somebody else's.
    Any {
        /// The account that every key belongs to.
        account: String,
        /// Hosts besides those of [`is_own_host`], without ports.
        hosts: Vec<String>,
    },
    /// These keys, each signature verified.
    Keys(Vec<AccessKey>),
}

/// What a call's signature says.
pub(crate) struct Identity {
    pub(crate) caller: Caller,
    /// The service of the credential scope.
    pub(crate) service: String,
}

impl Credentials {
    /// Identifies the caller.
    ///
    /// # Errors
    /// AWS's refusals of absent, malformed, unknown and wrong credentials.
    pub(crate) fn identify(&self, call: &Call, _now_ms: u64) -> Result<Identity, ApiError> {
        let Some(header) = call.header("authorization") else {
            return Err(ApiError::new(Exception::MissingAuthenticationToken, "Missing Authentication Token"));
        };
        let credential = header.split("Credential=").nth(1).and_then(|rest| rest.split(',').next());
        let parts: Vec<&str> = credential.unwrap_or_default().split('/').collect();
        let Self::Any { account, .. } = self else { return Err(ApiError::not_served("signatures")) };
        Ok(Identity { caller: Caller { account: account.as_str().into(), region: parts[2].into() }, service: parts[3].to_owned() })
    }
}
