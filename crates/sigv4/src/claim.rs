//! What a request says of its signature, and whether that holds.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html>
//!
//! The order of the checks is the one seen with AWS: the parts, the date, the signed headers, the algorithm, the
//! credential, its scope, the access key, the signature, the session token.

use hmac::Mac;

use crate::authorization::{Authorization, Credential};
use crate::canonical::{canonical_request, sha256_hex};
use crate::presigned::{Presigned, is_signed, without_signature};
use crate::scope::{Scope, keyed, signing_key};
use crate::{ALGORITHM, Moment, Refusal, Request};

/// A signature as it came, not yet believed.
#[derive(Clone, Debug)]
pub struct Claim {
    authorization: Authorization,
    signed_at: Moment,
    signed_headers: Vec<String>,
    /// Of a signature in the query string.
    presigned: Option<Presigned>,
    /// Set by [`Claim::check`].
    credential: Option<Credential>,
}

/// What a server expects of the requests to it.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The service it is.
    pub service: &'a str,
    /// Where it is; a server for every region has none.
    pub region: Option<&'a str>,
    /// How far clocks may differ. Seen: 5 minutes with API Gateway and most services, 15 with STS.
    pub skew_minutes: u32,
}

/// What belongs to an access key.
#[derive(Clone, Copy)]
pub struct Secret<'a> {
    /// The secret half.
    pub key: &'a str,
    /// The token that a temporary key is used with.
    pub session_token: Option<&'a str>,
}

const DATE: &str = "x-amz-date";
const CONTENT_HASH: &str = "x-amz-content-sha256";
const SESSION_TOKEN: &str = "x-amz-security-token";

impl Claim {
    /// Finds the signature of a request.
    ///
    /// # Errors
    /// There is none, or it is not whole.
    pub fn read(request: &Request<'_>) -> Result<Self, Refusal> {
        let Some(header) = header(request)? else {
            return Self::read_query(request.query);
        };
        let authorization = Authorization::read(&header)?;
        let date = request.text(DATE).or_else(|| request.text("date"));
        authorization.check_whole(date.is_some())?;
        let date = date.unwrap_or_default();
        let moment = Moment::read_basic(&date).or_else(|| Moment::read_http(&date));
        Ok(Self {
            signed_at: moment.ok_or_else(|| Refusal::date(&date))?,
            signed_headers: authorization.signed_headers(),
            authorization,
            presigned: None,
            credential: None,
        })
    }

    fn read_query(query: &str) -> Result<Self, Refusal> {
        let presigned = Presigned::read(query)?;
        let authorization = Authorization::of_query(&presigned);
        Ok(Self {
            signed_at: presigned.signed_at,
            signed_headers: authorization.signed_headers(),
            authorization,
            presigned: Some(presigned),
            credential: None,
        })
    }

    /// The service that the request was signed for, so that one listener can serve several. Empty if the credential has
    /// none, which [`Claim::check`] refuses.
    pub fn service(&self) -> String {
        self.authorization
            .credential()
            .map(|credential| credential.scope.service)
            .unwrap_or_default()
    }

    /// Whether the signature covers a header, so that nobody can have changed or added it.
    pub fn signs(&self, header: &str) -> bool {
        let mut signed = self.signed_headers.iter();
        signed.any(|name| name.eq_ignore_ascii_case(header))
    }

    /// Holds the claim against the time and what is expected.
    ///
    /// # Errors
    /// Too old or too new, unsigned headers that must be signed, another scope.
    pub fn check(
        &mut self,
        request: &Request<'_>,
        now: Moment,
        expected: &Expected<'_>,
    ) -> Result<(), Refusal> {
        self.check_time(now, expected.skew_minutes)?;
        self.check_signed_headers(request)?;
        self.authorization.check_algorithm()?;
        let credential = self.authorization.credential()?;
        self.check_scope(&credential, expected)?;
        check_payload(request)?;
        self.credential = Some(credential);
        Ok(())
    }

    fn check_time(&self, now: Moment, skew_minutes: u32) -> Result<(), Refusal> {
        match &self.presigned {
            Some(address) if self.signed_at < now.minus_seconds(address.expires_seconds) => {
                let seconds = address.expires_seconds;
                return Err(Refusal::expired_address(self.signed_at, now, seconds));
            }
            None if self.signed_at < now.minus_minutes(skew_minutes) => {
                return Err(Refusal::expired(self.signed_at, now, skew_minutes));
            }
            _ => {}
        }
        if self.signed_at > now.plus_minutes(skew_minutes) {
            return Err(Refusal::not_yet(self.signed_at, now, skew_minutes));
        }
        Ok(())
    }

