//! What a policy may weigh, and what deciding by it may cost.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
//!
//! The quotas of each kind of policy (6,144 characters of a managed one, 2,048 of a trust policy, …) belong to the operations
//! that store them; these are the bounds of the language itself.

/// The largest document that IAM's model takes in any operation (`policyDocumentType`), in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 131_072;

/// The values of a condition lie six levels deep: document, statements, statement, conditions, operator, values.
pub const DEPTH_MAX: usize = 6;

/// Statements of one policy. AWS limits the characters alone; the largest policy that AWS evaluates has 20 KiB, which is room for
/// fewer than 500.
pub const STATEMENTS_MAX: usize = 1_000;

/// One action, resource, principal or condition value, in bytes: twice the longest ARN (`arnType` of IAM's model).
pub const VALUE_BYTES_MAX: usize = 4_096;

/// What one decision may cost, in bytes looked at. An ordinary one takes some hundred; what costs more is refused, so that patterns
/// and paths made for each other cannot hold up a core for more than some milliseconds.
pub const STEPS_MAX: u64 = 1_000_000;
