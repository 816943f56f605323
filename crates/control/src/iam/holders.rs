//! Who holds policies: users, groups and roles, which are stored alike.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tollgate_model::arn::{Arn, partition_of};
use tollgate_store::{Kind, Range, whole_range};

use super::account::{Account, Edit, check_quota, key, read};
use super::{GLOBAL, boundaries};
use crate::error::{ApiError, Exception};
use crate::session::{Session, Stored};

/// A user, a group or a role, with everything that belongs to it but access keys. Its tags are the entity's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) name: String,
    /// Begins and ends with a slash.
    pub(crate) path: String,
    /// `AIDA…`, `AGPA…` or `AROA…`: another one when the name is given anew.
    pub(crate) id: String,
    pub(crate) arn: String,
    /// Documents of inline policies by name.
    #[serde(default)]
    pub(crate) inline: BTreeMap<String, String>,
    /// ARNs of managed policies.
    #[serde(default)]
    pub(crate) attached: BTreeSet<String>,
    /// The ARN of the managed policy that bounds it.
    #[serde(default)]
    pub(crate) boundary: Option<String>,
    /// Of a user: its groups by their names in lower case.
    #[serde(default)]
    pub(crate) groups: BTreeSet<String>,
    /// Of a role.
    #[serde(default)]
    pub(crate) role: Option<RoleParts>,
}

/// What only roles have.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct RoleParts {
    /// The trust policy's document.
    pub(crate) trust: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) session_seconds_max: i32,
    /// The service that a service-linked role is of.
    #[serde(default)]
    pub(crate) service: Option<String>,
}

/// The three kinds of holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HolderKind {
    User,
    Group,
    Role,
}

impl HolderKind {
    pub(crate) const ALL: [Self; 3] = [Self::User, Self::Group, Self::Role];

    /// As it is stored.
    pub(crate) fn stored(self) -> Kind {
        match self {
            Self::User => Kind::IamUser,
            Self::Group => Kind::IamGroup,
            Self::Role => Kind::IamRole,
        }
    }

    /// In ARNs and in texts.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }

    /// Where a text begins with it.
    fn title(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Role",
        }
    }

    /// What ids of the kind begin with.
    fn id_prefix(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Group => "AGPA",
            Self::Role => "AROA",
        }
    }

    /// How many there are in an account.
    fn count(self, account: &mut Account) -> &mut u32 {
        match self {
            Self::User => &mut account.users,
            Self::Group => &mut account.groups,
            Self::Role => &mut account.roles,
        }
    }

    /// The name of the quota in texts, and AWS's default of it.
    fn quota(self) -> (&'static str, usize) {
        match self {
            Self::User => ("UsersPerAccount", 5000),
            Self::Group => ("GroupsPerAccount", 300),
            Self::Role => ("RolesPerAccount", 1000),
        }
    }

    /// Characters of all its inline policies together, blanks not counted.
    pub(super) fn inline_characters_max(self) -> usize {
        match self {
            Self::User => 2048,
            Self::Group => 5120,
            Self::Role => 10_240,
        }
    }
}

/// A holder to be created.
pub(crate) async fn create(
    on: &Session,
    edit: &mut Edit,
    kind: HolderKind,
    name: String,
    path: Option<String>,
) -> Result<Stored<Holder>, ApiError> {
    let key = key(on, kind.stored(), &name);
    if on.find_by(&key, read::<Holder>).await?.is_some() {
        return Err(exists(kind, &name));
    }
    let count = kind.count(&mut edit.account.it);
    *count += 1;
    let (quota, max) = kind.quota();
    check_quota(quota, *count as usize, max)?;
    let path = path.unwrap_or_else(|| "/".to_owned());
    let holder = Holder {
        id: draw_id(on, kind.id_prefix()),
        arn: arn(on, kind.noun(), &path, &name),
        name,
        path,
        ..Holder::default()
    };
    Ok(on.create(key, holder))
}

/// The holder of a name.
pub(crate) async fn find(
    on: &Session,
    kind: HolderKind,
    name: &str,
) -> Result<Stored<Holder>, ApiError> {
    let stored = on.find_by(&key(on, kind.stored(), name), read).await?;
    stored.ok_or_else(|| missing(kind, name))
}

/// Every holder of a kind below a path, by name.
pub(crate) async fn all(
    on: &Session,
    kind: HolderKind,
    path_prefix: Option<&str>,
) -> Result<Vec<Stored<Holder>>, ApiError> {
    let range = Range::top(&on.caller.account, GLOBAL, kind.stored());
    let entities = whole_range(&*on.shared.store, range).await?;
    let mut holders: Vec<Stored<Holder>> = crate::session::read_all(entities, read)?;
    let prefix = path_prefix.unwrap_or("/");
    holders.retain(|holder| holder.it.path.starts_with(prefix));
    Ok(holders)
}

/// Gives a holder another name or path, or both. Its id stays.
pub(crate) async fn rename(
    on: &Session,
    edit: &mut Edit,
    kind: HolderKind,
    holder: &mut Stored<Holder>,
    name: Option<String>,
    path: Option<String>,
) -> Result<(), ApiError> {
    let name = name.unwrap_or_else(|| holder.it.name.clone());
    let path = path.unwrap_or_else(|| holder.it.path.clone());
    let new = key(on, kind.stored(), &name);
    if new != holder.key {
        if on.find_by(&new, read::<Holder>).await?.is_some() {
            return Err(exists(kind, &name));
        }
        edit.delete(&holder.key);
        holder.key = new;
    }
    holder.it.arn = arn(on, kind.noun(), &path, &name);
    holder.it.name = name;
    holder.it.path = path;
    Ok(())
}

/// Removes a holder that holds nothing any more.
pub(crate) fn delete(
    edit: &mut Edit,
    kind: HolderKind,
    holder: &Stored<Holder>,
) -> Result<(), ApiError> {
    if !holder.it.attached.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !holder.it.inline.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must delete policies first.",
        ));
    }
    boundaries::forget(edit, &holder.it);
    let count = kind.count(&mut edit.account.it);
    *count = count.saturating_sub(1);
    edit.delete(&holder.key);
    Ok(())
}

/// `arn:aws:iam::{account}:{noun}{path}{name}`.
pub(super) fn arn(on: &Session, noun: &str, path: &str, name: &str) -> String {
    let arn = Arn {
        partition: partition_of(&on.caller.region).to_owned(),
        service: "iam".to_owned(),
        region: String::new(),
        account: on.caller.account.to_string(),
        resource: format!("{noun}{path}{name}"),
    };
    arn.to_string()
}

/// An id of 21 characters, as AWS's are.
pub(super) fn draw_id(on: &Session, prefix: &str) -> String {
    let rest = on.shared.draw(|random| random.base32_id(17));
    format!("{prefix}{rest}")
}

pub(super) fn conflict(text: &str) -> ApiError {
    ApiError::new(Exception::DeleteConflict, text)
}

pub(super) fn no_such_entity(text: impl Into<String>) -> ApiError {
    ApiError::new(Exception::NoSuchEntity, text)
}

fn missing(kind: HolderKind, name: &str) -> ApiError {
    let noun = kind.noun();
    no_such_entity(format!("The {noun} with name {name} cannot be found."))
}

fn exists(kind: HolderKind, name: &str) -> ApiError {
    let text = format!("{} with name {name} already exists.", kind.title());
    ApiError::new(Exception::EntityAlreadyExists, text)
}
