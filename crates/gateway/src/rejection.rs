//! Every way the gateway refuses a request. A step returns a [`Rejection`]; it becomes a response in
//! [`respond`](crate::respond) and nowhere else.
//!
//! What the client reads is AWS's text; why it happened in truth is beside it, for the operator's console and trace.

use std::borrow::Cow;
use std::fmt;

use tollgate_http::BodyError;

use crate::respond::ResponseType;

/// A request refused: what the client is told, and the real reason.
#[derive(Debug)]
pub struct Rejection {
    /// What answers.
    pub kind: Kind,
    /// The status when it is not the type's own (recorded: some integration failures answer 500, not 504).
    pub status: Option<u16>,
    /// `x-amzn-ErrorType` when it is not the type's own.
    pub error_type: Option<&'static str>,
    /// `$context.error.message`.
    pub message: Cow<'static, str>,
    /// `$context.error.validationErrorString`.
    pub validation: Option<String>,
    /// What the operator reads.
    pub reason: Reason,
}

/// Who answers a refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A gateway response, which the API may have customised.
    Response(ResponseType),
    /// AWS's front door: no API is known yet, or none may change the answer.
    FrontDoor(FrontDoor),
}

/// What is refused before, or regardless of, an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontDoor {
    /// No such API or stage.
    Forbidden,
    /// The body is longer than the limit; the text is plain.
    TooLarge,
    /// The request line or a header cannot be accepted.
    BadRequest,
    /// The target is longer than the limit.
    UriTooLong,
    /// The header block is longer than the limit.
    HeadersTooLarge,
    /// Tollgate has too little of something to answer now.
    Overloaded,
}

/// Whose doing a refusal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller's request.
    Caller,
    /// The API's definition.
    Definition,
    /// The backend.
    Integration,
    /// Ours: what this Tollgate has is used up.
    Tollgate,
}

/// The real reason of a refusal, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Whose doing it is.
    pub fault: Fault,
    /// One line; never sent to the client.
    pub text: String,
    /// AWS's words for it in the execution log of the API, after those of its kind.
    pub logged: Option<Box<str>>,
}

impl Rejection {
    fn new(kind: ResponseType, fault: Fault, text: impl Into<String>) -> Self {
        Self {
            kind: Kind::Response(kind),
            status: None,
            error_type: None,
            message: Cow::Borrowed(kind.defaults().message),
            validation: None,
            reason: Reason {
                fault,
                text: text.into(),
                logged: None,
            },
        }
    }

    /// The front door refuses.
    pub fn front_door(
        door: FrontDoor,
        message: impl Into<Cow<'static, str>>,
        text: impl Into<String>,
    ) -> Self {
        let mut rejection = Self::new(ResponseType::Default4xx, Fault::Caller, text);
        rejection.kind = Kind::FrontDoor(door);
        rejection.message = message.into();
        rejection
    }

    /// No such API, stage or domain.
    pub fn forbidden(text: impl Into<String>) -> Self {
        Self::front_door(FrontDoor::Forbidden, "Forbidden", text)
    }

    /// A body over `limit` bytes.
    pub fn too_large(limit: u64) -> Self {
        Self::front_door(
            FrontDoor::TooLarge,
            format!("HTTP content length exceeded {limit} bytes."),
            format!(
                "the request's body is longer than {limit} bytes (limits: request_body_bytes_max)"
            ),
        )
    }

