//! Policies that are part of a user, a group or a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use super::account::Edit;
use super::documents;
use super::holders::{self, Holder, HolderKind, no_such_entity};
use super::pages::{Listed, page};
use crate::error::{ApiError, Exception};
use crate::session::Session;

/// Writes a policy, in the place of one of its name.
pub(super) async fn put(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
    policy: Option<String>,
    document: Option<String>,
) -> Result<(), ApiError> {
    let (name, policy) = (name.unwrap_or_default(), policy.unwrap_or_default());
    let document = document.unwrap_or_default();
    let mut edit = Edit::begin(on).await?;
    let mut holder = holders::find(on, kind, &name).await?;
    super::roles::check_modifiable(&holder.it)?;
    documents::check_identity(&document)?;
    holder.it.inline.insert(policy, document);
    check_size(kind, &holder.it)?;
    edit.put(&holder)?;
    edit.commit(on).await
}

/// The holder's name and the document, as answers carry them.
pub(super) async fn get(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
    policy: &str,
) -> Result<(String, String), ApiError> {
    let holder = holders::find(on, kind, &name.unwrap_or_default()).await?;
    let document = holder.it.inline.get(policy);
    let document = document.ok_or_else(|| missing(kind, policy))?;
    Ok((holder.it.name, documents::encoded(document)))
}

/// Removes a policy.
pub(super) async fn delete(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
    policy: &str,
) -> Result<(), ApiError> {
    let mut edit = Edit::begin(on).await?;
    let mut holder = holders::find(on, kind, &name.unwrap_or_default()).await?;
    super::roles::check_modifiable(&holder.it)?;
    if holder.it.inline.remove(policy).is_none() {
        return Err(missing(kind, policy));
    }
    edit.put(&holder)?;
    edit.commit(on).await
}

/// The names of the policies.
pub(super) async fn list(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Listed<String>, ApiError> {
    let holder = holders::find(on, kind, &name.unwrap_or_default()).await?;
    let list = format!("inline {} {}", kind.noun(), holder.key.id);
    let names: Vec<String> = holder.it.inline.into_keys().collect();
    page(list, marker, max_items, names, |name| name)
}

/// All of a holder's count together.
fn check_size(kind: HolderKind, holder: &Holder) -> Result<(), ApiError> {
    let max = kind.inline_characters_max();
    let documents = holder.inline.values();
    let characters: usize = documents
        .map(|document| documents::counted_characters(document))
        .sum();
    match characters > max {
        true => Err(ApiError::new(
            Exception::LimitExceeded,
            format!(
                "Maximum policy size of {max} bytes exceeded for {} {}",
                kind.noun(),
                holder.name
            ),
        )),
        false => Ok(()),
    }
}

fn missing(kind: HolderKind, policy: &str) -> ApiError {
    let noun = kind.noun();
    no_such_entity(format!(
        "The {noun} policy with name {policy} cannot be found."
    ))
}
