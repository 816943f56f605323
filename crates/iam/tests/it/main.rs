//! Policies as AWS documents them: cases in files with their evidence, and properties that hold for all.

mod bounds;
mod case;
mod cases;
mod generate;
mod malformed;
mod properties;
