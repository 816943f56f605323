//! The Security Token Service, version 2011-06-15: the operations that the control plane serves.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html>

#[expect(
    missing_docs,
    reason = "the model's documentation is AWS's, and is read there"
)]
mod generated;

pub use generated::*;

/// Of the XML.
pub const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
/// Of the API.
pub const VERSION: &str = "2011-06-15";

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_understood() {
        crate::schema::check_patterns(super::generated::SCHEMAS);
    }
}
