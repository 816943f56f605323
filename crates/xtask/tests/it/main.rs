//! The house keeps its rules.
