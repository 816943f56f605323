//! Documents of policies: what is taken, and how they are answered.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tollgate_iam::{Kind, Malformed, Policy};

use crate::error::{ApiError, Exception};

/// RFC 3986's unreserved characters stay.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A document as answers carry it: percent-encoded.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ESCAPED).to_string()
}

/// Characters of a document as quotas count them: without blanks.
pub(super) fn counted_characters(document: &str) -> usize {
    let counted = |character: &char| !character.is_whitespace();
    document.chars().filter(counted).count()
}

/// Refuses what is no policy of an identity.
pub(super) fn check_identity(document: &str) -> Result<(), ApiError> {
    Policy::parse(document, Kind::Identity).map_err(refused)?;
    Ok(())
}

/// Refuses what is no trust policy.
pub(super) fn check_trust(document: &str) -> Result<(), ApiError> {
    Policy::parse(document, Kind::Trust).map_err(refused)?;
    Ok(())
}

/// AWS's text for the caller, ours with the place for the operator.
pub(crate) fn refused(malformed: Malformed) -> ApiError {
    ApiError::new(Exception::MalformedPolicyDocument, malformed.message()).because(malformed)
}
