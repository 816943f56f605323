//! A stage's cache of answers: the step between validation and the integration.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html>
//!
//! What is kept is the answer after its mapping: status, headers, body. Answers of the gateway itself are never kept. The entries of all
//! stages lie in one store ([`Caches`]) outside of plans, under keys that hold whatever must tell two answers apart; a deployment
//! neither empties the store nor meets another one's entries.

mod control;
mod entry;
mod flight;
mod key;
mod methods;
mod seal;
mod step;
mod store;
mod told;

pub use key::{CacheKey, KeyError};
pub(crate) use methods::{Caching, StageCaching};
pub(crate) use step::{Looked, keep, look};
pub use store::{CacheSettings, Caches};
pub(crate) use told::Told;
