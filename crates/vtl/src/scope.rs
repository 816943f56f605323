//! What a template sees of the exchange that it maps. The gateway implements it; texts are made only when a template asks.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use std::borrow::Cow;

/// Where a parameter of the request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A place in the resource's path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
}

impl Place {
    /// In the order in which `$input.params(name)` looks.
    pub const ALL: [Self; 3] = [Self::Path, Self::Query, Self::Header];

    /// Its name in `$input.params()` and in the overrides.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "querystring",
            Self::Header => "header",
        }
    }
}

/// The keys of a group of `$context`, in the order in which `keySet()` gives them.
pub type Keys<'s> = Cow<'s, [Cow<'s, str>]>;

/// What a template sees of the exchange that it maps.
pub trait Scope {
    /// The text behind `$input.body`, `$input.json` and `$input.path`: the request's body in a request template, the
    /// integration's answer in a response template. An empty body is empty here; that it renders as `{}` is not the scope's concern.
    fn body(&self) -> Cow<'_, str>;

    /// A parameter of the client's request, in a response template too. Where it was sent several times, the value that a
    /// single one stands for (AWS: the last).
    fn parameter(&self, place: Place, name: &str) -> Option<Cow<'_, str>>;

    /// All parameters of a place in their order. A name may stand several times; the last value counts, at the place of the first.
    fn parameters(&self, place: Place) -> Vec<(Cow<'_, str>, Cow<'_, str>)>;

    /// A variable of `$context` by its dotted path, such as `identity.sourceIp`; nothing where it has no value.
    /// `requestOverride` and `responseOverride` are not asked for here.
    fn context(&self, path: &str) -> Option<Cow<'_, str>>;

    /// The keys of a group of `$context`: of `$context` itself for the empty path. Nothing where the path names no group;
    /// such a path can still lead to variables, as `authorizer.claims.sub` does.
    fn context_keys(&self, path: &str) -> Option<Keys<'_>> {
        let keys: &'static [Cow<'static, str>] = match path {
            "" => &CONTEXT_KEYS,
            "identity" => &IDENTITY_KEYS,
            _ => return None,
        };
        Some(Cow::Borrowed(keys))
    }

    /// A stage variable.
    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>>;

    /// All stage variables in their order.
    fn stage_variables(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)>;
}

/// A scope without a request: for tests, and for templates that stand alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Scope for Nothing {
    fn body(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn parameter(&self, _: Place, _: &str) -> Option<Cow<'_, str>> {
        None
    }

    fn parameters(&self, _: Place) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        Vec::new()
    }

    fn context(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }

    fn stage_variable(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }

    fn stage_variables(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        Vec::new()
    }
}

/// In the order recorded from AWS.
static CONTEXT_KEYS: [Cow<'static, str>; 18] = [
    Cow::Borrowed("resourceId"),
    Cow::Borrowed("resourcePath"),
    Cow::Borrowed("httpMethod"),
    Cow::Borrowed("extendedRequestId"),
    Cow::Borrowed("requestTime"),
    Cow::Borrowed("path"),
    Cow::Borrowed("accountId"),
    Cow::Borrowed("protocol"),
    Cow::Borrowed("requestOverride"),
    Cow::Borrowed("stage"),
    Cow::Borrowed("domainPrefix"),
    Cow::Borrowed("requestTimeEpoch"),
    Cow::Borrowed("requestId"),
    Cow::Borrowed("identity"),
    Cow::Borrowed("domainName"),
    Cow::Borrowed("deploymentId"),
    Cow::Borrowed("responseOverride"),
    Cow::Borrowed("apiId"),
];

/// In the order recorded from AWS.
static IDENTITY_KEYS: [Cow<'static, str>; 12] = [
    Cow::Borrowed("cognitoIdentityPoolId"),
    Cow::Borrowed("accountId"),
    Cow::Borrowed("cognitoIdentityId"),
    Cow::Borrowed("caller"),
    Cow::Borrowed("sourceIp"),
    Cow::Borrowed("principalOrgId"),
    Cow::Borrowed("accessKey"),
    Cow::Borrowed("cognitoAuthenticationType"),
    Cow::Borrowed("cognitoAuthenticationProvider"),
    Cow::Borrowed("userArn"),
    Cow::Borrowed("userAgent"),
    Cow::Borrowed("user"),
];
