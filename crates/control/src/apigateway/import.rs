//! Imports.
use crate::operations::Operations;
pub(crate) fn operations(_on: &mut Operations) {}
