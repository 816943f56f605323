//! The language of API Gateway's mapping templates: Velocity 1.7 with `$input`, `$context`, `$stageVariables` and `$util`.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings.html>

mod ast;
mod error;
mod eval;
mod lexer;
mod limits;
mod mentions;
mod overrides;
mod parser;
mod scope;
mod template;
mod tracer;

pub use error::{Error, Position};
pub use limits::{Limits, TEMPLATE_BYTES_MAX};
pub use mentions::{Mention, MentionPart, Role};
pub use overrides::{Override, Overrides};
pub use scope::{Keys, Nothing, Place, Scope};
pub use template::Template;
pub use tracer::{Seen, Tracer};
