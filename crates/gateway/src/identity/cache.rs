//! Tokens that one core verified, so that the next request with one costs a look and no signature. Only what its issuer signed gets in, so
//! nobody fills it by making tokens up.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::finding::Finding;
use super::issuer::Issuer;

/// Tokens of one generation; there are two.
const TOKENS_MAX: usize = 4_096;

/// Bytes of the tokens of one generation; what is kept of one is about as long as it is.
const BYTES_MAX: usize = 4 << 20;

/// The digest of a token: the token itself is not kept.
pub(super) type Digest = [u8; 32];

/// A token that was verified.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) issuer: Arc<Issuer>,
    /// Of the keys that verified it.
    pub(super) keys: [u8; 32],
    /// [`Finding::Verified`]
    pub(super) finding: Rc<Finding>,
    pub(super) bytes: usize,
}

/// Two generations: what is found moves to the young one; when that is full, the old one goes.
#[derive(Debug, Default)]
pub(super) struct Cache {
    young: Generation,
    old: Generation,
}

#[derive(Debug, Default)]
struct Generation {
    entries: HashMap<Digest, Entry>,
    bytes: usize,
}

impl Cache {
    pub(super) fn find(&mut self, digest: &Digest) -> Option<Entry> {
        if let Some(entry) = self.young.entries.get(digest) {
            return Some(entry.clone());
        }
        let entry = self.old.take(digest)?;
        self.put(*digest, entry.clone());
        Some(entry)
    }

    pub(super) fn put(&mut self, digest: Digest, entry: Entry) {
        if self.young.is_full() {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.bytes += entry.bytes;
        if let Some(before) = self.young.entries.insert(digest, entry) {
            self.young.bytes -= before.bytes;
        }
    }

    /// Forgets a token whose time is over.
    pub(super) fn forget(&mut self, digest: &Digest) {
        self.young.take(digest);
        self.old.take(digest);
    }
}

impl Generation {
    fn is_full(&self) -> bool {
        self.entries.len() >= TOKENS_MAX || self.bytes >= BYTES_MAX
    }

    fn take(&mut self, digest: &Digest) -> Option<Entry> {
        let entry = self.entries.remove(digest)?;
        self.bytes -= entry.bytes;
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::IdentityProviders;

    fn entry(bytes: usize) -> Entry {
        Entry {
            issuer: IdentityProviders::any().find("x").expect("any").clone(),
            keys: [0; 32],
            finding: Rc::new(Finding::Refused(String::new())),
            bytes,
        }
    }

    fn digest(number: usize) -> Digest {
        *blake3::hash(&number.to_le_bytes()).as_bytes()
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_used() {
        for (tokens, bytes) in [(20_000, 100), (100, 1 << 20)] {
            let mut cache = Cache::default();
            for number in 0..tokens {
                cache.put(digest(number), entry(bytes));
                assert!(
                    cache.find(&digest(0)).is_some(),
                    "it is asked for all the time"
                );
            }
            assert!(cache.young.entries.len() + cache.old.entries.len() <= 2 * TOKENS_MAX);
            assert!(cache.young.bytes + cache.old.bytes <= 2 * (BYTES_MAX + bytes));
            assert!(
                cache.find(&digest(1)).is_none(),
                "nobody asked for it again"
            );
            cache.forget(&digest(0));
            assert!(cache.find(&digest(0)).is_none());
        }
    }
}
