//! Who callers say they are, by tokens of identity providers: where each provider is, its keys, and what a token comes to.
//!
//! A definition names its user pools by ARNs; nothing leaves for the internet unless the configuration says so, so it has to say where
//! each of them is. Any issuer of OpenID Connect can stand behind an ARN.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html>

mod cache;
pub(crate) mod claim;
mod desk;
mod fetch;
mod finding;
mod issuer;
mod providers;

pub(crate) use desk::{Desk, Tokens};
pub use finding::Finding;
pub(crate) use issuer::Issuer;
pub use providers::{IdentityProvider, IdentityProviders, InvalidProvider};
