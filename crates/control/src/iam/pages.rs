//! Lists in pages: `Marker`, `MaxItems`, `IsTruncated`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>

use crate::error::{ApiError, Exception};
use crate::paging::Page;

const MAX_ITEMS_DEFAULT: i32 = 100;

/// A page of a list.
pub(super) struct Listed<T> {
    pub(super) items: Vec<T>,
    pub(super) marker: Option<String>,
}

impl<T> Listed<T> {
    /// As answers tell it.
    pub(super) fn is_truncated(&self) -> Option<bool> {
        Some(self.marker.is_some())
    }
}

/// The page of `items` that was asked for; they are ordered by `id`. `list` differs for every list and filter, so that a
/// marker serves no other. AWS may return fewer than were asked for, and so does this.
pub(super) fn page<T>(
    list: String,
    marker: Option<&str>,
    max_items: Option<i32>,
    items: Vec<T>,
    id: impl Fn(&T) -> &str,
) -> Result<Listed<T>, ApiError> {
    let limit = max_items.unwrap_or(MAX_ITEMS_DEFAULT);
    // Guess: AWS's text for a made-up marker is not recorded.
    let page = Page::of(list, marker, Some(limit))
        .map_err(|_| ApiError::new(Exception::Validation, "Invalid Marker."))?;
    let (items, marker) = page.cut(items, id);
    Ok(Listed { items, marker })
}
