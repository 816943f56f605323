//! What is left of a request when it has ended: a line of its stage's access log, and counts.

use std::fmt::Debug;

use crate::record::Record;

/// Takes finished records; one per core, so it needs no lock. It must not block.
pub trait Report: Debug {
    /// The answer was sent, or the client left.
    fn finished(&mut self, record: &Record);
}
