//! Mapping: what the client sent becomes what the integration gets, and back.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-data-transformations.html>

mod address;
mod expression;
mod headers;
mod json;
mod parameters;
mod payload;
mod query;
mod request;
mod response;
mod scope;
pub(crate) mod trace_id;
mod value;

use tollgate_http::{Endpoint, Outgoing as Sending};

pub(crate) use expression::header_name;
pub use expression::{Destination, ExpressionError, Place, Source};
pub(crate) use headers::{of_method as headers_of_method, put};
pub(crate) use json::{json, lenient_json, text};
pub(crate) use request::request;
pub(crate) use response::response;
pub(crate) use value::{BadJson, JsonBody, RequestValues};

use std::borrow::Cow;

/// How a method's request becomes an integration's.
#[derive(Debug, Default)]
pub struct RequestMapping {
    /// What goes where, in the order of the definition.
    pub entries: Vec<(Destination, Source)>,
    /// A header that may not be mapped: the call fails.
    pub forbidden: Option<Box<str>>,
}

/// How an integration's response becomes a method's: header names and where their values come from.
#[derive(Debug, Default)]
pub struct ResponseMapping {
    /// What goes where, in the order of the definition.
    pub entries: Vec<(Box<str>, Source)>,
}

/// What goes to the integration. Only [`request`] makes one, out of a request that was validated.
#[derive(Debug)]
pub(crate) enum Outgoing<'p> {
    /// The rendered request template.
    Mock(String),
    /// A request for a backend.
    Http(Box<Call<'p>>),
}

/// A request for a backend.
#[derive(Debug)]
pub(crate) struct Call<'p> {
    pub(crate) endpoint: Cow<'p, Endpoint>,
    pub(crate) request: Sending,
}
