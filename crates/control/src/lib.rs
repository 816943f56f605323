//! Tollgate's control plane: Amazon API Gateway's control API over a store, and what it asks of a running gateway.
//!
//! [`Control::handle`] is the way in: a call as it came over HTTP, an answer in AWS's form. What AWS offers and Tollgate
//! does not serve yet is refused by name; what a stage asks and the gateway does not honour is refused at deployment.

mod apigateway;
mod authorize;
mod call;
mod credentials;
mod error;
mod handle;
mod iam;
mod operations;
mod origin;
mod paging;
mod patch;
mod protocol;
mod query;
mod runtime;
mod secrets;
mod session;
mod sts;
mod tollgate;
mod turns;

pub use apigateway::import::Deployed;
pub use call::{Answer, Call};
pub use credentials::{Credentials, RootKey};
pub use error::{ApiError, DocumentFault, Exception};
pub use handle::{Config, Control};
pub use iam::directory::Directory;
pub use runtime::{
    BoxFuture, DayUse, PlanKey, Proposal, Refusal, Request, RequestFault, Runtime, TestFault,
    TestInvocation, TestInvoked,
};
