//! `cacheDataEncrypted`: entries as ciphertext, under a key that this process makes for itself and that leaves with it.
//!
//! It protects what of an entry gets out of the process without the key: freed and reused memory, pages in a swap file, parts of a core
//! dump. It does not protect from who can read all of the process's memory, where the key lies too.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use tollgate_model::random::Random;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// By how much a sealed text is longer: nonce and tag.
pub(super) const OVERHEAD_BYTES: usize = NONCE_BYTES + 16;

/// The key of this process.
pub(super) struct Seal(RandomizedNonceKey);

impl Seal {
    /// A new key.
    pub(super) fn new(random: &mut Random) -> Self {
        let mut key = [0; KEY_BYTES];
        random.fill(&mut key);
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key);
        Self(key.expect("the key is as long as the algorithm's"))
    }

    /// A text that opens only together with `place`; the nonce follows it.
    pub(super) fn seal(&self, place: &[u8], mut text: Vec<u8>) -> Option<Vec<u8>> {
        let sealed = self.0.seal_in_place_append_tag(Aad::from(place), &mut text);
        text.extend_from_slice(sealed.ok()?.as_ref());
        Some(text)
    }

    /// The text again; nothing where it was sealed for another place.
    pub(super) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (text, nonce) = sealed.split_last_chunk::<NONCE_BYTES>()?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place(nonce, Aad::from(place), &mut text);
        let length = opened.ok()?.len();
        text.truncate(length);
        Some(text)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let mut random = Random::seeded(1);
        let (seal, other) = (Seal::new(&mut random), Seal::new(&mut random));
        let plain = b"a secret that is long enough to be seen".to_vec();
        let sealed = seal.seal(b"here", plain.clone()).expect("sealed");
        assert_eq!(sealed.len(), plain.len() + OVERHEAD_BYTES);
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
        assert_eq!(seal.open(b"here", &sealed), Some(plain.clone()));
        assert_eq!(seal.open(b"there", &sealed), None);
        assert_eq!(other.open(b"here", &sealed), None);
        assert_eq!(seal.open(b"here", &sealed[1..]), None);
        assert_eq!(seal.open(b"here", b""), None);
        assert_ne!(seal.seal(b"here", plain), Some(sealed));
    }
}
