//! Sessions of temporary credentials. The token holds all of one, sealed with the secrets' key and bound to its access key: no store has
//! a row of it, it survives restarts, and nobody else can make one, read one or change one.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html>

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::seal::{Seal, Unsealed};

/// The most bytes of a session before it is sealed. AWS packs policies and tags and limits what comes out of that; this is room for a
/// session policy of 2,048 characters with tags, and leaves the token smaller than the headers of a request may be.
pub const PAYLOAD_BYTES_MAX: usize = 4096;

/// What a token of ours is never longer than: nonce and tag, in base64.
const TOKEN_BYTES_MAX: usize = (PAYLOAD_BYTES_MAX + 64) / 3 * 4 + 4;

/// A session as its token has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The account that is called from.
    #[serde(rename = "a")]
    pub account: String,
    /// The unique id of the role that was assumed, or of the user whose session it is; nothing of a root.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// A role's session has a name.
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Milliseconds since 1970.
    #[serde(rename = "t")]
    pub issued_ms: u64,
    /// Milliseconds since 1970.
    #[serde(rename = "e")]
    pub expires_ms: u64,
    /// The secret half of the access key.
    #[serde(rename = "k")]
    pub secret: String,
    /// The document of a policy that bounds the session.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The ARNs of managed policies that bound the session.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// Tags of the session.
    #[serde(rename = "g", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The keys of those tags that sessions of this session have too.
    #[serde(rename = "v", default, skip_serializing_if = "Vec::is_empty")]
    pub transitive: Vec<String>,
    /// Who was behind it, as the first of a chain of sessions said.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
}

/// A session that has no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// Its policies and tags are too long: so many bytes.
    #[error("the session takes {0} bytes of {PAYLOAD_BYTES_MAX}")]
    Bytes(usize),
    /// The cipher failed.
    #[error(transparent)]
    Unsealed(#[from] Unsealed),
}

impl Session {
    /// The token of this session for the access key `access_key`.
    ///
    /// # Errors
    /// The session is too large.
    pub fn token(
        &self,
        access_key: &str,
        seal: &dyn Seal,
        random: &mut Random,
    ) -> Result<String, TooLarge> {
        let payload = self.payload();
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(TooLarge::Bytes(payload.len()));
        }
        let sealed = seal.seal(&owner(access_key), &payload, random)?;
        Ok(STANDARD.encode(sealed))
    }

    /// Bytes of it before it is sealed.
    pub fn payload_bytes(&self) -> usize {
        self.payload().len()
    }

    /// The session of a token that was made for `access_key`; nothing when it is anything else.
    pub fn open(token: &str, access_key: &str, seal: &dyn Seal) -> Option<Self> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let sealed = STANDARD.decode(token).ok()?;
        let payload = seal.open(&owner(access_key), &sealed)?;
        serde_json::from_slice(&payload).ok()
    }

    fn payload(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers are JSON")
    }
}

fn owner(access_key: &str) -> String {
    format!("session/{access_key}")
}
