//! Deployments that were deleted while requests that ran on them are still remembered: their definitions as they were stored, bounded in bytes,
//! the oldest make room. Nothing of it is met by requests: a deployment comes here before the store forgets it.

use std::collections::VecDeque;

use bytes::Bytes;
use tollgate_model::rest::Manifest;

/// Definitions by the hash of what was frozen, the latest last.
#[derive(Debug, Default)]
pub(crate) struct Deleted {
    kept: VecDeque<Frozen>,
    bytes: usize,
}

/// A definition as the store had it.
#[derive(Clone, Debug)]
pub(crate) struct Frozen {
    pub(crate) manifest: Manifest,
    pub(crate) contents: Vec<Bytes>,
}

/// What a part of a manifest takes beside its content: its kind, its hash and the id of its resource.
const PART_BYTES: usize = 128;

impl Frozen {
    /// Bytes that it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let contents: usize = self.contents.iter().map(Bytes::len).sum();
        contents + self.manifest.parts.len() * PART_BYTES
    }
}

impl Deleted {
    /// Keeps a definition; one of more than `bytes_max` is left out.
    pub(crate) fn keep(&mut self, frozen: Frozen, bytes_max: usize) {
        let bytes = frozen.bytes();
        if bytes > bytes_max || self.find(&frozen.manifest.hash()).is_some() {
            return;
        }
        while self.bytes + bytes > bytes_max
            && let Some(oldest) = self.kept.pop_front()
        {
            self.bytes -= oldest.bytes();
        }
        self.bytes += bytes;
        self.kept.push_back(frozen);
    }

    /// The definition with this hash.
    pub(crate) fn find(&self, hash: &[u8; 32]) -> Option<&Frozen> {
        self.kept
            .iter()
            .find(|frozen| frozen.manifest.hash() == *hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tollgate_model::rest::{Part, PartKind};

    fn frozen(number: u8, bytes: usize) -> Frozen {
        let part = Part {
            kind: PartKind::Api,
            resource_id: None,
            hash: [number; 32],
        };
        Frozen {
            manifest: Manifest { parts: vec![part] },
            contents: vec![vec![b' '; bytes].into()],
        }
    }

    fn has(deleted: &Deleted, number: u8) -> bool {
        deleted.find(&frozen(number, 0).manifest.hash()).is_some()
    }

    #[test]
    fn the_oldest_make_room_and_what_is_there_is_kept_once() {
        const BYTES_MAX: usize = 10_000;
        let mut deleted = Deleted::default();
        for number in [1, 2, 2, 3, 4] {
            deleted.keep(frozen(number, 3_000), BYTES_MAX);
            assert!(deleted.bytes <= BYTES_MAX);
        }
        assert_eq!(
            [1, 2, 3, 4].map(|it| has(&deleted, it)),
            [false, true, true, true]
        );
        deleted.keep(frozen(5, BYTES_MAX), BYTES_MAX);
        assert!(!has(&deleted, 5) && has(&deleted, 2));
        let sum: usize = deleted.kept.iter().map(Frozen::bytes).sum();
        assert_eq!(sum, deleted.bytes);
    }

    #[test]
    fn no_bytes_keep_nothing() {
        let mut deleted = Deleted::default();
        deleted.keep(frozen(1, 0), 0);
        assert!(!has(&deleted, 1));
    }
}
