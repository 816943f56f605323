//! The managed policy that bounds what a user or a role may do.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>

use tollgate_wire::iam::AttachedPermissionsBoundary;

use super::account::Edit;
use super::holders::{self, Holder, HolderKind, no_such_entity};
use super::policies;
use crate::error::ApiError;
use crate::session::Session;

/// Sets the boundary of a holder.
pub(super) async fn put(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
    arn: Option<String>,
) -> Result<(), ApiError> {
    let (name, arn) = (name.unwrap_or_default(), arn.unwrap_or_default());
    let mut edit = Edit::begin(on).await?;
    let mut holder = holders::find(on, kind, &name).await?;
    super::roles::check_modifiable(&holder.it)?;
    set(on, &mut edit, &mut holder.it, arn).await?;
    edit.put(&holder)?;
    edit.commit(on).await
}

/// Sets the boundary of a holder that is being written.
pub(super) async fn set(
    on: &Session,
    edit: &mut Edit,
    holder: &mut Holder,
    arn: String,
) -> Result<(), ApiError> {
    policies::check_attachable(on, &arn).await?;
    forget(edit, holder);
    edit.count_use(&arn, |uses| uses.boundaries += 1);
    holder.boundary = Some(arn);
    Ok(())
}

/// Takes the boundary away.
pub(super) async fn delete(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
) -> Result<(), ApiError> {
    let name = name.unwrap_or_default();
    let mut edit = Edit::begin(on).await?;
    let mut holder = holders::find(on, kind, &name).await?;
    super::roles::check_modifiable(&holder.it)?;
    if holder.it.boundary.is_none() {
        // Guess: the text is ours.
        return Err(no_such_entity(format!(
            "The {} with name {name} has no permissions boundary.",
            kind.noun()
        )));
    }
    forget(&mut edit, &holder.it);
    holder.it.boundary = None;
    edit.put(&holder)?;
    edit.commit(on).await
}

/// Counts the use of a boundary no more.
pub(super) fn forget(edit: &mut Edit, holder: &Holder) {
    if let Some(arn) = &holder.boundary {
        edit.count_use(arn, |uses| {
            uses.boundaries = uses.boundaries.saturating_sub(1);
        });
    }
}

/// As answers carry it.
pub(super) fn shown(holder: &Holder) -> Option<AttachedPermissionsBoundary> {
    let arn = holder.boundary.clone()?;
    Some(AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn),
    })
}
