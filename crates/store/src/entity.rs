//! What is stored and how it is changed.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use crate::{CommitError, Key, Kind};

/// The most bytes of bodies, tags and contents in one commit: 32 MiB. The largest that AWS's quotas allow, a 6 MB
/// definition imported and deployed at once, fits several times.
pub const COMMIT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A stored thing: an envelope around a body that the store does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its name.
    pub key: Key,
    /// The revision of the commit that put it last.
    pub rev: u64,
    /// The version of the body's form, chosen and understood by its owner.
    pub format: u32,
    /// When it was created, in milliseconds since 1970; later puts may state it anew.
    pub created_ms: u64,
    /// AWS tags.
    pub tags: BTreeMap<String, String>,
    /// JSON of the wire shape.
    pub body: Vec<u8>,
    /// The contents it is made of, in the order given; kept for as long as an entity names them.
    pub contents: Vec<ContentHash>,
}

/// An entity to write in place of what is under its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Its name.
    pub key: Key,
    /// See [`Entity::format`].
    pub format: u32,
    /// See [`Entity::created_ms`].
    pub created_ms: u64,
    /// See [`Entity::tags`].
    pub tags: BTreeMap<String, String>,
    /// See [`Entity::body`].
    pub body: Vec<u8>,
    /// The contents it is made of: stored already or part of the same commit.
    pub contents: Vec<ContentHash>,
}

impl From<Entity> for Put {
    /// The same entity again, to be changed and put back.
    fn from(entity: Entity) -> Self {
        Self {
            key: entity.key,
            format: entity.format,
            created_ms: entity.created_ms,
            tags: entity.tags,
            body: entity.body,
            contents: entity.contents,
        }
    }
}

/// Changes that hold together or not at all. Expectations are checked first, against the state before the commit;
/// then deletions are made, then puts. So a commit may clear an API and write it anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// What must be true for the commit to be made.
    pub expect: Vec<(Key, Expected)>,
    /// Entities to write.
    pub puts: Vec<Put>,
    /// Entities to remove.
    pub deletes: Vec<Delete>,
    /// Contents that the puts name. One stored already is not stored twice; one that no entity names afterwards is
    /// not kept.
    pub contents: Vec<Content>,
}

impl Commit {
    /// The bytes it carries, against [`COMMIT_BYTES_MAX`].
    pub fn bytes(&self) -> usize {
        let puts: usize = self.puts.iter().map(put_bytes).sum();
        let contents: usize = self.contents.iter().map(|it| it.bytes.len()).sum();
        puts + contents
    }

    /// Refuses a commit over [`COMMIT_BYTES_MAX`].
    pub(crate) fn check_size(&self) -> Result<usize, CommitError> {
        let bytes = self.bytes();
        match bytes > COMMIT_BYTES_MAX {
            true => Err(CommitError::TooLarge { bytes }),
            false => Ok(bytes),
        }
    }
}

fn put_bytes(put: &Put) -> usize {
    let tags: usize = put
        .tags
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    put.body.len() + tags + put.contents.len() * size_of::<ContentHash>()
}

/// What a commit takes for granted about an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It does not exist.
    Absent,
    /// It exists.
    Present,
    /// It exists and was last put by this revision.
    Rev(u64),
}

/// What to remove. Removing what is not there is no fault; a commit that minds states an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delete {
    /// One entity; not what belongs to it.
    One(Key),
    /// Every entity of a kind under one parent.
    Children {
        /// The account.
        account: Box<str>,
        /// The region.
        region: Box<str>,
        /// The kind of the children.
        kind: Kind,
        /// The id of the parent.
        parent: Box<str>,
    },
}

impl Delete {
    /// Every entity of `kind` that belongs to the entity under `parent`.
    pub fn children_of(parent: &Key, kind: Kind) -> Self {
        Self::Children {
            account: parent.account.clone(),
            region: parent.region.clone(),
            kind,
            parent: parent.id.clone(),
        }
    }
}

/// The BLAKE3 hash by which a content is named.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// The name of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Bytes named by their hash. Only [`Content::new`] makes one, so the name is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    hash: ContentHash,
    bytes: Bytes,
}

impl Content {
    /// These bytes under their name.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            hash: ContentHash::of(&bytes),
            bytes,
        }
    }

    /// The name.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// The bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// One entity's change, as told by [`Store::changes`](crate::Store::changes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The revision of the commit.
    pub rev: u64,
    /// The entity.
    pub key: Key,
    /// What happened to it.
    pub what: What,
}

/// What a commit did to an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It was written; its present state is to be read.
    Put,
    /// It was removed.
    Delete,
}
