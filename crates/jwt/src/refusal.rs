//! Why a token is refused, in words for the operator: the claim, the key, the issuer; never the token.

use std::fmt;

/// Why a token is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    #[error("it does not have three parts with two dots between")]
    Parts,
    #[error("its {0} is not base64url without padding")]
    Encoding(Part),
    #[error("its {0} cannot be read: {1}")]
    Json(Part, String),
    #[error("its header names no algorithm (alg)")]
    NoAlgorithm,
    #[error("it is not signed (alg is none)")]
    Unsigned,
    #[error("its algorithm {0} is not taken (RS256, RS384, RS512, ES256, ES384 are)")]
    Algorithm(String),
    #[error("the name of its key (kid) is not a text of up to 256 bytes")]
    KeyId,
    #[error("its header holds {0}, which is not understood")]
    Extension(&'static str),
    #[error("the issuer has no key {0}")]
    UnknownKey(String),
    #[error("its header names no key (kid), and the issuer has not exactly one for {0}")]
    NoKeyId(&'static str),
    #[error("the issuer's key {key} is not for its algorithm {algorithm}")]
    KeyAlgorithm {
        key: String,
        algorithm: &'static str,
    },
    #[error("its signature is not by the issuer's key {0}")]
    Signature(String),
    #[error("claim {0} is missing")]
    Missing(&'static str),
    #[error("claim {0} is not {1}")]
    Kind(&'static str, &'static str),
    #[error("it expired {0} s ago (exp)")]
    Expired(u64),
    #[error("it is valid only {0} s from now (nbf)")]
    NotYet(u64),
    #[error("it was issued {0} s from now (iat)")]
    IssuedLater(u64),
    #[error("its issuer (iss) {0} is not {1}")]
    Issuer(String, String),
    #[error("claim token_use is {found}, not {expected}")]
    TokenUse {
        found: String,
        expected: &'static str,
    },
}

/// A part of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the order in which they come")]
pub enum Part {
    Header,
    Claims,
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Header => "header",
            Self::Claims => "claims",
            Self::Signature => "signature",
        })
    }
}

/// Characters of what a token says that go into a message.
const SHOWN_MAX: usize = 80;

/// What a token says, for a message: quoted, on one line, ASCII only (a look-alike shows as what it is), and cut.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(SHOWN_MAX) + 2);
    shown.push('"');
    for (at, character) in text.chars().flat_map(char::escape_default).enumerate() {
        if at == SHOWN_MAX {
            shown.push('…');
            break;
        }
        shown.push(character);
    }
    shown.push('"');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_token_says_cannot_write_lines_of_its_own() {
        assert_eq!(shown("a\r\nb\""), r#""a\r\nb\"""#);
        assert_eq!(shown("аdmin"), r#""\u{430}dmin""#);
        assert_eq!(shown(&"x".repeat(1_000)).chars().count(), SHOWN_MAX + 3);
    }
}
