//! What one rendering may cost.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>

/// What one rendering may cost. A hostile template meets one of these and ends with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of what is rendered, and of any single text on the way.
    pub output_bytes_max: usize,
    /// Bytes of all texts, lists and maps that the template makes, counted whether they are still in use or not.
    pub made_bytes_max: usize,
    /// Statements, operators, parts of references, and items that a method looks at.
    pub steps_max: u64,
    /// How deep blocks, blocks by name and texts in quotes may run in each other.
    pub depth_max: usize,
    /// Rounds of one `#foreach`; further items are left out, as Velocity does under its own setting.
    pub rounds_max: usize,
}

impl Limits {
    /// API Gateway's, where it states them: 10 MB of payload, 1,000 rounds of a loop.
    pub const AWS: Self = Self {
        output_bytes_max: 10 * 1024 * 1024,
        made_bytes_max: 128 * 1024 * 1024,
        steps_max: 1_000_000,
        depth_max: 64,
        rounds_max: 1_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::AWS
    }
}

/// Longest template, as API Gateway has it: 300 KB.
pub const TEMPLATE_BYTES_MAX: usize = 300 * 1024;
