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
    /// Read once, and shown to nobody before the signature is verified.
    claims: Result<Claims, Refusal>,
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
        let header = Header::read(header)?;
        let payload = decode(Part::Claims, payload)?;
        let members = json::object(&payload).map_err(|why| Refusal::Json(Part::Claims, why));
        Ok(Self {
            header,
            signed,
            claims: members.map(Claims::new),
            payload,
            signature: decode(Part::Signature, signature)?,
        })
    }

    /// What it says of its signature.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whom it says to be from: to choose whose keys to verify with, and for nothing else.
    ///
    /// # Errors
    /// Where it has no claims, or none of an issuer.
    pub fn claimed_issuer(&self) -> Result<&str, Refusal> {
        let claims = self.claims.as_ref().map_err(Clone::clone)?;
        claims.text("iss").ok_or(Refusal::Missing("iss"))
    }

    /// The claims, if the key signed them.
    ///
    /// # Errors
    /// Where it did not, or what it signed are no claims.
    pub fn verify(&self, key: &Key) -> Result<Claims, Refusal> {
        self.verify_signature(key)?;
        self.claims.clone()
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
}
