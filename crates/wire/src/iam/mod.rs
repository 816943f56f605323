//! Identity and Access Management, version 2010-05-08: the operations that the control plane serves.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>

#[expect(
    missing_docs,
    reason = "the model's documentation is AWS's, and is read there"
)]
mod generated;

pub use generated::*;

/// Of the XML.
pub const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
/// Of the API.
pub const VERSION: &str = "2010-05-08";

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_understood() {
        crate::schema::check_patterns(super::generated::SCHEMAS);
    }
}
