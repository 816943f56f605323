//! One public key of an issuer, a JSON Web Key (RFC 7517): what it may verify, and the verifying.

use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use serde_json::{Map, Value};

use crate::algorithm::{Algorithm, Scheme};
use crate::refusal::{Refusal, shown};
use crate::{base64url, roca};

/// A key that signatures are verified with.
pub struct Key {
    id: Option<String>,
    /// The key, parsed once for each algorithm that it is for.
    parsed: Vec<(Algorithm, ParsedPublicKey)>,
}

/// Why a key is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum KeyError {
    #[error("{0} is missing or not a text")]
    Missing(&'static str),
    #[error("keys of kind {0} are not taken")]
    Type(String),
    #[error("curve {0} is not taken")]
    Curve(String),
    #[error("it is not for signatures ({0})")]
    Use(&'static str),
    #[error("its algorithm {0} is not taken, or not for such a key")]
    Algorithm(String),
    #[error("{0} is not base64url of the right length")]
    Encoding(&'static str),
    #[error("it has {0} bits; 2048 to 8192 are taken")]
    Size(usize),
    #[error("its exponent is even or 1, so anybody can sign with it")]
    Exponent,
    #[error("its private part is public, so anybody can sign with it")]
    Private,
    #[error("it was made by a generator whose keys can be factored (ROCA)")]
    Roca,
    #[error("it is no key")]
    Invalid,
}

impl Key {
    /// Reads one member of a key set.
    pub fn read(members: &Map<String, Value>) -> Result<Self, KeyError> {
        check_use(members)?;
        let parsed = match text(members, "kty")? {
            "RSA" => rsa(members),
            "EC" => elliptic(members),
            other => Err(KeyError::Type(shown(other))),
        }?;
        Ok(Self {
            id: match members.get("kid") {
                None => None,
                Some(Value::String(id)) => Some(id.clone()),
                Some(_) => return Err(KeyError::Missing("kid")),
            },
            parsed,
        })
    }

    /// Its name, `kid`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether it is for this algorithm.
    pub fn is_for(&self, algorithm: Algorithm) -> bool {
        self.parsed.iter().any(|(own, _)| *own == algorithm)
    }

    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), Refusal> {
        let mut parsed = self.parsed.iter();
        let Some((_, key)) = parsed.find(|(own, _)| *own == algorithm) else {
            return Err(Refusal::KeyAlgorithm {
                key: self.name(),
                algorithm: algorithm.name(),
            });
        };
        key.verify_sig(signed, signature)
            .map_err(|_| Refusal::Signature(self.name()))
    }

    /// Its name for a message.
    pub(crate) fn name(&self) -> String {
        shown(self.id().unwrap_or_default())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let algorithms: Vec<_> = self.parsed.iter().map(|(algorithm, _)| algorithm).collect();
        formatter
            .debug_struct("Key")
            .field("id", &self.id)
            .field("algorithms", &algorithms)
            .finish()
    }
}

/// A key for encryption verifies nothing (RFC 7517 §4.2, §4.3).
fn check_use(members: &Map<String, Value>) -> Result<(), KeyError> {
    if members.get("use").is_some_and(|value| value != "sig") {
        return Err(KeyError::Use("use"));
    }
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|it| it == "verify") => Ok(()),
        Some(_) => Err(KeyError::Use("key_ops")),
    }
}

fn rsa(members: &Map<String, Value>) -> Result<Vec<(Algorithm, ParsedPublicKey)>, KeyError> {
    let algorithms = algorithms(
        members,
        &[Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512],
    )?;
    if ["d", "p", "q", "dp", "dq", "qi"]
        .iter()
        .any(|name| members.contains_key(*name))
    {
        return Err(KeyError::Private);
    }
    let (modulus, exponent) = (number(members, "n")?, number(members, "e")?);
    check_modulus(&modulus)?;
    if exponent == [1] || exponent.last().is_none_or(|byte| byte % 2 == 0) {
        return Err(KeyError::Exponent);
    }
    let components = RsaPublicKeyComponents {
        n: &modulus[..],
        e: &exponent[..],
    };
    let parse = |algorithm: Algorithm| match algorithm.scheme() {
        Scheme::Rsa(parameters) => components.to_parsed_public_key(parameters).ok(),
        Scheme::Ecdsa(_) => None,
    };
    parse_each(&algorithms, parse)
}

fn check_modulus(modulus: &[u8]) -> Result<(), KeyError> {
    let leading = modulus.first().map_or(8, |byte| byte.leading_zeros()) as usize;
    let bits = (modulus.len() * 8).saturating_sub(leading);
    if !(2_048..=8_192).contains(&bits) {
        return Err(KeyError::Size(bits));
    }
    match roca::is_weak(modulus) {
        true => Err(KeyError::Roca),
        false => Ok(()),
    }
}

fn elliptic(members: &Map<String, Value>) -> Result<Vec<(Algorithm, ParsedPublicKey)>, KeyError> {
    let (algorithm, length) = match text(members, "crv")? {
        "P-256" => (Algorithm::Es256, 32),
        "P-384" => (Algorithm::Es384, 48),
        other => return Err(KeyError::Curve(shown(other))),
    };
    let algorithms = algorithms(members, &[algorithm])?;
    if members.contains_key("d") {
        return Err(KeyError::Private);
    }
    // An uncompressed point (SEC 1 §2.3.3).
    let mut point = vec![4];
    for name in ["x", "y"] {
        let coordinate = bytes(members, name)?;
        if coordinate.len() != length {
            return Err(KeyError::Encoding(name));
        }
        point.extend_from_slice(&coordinate);
    }
    let parse = |algorithm: Algorithm| match algorithm.scheme() {
        Scheme::Ecdsa(scheme) => ParsedPublicKey::new(scheme, &point).ok(),
        Scheme::Rsa(_) => None,
    };
    parse_each(&algorithms, parse)
}

fn parse_each(
    algorithms: &[Algorithm],
    parse: impl Fn(Algorithm) -> Option<ParsedPublicKey>,
) -> Result<Vec<(Algorithm, ParsedPublicKey)>, KeyError> {
    let parsed = algorithms.iter().map(|it| Some((*it, parse(*it)?)));
    parsed.collect::<Option<_>>().ok_or(KeyError::Invalid)
}

/// What the key is for: all that such a key can do, unless it names one (RFC 7517 §4.4).
fn algorithms(
    members: &Map<String, Value>,
    possible: &[Algorithm],
) -> Result<Vec<Algorithm>, KeyError> {
    if !members.contains_key("alg") {
        return Ok(possible.to_vec());
    }
    let name = text(members, "alg")?;
    match Algorithm::parse(name).filter(|algorithm| possible.contains(algorithm)) {
        Some(algorithm) => Ok(vec![algorithm]),
        None => Err(KeyError::Algorithm(shown(name))),
    }
}

fn text<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<&'m str, KeyError> {
    let value = members.get(name).and_then(Value::as_str);
    value.ok_or(KeyError::Missing(name))
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, KeyError> {
    base64url::decode(text(members, name)?).ok_or(KeyError::Encoding(name))
}

/// A number without the zero bytes that some issuers write before it (RFC 7518 §2 has none).
fn number(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, KeyError> {
    let mut bytes = bytes(members, name)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    match bytes.is_empty() {
        true => Err(KeyError::Encoding(name)),
        false => Ok(bytes),
    }
}
