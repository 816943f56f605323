//! Tests of the value tree, paths and patterns, most of them tables in `tests/inputs/`.

mod cases;
mod deep;
mod json;
mod never_panics;
mod paths;
mod patterns;
mod values;