    /// A request that no API could be asked about.
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::front_door(FrontDoor::BadRequest, "Bad Request", text)
    }

    /// A target over the limit.
    pub fn uri_too_long(text: impl Into<String>) -> Self {
        Self::front_door(FrontDoor::UriTooLong, "Request URI too long", text)
    }

    /// Headers over the limit.
    pub fn headers_too_large(text: impl Into<String>) -> Self {
        Self::front_door(
            FrontDoor::HeadersTooLarge,
            "Request Header Fields Too Large",
            text,
        )
    }

    /// Too little is left of what requests share. Guess: AWS answers so where it is short of capacity itself.
    pub fn overloaded(text: impl Into<String>) -> Self {
        let mut rejection = Self::front_door(FrontDoor::Overloaded, "Service Unavailable", text);
        rejection.reason.fault = Fault::Tollgate;
        rejection
    }

    /// An integration's answer that could not be read to its end.
    pub(crate) fn unread_reply(error: &BodyError) -> Self {
        match error {
            BodyError::NoRoom(_) => Self::overloaded(format!(
                "the integration's answer was not read: {error} (connections: body_memory_bytes_max)"
            )),
            other => Self::network(format!("the integration's answer broke off: {other}")),
        }
    }

    /// Not let in: for want of a key, or because a limit is reached.
    pub(crate) fn not_admitted(kind: ResponseType, text: impl Into<String>) -> Self {
        Self::new(kind, Fault::Caller, text)
    }

    /// No such resource, or no such method on it; or a method that asks for a signature, and none came.
    pub fn no_route(text: impl Into<String>) -> Self {
        Self::new(
            ResponseType::MissingAuthenticationToken,
            Fault::Caller,
            text,
        )
    }

    /// A client asks for a fresh answer and may not (`FAIL_WITH_403`). Guess: the type's own text.
    pub(crate) fn may_not_invalidate(text: impl Into<String>) -> Self {
        Self::new(ResponseType::AccessDenied, Fault::Caller, text)
    }

    /// No such route, and credentials that are no signature. That the type is INVALID_SIGNATURE is a guess.
    pub fn incomplete_signature(message: String, text: impl Into<String>) -> Self {
        let mut rejection = Self::new(ResponseType::InvalidSignature, Fault::Caller, text);
        rejection.error_type = Some("IncompleteSignatureException");
        rejection.message = Cow::Owned(message);
        rejection
    }

    /// A signature that is not the caller's, or not for here and now.
    pub fn invalid_signature(message: String, text: impl Into<String>) -> Self {
        let mut rejection = Self::new(ResponseType::InvalidSignature, Fault::Caller, text);
        rejection.message = Cow::Owned(message);
        rejection
    }

    /// A signature with a key that nobody has.
    pub fn unknown_signer(message: String, text: impl Into<String>) -> Self {
        let mut rejection = Self::invalid_signature(message, text);
        rejection.error_type = Some("UnrecognizedClientException");
        rejection
    }

    /// A signature of a session that is over.
    pub fn expired_token(text: impl Into<String>) -> Self {
        Self::new(ResponseType::ExpiredToken, Fault::Caller, text)
    }

    /// Policies do not let whoever calls.
    pub fn access_denied(message: String, text: impl Into<String>) -> Self {
        let mut rejection = Self::new(ResponseType::AccessDenied, Fault::Caller, text);
        rejection.message = Cow::Owned(message);
        rejection
    }

    /// A token that is missing or not taken.
    pub fn unauthorized(text: impl Into<String>) -> Self {
        Self::new(ResponseType::Unauthorized, Fault::Caller, text)
    }

    /// A good token whose time is over; its answer is known from transcripts that users published.
    pub fn incoming_token_expired(text: impl Into<String>) -> Self {
        let mut rejection = Self::unauthorized(text);
        rejection.message = Cow::Borrowed("The incoming token has expired");
        rejection
    }

    /// What would say whether a caller may cannot be asked.
    pub fn authorizer_configuration(text: impl Into<String>) -> Self {
        Self::new(
            ResponseType::AuthorizerConfigurationError,
            Fault::Integration,
            text,
        )
    }

    /// Required parameters that did not come.
    pub fn missing_parameters(names: &[&str]) -> Self {
        let list = names.join(", ");
        let mut rejection = Self::new(
            ResponseType::BadRequestParameters,
            Fault::Caller,
            format!("missing required parameters: {list}"),
        );
        rejection.message = Cow::Owned(format!("Missing required request parameters: [{list}]"));
        rejection.validation = Some(format!("[{list}]"));
        rejection
    }

    /// A body that does not fit its model. `validation` is the validator's list, e.g. `[object has missing …]`.
    pub fn invalid_body(validation: String, text: impl Into<String>) -> Self {
        let mut rejection = Self::new(ResponseType::BadRequestBody, Fault::Caller, text);
        rejection.validation = Some(validation);
        rejection
    }

    /// A body mapping met a body that is not JSON.
    pub fn invalid_json(text: impl Into<String>) -> Self {
        let mut rejection = Self::new(ResponseType::Default4xx, Fault::Caller, text);
        rejection.message = Cow::Borrowed("Invalid JSON in request body");
        rejection
    }

    /// No template for this content type, and the integration does not pass such bodies through.
    pub fn unsupported_media_type(text: impl Into<String>) -> Self {
        Self::new(ResponseType::UnsupportedMediaType, Fault::Caller, text)
    }

    /// This refusal, under AWS's words for the execution log.
    pub(crate) fn logged(mut self, words: impl Into<Box<str>>) -> Self {
        self.reason.logged = Some(words.into());
        self
    }

    /// The definition cannot be carried out: a bad template, a bad address, no matching integration response.
    pub fn configuration(text: impl Into<String>) -> Self {
        Self::new(ResponseType::ApiConfigurationError, Fault::Definition, text)
    }

    /// The backend cannot be reached. Recorded as 500, although `GetGatewayResponse` shows 504 for the type.
    pub fn unreachable(text: impl Into<String>) -> Self {
        let mut rejection = Self::new(ResponseType::IntegrationFailure, Fault::Integration, text);
        rejection.status = Some(500);
        rejection
    }

    /// The connection to the backend broke, or what came over it is not HTTP.
    pub fn network(text: impl Into<String>) -> Self {
        let mut rejection = Self::new(ResponseType::IntegrationFailure, Fault::Integration, text);
        rejection.message = Cow::Borrowed("Network error communicating with endpoint");
        rejection
    }

    /// The backend did not answer in time.
    pub fn timeout(text: impl Into<String>) -> Self {
        Self::new(ResponseType::IntegrationTimeout, Fault::Integration, text)
    }

    /// The backend answered something that cannot be given to the client, such as more than the limit.
    pub fn bad_reply(text: impl Into<String>) -> Self {
        Self::new(ResponseType::Default5xx, Fault::Integration, text)
    }

    /// `$context.error.responseType`; the front door has none.
    pub fn response_type(&self) -> Option<ResponseType> {
        match self.kind {
            Kind::Response(kind) => Some(kind),
            Kind::FrontDoor(_) => None,
        }
    }

    /// The status unless the API customises it.
    pub fn default_status(&self) -> u16 {
        match (self.status, self.kind) {
            (Some(status), _) => status,
            (None, Kind::Response(kind)) => kind.defaults().status,
            (None, Kind::FrontDoor(door)) => door.status(),
        }
    }
}

impl FrontDoor {
    /// The status of the answer. 413 is recorded; the others are guesses.
    pub fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::TooLarge => 413,
            Self::BadRequest => 400,
            Self::UriTooLong => 414,
            Self::HeadersTooLarge => 431,
            Self::Overloaded => 503,
        }
    }

    /// `x-amzn-ErrorType`.
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Forbidden => "ForbiddenException",
            Self::TooLarge => "RequestEntityTooLargeException",
            Self::BadRequest | Self::UriTooLong | Self::HeadersTooLarge => "BadRequestException",
            Self::Overloaded => "ServiceUnavailableException",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Response(kind) => write!(formatter, "{kind}: {}", self.reason.text),
            Kind::FrontDoor(_) => formatter.write_str(&self.reason.text),
        }
    }
}

impl std::error::Error for Rejection {}
