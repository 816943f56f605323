//! A method's user pools: the authorizer that it names, compiled.

use std::sync::Arc;

use tollgate_jsonpath::Pattern;
use tollgate_wire::apigateway::{Authorizer, Method};

use crate::identity::{IdentityProviders, Issuer};

/// `COGNITO_USER_POOLS`
pub(super) const TYPE: &str = "COGNITO_USER_POOLS";

/// Who may call a method by a token of a user pool.
#[derive(Debug)]
pub struct UserPools {
    /// The authorizer's name, for the operator.
    pub(crate) name: Box<str>,
    /// The header that the token comes in.
    pub(crate) header: Box<str>,
    /// `identityValidationExpression`: what an audience has to fit; AWS stores one that is no expression, and nothing fits that.
    pub(crate) audience: Option<Result<Pattern, String>>,
    /// `authorizationScopes`: one of them has to be in the token.
    pub(crate) scopes: Vec<Box<str>>,
    /// Those whose tokens count.
    pub(crate) issuers: Vec<Arc<Issuer>>,
}

const HEADER: &str = "method.request.header.";

/// Guess: an authorizer that names no header means the one that bears tokens.
const USUAL_HEADER: &str = "Authorization";

impl UserPools {
    /// Compiles what `method` asks of `authorizer`; otherwise the member that cannot be honoured, and why.
    pub(super) fn compile(
        method: &Method,
        authorizer: &Authorizer,
        providers: &IdentityProviders,
    ) -> Result<Self, (&'static str, String)> {
        let arns = authorizer.provider_arns.as_deref().unwrap_or_default();
        if arns.is_empty() {
            return Err(("providerARNs", "there is no user pool".to_owned()));
        }
        let unknown = |arn: &str| {
            let reason = format!(
                "user pool {arn} is not configured; [identity_providers] of tollgate.toml says where each of them is"
            );
            ("providerARNs", reason)
        };
        let issuers = arns.iter();
        let issuers = issuers.map(|arn| providers.find(arn).cloned().ok_or_else(|| unknown(arn)));
        let expression = authorizer.identity_validation_expression.as_deref();
        let expression = expression.filter(|text| !text.is_empty());
        let scopes = method.authorization_scopes.iter().flatten();
        Ok(Self {
            name: authorizer.name.as_deref().unwrap_or_default().into(),
            header: header(authorizer.identity_source.as_deref().unwrap_or_default())?,
            audience: expression.map(|text| Pattern::parse(text).map_err(|it| it.to_string())),
            scopes: scopes.map(|scope| scope.as_str().into()).collect(),
            issuers: issuers.collect::<Result<_, _>>()?,
        })
    }

    /// Which tokens count: a method with scopes takes access tokens, one without takes identity tokens.
    pub(crate) fn token_use(&self) -> &'static str {
        match self.scopes.is_empty() {
            true => "id",
            false => "access",
        }
    }

    /// The issuer of this name, if its tokens count.
    pub(crate) fn issuer(&self, url: &str) -> Option<&Arc<Issuer>> {
        self.issuers.iter().find(|issuer| issuer.url() == url)
    }
}

fn header(source: &str) -> Result<Box<str>, (&'static str, String)> {
    if source.is_empty() {
        return Ok(USUAL_HEADER.into());
    }
    let name = source.trim().strip_prefix(HEADER);
    let is_token = |name: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte);
        !name.is_empty() && name.bytes().all(plain)
    };
    match name.filter(is_token) {
        Some(name) => Ok(name.into()),
        None => Err((
            "identitySource",
            "a user pool's token comes in one header (method.request.header.NAME)".to_owned(),
        )),
    }
}
