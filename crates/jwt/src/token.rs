//! A token in the compact form (RFC 7515 §7.1): header, claims and signature, dots between.

use crate::claims::Claims;
use crate::header::Header;
use crate::key::Key;
use crate::refusal::{Part, Refusal};
use crate::{base64url, json};

/// Bytes of a whole token. Real ones have one to four thousand.
pub const TOKEN_BYTES_MAX: usize = 16 << 10;

/// A token taken apart, not verified yet.
#[derive(Debug)]
pub struct Token<'t> {
    header: Header,
    /// What the signature covers: the first two parts as they were sent.
    signed: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Takes a token apart. What is claimed in it can be read only once it is verified.
    pub fn read(text: &'t str) -> Result<Self, Refusal> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(Refusal::TooLong(TOKEN_BYTES_MAX));
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Refusal::Parts)?;
        let (header, payload) = signed.split_once('.').ok_or(Refusal::Parts)?;
        if payload.contains('.') {
            return Err(Refusal::Parts);
        }
        let decode = |part, text| base64url::decode(text).ok_or(Refusal::Encoding(part));
        Ok(Self {
            header: Header::read(header)?,
            signed,
            payload: decode(Part::Claims, payload)?,
            signature: decode(Part::Signature, signature)?,
        })
    }

    /// What it says of its signature.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whom it says to be from, as far as that can be read: to choose whose keys to verify with, and for nothing else.
    pub fn claimed_issuer(&self) -> Option<String> {
        let claims = self.claims().ok()?;
        claims.text("iss").map(ToOwned::to_owned)
    }

    /// The claims, if the key signed them.
    pub fn verify(&self, key: &Key) -> Result<Claims, Refusal> {
        self.verify_signature(key)?;
        self.claims()
    }

    /// The payload, if the key signed it, whether it is claims or something else.
    pub fn verify_payload(&self, key: &Key) -> Result<&[u8], Refusal> {
        self.verify_signature(key)?;
        Ok(&self.payload)
    }

    fn verify_signature(&self, key: &Key) -> Result<(), Refusal> {
        key.verify(
            self.header.algorithm,
            self.signed.as_bytes(),
            &self.signature,
        )
    }

    fn claims(&self) -> Result<Claims, Refusal> {
        let members =
            json::object(&self.payload).map_err(|why| Refusal::Json(Part::Claims, why))?;
        Ok(Claims::new(members))
    }
}
