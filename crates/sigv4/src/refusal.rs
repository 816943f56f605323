//! Why a signature is not taken, in AWS's words. Which exception and status a fault has depends on the service's
//! protocol, so the server names it.
//!
//! The texts were seen in answers of AWS: those on scopes and on missing parts of DynamoDB and API Gateway, the one on
//! hashed headers of API Gateway. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::{ALGORITHM, Moment};

/// A refused signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of fault it is.
    pub fault: Fault,
    /// AWS's text, or one of ours that names Tollgate.
    pub message: String,
}

/// AWS's kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no signature.
    Missing,
    /// What says who signed is not whole, or not readable.
    Incomplete,
    /// Wrong scope, time or signature.
    Invalid,
    /// Nobody has this access key, or it has another session token.
    UnknownKey,
    /// A way of signing that Tollgate does not take.
    Unsupported,
}

impl Refusal {
    fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self {
            fault,
            message: message.into(),
        }
    }

    /// The request carries no signature.
    pub fn missing() -> Self {
        Self::new(Fault::Missing, "Missing Authentication Token")
    }

    /// The access key is nobody's.
    pub fn unknown_key() -> Self {
        Self::new(
            Fault::UnknownKey,
            "The security token included in the request is invalid.",
        )
    }

    /// A part of the header is not of the form `key=value`. Today's text, in which the part is hashed.
    pub(crate) fn no_equal_sign(part: &str) -> Self {
        let hash = hash(part);
        Self::new(
            Fault::Incomplete,
            format!(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded \
                 with Base64): '{hash}'."
            ),
        )
    }

    /// Every absent part is named in a sentence of its own.
    pub(crate) fn incomplete(sentences: &[String], authorization: &str) -> Self {
        let hash = hash(authorization);
        Self::new(
            Fault::Incomplete,
            format!(
                "{} (Hashed with SHA-256 and encoded with Base64) Authorization={hash}",
                sentences.join(" ")
            ),
        )
    }

    pub(crate) fn no_algorithm() -> Self {
        Self::new(
            Fault::Incomplete,
            "Authorization header must begin with the algorithm name, which cannot include an equal-sign",
        )
    }

    pub(crate) fn algorithm(name: &str) -> Self {
        Self::new(
            Fault::Incomplete,
            format!("Unsupported AWS 'algorithm': '{name}' (only {ALGORITHM} for now). "),
        )
    }

    pub(crate) fn credential(text: &str) -> Self {
        Self::new(
            Fault::Incomplete,
            format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{text}'"
            ),
        )
    }

    pub(crate) fn date(text: &str) -> Self {
        Self::new(
            Fault::Incomplete,
            format!(
                "Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
        )
    }

    /// Guess: AWS's text on two headers is not known.
    pub(crate) fn two_headers() -> Self {
        Self::new(
            Fault::Incomplete,
            "The request has more than one Authorization header",
        )
    }

    pub(crate) fn scope(sentences: &[String]) -> Self {
        Self::new(Fault::Invalid, sentences.join(" "))
    }

    pub(crate) fn expired(signed: Moment, now: Moment, skew_minutes: u32) -> Self {
        let earliest = now.minus_minutes(skew_minutes);
        Self::new(
            Fault::Invalid,
            format!(
                "Signature expired: {signed} is now earlier than {earliest} ({now} - {skew_minutes} min.)"
            ),
        )
    }

    pub(crate) fn not_yet(signed: Moment, now: Moment, skew_minutes: u32) -> Self {
        let latest = now.plus_minutes(skew_minutes);
        Self::new(
            Fault::Invalid,
            format!(
                "Signature not yet current: {signed} is still later than {latest} ({now} + {skew_minutes} min.)"
            ),
        )
    }

    /// Seen of the host. Guess for other headers: the same sentence.
    pub(crate) fn unsigned(header: &str) -> Self {
        Self::new(
            Fault::Invalid,
            format!("{header} must be a 'SignedHeader' in the AWS Authorization."),
        )
    }

    pub(crate) fn payload(kind: &str) -> Self {
        Self::new(
            Fault::Unsupported,
            format!("Tollgate does not take {kind}: sign the hash of the body"),
        )
    }

    /// Widely seen with AWS; every absent parameter has a sentence of its own.
    pub(crate) fn incomplete_query(absent: &[&str]) -> Self {
        let sentences: Vec<String> = absent
            .iter()
            .map(|name| format!("AWS query-string parameters must include '{name}'."))
            .collect();
        Self::new(
            Fault::Incomplete,
            format!(
                "{} Re-examine the query-string parameters.",
                sentences.join(" ")
            ),
        )
    }

    /// Guess: AWS's text on a parameter that comes twice is not known.
    pub(crate) fn two_parameters(name: &str) -> Self {
        Self::new(
            Fault::Incomplete,
            format!("The request has more than one parameter '{name}'"),
        )
    }

    /// Guess, after S3's texts.
    pub(crate) fn expires(text: &str, seconds_max: u32) -> Self {
        Self::new(
            Fault::Incomplete,
            format!(
                "X-Amz-Expires must be a number of seconds from 1 to {seconds_max}, got '{text}'"
            ),
        )
    }

    /// Guess: the sentence on signatures in headers, with the address's own time.
    pub(crate) fn expired_address(signed: Moment, now: Moment, seconds: u32) -> Self {
        let earliest = now.minus_seconds(seconds);
        Self::new(
            Fault::Invalid,
            format!(
                "Signature expired: {signed} is now earlier than {earliest} ({now} - {seconds} sec.)"
            ),
        )
    }

    pub(crate) fn mismatch(canonical: &[u8], string_to_sign: &str) -> Self {
        let canonical = String::from_utf8_lossy(canonical);
        Self::new(
            Fault::Invalid,
            format!(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String \
                 for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have \
                 been\n'{string_to_sign}'\n"
            ),
        )
    }
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}
