//! Every way the control plane refuses, in AWS's exception names. What the caller reads and what we log are two
//! fields, so that no reason of ours leaks and none is lost.
//! <https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html>

use tollgate_store::{CommitError, StoreError};
use tollgate_wire::{DecodeError, Kind};

/// A refusal or a fault, ready to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// Whose fault it was and which status it gets.
    pub exception: Exception,
    /// What the caller reads: AWS's text where one is known.
    pub message: String,
    /// What the operator reads in the log besides.
    pub cause: Option<String>,
    /// What is wrong with the document that was given, part by part, where that is known. It is in the texts above as well.
    pub faults: Vec<DocumentFault>,
    /// Somebody else's write came between: the whole operation may be run again.
    pub(crate) is_concurrent: bool,
}

/// What is wrong with a part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFault {
    /// Line and column, from 1, where it has a place in the text.
    pub position: Option<(u64, u64)>,
    /// What is wrong, for the operator.
    pub text: String,
}

/// The exceptions that this service answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub enum Exception {
    AccessDenied,
    BadRequest,
    Conflict,
    DeleteConflict,
    EntityAlreadyExists,
    ExpiredToken,
    IncompleteSignature,
    InternalFailure,
    InvalidAction,
    InvalidClientTokenId,
    InvalidIdentityToken,
    InvalidInput,
    InvalidSignature,
    LimitExceeded,
    MalformedPolicyDocument,
    MissingAction,
    MissingAuthenticationToken,
    NoSuchEntity,
    NotFound,
    PackedPolicyTooLarge,
    RequestEntityTooLarge,
    Serialization,
    ServiceUnavailable,
    SignatureDoesNotMatch,
    TooManyRequests,
    UnmodifiableEntity,
    UnknownOperation,
    UnrecognizedClient,
    Validation,
}

impl Exception {
    /// The name as `x-amzn-ErrorType` carries it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDeniedException",
            Self::BadRequest => "BadRequestException",
            Self::Conflict => "ConflictException",
            Self::DeleteConflict => "DeleteConflictException",
            Self::EntityAlreadyExists => "EntityAlreadyExistsException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::IncompleteSignature => "IncompleteSignatureException",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidAction => "InvalidAction",
            Self::InvalidClientTokenId => "InvalidClientTokenId",
            Self::InvalidIdentityToken => "InvalidIdentityToken",
            Self::InvalidInput => "InvalidInputException",
            Self::InvalidSignature => "InvalidSignatureException",
            Self::LimitExceeded => "LimitExceededException",
            Self::MalformedPolicyDocument => "MalformedPolicyDocumentException",
            Self::MissingAction => "MissingAction",
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::NoSuchEntity => "NoSuchEntityException",
            Self::NotFound => "NotFoundException",
            Self::PackedPolicyTooLarge => "PackedPolicyTooLargeException",
            Self::RequestEntityTooLarge => "RequestEntityTooLargeException",
            Self::Serialization => "SerializationException",
            Self::ServiceUnavailable => "ServiceUnavailableException",
            Self::SignatureDoesNotMatch => "SignatureDoesNotMatch",
            Self::TooManyRequests => "TooManyRequestsException",
            Self::UnmodifiableEntity => "UnmodifiableEntityException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::Validation => "ValidationException",
        }
    }

    /// The HTTP status it is answered with.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest
            | Self::InvalidAction
            | Self::InvalidIdentityToken
            | Self::InvalidInput
            | Self::MalformedPolicyDocument
            | Self::MissingAction
            | Self::PackedPolicyTooLarge
            | Self::Serialization
            | Self::UnmodifiableEntity
            | Self::Validation => 400,
            Self::AccessDenied
            | Self::ExpiredToken
            | Self::IncompleteSignature
            | Self::InvalidClientTokenId
            | Self::InvalidSignature
            | Self::MissingAuthenticationToken
            | Self::SignatureDoesNotMatch
            | Self::UnrecognizedClient => 403,
            Self::NoSuchEntity | Self::NotFound | Self::UnknownOperation => 404,
            Self::Conflict | Self::DeleteConflict | Self::EntityAlreadyExists => 409,
            Self::RequestEntityTooLarge => 413,
            Self::LimitExceeded | Self::TooManyRequests => 429,
            Self::InternalFailure => 500,
            Self::ServiceUnavailable => 503,
        }
    }

    /// Seconds after which a client may try again, where AWS's model has a `Retry-After`.
    pub fn retry_after_seconds(self) -> Option<u32> {
        match self {
            Self::LimitExceeded | Self::TooManyRequests | Self::ServiceUnavailable => Some(1),
            _ => None,
        }
    }
}

/// Recorded; what Terraform and the SDKs retry on.
pub(crate) const CONCURRENT: &str =
    "Unable to complete operation due to concurrent modification. Please try again later.";

impl ApiError {
    /// `exception` with the text the caller reads.
    pub fn new(exception: Exception, message: impl Into<String>) -> Self {
        Self {
            exception,
            message: message.into(),
            cause: None,
            faults: Vec::new(),
            is_concurrent: false,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Exception::BadRequest, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Exception::NotFound, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(Exception::Conflict, message)
    }

    pub(crate) fn access_denied(message: impl Into<String>) -> Self {
        Self::new(Exception::AccessDenied, message)
    }

    /// What AWS offers and Tollgate does not yet: the caller learns the name of it. A modelled exception of every
    /// operation, so that each client shows its text and none tries again, as they would after a 5xx.
    pub(crate) fn not_served(what: &str) -> Self {
        Self::bad_request(format!("Tollgate does not serve {what} yet"))
    }

    /// Our own fault. The caller reads nothing of it.
    pub(crate) fn internal(cause: impl ToString) -> Self {
        Self::new(
            Exception::InternalFailure,
            "The request processing has failed because of an unknown error, exception or failure.",
        )
        .because(cause)
    }

    /// Somebody else's write came between.
    pub(crate) fn concurrent() -> Self {
        Self {
            is_concurrent: true,
            ..Self::conflict(CONCURRENT)
        }
    }

    /// The same, about these parts of a document.
    pub(crate) fn about(mut self, faults: Vec<DocumentFault>) -> Self {
        self.faults = faults;
        self
    }

    /// The same with a reason for the log.
    pub(crate) fn because(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string());
        self
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.exception.name(), self.message)?;
        match &self.cause {
            Some(cause) => write!(out, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ApiError {}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<CommitError> for ApiError {
    fn from(error: CommitError) -> Self {
        match error {
            // A taken id is a race lost as well: the next run draws another, or refuses the fixed one by name.
            CommitError::Conflict { .. } | CommitError::IdTaken { .. } => {
                Self::concurrent().because(error)
            }
            CommitError::TooLarge { .. } => {
                Self::bad_request("The REST API is too large to be stored at once").because(error)
            }
            CommitError::MissingContent { .. } | CommitError::Store(_) => Self::internal(error),
        }
    }
}

impl From<DecodeError> for ApiError {
    fn from(error: DecodeError) -> Self {
        let exception = match error.kind {
            Kind::BadRequest => Exception::BadRequest,
            Kind::Serialization => Exception::Serialization,
            Kind::Validation => Exception::Validation,
        };
        Self::new(exception, error.message)
    }
}
