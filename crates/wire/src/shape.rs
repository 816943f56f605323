//! What generated code implements: a shape hands its members out and takes them in, and knows no protocol.

use std::fmt::Debug;

use crate::error::DecodeError;
use crate::reader::Reader;
use crate::schema::{self, Structure};
use crate::value::Value;

/// A structure of a model.
pub trait Shape: Clone + Debug + Default + PartialEq + Send + Sync + 'static {
    /// What the model says of it.
    const SCHEMA: &'static Structure;

    /// Hands out every member by its index in the schema, absent ones too.
    fn write_members(&self, visit: &mut dyn FnMut(usize, &dyn Value));

    /// Takes the member of an index from what was read; one that the shape does not have is passed over.
    ///
    /// # Errors
    /// When what was read cannot be this member.
    fn read_member(&mut self, index: usize, from: &mut dyn Reader) -> Result<(), DecodeError>;
}

/// An operation of a model: its types and what the model says of it.
pub trait Operation: Send + Sync + 'static {
    /// What it takes.
    type Input: Shape;
    /// What it gives; `()` when it gives nothing.
    type Output: Shape;
    /// What the model says of it.
    const SCHEMA: &'static schema::Operation;
}

/// Something to do with every operation of a service, each by its types.
pub trait OperationVisitor {
    /// Does it with `O`.
    fn visit<O: Operation>(&mut self);
}

static NOTHING: Structure = Structure::new("Unit", &[]);

impl Shape for () {
    const SCHEMA: &'static Structure = &NOTHING;

    fn write_members(&self, _visit: &mut dyn FnMut(usize, &dyn Value)) {}

    fn read_member(&mut self, _index: usize, from: &mut dyn Reader) -> Result<(), DecodeError> {
        from.skip()
    }
}
