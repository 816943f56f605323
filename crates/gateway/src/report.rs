//! What is left of a request when it has ended.

use std::fmt::Debug;

use crate::record::Record;

/// Takes finished records; one per core, so it needs no lock. It must not block.
pub trait Report: Debug {
    /// The answer was sent, or the client left.
    fn finished(&mut self, record: &Record);

    /// A client's connection was accepted.
    fn connection_opened(&mut self) {}

    /// A client's connection has ended.
    fn connection_closed(&mut self) {}

    /// Whether every request's steps are to be told in [`Record::trace`]; asked once.
    fn wants_traces(&self) -> bool {
        false
    }

    /// Hands on what it has gathered; called a moment after [`Report::wants_flush`] first said so.
    fn flush(&mut self) {}

    /// Whether something gathered waits to be handed on.
    fn wants_flush(&self) -> bool {
        false
    }
}
