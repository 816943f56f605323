//! The Security Token Service, as far as clients of API Gateway ask it.

use crate::call::Call;
use crate::error::ApiError;
use crate::session::Caller;
use tollgate_wire::rest::Encoded;

pub(crate) fn answer(_call: &Call, _caller: &Caller, _id: &str) -> Result<Encoded, ApiError> {
    Err(ApiError::not_served("sts"))
}
