//! A token's header (RFC 7515 §4): the algorithm and the name of the key, and nothing else that is obeyed.

use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::refusal::{Part, Refusal, shown};
use crate::{base64url, json};

/// Bytes of a key's name.
const KEY_ID_BYTES_MAX: usize = 256;

/// What a token says of its signature. Nobody has vouched for it: it may choose among the keys that the issuer has, and no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What it is signed with.
    pub algorithm: Algorithm,
    /// The name of the key, `kid`.
    pub key_id: Option<String>,
}

impl Header {
    pub(crate) fn read(encoded: &str) -> Result<Self, Refusal> {
        let bytes = base64url::decode(encoded).ok_or(Refusal::Encoding(Part::Header))?;
        let members = json::object(&bytes).map_err(|why| Refusal::Json(Part::Header, why))?;
        let header = Self {
            algorithm: algorithm(&members)?,
            key_id: key_id(&members)?,
        };
        refuse_extensions(&members)?;
        Ok(header)
    }
}

fn algorithm(members: &Map<String, Value>) -> Result<Algorithm, Refusal> {
    let Some(Value::String(name)) = members.get("alg") else {
        return Err(Refusal::NoAlgorithm);
    };
    // By whatever case it is written, as some libraries once took "nOnE" for something else than "none".
    if name.eq_ignore_ascii_case("none") {
        return Err(Refusal::Unsigned);
    }
    Algorithm::parse(name).ok_or_else(|| Refusal::Algorithm(shown(name)))
}

fn key_id(members: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    match members.get("kid") {
        None => Ok(None),
        Some(Value::String(id)) if id.len() <= KEY_ID_BYTES_MAX => Ok(Some(id.clone())),
        Some(_) => Err(Refusal::KeyId),
    }
}

/// RFC 7515 §4.1.11: whoever does not understand what `crit` names must refuse. Nothing that can be named is understood here, an
/// unencoded payload (RFC 7797) included. A compressed one (`zip`) belongs to encrypted tokens.
fn refuse_extensions(members: &Map<String, Value>) -> Result<(), Refusal> {
    let names = ["crit", "b64", "zip", "enc"];
    match names.into_iter().find(|name| members.contains_key(*name)) {
        Some(name) => Err(Refusal::Extension(name)),
        None => Ok(()),
    }
}
