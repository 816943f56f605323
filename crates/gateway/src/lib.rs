//! The data plane: what becomes of a request to an API.
//!
//! Start with `pipeline.rs`, the life of a request. [`plan`] is what was deployed, compiled; [`Gateway`] swaps plans under running
//! [`Core`]s; [`Record`] is all that is known of a request.
//!
//! The engine is a function of plan, request, [`record::Arrival`] (time and chance) and [`Effects`] (the calls out) to a response, a record
//! and, where asked for, a trace. The same function serves traffic and runs recorded requests again.

mod access_log;
pub mod address;
mod authorize;
mod body;
mod cache;
mod callers;
mod cold;
mod console;
mod context;
mod digits;
mod effects;
mod exchange;
mod execution_log;
pub mod exposure;
mod gateway;
mod headers;
mod identity;
mod integrate;
mod keys;
mod limits;
mod load;
mod map;
mod pipeline;
pub mod plan;
mod private;
pub mod record;
pub mod recorder;
mod rejection;
mod report;
mod respond;
mod route;
mod table;
mod targets;
mod telemetry;
mod test_identity;
mod test_invoke;
mod throttle;
mod trace;
mod trial;
mod validate;

pub use access_log::{AccessLog, Format, FormatError};
pub use address::Hosts;
pub use cache::{CacheKey, CacheSettings, Caches, KeyError};
pub use callers::Callers;
pub use console::Console;
pub use context::Variable;
pub use effects::{Answered, ClientFault, Effects, Failure, Live, Outcome, Tape};
pub use gateway::{Core, Finishing, Gateway, Settings};
pub use identity::{Finding, IdentityProvider, IdentityProviders, InvalidProvider};
pub use limits::Limits;
pub use load::Loader;
pub use map::{Destination, ExpressionError, Place, RequestMapping, ResponseMapping, Source};
pub use pipeline::claims;
pub use private::{Network, NoNetwork, PrivateEndpoint, PrivateEndpoints};
pub use record::Record;
pub use rejection::{Fault, FrontDoor, Kind, Reason, Rejection};
pub use report::Report;
pub use respond::{GatewayResponses, ResponseError, ResponseType};
pub use route::{Captured, PathError, Tree};
pub use table::{Api, Broken, Table, Vacant};
pub use targets::Targets;
pub use telemetry::{Logs, Telemetry};
pub use test_invoke::{Invalid, TestInvocation, TestInvoked};
pub use throttle::{BucketKind, Ledger, Limit, Refused, Verdict, WRITE_EVERY};
pub use trace::{Decision, Detail, DetailKind, Sent, Step, StepName, Trace};
pub use trial::{Asked, Trial, Tried};
pub use validate::{Models, Schema, SchemaError};
