//! What a verified token claims (RFC 7519 §4), held against the time and against whom it should be from.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::refusal::{Refusal, shown};

/// The claims of a token whose signature was verified; those that are read from elsewhere are of one that was verified when they were
/// written there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Claims(Map<String, Value>);

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// Exactly this `iss`.
    pub issuer: &'e str,
    /// Exactly this `token_use`, which Cognito has to tell its identity and access tokens apart; another value than this one is
    /// refused, and so is none where `token_use_required`.
    pub token_use: Option<&'static str>,
    /// Whether a token without `token_use` is refused.
    pub token_use_required: bool,
    /// Seconds since 1970.
    pub now_s: u64,
    /// By how many seconds the issuer's clock may differ from ours.
    pub skew_s: u64,
}

/// The last moment that is counted with: in the year 9999.
const MOMENT_MAX_S: f64 = 253_402_300_799.0;

impl Claims {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// Refuses a token that is from somebody else, or of another kind, or of another time. Its expiry is looked at last, so that a token
    /// that is "expired" is right in all else.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), Refusal> {
        self.check_issuer(expected.issuer)?;
        self.check_token_use(expected)?;
        let latest_s = expected.now_s.saturating_add(expected.skew_s);
        if let Some(from_s) = self.moment_s("nbf")?
            && from_s > latest_s
        {
            return Err(Refusal::NotYet(from_s - expected.now_s));
        }
        if let Some(issued_s) = self.moment_s("iat")?
            && issued_s > latest_s
        {
            return Err(Refusal::IssuedLater(issued_s - expected.now_s));
        }
        self.check_expiry(expected.now_s, expected.skew_s)
    }

    /// RFC 7519 §4.1.4: not on or after `exp`. A token that never expires is none that is taken.
    pub fn check_expiry(&self, now_s: u64, skew_s: u64) -> Result<(), Refusal> {
        let until_s = self.expires_s()?;
        match now_s < until_s.saturating_add(skew_s) {
            true => Ok(()),
            false => Err(Refusal::Expired(now_s - until_s)),
        }
    }

    /// `exp`, in seconds since 1970.
    pub fn expires_s(&self) -> Result<u64, Refusal> {
        self.moment_s("exp")?.ok_or(Refusal::Missing("exp"))
    }

    fn check_issuer(&self, expected: &str) -> Result<(), Refusal> {
        match self.0.get("iss") {
            Some(Value::String(issuer)) if issuer == expected => Ok(()),
            Some(Value::String(issuer)) => Err(Refusal::Issuer(shown(issuer), expected.to_owned())),
            Some(_) => Err(Refusal::Kind("iss", "a text")),
            None => Err(Refusal::Missing("iss")),
        }
    }

    fn check_token_use(&self, expected: &Expected<'_>) -> Result<(), Refusal> {
        let Some(wanted) = expected.token_use else {
            return Ok(());
        };
        match self.0.get("token_use") {
            Some(Value::String(found)) if found == wanted => Ok(()),
            None if !expected.token_use_required => Ok(()),
            None => Err(Refusal::Missing("token_use")),
            Some(Value::String(found)) => Err(Refusal::TokenUse {
                found: shown(found),
                expected: wanted,
            }),
            Some(_) => Err(Refusal::Kind("token_use", "a text")),
        }
    }

    /// A `NumericDate`: seconds since 1970, a fraction is cut off.
    fn moment_s(&self, name: &'static str) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        match value.as_f64() {
            Some(seconds) if (0.0..=MOMENT_MAX_S).contains(&seconds) => Ok(Some(seconds as u64)),
            _ => Err(Refusal::Kind(name, "a number of seconds since 1970")),
        }
    }

    /// The values of `aud`: one text or a list of them. Anything else is refused: "some audience" must not mean "any".
    pub fn audiences(&self) -> Result<Vec<&str>, Refusal> {
        match self.0.get("aud") {
            None => Ok(Vec::new()),
            Some(value) => texts(value).ok_or(Refusal::Kind("aud", "a text or a list of texts")),
        }
    }

    /// The scopes of an access token: `scope` with blanks between, or the `scp` that some issuers have instead, which may be a list.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
    pub fn scopes(&self) -> Result<Vec<&str>, Refusal> {
        let (name, value) = match (self.0.get("scope"), self.0.get("scp")) {
            (Some(scope), _) => ("scope", scope),
            (None, Some(scp)) => ("scp", scp),
            (None, None) => return Ok(Vec::new()),
        };
        let texts = texts(value).ok_or(Refusal::Kind(name, "a text or a list of texts"))?;
        let scopes = texts.into_iter().flat_map(|text| text.split(' '));
        Ok(scopes.filter(|scope| !scope.is_empty()).collect())
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All claims, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}
