//! The wire by its public surface: all operations routed, bound, read and written; AWS's texts.

mod answers;
mod binding;
mod constraints;
mod json;
mod query;
mod request;
mod routing;
mod serialization;
