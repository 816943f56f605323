//! Sealing: AES-256-GCM of `aws-lc-rs` with a random nonce, bound to what the secret belongs to.
//!
//! Nonces come from the injected randomness, which the operating system seeds: the library's own generator measures the
//! processor's jitter for some 50 ms before its first byte, at every start.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use tollgate_model::api_key::Digester;
use tollgate_model::random::Random;
use tollgate_model::seal::{Seal, Unsealed};

/// Bytes of the key.
pub(crate) const KEY_BYTES: usize = 32;

/// Seals and opens secrets.
pub(crate) struct Sealer {
    cipher: LessSafeKey,
    digester: Digester,
}

impl Sealer {
    /// A sealer with this key.
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Result<Self, Unsealed> {
        let cipher = UnboundKey::new(&AES_256_GCM, key).map_err(|_| Unsealed)?;
        Ok(Self {
            cipher: LessSafeKey::new(cipher),
            digester: Digester::derived_from(key),
        })
    }

    /// What finds the values of API keys: it has a key of its own, made of the sealer's.
    pub(crate) fn digester(&self) -> Digester {
        self.digester.clone()
    }
}

impl Seal for Sealer {
    /// Nonce, ciphertext, tag.
    fn seal(&self, owner: &str, secret: &[u8], random: &mut Random) -> Result<Vec<u8>, Unsealed> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut text = secret.to_vec();
        // 96 random bits are unique enough for far more secrets than a store ever holds.
        let unique = Nonce::assume_unique_for_key(nonce);
        let sealed = self
            .cipher
            .seal_in_place_append_tag(unique, Aad::from(owner), &mut text);
        sealed.map_err(|_| Unsealed)?;
        Ok([nonce.as_slice(), &text].concat())
    }

    fn open(&self, owner: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let opened = self
            .cipher
            .open_in_place(nonce, Aad::from(owner), &mut text);
        Some(opened.ok()?.to_vec())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sealer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_opens_for_the_same_owner_what_was_not_changed() {
        let (sealer, mut random) = (Sealer::new(&[7; KEY_BYTES]).unwrap(), Random::from_os());
        let sealed = sealer.seal("a", b"secret", &mut random).unwrap();
        assert_eq!(sealer.open("a", &sealed), Some(b"secret".to_vec()));
        assert_eq!(sealer.open("b", &sealed), None);
        assert_eq!(
            Sealer::new(&[8; KEY_BYTES]).unwrap().open("a", &sealed),
            None
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(sealer.open("a", &changed), None, "byte {at}");
            assert_eq!(sealer.open("a", &sealed[..at]), None, "cut at {at}");
        }
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_ne!(
            sealer.seal("a", b"secret", &mut random).unwrap(),
            sealed,
            "nonces are never used twice"
        );
    }
}
