//! Tokens that an identity provider signed: JSON Web Tokens (RFC 7519) in the compact form, by keys of a JSON Web Key Set (RFC 7517).
//! Pure but for the signature: no input, no output, and the time is given.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html>
//!
//! In three steps, because only the caller knows whose keys to take: [`Token::read`] takes a token apart and refuses whatever is not
//! written as it should be; [`KeySet::find`] gives the one key that the header names; [`Token::verify`] gives the [`Claims`], which
//! nothing else does. [`Claims::check`] holds them against the time and the issuer. What a header says of where to find a key
//! (`jku`, `jwk`, `x5u`, `x5c`) is never looked at.

mod algorithm;
mod base64url;
mod claims;
mod header;
mod json;
mod key;
mod key_set;
mod refusal;
mod roca;
mod token;

pub use algorithm::Algorithm;
pub use claims::{Claims, Expected};
pub use header::Header;
pub use json::{DEPTH_MAX, object};
pub use key::{Key, KeyError};
pub use key_set::{KEYS_MAX, KeySet, KeySetError, SET_BYTES_MAX};
pub use refusal::{Part, Refusal};
pub use token::{TOKEN_BYTES_MAX, Token};
