//! Secrets at rest: who keeps them says what they belong to, and who seals them decides how.

use crate::random::Random;

/// Seals secrets and opens them again. The program gives it, with a key that no store has.
pub trait Seal: Send + Sync {
    /// The secret sealed, so that it can be opened for the same `owner` only.
    ///
    /// # Errors
    /// The cipher fails, which no secret of a few kilobytes brings about.
    fn seal(&self, owner: &str, secret: &[u8], random: &mut Random) -> Result<Vec<u8>, Unsealed>;

    /// The secret of `owner`; nothing when another key sealed it, when it belongs to something else, or when a bit of it was changed.
    fn open(&self, owner: &str, sealed: &[u8]) -> Option<Vec<u8>>;
}

/// The cipher failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cipher failed")]
pub struct Unsealed;
