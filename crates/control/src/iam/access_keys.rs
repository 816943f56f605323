//! Access keys of users. A secret is answered once, and stored sealed.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tollgate_store::{Key, Kind, Range};
use tollgate_wire::Timestamp;
use tollgate_wire::iam::{
    AccessKey, AccessKeyMetadata, CreateAccessKey, CreateAccessKeyRequest, CreateAccessKeyResponse,
    DeleteAccessKey, DeleteAccessKeyRequest, ListAccessKeys, ListAccessKeysRequest,
    ListAccessKeysResponse, UpdateAccessKey, UpdateAccessKeyRequest,
};

use super::account::{Edit, check_quota, read};
use super::holders::{self, Holder, HolderKind, no_such_entity};
use super::pages::page;
use super::users::named;
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::{Session, Stored};

/// AWS's quota.
const KEYS_MAX: usize = 2;
const ACTIVE: &str = "Active";
const INACTIVE: &str = "Inactive";

/// A key as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredAccessKey {
    pub(crate) is_active: bool,
    /// In base64.
    pub(crate) sealed_secret: String,
}

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateAccessKey, _>(create);
    on.serve::<ListAccessKeys, _>(list);
    on.serve::<UpdateAccessKey, _>(update);
    on.serve::<DeleteAccessKey, _>(delete);
}

async fn create(
    on: Session,
    input: CreateAccessKeyRequest,
) -> Result<CreateAccessKeyResponse, ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let user = user(&on, input.user_name).await?;
    let keys = of(&on, &user.key).await?;
    check_quota("AccessKeysPerUser", keys.len() + 1, KEYS_MAX)?;
    let id = on.shared.draw(|random| random.base32_id(16));
    let secret = on.shared.draw(|random| random.mixed_text(40));
    let key = user.key.child(Kind::AccessKey, &format!("AKIA{id}"));
    let stored = StoredAccessKey {
        is_active: true,
        sealed_secret: STANDARD.encode(on.seal(&owner(&key.id), &secret)?),
    };
    let stored = on.create(key, stored);
    edit.put(&stored)?;
    edit.commit(&on).await?;
    Ok(CreateAccessKeyResponse {
        access_key: Some(AccessKey {
            user_name: Some(user.it.name),
            access_key_id: Some(stored.id().to_owned()),
            status: Some(ACTIVE.to_owned()),
            secret_access_key: Some(secret),
            create_date: Some(Timestamp::from_ms(stored.created_ms)),
        }),
    })
}

async fn list(
    on: Session,
    input: ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse, ApiError> {
    let user = user(&on, input.user_name).await?;
    let keys = of(&on, &user.key).await?;
    let list = format!("keys {}", user.id());
    let listed = page(
        list,
        input.marker.as_deref(),
        input.max_items,
        keys,
        |key| key.id(),
    )?;
    let shown = |key: &Stored<StoredAccessKey>| AccessKeyMetadata {
        user_name: Some(user.it.name.clone()),
        access_key_id: Some(key.id().to_owned()),
        status: Some(status(key.it.is_active).to_owned()),
        create_date: Some(Timestamp::from_ms(key.created_ms)),
    };
    Ok(ListAccessKeysResponse {
        is_truncated: listed.is_truncated(),
        access_key_metadata: Some(listed.items.iter().map(shown).collect()),
        marker: listed.marker,
    })
}

async fn update(on: Session, input: UpdateAccessKeyRequest) -> Result<(), ApiError> {
    let (mut edit, mut key) = begin(&on, input.user_name, input.access_key_id).await?;
    key.it.is_active = match input.status.as_deref() {
        Some(ACTIVE) => true,
        Some(INACTIVE) => false,
        // AWS's model has a third, which no operation of AWS takes either.
        other => {
            let text = format!("Invalid status: {}", other.unwrap_or_default());
            return Err(ApiError::new(Exception::Validation, text));
        }
    };
    edit.put(&key)?;
    edit.commit(&on).await
}

async fn delete(on: Session, input: DeleteAccessKeyRequest) -> Result<(), ApiError> {
    let (mut edit, key) = begin(&on, input.user_name, input.access_key_id).await?;
    edit.delete(&key.key);
    edit.commit(&on).await
}

/// The keys of a user.
pub(super) async fn of(on: &Session, user: &Key) -> Result<Vec<Stored<StoredAccessKey>>, ApiError> {
    let range = Range::children_of(user, Kind::AccessKey);
    on.in_range(range, read).await
}

/// Gives the keys of a user to the same user under another name.
pub(super) async fn move_all(
    on: &Session,
    edit: &mut Edit,
    from: &Key,
    to: &Key,
) -> Result<(), ApiError> {
    for mut key in of(on, from).await? {
        edit.delete(&key.key);
        key.key = to.child(Kind::AccessKey, &key.key.id);
        edit.put(&key)?;
    }
    Ok(())
}

/// What a key's secret is sealed for. It is the key alone, which no two users have.
pub(crate) fn owner(id: &str) -> String {
    format!("access_key/{id}")
}

async fn user(on: &Session, name: Option<String>) -> Result<Stored<Holder>, ApiError> {
    holders::find(on, HolderKind::User, &named(on, name)?).await
}

async fn begin(
    on: &Session,
    name: Option<String>,
    id: Option<String>,
) -> Result<(Edit, Stored<StoredAccessKey>), ApiError> {
    let id = id.unwrap_or_default();
    let edit = Edit::begin(on).await?;
    let user = user(on, name).await?;
    let key = user.key.child(Kind::AccessKey, &id);
    let stored = on.find_by(&key, read).await?;
    let missing = || no_such_entity(format!("The Access Key with id {id} cannot be found."));
    Ok((edit, stored.ok_or_else(missing)?))
}

fn status(is_active: bool) -> &'static str {
    match is_active {
        true => ACTIVE,
        false => INACTIVE,
    }
}
