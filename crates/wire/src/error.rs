//! Why something from the wire was not taken, in the three kinds that AWS's services tell apart.

/// A refusal of what came, with the text that the caller reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    /// Which of AWS's exceptions it is.
    pub kind: Kind,
    /// AWS's text where one is known.
    pub message: String,
}

/// The exceptions that decoding can end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `BadRequestException`: what came cannot be a request of this operation.
    BadRequest,
    /// `SerializationException`: a value of the wrong type, or no JSON at all.
    Serialization,
    /// `ValidationException`: members that break the model's constraints.
    Validation,
}

impl DecodeError {
    /// A refusal of the kind `BadRequest`.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Kind::BadRequest, message)
    }

    /// A refusal of the kind `Serialization`.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new(Kind::Serialization, message)
    }

    /// A refusal of the kind `Validation`.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(Kind::Validation, message)
    }

    /// A value of Java's class `found` where `wanted` belongs. Recorded, the article included, for truths and numbers
    /// where text belongs; a guess for every other pair.
    pub(crate) fn unconvertible(found: &str, wanted: &str) -> Self {
        Self::serialization(format!("class {found} can not be converted to an {wanted}"))
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

/// Java's classes of what JSON holds, as the texts name them.
pub(crate) mod class {
    pub(crate) const BOOLEAN: &str = "java.lang.Boolean";
    pub(crate) const NUMBER: &str = "com.amazon.coral.value.json.numbers.TruncatingBigNumber";
    pub(crate) const STRING: &str = "java.lang.String";
}
