//! Managed policies of a user, a group or a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use tollgate_wire::iam::AttachedPolicy;

use super::account::{Edit, check_quota};
use super::holders::{self, HolderKind, no_such_entity};
use super::pages::{Listed, page};
use super::{managed, policies};
use crate::error::ApiError;
use crate::session::Session;

/// AWS's default quota.
const POLICIES_MAX: usize = 10;

/// Attaches a policy. One that is attached already stays so.
pub(super) async fn attach(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
    arn: Option<String>,
) -> Result<(), ApiError> {
    let (name, arn) = (name.unwrap_or_default(), arn.unwrap_or_default());
    let mut edit = Edit::begin(on).await?;
    let mut holder = holders::find(on, kind, &name).await?;
    super::roles::check_modifiable(&holder.it)?;
    policies::check_attachable(on, &arn).await?;
    if !holder.it.attached.insert(arn.clone()) {
        return Ok(());
    }
    check_quota(quota(kind), holder.it.attached.len(), POLICIES_MAX)?;
    edit.count_use(&arn, |uses| uses.attachments += 1);
    edit.put(&holder)?;
    edit.commit(on).await
}

/// Detaches a policy.
pub(super) async fn detach(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
    arn: Option<String>,
) -> Result<(), ApiError> {
    let (name, arn) = (name.unwrap_or_default(), arn.unwrap_or_default());
    let mut edit = Edit::begin(on).await?;
    let mut holder = holders::find(on, kind, &name).await?;
    super::roles::check_modifiable(&holder.it)?;
    if !holder.it.attached.remove(&arn) {
        return Err(no_such_entity(format!("Policy {arn} was not found.")));
    }
    edit.count_use(&arn, |uses| {
        uses.attachments = uses.attachments.saturating_sub(1);
    });
    edit.put(&holder)?;
    edit.commit(on).await
}

/// What is asked of a list of attached policies.
pub(super) struct Asked<'a> {
    pub(super) path_prefix: Option<&'a str>,
    pub(super) marker: Option<&'a str>,
    pub(super) max_items: Option<i32>,
}

/// The policies attached, by ARN.
pub(super) async fn list(
    on: &Session,
    kind: HolderKind,
    name: Option<String>,
    asked: &Asked<'_>,
) -> Result<Listed<AttachedPolicy>, ApiError> {
    let holder = holders::find(on, kind, &name.unwrap_or_default()).await?;
    let prefix = asked.path_prefix.unwrap_or("/");
    let list = format!("attached {} {} {prefix}", kind.noun(), holder.key.id);
    let attached = holder.it.attached.into_iter();
    let attached = attached.filter(|arn| managed::path_of(arn).starts_with(prefix));
    let attached: Vec<String> = attached.collect();
    let Listed { items, marker } = page(list, asked.marker, asked.max_items, attached, |arn| arn)?;
    let items = items.into_iter().map(shown).collect();
    Ok(Listed { items, marker })
}

/// A policy's name is the last part of its ARN.
fn shown(arn: String) -> AttachedPolicy {
    AttachedPolicy {
        policy_name: Some(managed::name_of(&arn).to_owned()),
        policy_arn: Some(arn),
    }
}

fn quota(kind: HolderKind) -> &'static str {
    match kind {
        HolderKind::User => "PoliciesPerUser",
        HolderKind::Group => "PoliciesPerGroup",
        HolderKind::Role => "PoliciesPerRole",
    }
}
