//! AWS services on the wire: the shapes of their models as plain structs, and the protocols that carry them.
//!
//! The structs and their schemas are generated (`cargo xtask codegen`) from AWS's own models, in `models/`. A shape knows
//! nothing of a protocol: it hands its members to a [`Writer`] or takes them from a [`Reader`], so that one shape serves
//! every protocol that these are written for. What a model demands of its members is checked by [`constraints`], with
//! AWS's texts.

pub mod apigateway;
pub mod constraints;
mod error;
pub mod iam;
pub mod json;
pub mod query;
mod reader;
pub mod rest;
pub mod schema;
mod shape;
pub mod sts;
mod timestamp;
mod value;
mod writer;

pub use error::{DecodeError, Kind};
pub use reader::Reader;
pub use shape::{Operation, OperationVisitor, Shape};
pub use timestamp::Timestamp;
pub use value::{Map, Value};
pub use writer::{Entries, Items, Members, Writer};
