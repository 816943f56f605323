//! API keys as they are stored and looked up. What a client presents is a secret: the store has it sealed, to be shown again,
//! and as a digest under a key of the installation, to be found by; in clear it is nowhere.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-setup-api-keys.html>

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tollgate_wire::apigateway::ApiKey;
use tollgate_wire::json;

/// The fewest characters of a key's value: recorded.
pub const VALUE_LENGTH_MIN: usize = 20;
/// The most characters of a key's value: recorded.
pub const VALUE_LENGTH_MAX: usize = 128;
/// What an account and a region may add to a value: twelve digits, a region's name and two separators.
const OWNER_BYTES_MAX: usize = 64;

/// What a key's value is found by. Half of a BLAKE3 hash under a secret key: whoever has the store alone cannot try values, and
/// comparing digests tells nothing of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub u128);

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Makes digests of values.
#[derive(Clone)]
pub struct Digester([u8; 32]);

impl fmt::Debug for Digester {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Digester")
    }
}

impl Default for Digester {
    /// One for tests and for what has no keys to look up: its key is no secret.
    fn default() -> Self {
        Self::derived_from(&[])
    }
}

impl Digester {
    /// The digester of an installation whose secrets are sealed with `secret`.
    pub fn derived_from(secret: &[u8]) -> Self {
        Self(blake3::derive_key(
            "tollgate 2026-11 digests of API key values",
            secret,
        ))
    }

    /// The digest of a value of this account and region; none where it is too long to be a key's.
    pub fn of(&self, account: &str, region: &str, value: &[u8]) -> Option<Digest> {
        if value.len() > VALUE_LENGTH_MAX || account.len() + region.len() + 2 > OWNER_BYTES_MAX {
            return None;
        }
        // One buffer and one call: a short key's text fits a single block of the hash.
        let mut text = [0; VALUE_LENGTH_MAX + OWNER_BYTES_MAX];
        let mut end = 0;
        for part in [value, b"\0", account.as_bytes(), b"\0", region.as_bytes()] {
            text[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        }
        let hash = blake3::keyed_hash(&self.0, &text[..end]);
        let (half, _) = hash.as_bytes().split_first_chunk()?;
        Some(Digest(u128::from_be_bytes(*half)))
    }
}

/// A key as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredApiKey {
    /// Everything of it but its value.
    pub key: ApiKey,
    /// Its value, sealed for its owner.
    pub sealed_value: Vec<u8>,
    /// What its value is found by.
    pub digest: Digest,
}

/// The form that is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    key: Box<RawValue>,
    sealed_value: String,
    digest: String,
}

/// A stored key that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored API key cannot be read: {0}")]
pub struct Unreadable(String);

impl StoredApiKey {
    /// As it is stored.
    pub fn to_json(&self) -> Vec<u8> {
        let key = ApiKey {
            value: None,
            ..self.key.clone()
        };
        let key = String::from_utf8(json::to_vec(&key)).expect("JSON is UTF-8");
        let form = Form {
            key: RawValue::from_string(key).expect("a shape is written as JSON"),
            sealed_value: hex_of(&self.sealed_value),
            digest: self.digest.to_string(),
        };
        serde_json::to_vec(&form).expect("texts always have a JSON form")
    }

    /// As it was stored.
    ///
    /// # Errors
    /// When the bytes are not what [`StoredApiKey::to_json`] writes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Unreadable> {
        let unreadable = |reason: &dyn fmt::Display| Unreadable(reason.to_string());
        let form: Form = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
        let key = json::from_slice(form.key.get().as_bytes());
        let digest = u128::from_str_radix(&form.digest, 16);
        Ok(Self {
            key: key.map_err(|error| unreadable(&error))?,
            sealed_value: bytes_of(&form.sealed_value)
                .ok_or_else(|| unreadable(&"its value is not in hexadecimal digits"))?,
            digest: Digest(digest.map_err(|error| unreadable(&error))?),
        })
    }
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_keys_come_back_without_their_values() {
        let key = ApiKey {
            id: Some("a1b2c3d4e5".to_owned()),
            value: Some("never written".to_owned()),
            enabled: Some(true),
            ..ApiKey::default()
        };
        let stored = StoredApiKey {
            key: key.clone(),
            sealed_value: vec![0, 255, 16],
            digest: Digest(7),
        };
        let json = stored.to_json();
        assert!(!String::from_utf8_lossy(&json).contains("never"));
        let expected = StoredApiKey {
            key: ApiKey { value: None, ..key },
            ..stored
        };
        assert_eq!(StoredApiKey::from_json(&json), Ok(expected));
        for bad in ["", "{}", r#"{"key":{},"sealedValue":"zz","digest":"7"}"#] {
            assert!(StoredApiKey::from_json(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn digests_differ_by_everything_they_are_made_of() {
        let digest = |secret: &[u8], account, region, value: &str| {
            Digester::derived_from(secret).of(account, region, value.as_bytes())
        };
        let one = digest(b"s", "000000000000", "us-east-1", "0123456789abcdefghij");
        assert!(one.is_some());
        for other in [
            digest(b"t", "000000000000", "us-east-1", "0123456789abcdefghij"),
            digest(b"s", "000000000001", "us-east-1", "0123456789abcdefghij"),
            digest(b"s", "000000000000", "us-east-2", "0123456789abcdefghij"),
            digest(b"s", "000000000000", "us-east-1", "0123456789abcdefghiJ"),
            digest(b"s", "000000000000", "us-east-1", "0123456789abcdefghi"),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(digest(b"s", "0", "r", &"a".repeat(129)), None);
        assert!(digest(b"s", "0", "r", &"a".repeat(128)).is_some());
        assert_eq!(digest(b"s", "0", &"r".repeat(99), "a"), None);
    }
}
