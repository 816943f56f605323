//! Amazon API Gateway's control API for REST APIs, version 2015-07-09.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html>

#[expect(
    missing_docs,
    reason = "the model's documentation is AWS's, and is read there"
)]
mod generated;

use std::sync::LazyLock;

pub use generated::*;

use crate::rest::{Matched, NoOperation, Router};

static ROUTER: LazyLock<Router> = LazyLock::new(|| Router::new(SCHEMAS));

/// The operation of a request. Path and query are as they stood in the request line.
///
/// # Errors
/// When there is none.
pub fn route(method: &str, path: &str, query: &str) -> Result<Matched, NoOperation> {
    ROUTER.route(method, path, query)
}

#[cfg(test)]
mod tests {
    /// A pattern that is not understood would demand nothing.
    #[test]
    fn every_pattern_is_understood() {
        crate::schema::check_patterns(super::SCHEMAS);
    }
}
