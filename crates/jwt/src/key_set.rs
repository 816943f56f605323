//! The public keys of an issuer: a JSON Web Key Set (RFC 7517 §5).

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::header::Header;
use crate::json;
use crate::key::{Key, KeyError};
use crate::refusal::{Refusal, shown};

/// Bytes of a whole set. Large issuers publish some tens of thousands, certificates and all.
pub const SET_BYTES_MAX: usize = 256 << 10;

/// Keys of a set, those that are not used included.
pub const KEYS_MAX: usize = 100;

/// The keys of an issuer that can verify tokens.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    skipped: Vec<(String, KeyError)>,
}

/// Why a set is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum KeySetError {
    #[error("the key set is longer than {SET_BYTES_MAX} bytes")]
    TooLong,
    #[error("the key set cannot be read: {0}")]
    Json(String),
    #[error("the key set has no list `keys` of objects")]
    Shape,
    #[error("the key set has more than {KEYS_MAX} keys")]
    TooMany,
    #[error("the key set has two keys {0}")]
    Ambiguous(String),
    #[error("the key set has no key that could verify a token{0}")]
    Empty(String),
}

impl KeySet {
    /// Reads a set. A key that cannot be used is left out, as RFC 7517 §5 asks; a set without any other is refused.
    pub fn read(bytes: &[u8]) -> Result<Self, KeySetError> {
        if bytes.len() > SET_BYTES_MAX {
            return Err(KeySetError::TooLong);
        }
        let members = json::object(bytes).map_err(KeySetError::Json)?;
        let Some(Value::Array(given)) = members.get("keys") else {
            return Err(KeySetError::Shape);
        };
        if given.len() > KEYS_MAX {
            return Err(KeySetError::TooMany);
        }
        let mut set = Self::default();
        for key in given {
            set.add(key)?;
        }
        match set.keys.is_empty() {
            true => Err(KeySetError::Empty(set.skipped_text())),
            false => Ok(set),
        }
    }

    /// The key that a token's header names.
    pub fn find(&self, header: &Header) -> Result<&Key, Refusal> {
        match &header.key_id {
            Some(id) => self.named(id, header.algorithm),
            None => self.only(header.algorithm),
        }
    }

    /// How many keys can verify tokens.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none; a set that was read always has one.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that were left out, and why.
    pub fn skipped(&self) -> &[(String, KeyError)] {
        &self.skipped
    }

    /// Two keys of one name would let a token choose; keys without a name are never chosen by one.
    fn add(&mut self, given: &Value) -> Result<(), KeySetError> {
        let Value::Object(members) = given else {
            return Err(KeySetError::Shape);
        };
        match Key::read(members) {
            Ok(key) => {
                let taken = |other: &Key| key.id().is_some() && other.id() == key.id();
                if self.keys.iter().any(taken) {
                    return Err(KeySetError::Ambiguous(key.name()));
                }
                self.keys.push(key);
            }
            Err(error) => {
                let id = members.get("kid").and_then(Value::as_str);
                self.skipped.push((shown(id.unwrap_or_default()), error));
            }
        }
        Ok(())
    }

    fn named(&self, id: &str, algorithm: Algorithm) -> Result<&Key, Refusal> {
        let mut keys = self.keys.iter();
        let key = keys.find(|key| key.id() == Some(id));
        let key = key.ok_or_else(|| Refusal::UnknownKey(shown(id)))?;
        match key.is_for(algorithm) {
            true => Ok(key),
            false => Err(Refusal::KeyAlgorithm {
                key: key.name(),
                algorithm: algorithm.name(),
            }),
        }
    }

    /// A token that names no key is taken where only one key can be meant.
    fn only(&self, algorithm: Algorithm) -> Result<&Key, Refusal> {
        let mut fitting = self.keys.iter().filter(|key| key.is_for(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) | (Some(_), Some(_)) => Err(Refusal::NoKeyId(algorithm.name())),
        }
    }

    fn skipped_text(&self) -> String {
        let mut skipped = self.skipped.iter();
        skipped
            .next()
            .map_or_else(String::new, |(id, error)| format!(": key {id}: {error}"))
    }
}
