//! Tags of users, roles and policies. Their keys are told apart without regard to case, and keep the one they came with.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>

use std::collections::BTreeMap;

use tollgate_wire::iam::Tag;

use super::pages::{Listed, page};
use crate::error::{ApiError, Exception};

const TAGS_MAX: usize = 50;

/// Tags on the wire.
pub(super) fn shown(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tags = tags.iter();
    tags.map(|(key, value)| Tag {
        key: Some(key.clone()),
        value: Some(value.clone()),
    })
    .collect()
}

/// The same, omitted where there are none.
pub(super) fn shown_if_any(tags: &BTreeMap<String, String>) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| shown(tags))
}

/// Adds tags, or gives them other values.
pub(super) fn add(
    tags: &mut BTreeMap<String, String>,
    added: Option<Vec<Tag>>,
) -> Result<(), ApiError> {
    let added = added.unwrap_or_default();
    check_twice(&added)?;
    for tag in added {
        let key = tag.key.unwrap_or_default();
        check_key(&key)?;
        remove(tags, std::slice::from_ref(&key));
        tags.insert(key, tag.value.unwrap_or_default());
    }
    match tags.len() > TAGS_MAX {
        true => Err(ApiError::new(
            Exception::LimitExceeded,
            format!("The number of tags has reached the maximum limit of {TAGS_MAX}."),
        )),
        false => Ok(()),
    }
}

/// Removes tags; those that are not there are passed over.
pub(super) fn remove(tags: &mut BTreeMap<String, String>, keys: &[String]) {
    tags.retain(|key, _| !keys.iter().any(|gone| gone.eq_ignore_ascii_case(key)));
}

/// A page of tags.
pub(super) fn list(
    of: &str,
    tags: &BTreeMap<String, String>,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Listed<Tag>, ApiError> {
    let list = format!("tags {of}");
    page(list, marker, max_items, shown(tags), |tag| {
        tag.key.as_deref().unwrap_or_default()
    })
}

fn check_twice(tags: &[Tag]) -> Result<(), ApiError> {
    let mut keys: Vec<String> = tags
        .iter()
        .filter_map(|tag| Some(tag.key.as_ref()?.to_ascii_lowercase()))
        .collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    match keys.len() == count {
        true => Ok(()),
        false => Err(ApiError::new(
            Exception::InvalidInput,
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        )),
    }
}

/// Guess: the text.
fn check_key(key: &str) -> Result<(), ApiError> {
    let is_own = key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    match is_own {
        true => Err(ApiError::new(
            Exception::InvalidInput,
            "Tag keys beginning with aws: are reserved for system use.",
        )),
        false => Ok(()),
    }
}
