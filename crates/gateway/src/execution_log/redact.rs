//! What the execution log does not give away. The guide: "API Gateway redacts authorization headers, API key values, and similar sensitive
//! request parameters"; published logs show them starred but for their last six characters.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Fields and query parameters whose values are hidden, in lower case. Guess: those of signed addresses and of proxies; AWS's logs show session
/// tokens.
const SECRETS: [&str; 7] = [
    "api_key",
    "authorization",
    "proxy-authorization",
    "x-amz-credential",
    "x-amz-security-token",
    "x-amz-signature",
    "x-api-key",
];

/// The last characters that stay.
const KEPT: usize = 6;

/// Shorter ones would be given away by what stays: they are hidden whole (a guess).
const LENGTH_MIN: usize = 12;

/// The value of a field or parameter as it may be told.
pub(super) fn shown<'v>(name: &str, value: &'v [u8]) -> Cow<'v, str> {
    match is_secret(name) {
        true => Cow::Owned(secret(value)),
        false => String::from_utf8_lossy(value),
    }
}

fn is_secret(name: &str) -> bool {
    SECRETS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Stars, and the last characters.
pub(crate) fn secret(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let length = text.chars().count();
    let hidden = match length < LENGTH_MIN {
        true => length,
        false => length - KEPT,
    };
    let kept = text.chars().skip(hidden);
    "*".repeat(hidden).chars().chain(kept).collect()
}

/// A whole address, the parameters of its query hidden where they are secrets.
pub(super) fn address(uri: &str) -> Cow<'_, str> {
    let Some((path, query)) = uri.split_once('?') else {
        return Cow::Borrowed(uri);
    };
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) if is_secret(&percent_decode_str(name).decode_utf8_lossy()) => {
            Cow::Owned(format!("{name}={}", secret(value.as_bytes())))
        }
        _ => Cow::Borrowed(part),
    });
    Cow::Owned(format!("{path}?{}", parts.collect::<Vec<_>>().join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_keep_their_end() {
        for (name, value, expected) in [
            ("authorization", "Bearer 0123456789", "***********456789"),
            ("X-Api-Key", "0123456789abcdefghij", "**************efghij"),
            ("X-API-KEY", "short", "*****"),
            ("X-Amz-Security-Token", "0123456789ab", "******6789ab"),
            ("Accept", "*/*", "*/*"),
        ] {
            assert_eq!(shown(name, value.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn signed_addresses_do_not_leave() {
        assert_eq!(
            address("http://a/b?x=1&X-Amz-Signature=0123456789abcdef&X%2DApi%2DKey=abc&y"),
            "http://a/b?x=1&X-Amz-Signature=**********abcdef&X%2DApi%2DKey=***&y"
        );
        assert_eq!(address("http://a/b"), "http://a/b");
    }
}
