//! Signs requests: for the client commands and the tests.

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use crate::canonical::canonical_request;
use crate::claim::string_to_sign;
use crate::scope::{Scope, hmac, signing_key};
use crate::{ALGORITHM, Moment, Request};

/// Who signs, and for what.
#[derive(Clone)]
pub struct Signer {
    /// The public half of the key.
    pub access_key: String,
    /// The secret half.
    pub secret: String,
    /// The token of a temporary key.
    pub session_token: Option<String>,
    /// The region.
    pub region: String,
    /// The service's name in signatures.
    pub service: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = out.debug_struct("Signer");
        out.field("access_key", &self.access_key)
            .field("region", &self.region)
            .field("service", &self.service);
        out.finish_non_exhaustive()
    }
}

/// Headers that the way to the server may change or add.
const NEVER_SIGNED: [&str; 6] = [
    "authorization",
    "connection",
    "expect",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

impl Signer {
    /// The headers to add to `request`: date, session token and signature. The host must be among its headers.
    pub fn sign(&self, request: &Request<'_>, now: Moment) -> Vec<(String, String)> {
        let mut added = vec![("X-Amz-Date".to_owned(), now.to_string())];
        if let Some(token) = &self.session_token {
            added.push(("X-Amz-Security-Token".to_owned(), token.clone()));
        }
        let own = added
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()));
        let headers: Vec<(&str, &[u8])> = request.headers.iter().copied().chain(own).collect();
        let authorization = self.authorization(
            &Request {
                headers: &headers,
                ..*request
            },
            now,
        );
        added.push(("Authorization".to_owned(), authorization));
        added
    }

    /// The query that makes an address which holds for `expires_seconds`, with the parameters that `request` has. Only the
    /// host among its headers is signed, and its body is that of whoever calls it.
    pub fn presign(&self, request: &Request<'_>, now: Moment, expires_seconds: u32) -> String {
        let scope = self.scope(now);
        let credential = format!("{}/{scope}", self.access_key);
        let mut query = request.query.to_owned();
        let mut add = |name: &str, value: &str| {
            let separator = if query.is_empty() { "" } else { "&" };
            let value = percent_encode(value.as_bytes(), NON_ALPHANUMERIC);
            query.push_str(&format!("{separator}{name}={value}"));
        };
        add("X-Amz-Algorithm", ALGORITHM);
        add("X-Amz-Credential", &credential);
        add("X-Amz-Date", &now.to_string());
        add("X-Amz-Expires", &expires_seconds.to_string());
        add("X-Amz-SignedHeaders", "host");
        if let Some(token) = &self.session_token {
            add("X-Amz-Security-Token", token);
        }
        let signed = Request {
            query: &query,
            ..*request
        };
        let canonical = canonical_request(&signed, &scope.service, &["host".to_owned()]);
        let text = string_to_sign(now, &scope, &canonical);
        let signature = hmac(&signing_key(&self.secret, &scope), text.as_bytes());
        format!("{query}&X-Amz-Signature={}", hex::encode(signature))
    }

    fn scope(&self, now: Moment) -> Scope {
        Scope {
            day: now.day(),
            region: self.region.clone(),
            service: self.service.clone(),
        }
    }

    /// The `Authorization` header of a request that has all its other headers.
    fn authorization(&self, request: &Request<'_>, now: Moment) -> String {
        let scope = self.scope(now);
        let signed = signed_headers(request);
        let canonical = canonical_request(request, &scope.service, &signed);
        let text = string_to_sign(now, &scope, &canonical);
        let signature = hmac(&signing_key(&self.secret, &scope), text.as_bytes());
        format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={}",
            self.access_key,
            signed.join(";"),
            hex::encode(signature)
        )
    }
}

fn signed_headers(request: &Request<'_>) -> Vec<String> {
    let names = request
        .headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase());
    let mut names: Vec<String> = names
        .filter(|name| !NEVER_SIGNED.contains(&name.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
