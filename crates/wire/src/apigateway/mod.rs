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
    use crate::schema::{Shape, Structure};

    /// A pattern that is not understood would demand nothing.
    #[test]
    fn every_pattern_is_understood() {
        for operation in super::SCHEMAS {
            check(operation.input);
        }
    }

    fn check(structure: &Structure) {
        structure
            .members
            .iter()
            .for_each(|member| check_shape(member.shape));
    }

    fn check_shape(shape: &Shape) {
        match shape {
            Shape::Text(text) => {
                assert!(text.pattern.is_none_or(|pattern| pattern.is_understood()))
            }
            Shape::List(part, _) | Shape::Map(part, _) => check_shape(part),
            Shape::Structure(structure) => check(structure),
            Shape::Boolean
            | Shape::Integer(_)
            | Shape::Long(_)
            | Shape::Double(_)
            | Shape::Timestamp
            | Shape::Blob(_) => {}
        }
    }
}
