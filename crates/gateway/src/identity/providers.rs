//! The identity providers that the operator configured.

use std::collections::HashMap;
use std::sync::Arc;

use super::issuer::Issuer;
use crate::plan::uri;

/// Where one identity provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// What definitions call it: the ARN of a user pool, or its issuer.
    pub name: String,
    /// Its issuer: exactly what its tokens have for `iss`.
    pub issuer: String,
    /// Where its keys are; without it the issuer's own configuration says so (`/.well-known/openid-configuration`).
    pub jwks: Option<String>,
}

/// All that are known, by their names.
#[derive(Clone, Debug, Default)]
pub struct IdentityProviders {
    by_name: HashMap<Box<str>, Arc<Issuer>>,
    /// Stands for every other name.
    any: Option<Arc<Issuer>>,
}

/// An identity provider that cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("identity provider {name}: {reason}")]
pub struct InvalidProvider {
    name: String,
    reason: String,
}

impl IdentityProviders {
    /// Those that are given. Names of one issuer share its keys.
    ///
    /// # Errors
    /// The first whose address is none.
    pub fn new(given: impl IntoIterator<Item = IdentityProvider>) -> Result<Self, InvalidProvider> {
        let mut providers = Self::default();
        for provider in given {
            let issuer = providers.issuer(&provider)?;
            providers.by_name.insert(provider.name.into(), issuer);
        }
        Ok(providers)
    }

    /// Every name means some provider that is never called: for requests whose tokens were looked at before, or that have none.
    pub fn any() -> Self {
        let nowhere = "http://recorded.invalid";
        Self {
            by_name: HashMap::new(),
            any: uri::resolve(nowhere, true)
                .ok()
                .map(|at| Arc::new(Issuer::new(nowhere.into(), at, None))),
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Issuer>> {
        self.by_name.get(name).or(self.any.as_ref())
    }

    fn issuer(&self, given: &IdentityProvider) -> Result<Arc<Issuer>, InvalidProvider> {
        let invalid = |reason: String| InvalidProvider {
            name: given.name.clone(),
            reason,
        };
        let configuration = format!("{}{CONFIGURATION}", given.issuer.trim_end_matches('/'));
        let configuration = uri::resolve(&configuration, true).map_err(invalid)?;
        let jwks = given.jwks.as_deref().map(|at| uri::resolve(at, true));
        let jwks = jwks.transpose().map_err(invalid)?;
        let issuer = Issuer::new(given.issuer.as_str().into(), configuration, jwks);
        let mut known = self.by_name.values();
        let known = known.find(|known| known.is_same_as(&issuer));
        Ok(known.cloned().unwrap_or_else(|| Arc::new(issuer)))
    }
}

/// OpenID Connect Discovery 1.0 §4.
const CONFIGURATION: &str = "/.well-known/openid-configuration";

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(name: &str, issuer: &str, jwks: Option<&str>) -> IdentityProvider {
        IdentityProvider {
            name: name.to_owned(),
            issuer: issuer.to_owned(),
            jwks: jwks.map(str::to_owned),
        }
    }

    #[test]
    fn names_of_one_issuer_share_it_and_others_are_unknown() {
        let providers = IdentityProviders::new([
            provider("one", "https://a.example/x", None),
            provider("two", "https://a.example/x", None),
            provider(
                "three",
                "https://a.example/x",
                Some("https://a.example/keys"),
            ),
        ])
        .expect("addresses");
        let find = |name| providers.find(name).expect("it is configured");
        assert!(Arc::ptr_eq(find("one"), find("two")));
        assert!(!Arc::ptr_eq(find("one"), find("three")));
        assert!(providers.find("four").is_none());
        assert!(IdentityProviders::any().find("four").is_some());
    }

    #[test]
    fn addresses_are_checked() {
        for (issuer, jwks, expected) in [
            ("a.example", None, "no scheme"),
            ("ftp://a.example", None, "neither http nor https"),
            ("https://:1", None, "no host"),
            (
                "https://user:word@a.example",
                None,
                "no host, or not a port",
            ),
            ("https://a.example", Some("keys.json"), "no scheme"),
        ] {
            let error = IdentityProviders::new([provider("pool", issuer, jwks)]);
            let error = error.expect_err("refused").to_string();
            assert!(error.starts_with("identity provider pool: "), "{error}");
            assert!(error.contains(expected), "{error}");
        }
    }
}
