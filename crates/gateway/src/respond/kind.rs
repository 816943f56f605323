//! The types of gateway responses, and what each one says unless an API says otherwise.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>

use std::fmt;

/// Why the gateway answers in place of an integration. The order is AWS's own, as its validation errors show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "AWS's names; the table below says what each one means"
)]
pub enum ResponseType {
    RequestTooLarge,
    ResourceNotFound,
    AuthorizerConfigurationError,
    MissingAuthenticationToken,
    BadRequestBody,
    InvalidSignature,
    InvalidApiKey,
    BadRequestParameters,
    AuthorizerFailure,
    Unauthorized,
    IntegrationTimeout,
    AccessDenied,
    Default4xx,
    Default5xx,
    WafFiltered,
    QuotaExceeded,
    Throttled,
    ApiConfigurationError,
    UnsupportedMediaType,
    IntegrationFailure,
    ExpiredToken,
}

/// How AWS writes a default body. Recorded: a 500 out of the integration is 36 bytes long, with a space after the
/// colon; a missing token is 42 bytes, without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spacing {
    /// `{"message":"…"}`
    Tight,
    /// `{"message": "…"}`
    Spaced,
}

/// What a type answers when nothing is customised.
#[derive(Debug)]
pub(crate) struct Defaults {
    pub(crate) name: &'static str,
    /// The status shown and used; the `DEFAULT_*` types have none of their own, this is what they fall back to.
    pub(crate) status: u16,
    pub(crate) message: &'static str,
    pub(crate) error_type: &'static str,
    pub(crate) spacing: Spacing,
}

const fn row(
    name: &'static str,
    status: u16,
    message: &'static str,
    error_type: &'static str,
    spacing: Spacing,
) -> Defaults {
    Defaults {
        name,
        status,
        message,
        error_type,
        spacing,
    }
}

/// Recorded: MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_*, the 5xx of integrations, INVALID_API_KEY. From the guide or
/// guessed: AUTHORIZER_FAILURE, REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, WAF_FILTERED.
#[rustfmt::skip]
static DEFAULTS: [Defaults; ResponseType::ALL.len()] = {
    use Spacing::{Spaced, Tight};
    const INTERNAL: &str = "Internal server error";
    const INTERNAL_TYPE: &str = "InternalServerErrorException";
    [
        row("REQUEST_TOO_LARGE", 413, "Request Too Long", "RequestTooLargeException", Tight),
        row("RESOURCE_NOT_FOUND", 404, "Not Found", "ResourceNotFoundException", Tight),
        row("AUTHORIZER_CONFIGURATION_ERROR", 500, INTERNAL, "AuthorizerConfigurationException", Tight),
        row("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "MissingAuthenticationTokenException", Tight),
        row("BAD_REQUEST_BODY", 400, "Invalid request body", "BadRequestException", Spaced),
        row("INVALID_SIGNATURE", 403, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.", "InvalidSignatureException", Tight),
        row("INVALID_API_KEY", 403, "Forbidden", "ForbiddenException", Tight),
        row("BAD_REQUEST_PARAMETERS", 400, "Missing required request parameters: []", "BadRequestException", Spaced),
        row("AUTHORIZER_FAILURE", 500, INTERNAL, "AuthorizerFailureException", Tight),
        row("UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException", Tight),
        row("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", INTERNAL_TYPE, Spaced),
        row("ACCESS_DENIED", 403, "Forbidden", "AccessDeniedException", Tight),
        row("DEFAULT_4XX", 400, "Bad Request", "BadRequestException", Spaced),
        row("DEFAULT_5XX", 500, INTERNAL, INTERNAL_TYPE, Spaced),
        row("WAF_FILTERED", 403, "Forbidden", "ForbiddenException", Tight),
        row("QUOTA_EXCEEDED", 429, "Limit Exceeded", "LimitExceededException", Tight),
        row("THROTTLED", 429, "Too Many Requests", "TooManyRequestsException", Tight),
        row("API_CONFIGURATION_ERROR", 500, INTERNAL, INTERNAL_TYPE, Spaced),
        row("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type", "BadRequestException", Spaced),
        row("INTEGRATION_FAILURE", 504, INTERNAL, INTERNAL_TYPE, Spaced),
        row("EXPIRED_TOKEN", 403, "The security token included in the request is expired", "ExpiredTokenException", Tight),
    ]
};

impl ResponseType {
    /// Every type, in AWS's order.
    pub const ALL: [Self; 21] = [
        Self::RequestTooLarge,
        Self::ResourceNotFound,
        Self::AuthorizerConfigurationError,
        Self::MissingAuthenticationToken,
        Self::BadRequestBody,
        Self::InvalidSignature,
        Self::InvalidApiKey,
        Self::BadRequestParameters,
        Self::AuthorizerFailure,
        Self::Unauthorized,
        Self::IntegrationTimeout,
        Self::AccessDenied,
        Self::Default4xx,
        Self::Default5xx,
        Self::WafFiltered,
        Self::QuotaExceeded,
        Self::Throttled,
        Self::ApiConfigurationError,
        Self::UnsupportedMediaType,
        Self::IntegrationFailure,
        Self::ExpiredToken,
    ];

    /// AWS's name of the type, e.g. `BAD_REQUEST_BODY`.
    pub fn name(self) -> &'static str {
        self.defaults().name
    }

    /// The type with this AWS name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The `DEFAULT_*` type whose customisation this type takes when it has none of its own.
    pub(crate) fn class(self) -> Self {
        match self.defaults().status {
            ..=499 => Self::Default4xx,
            _ => Self::Default5xx,
        }
    }

    pub(crate) fn defaults(self) -> &'static Defaults {
        &DEFAULTS[self as usize]
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_stands_at_its_own_row() {
        for (index, kind) in ResponseType::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
            assert_eq!(ResponseType::from_name(kind.name()), Some(kind));
        }
        assert_eq!(
            ResponseType::MissingAuthenticationToken.name(),
            "MISSING_AUTHENTICATION_TOKEN"
        );
        assert_eq!(ResponseType::ExpiredToken.name(), "EXPIRED_TOKEN");
        assert_eq!(ResponseType::from_name("TEAPOT"), None);
    }

    #[test]
    fn a_type_falls_back_to_the_default_of_its_class() {
        assert_eq!(ResponseType::Throttled.class(), ResponseType::Default4xx);
        assert_eq!(
            ResponseType::IntegrationTimeout.class(),
            ResponseType::Default5xx
        );
    }
}
