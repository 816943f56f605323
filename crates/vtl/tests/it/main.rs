//! Tests of the template language from the outside.

mod case;
mod recorded;
mod world;
