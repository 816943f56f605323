//! The checksum of an entity's row. The engine's own structures show most damage, but a bit that changes within a value shows in nothing: an
//! API would be another one without a word.

use crate::Kind;

/// Half of a BLAKE3 hash: accidents are to be found, not forgeries.
pub(super) const BYTES: usize = 16;

/// What a row holds, as it is stored.
pub(super) struct Row<'r> {
    pub(super) kind: Kind,
    /// Account, region, parent and id.
    pub(super) names: [&'r str; 4],
    /// Revision, format and time of creation.
    pub(super) numbers: [u64; 3],
    pub(super) tags: &'r str,
    pub(super) body: &'r [u8],
    pub(super) contents: &'r [u8],
}

impl Row<'_> {
    /// Its checksum: of each part behind its length, so that nothing can move from one to the next.
    pub(super) fn checksum(&self) -> [u8; BYTES] {
        let mut hasher = blake3::Hasher::new();
        let mut add = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        };
        add(self.kind.as_str().as_bytes());
        self.names.iter().for_each(|name| add(name.as_bytes()));
        self.numbers
            .iter()
            .for_each(|number| add(&number.to_le_bytes()));
        add(self.tags.as_bytes());
        add(self.body);
        add(self.contents);
        let mut checksum = [0; BYTES];
        hasher.finalize_xof().fill(&mut checksum);
        checksum
    }
}
