//! What the control plane asks of a running gateway. The program implements it over the gateway, so that the two
//! planes never see each other.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tollgate_model::rest::Definition;
use tollgate_wire::apigateway::Stage;

/// An answer on its way.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The gateway, as the control plane sees it.
pub trait Runtime: Send + Sync {
    /// Would this deployment serve on this stage with every setting honoured? Runs off the gateway's cores.
    ///
    /// # Errors
    /// Each setting that would be ignored otherwise.
    fn prepare<'a>(&'a self, proposal: Proposal<'a>) -> BoxFuture<'a, Result<(), Vec<Refusal>>>;

    /// Returns when every core of the gateway serves at least the store's revision `rev`, or after a bound that
    /// the gateway sets.
    fn applied(&self, rev: u64) -> BoxFuture<'_, ()>;
}

/// A deployment about to be served, or only made when its stage is still unnamed.
#[derive(Clone)]
pub struct Proposal<'a> {
    /// Who owns the API.
    pub account: &'a str,
    /// Where it lives.
    pub region: &'a str,
    /// The REST API.
    pub api_id: &'a str,
    /// The deployment.
    pub deployment_id: &'a str,
    /// What it froze.
    pub definition: Arc<Definition>,
    /// The stage as it would be. Without a name it is the blank stage of a deployment that goes nowhere yet.
    pub stage: &'a Stage,
}

/// A setting that Tollgate does not honour, and therefore refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The member as its path in the wire shapes, with what it belongs to.
    pub member: String,
    /// Why.
    pub reason: String,
}