    /// The host is always signed, and so is every header of AWS's own: whoever adds one later changes the request.
    fn check_signed_headers(&self, request: &Request<'_>) -> Result<(), Refusal> {
        if !self.signs("host") && !self.signs(":authority") {
            return Err(Refusal::unsigned("'Host' or ':authority'"));
        }
        let own = request
            .headers
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| is_of_aws(name));
        match { own }.find(|name| !self.signs(name)) {
            Some(name) => Err(Refusal::unsigned(&format!("'{name}'"))),
            None => Ok(()),
        }
    }

    fn check_scope(&self, credential: &Credential, expected: &Expected<'_>) -> Result<(), Refusal> {
        let scope = &credential.scope;
        let mut sentences: Vec<String> = credential
            .wrong_region(expected.region)
            .into_iter()
            .collect();
        if scope.service != expected.service {
            let service = expected.service;
            sentences.push(format!(
                "Credential should be scoped to correct service: '{service}'."
            ));
        }
        sentences.extend(credential.wrong_terminator());
        let day = self.signed_at.day();
        if scope.day != day {
            sentences.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != \
                 '{day}', from '{}'.",
                scope.day, self.signed_at
            ));
        }
        match sentences.is_empty() {
            true => Ok(()),
            false => Err(Refusal::scope(&sentences)),
        }
    }

    /// The access key that the request was signed with; known once the claim was checked.
    pub fn access_key(&self) -> Option<&str> {
        self.credential
            .as_ref()
            .map(|credential| credential.access_key.as_str())
    }

    /// The scope that the request was signed for; known once the claim was checked.
    pub fn scope(&self) -> Option<&Scope> {
        self.credential.as_ref().map(|credential| &credential.scope)
    }

    /// The session token that the request carries, where its kind of signature has it.
    pub fn session_token(&self, request: &Request<'_>) -> Option<String> {
        match &self.presigned {
            Some(address) => address.session_token.clone(),
            None => request.text(SESSION_TOKEN),
        }
    }

    /// Computes the signature and compares it in a time that does not depend on where they differ.
    ///
    /// # Errors
    /// Another signature, or another session token than the key's.
    pub fn verify(&self, request: &Request<'_>, secret: &Secret<'_>) -> Result<(), Refusal> {
        let Some(scope) = self.scope() else {
            return Err(Refusal::missing());
        };
        let key = signing_key(secret.key, scope);
        self.verify_with(request, &key, secret.session_token)
    }

    /// The same with the [signing key](signing_key) of the claim's scope, for whoever keeps those.
    ///
    /// # Errors
    /// As [`Claim::verify`].
    pub fn verify_with(
        &self,
        request: &Request<'_>,
        key: &[u8; 32],
        session_token: Option<&str>,
    ) -> Result<(), Refusal> {
        let Some(scope) = self.scope() else {
            return Err(Refusal::missing());
        };
        let query = match &self.presigned {
            Some(_) => without_signature(request.query),
            None => request.query.to_owned(),
        };
        let signed = Request {
            query: &query,
            ..*request
        };
        let canonical = canonical_request(&signed, &scope.service, &self.signed_headers);
        let text = string_to_sign(self.signed_at, scope, &canonical);
        let expected = keyed(key, text.as_bytes());
        let is_same = match signature_bytes(self.authorization.signature()) {
            Some(given) => expected.verify_slice(&given).is_ok(),
            None => false,
        };
        let is_listed = self.authorization.has_signed_headers(&self.signed_headers);
        if !is_same || !is_listed || !is_hash_of_body(request) {
            return Err(Refusal::mismatch(&canonical, &text));
        }
        let token = self.session_token(request);
        match token.as_deref() == session_token {
            true => Ok(()),
            false => Err(Refusal::unknown_key()),
        }
    }
}

/// What is signed of a canonical request.
pub(crate) fn string_to_sign(signed_at: Moment, scope: &Scope, canonical: &[u8]) -> String {
    format!(
        "{ALGORITHM}\n{signed_at}\n{scope}\n{}",
        sha256_hex(canonical)
    )
}

/// The one `Authorization` header; none when the query is signed instead.
fn header(request: &Request<'_>) -> Result<Option<String>, Refusal> {
    let mut values = request.values("authorization");
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(Some(String::from_utf8_lossy(value).into_owned())),
        (Some(_), Some(_)) => Err(Refusal::two_headers()),
        (None, _) if is_signed(request.query) => Ok(None),
        (None, _) => Err(Refusal::missing()),
    }
}

fn is_of_aws(header: &str) -> bool {
    header
        .get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"))
}

/// What does not sign the body is refused by name.
fn check_payload(request: &Request<'_>) -> Result<(), Refusal> {
    let kind = request.text(CONTENT_HASH).unwrap_or_default();
    match kind == "UNSIGNED-PAYLOAD" || kind.starts_with("STREAMING-") {
        true => Err(Refusal::payload(&kind)),
        false => Ok(()),
    }
}

/// A hash that the request names is the body's.
fn is_hash_of_body(request: &Request<'_>) -> bool {
    let named = request.text(CONTENT_HASH);
    named.is_none_or(|named| named == sha256_hex(request.body))
}

/// The bytes of 64 lower-case hexadecimal digits.
fn signature_bytes(hex: &str) -> Option<Vec<u8>> {
    let is_lowercase = !hex.bytes().any(|byte| byte.is_ascii_uppercase());
    is_lowercase.then(|| hex::decode(hex).ok())?
}
