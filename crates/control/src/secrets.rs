//! Secrets of the caller's: sealed for the store, opened again, and found by their digests.

use tollgate_model::api_key::Digest;

use crate::error::ApiError;
use crate::session::Session;

impl Session {
    /// Seals a secret of `owner`.
    pub(crate) fn seal(&self, owner: &str, secret: &str) -> Result<Vec<u8>, ApiError> {
        let seal = &self.shared.seal;
        let sealed = self
            .shared
            .draw(|random| seal.seal(owner, secret.as_bytes(), random));
        sealed.map_err(|_| ApiError::internal(format!("the secret of {owner} cannot be sealed")))
    }

    /// Opens a secret of `owner`.
    pub(crate) fn open(&self, owner: &str, sealed: &[u8]) -> Result<String, ApiError> {
        let opened = self.shared.seal.open(owner, sealed);
        let text = opened.and_then(|secret| String::from_utf8(secret).ok());
        text.ok_or_else(|| {
            ApiError::internal(format!(
                "the secret of {owner} was sealed with another key, or changed since"
            ))
        })
    }

    /// What the value of an API key of the caller's account is found by.
    pub(crate) fn digest(&self, value: &str) -> Option<Digest> {
        let (account, region) = (&self.caller.account, &self.caller.region);
        self.shared.digester.of(account, region, value.as_bytes())
    }
}
