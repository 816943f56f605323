//! Reading in pages: by the last id seen, never by an offset, so that concurrent writes neither repeat nor hide an
//! entity.

use crate::{Entity, Key, Kind, Store, StoreError};

/// The most entities in one page; a larger limit means this one.
pub const PAGE_MAX: usize = 1_000;

/// A page of the entities of one kind under one parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The account.
    pub account: Box<str>,
    /// The region.
    pub region: Box<str>,
    /// The kind.
    pub kind: Kind,
    /// The parent's id; empty for what stands by itself.
    pub parent: Box<str>,
    /// Only ids after this one.
    pub after: Option<Box<str>>,
    /// Only ids before this one.
    pub before: Option<Box<str>>,
    /// At most so many, and at most [`PAGE_MAX`].
    pub limit: usize,
}

impl Range {
    /// The first page of what stands by itself.
    pub fn top(account: &str, region: &str, kind: Kind) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            kind,
            parent: "".into(),
            after: None,
            before: None,
            limit: PAGE_MAX,
        }
    }

    /// The first page of what belongs to the entity under `parent`.
    pub fn children_of(parent: &Key, kind: Kind) -> Self {
        Self {
            parent: parent.id.clone(),
            ..Self::top(&parent.account, &parent.region, kind)
        }
    }
}

/// Every entity of a range, page by page. An entity put meanwhile may or may not be among them.
pub async fn whole_range(store: &dyn Store, range: Range) -> Result<Vec<Entity>, StoreError> {
    let mut range = Range {
        limit: PAGE_MAX,
        ..range
    };
    let mut whole = Vec::new();
    loop {
        let page = store.list(range.clone()).await?;
        let is_last = page.len() < PAGE_MAX;
        range.after = page.last().map(|entity| entity.key.id.clone());
        whole.extend(page);
        if is_last {
            return Ok(whole);
        }
    }
}

/// Every entity of a kind in the whole store, page by page.
pub async fn all_of_kind(store: &dyn Store, kind: Kind) -> Result<Vec<Entity>, StoreError> {
    let mut whole: Vec<Entity> = Vec::new();
    loop {
        let after = whole.last().map(|entity| entity.key.clone());
        let page = store.all(kind, after, PAGE_MAX).await?;
        let is_last = page.len() < PAGE_MAX;
        whole.extend(page);
        if is_last {
            return Ok(whole);
        }
    }
}
