//! Where a call goes: the backend's address, with the request's path parameters in their places.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html>

use std::borrow::Cow;

use tollgate_http::Endpoint;

use super::parameters::Parameters;
use crate::plan::{Backend, Resolved, StagePlan, Target, uri};
use crate::rejection::Rejection;
use crate::route::Matched;

/// Where a call goes.
pub(super) struct Address<'p> {
    pub(super) endpoint: Cow<'p, Endpoint>,
    /// The `Host` header, unless another is mapped.
    pub(super) authority: Cow<'p, str>,
    /// Path and query.
    pub(super) target: Cow<'p, str>,
}

impl<'p> From<&'p Resolved> for Address<'p> {
    fn from(resolved: &'p Resolved) -> Self {
        Self {
            endpoint: Cow::Borrowed(&resolved.endpoint),
            authority: Cow::Borrowed(&resolved.authority),
            target: Cow::Borrowed(&resolved.target),
        }
    }
}

fn invalid(text: impl Into<String>) -> Rejection {
    Rejection::configuration(text).logged("Invalid endpoint address")
}

/// The address of a request's backend.
pub(super) fn resolve<'p>(
    stage: &'p StagePlan,
    route: &Matched<'p>,
    backend: &Backend,
    parameters: &Parameters<'_>,
) -> Result<Address<'p>, Rejection> {
    let value = |name: &str| parameters.path(name).map(Cow::Borrowed);
    match stage.target(route.method.integration.number) {
        Target::Fixed(resolved) => Ok(Address::from(&**resolved)),
        Target::Rooted(base, rest) => Ok(Address {
            target: Cow::Owned(uri::origin_form(&rest.fill(value)).into_string()),
            ..Address::from(&**base)
        }),
        Target::Open(whole) => {
            let resolved = uri::resolve(&whole.fill(value), backend.verify_issuer);
            let resolved = resolved.map_err(invalid)?;
            Ok(Address {
                endpoint: Cow::Owned(resolved.endpoint),
                authority: Cow::Owned(resolved.authority.into_string()),
                target: Cow::Owned(resolved.target.into_string()),
            })
        }
        Target::Invalid(reason) => Err(invalid(reason.clone())),
        Target::None => Err(invalid("the integration has no endpoint address")),
    }
}
