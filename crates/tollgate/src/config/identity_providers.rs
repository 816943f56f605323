//! `[identity_providers]`: where the user pools are that definitions name, and other issuers of tokens.

use std::collections::BTreeMap;

use serde::Deserialize;
use tollgate_gateway::IdentityProvider;
use tollgate_model::arn::Arn;

/// `[identity_providers]`: providers by the names that definitions have for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, Provider>")]
pub(crate) struct IdentityProviders(Vec<IdentityProvider>);

/// One provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    issuer: Option<String>,
    jwks: Option<String>,
}

impl IdentityProviders {
    /// As the gateway takes them.
    pub(crate) fn gateway(&self) -> tollgate_gateway::IdentityProviders {
        let providers = tollgate_gateway::IdentityProviders::new(self.0.iter().cloned());
        providers.expect("they were checked when they were read")
    }
}

impl TryFrom<BTreeMap<String, Provider>> for IdentityProviders {
    type Error = String;

    fn try_from(given: BTreeMap<String, Provider>) -> Result<Self, String> {
        let providers = given.into_iter().map(|(name, it)| {
            let issuer = it.issuer.or_else(|| own_issuer(&name));
            let issuer = issuer.ok_or_else(|| {
                format!("identity provider {name}: neither a user pool's ARN nor an issuer, so `issuer` has to say where it is")
            })?;
            let jwks = it.jwks;
            Ok(IdentityProvider { name, issuer, jwks })
        });
        let providers: Vec<_> = providers.collect::<Result<_, String>>()?;
        let checked = tollgate_gateway::IdentityProviders::new(providers.iter().cloned());
        checked.map_err(|error| error.to_string())?;
        Ok(Self(providers))
    }
}

/// Cognito's own address of a user pool, or the issuer that the name itself is.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html>
fn own_issuer(name: &str) -> Option<String> {
    if name.starts_with("https://") || name.starts_with("http://") {
        return Some(name.to_owned());
    }
    let arn = name.parse::<Arn>().ok()?;
    let pool = arn.resource.strip_prefix("userpool/")?;
    let domain = match arn.region.starts_with("cn-") {
        true => "amazonaws.com.cn",
        false => "amazonaws.com",
    };
    let is_pool = arn.service == "cognito-idp" && !pool.is_empty() && !pool.contains('/');
    is_pool.then(|| format!("https://cognito-idp.{}.{domain}/{pool}", arn.region))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POOL: &str = "arn:aws:cognito-idp:eu-west-1:111111111111:userpool/eu-west-1_abc";

    fn read(text: &str) -> Result<Vec<IdentityProvider>, String> {
        let read = toml::from_str::<IdentityProviders>(text);
        read.map(|it| it.0)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_provider_is_where_it_says_or_where_its_name_says() {
        for (text, issuer, jwks) in [
            (
                format!("\"{POOL}\" = {{}}"),
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
                None,
            ),
            (
                format!(
                    "\"{POOL}\" = {{ issuer = \"http://localhost:1/x\", jwks = \"http://localhost:1/k\" }}"
                ),
                "http://localhost:1/x",
                Some("http://localhost:1/k"),
            ),
            (
                "\"https://login.example/realms/a\" = {}".to_owned(),
                "https://login.example/realms/a",
                None,
            ),
        ] {
            let read = read(&text).unwrap();
            assert_eq!(
                (&*read[0].issuer, read[0].jwks.as_deref()),
                (issuer, jwks),
                "{text}"
            );
        }
    }

    #[test]
    fn a_provider_that_is_nowhere_is_refused_by_its_name() {
        for (text, expected) in [
            ("pool = {}", "identity provider pool: neither"),
            (
                "\"arn:aws:sqs:eu-west-1:111111111111:userpool/x\" = {}",
                "neither a user pool's ARN",
            ),
            ("pool = { issuer = \"login.example\" }", "no scheme"),
            (
                "pool = { issuer = \"https://a.example\", jwks = \"x\" }",
                "no scheme",
            ),
            (
                "pool = { issuer = \"https://a.example\", key = \"x\" }",
                "unknown field `key`",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
