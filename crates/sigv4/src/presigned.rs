//! Signatures in the query string, which make an address that anybody may call for a while.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html#query-string-auth>

use percent_encoding::percent_decode_str;

use crate::{Moment, Refusal};

/// The longest that such an address holds: seven days.
pub(crate) const EXPIRES_SECONDS_MAX: u32 = 7 * 24 * 3600;

const ALGORITHM: &str = "X-Amz-Algorithm";
const CREDENTIAL: &str = "X-Amz-Credential";
const DATE: &str = "X-Amz-Date";
const EXPIRES: &str = "X-Amz-Expires";
const SIGNED_HEADERS: &str = "X-Amz-SignedHeaders";
const SIGNATURE: &str = "X-Amz-Signature";
const SECURITY_TOKEN: &str = "X-Amz-Security-Token";
/// In the order of AWS's text on those that are missing.
const REQUIRED: [&str; 5] = [ALGORITHM, CREDENTIAL, SIGNATURE, SIGNED_HEADERS, DATE];

/// The parameters of a signature, all of which are there.
#[derive(Clone, Debug)]
pub(crate) struct Presigned {
    pub(crate) algorithm: String,
    pub(crate) credential: String,
    pub(crate) signed_at: Moment,
    pub(crate) expires_seconds: u32,
    pub(crate) signed_headers: String,
    pub(crate) signature: String,
    pub(crate) session_token: Option<String>,
}

impl Presigned {
    /// Reads the parameters of a query that says it is signed.
    pub(crate) fn read(query: &str) -> Result<Self, Refusal> {
        let algorithm = only(query, ALGORITHM)?;
        let credential = only(query, CREDENTIAL)?;
        let date = only(query, DATE)?;
        let signed_headers = only(query, SIGNED_HEADERS)?;
        let signature = only(query, SIGNATURE)?;
        let given = [&algorithm, &credential, &signature, &signed_headers, &date];
        let absent: Vec<&str> = REQUIRED
            .into_iter()
            .zip(given)
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name)
            .collect();
        if !absent.is_empty() {
            return Err(Refusal::incomplete_query(&absent));
        }
        let date = date.unwrap_or_default();
        Ok(Self {
            algorithm: algorithm.unwrap_or_default(),
            credential: credential.unwrap_or_default(),
            signed_at: Moment::read_basic(&date).ok_or_else(|| Refusal::date(&date))?,
            expires_seconds: expires(only(query, EXPIRES)?)?,
            signed_headers: signed_headers.unwrap_or_default(),
            signature: signature.unwrap_or_default(),
            session_token: only(query, SECURITY_TOKEN)?,
        })
    }
}

/// Guess: without a time the address holds for as long as a clock may differ, as a signature in a header does.
fn expires(text: Option<String>) -> Result<u32, Refusal> {
    let Some(text) = text else {
        return Ok(EXPIRES_SECONDS_DEFAULT);
    };
    let seconds = text.parse().ok();
    seconds
        .filter(|seconds| (1..=EXPIRES_SECONDS_MAX).contains(seconds))
        .ok_or_else(|| Refusal::expires(&text, EXPIRES_SECONDS_MAX))
}

const EXPIRES_SECONDS_DEFAULT: u32 = 300;

/// A parameter that stands at most once.
fn only(query: &str, name: &str) -> Result<Option<String>, Refusal> {
    let mut values = parameters(query).filter(|parameter| name_of(parameter) == name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(parameter), None) => {
            let value = parameter.split_once('=').map_or("", |(_, value)| value);
            Ok(Some(decoded(value)))
        }
        (Some(_), Some(_)) => Err(Refusal::two_parameters(name)),
    }
}

/// Whether a query says that it is signed, if perhaps not wholly.
pub fn is_signed(query: &str) -> bool {
    parameters(query)
        .any(|parameter| [ALGORITHM, CREDENTIAL, SIGNATURE].contains(&&*name_of(parameter)))
}

/// The query that was signed: without its signature.
pub(crate) fn without_signature(query: &str) -> String {
    keep(query, |name| name != SIGNATURE)
}

/// What a query says besides who signed it: a signature is nothing that an operation takes.
pub fn without_claim(query: &str) -> String {
    const CLAIM: [&str; 7] = [
        ALGORITHM,
        CREDENTIAL,
        DATE,
        EXPIRES,
        SIGNED_HEADERS,
        SIGNATURE,
        SECURITY_TOKEN,
    ];
    keep(query, |name| !CLAIM.contains(&name))
}

fn keep(query: &str, is_kept: impl Fn(&str) -> bool) -> String {
    let kept = parameters(query).filter(|parameter| is_kept(&name_of(parameter)));
    kept.collect::<Vec<_>>().join("&")
}

fn parameters(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|parameter| !parameter.is_empty())
}

fn name_of(parameter: &str) -> String {
    decoded(
        parameter
            .split_once('=')
            .map_or(parameter, |(name, _)| name),
    )
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "a=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2Fd%2Fr%2Fs%2Ft&X-Amz-Date=20260101T120000Z\
        &X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00";

    #[test]
    fn what_is_signed_and_what_is_said() {
        let read = Presigned::read(WHOLE).expect("whole");
        assert_eq!(
            (read.credential.as_str(), read.expires_seconds),
            ("k/d/r/s/t", 60)
        );
        assert_eq!(without_claim(WHOLE), "a=1");
        assert_eq!(
            without_signature("X-Amz-Signatur%65=1&b&&X-Amz-Date=2"),
            "b&X-Amz-Date=2"
        );
        assert!(is_signed("X-Amz-%53ignature=1"));
        assert!(!is_signed("x=X-Amz-Signature&x-amz-signature=1"));
    }

    #[test]
    fn times_that_are_none() {
        for time in ["0", "604801", "-1", "soon", ""] {
            let query = WHOLE.replace("Expires=60", &format!("Expires={time}"));
            assert!(Presigned::read(&query).is_err(), "{time}");
        }
        let twice = format!("{WHOLE}&X-Amz-Date=20270101T120000Z");
        assert!(Presigned::read(&twice).is_err());
    }
}
