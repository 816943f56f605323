//! Values as API Gateway's templates see them, paths into them, and regular expressions of Java's flavour.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

mod path;
mod pattern;
mod read;
mod value;
mod write;

pub use path::{Path, PathError, ReadError, STEPS_MAX};
pub use pattern::{MatchError, Pattern, PatternError};
pub use read::{JsonError, Limits, Problem};
pub use value::{List, ListKind, Map, Members, Number, Text, Value};
pub use write::WriteError;
