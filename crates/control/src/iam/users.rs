//! Users. <https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html>

use tollgate_wire::Timestamp;
use tollgate_wire::iam::{
    AttachUserPolicy, AttachUserPolicyRequest, CreateUser, CreateUserRequest, CreateUserResponse,
    DeleteUser, DeleteUserPermissionsBoundary, DeleteUserPermissionsBoundaryRequest,
    DeleteUserPolicy, DeleteUserPolicyRequest, DeleteUserRequest, DetachUserPolicy,
    DetachUserPolicyRequest, GetUser, GetUserPolicy, GetUserPolicyRequest, GetUserPolicyResponse,
    GetUserRequest, GetUserResponse, ListAttachedUserPolicies, ListAttachedUserPoliciesRequest,
    ListAttachedUserPoliciesResponse, ListUserPolicies, ListUserPoliciesRequest,
    ListUserPoliciesResponse, ListUserTags, ListUserTagsRequest, ListUserTagsResponse, ListUsers,
    ListUsersRequest, ListUsersResponse, PutUserPermissionsBoundary,
    PutUserPermissionsBoundaryRequest, PutUserPolicy, PutUserPolicyRequest, TagUser,
    TagUserRequest, UntagUser, UntagUserRequest, UpdateUser, UpdateUserRequest, User,
};

use super::account::Edit;
use super::attachments::Asked;
use super::holders::{Holder, HolderKind, conflict};
use super::pages::page;
use super::{access_keys, attachments, boundaries, holders, inline_policies, tags};
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::{Session, Stored};

const KIND: HolderKind = HolderKind::User;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateUser, _>(create);
    on.serve::<GetUser, _>(get);
    on.serve::<ListUsers, _>(list);
    on.serve::<UpdateUser, _>(update);
    on.serve::<DeleteUser, _>(delete);
    on.serve::<TagUser, _>(tag);
    on.serve::<UntagUser, _>(untag);
    on.serve::<ListUserTags, _>(list_tags);
    on.serve::<PutUserPolicy, _>(put_policy);
    on.serve::<GetUserPolicy, _>(get_policy);
    on.serve::<DeleteUserPolicy, _>(delete_policy);
    on.serve::<ListUserPolicies, _>(list_policies);
    on.serve::<AttachUserPolicy, _>(attach);
    on.serve::<DetachUserPolicy, _>(detach);
    on.serve::<ListAttachedUserPolicies, _>(list_attached);
    on.serve::<PutUserPermissionsBoundary, _>(put_boundary);
    on.serve::<DeleteUserPermissionsBoundary, _>(delete_boundary);
}

async fn create(on: Session, input: CreateUserRequest) -> Result<CreateUserResponse, ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let name = input.user_name.unwrap_or_default();
    let mut user = holders::create(&on, &mut edit, KIND, name, input.path).await?;
    tags::add(&mut user.tags, input.tags)?;
    if let Some(arn) = input.permissions_boundary {
        boundaries::set(&on, &mut edit, &mut user.it, arn).await?;
    }
    edit.put(&user)?;
    edit.commit(&on).await?;
    Ok(CreateUserResponse {
        user: Some(with_tags(&user)),
    })
}

async fn get(on: Session, input: GetUserRequest) -> Result<GetUserResponse, ApiError> {
    if input.user_name.is_none() && on.caller.who.is_root() {
        return Ok(GetUserResponse {
            user: Some(root(&on)),
        });
    }
    let user = holders::find(&on, KIND, &named(&on, input.user_name)?).await?;
    Ok(GetUserResponse {
        user: Some(with_tags(&user)),
    })
}

async fn list(on: Session, input: ListUsersRequest) -> Result<ListUsersResponse, ApiError> {
    let prefix = input.path_prefix.as_deref();
    let users = holders::all(&on, KIND, prefix).await?;
    let list = format!("users {}", prefix.unwrap_or("/"));
    let listed = page(
        list,
        input.marker.as_deref(),
        input.max_items,
        users,
        |user| user.id(),
    )?;
    Ok(ListUsersResponse {
        is_truncated: listed.is_truncated(),
        users: Some(listed.items.iter().map(shown).collect()),
        marker: listed.marker,
    })
}

/// Its access keys and groups go with it.
async fn update(on: Session, input: UpdateUserRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let mut user = holders::find(&on, KIND, &input.user_name.unwrap_or_default()).await?;
    let before = user.key.clone();
    let (name, path) = (input.new_user_name, input.new_path);
    holders::rename(&on, &mut edit, KIND, &mut user, name, path).await?;
    if before != user.key {
        access_keys::move_all(&on, &mut edit, &before, &user.key).await?;
    }
    edit.put(&user)?;
    edit.commit(&on).await
}

async fn delete(on: Session, input: DeleteUserRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let user = holders::find(&on, KIND, &input.user_name.unwrap_or_default()).await?;
    if !access_keys::of(&on, &user.key).await?.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must delete access keys first.",
        ));
    }
    if !user.it.groups.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must remove user from groups first.",
        ));
    }
    holders::delete(&mut edit, KIND, &user)?;
    edit.commit(&on).await
}

async fn tag(on: Session, input: TagUserRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let mut user = holders::find(&on, KIND, &input.user_name.unwrap_or_default()).await?;
    tags::add(&mut user.tags, input.tags)?;
    edit.put(&user)?;
    edit.commit(&on).await
}

async fn untag(on: Session, input: UntagUserRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let mut user = holders::find(&on, KIND, &input.user_name.unwrap_or_default()).await?;
    tags::remove(&mut user.tags, &input.tag_keys.unwrap_or_default());
    edit.put(&user)?;
    edit.commit(&on).await
}

async fn list_tags(
    on: Session,
    input: ListUserTagsRequest,
) -> Result<ListUserTagsResponse, ApiError> {
    let user = holders::find(&on, KIND, &input.user_name.unwrap_or_default()).await?;
    let marker = input.marker.as_deref();
    let listed = tags::list(&user.it.id, &user.tags, marker, input.max_items)?;
    Ok(ListUserTagsResponse {
        is_truncated: listed.is_truncated(),
        tags: Some(listed.items),
        marker: listed.marker,
    })
}

async fn put_policy(on: Session, input: PutUserPolicyRequest) -> Result<(), ApiError> {
    let (policy, document) = (input.policy_name, input.policy_document);
    inline_policies::put(&on, KIND, input.user_name, policy, document).await
}

async fn get_policy(
    on: Session,
    input: GetUserPolicyRequest,
) -> Result<GetUserPolicyResponse, ApiError> {
    let policy = input.policy_name.unwrap_or_default();
    let (name, document) = inline_policies::get(&on, KIND, input.user_name, &policy).await?;
    Ok(GetUserPolicyResponse {
        user_name: Some(name),
        policy_name: Some(policy),
        policy_document: Some(document),
    })
}

async fn delete_policy(on: Session, input: DeleteUserPolicyRequest) -> Result<(), ApiError> {
    let policy = input.policy_name.unwrap_or_default();
    inline_policies::delete(&on, KIND, input.user_name, &policy).await
}

async fn list_policies(
    on: Session,
    input: ListUserPoliciesRequest,
) -> Result<ListUserPoliciesResponse, ApiError> {
    let marker = input.marker.as_deref();
    let listed = inline_policies::list(&on, KIND, input.user_name, marker, input.max_items).await?;
    Ok(ListUserPoliciesResponse {
        is_truncated: listed.is_truncated(),
        policy_names: Some(listed.items),
        marker: listed.marker,
    })
}

async fn attach(on: Session, input: AttachUserPolicyRequest) -> Result<(), ApiError> {
    attachments::attach(&on, KIND, input.user_name, input.policy_arn).await
}

async fn detach(on: Session, input: DetachUserPolicyRequest) -> Result<(), ApiError> {
    attachments::detach(&on, KIND, input.user_name, input.policy_arn).await
}

async fn list_attached(
    on: Session,
    input: ListAttachedUserPoliciesRequest,
) -> Result<ListAttachedUserPoliciesResponse, ApiError> {
    let asked = Asked {
        path_prefix: input.path_prefix.as_deref(),
        marker: input.marker.as_deref(),
        max_items: input.max_items,
    };
    let listed = attachments::list(&on, KIND, input.user_name, &asked).await?;
    Ok(ListAttachedUserPoliciesResponse {
        is_truncated: listed.is_truncated(),
        attached_policies: Some(listed.items),
        marker: listed.marker,
    })
}

async fn put_boundary(
    on: Session,
    input: PutUserPermissionsBoundaryRequest,
) -> Result<(), ApiError> {
    boundaries::put(&on, KIND, input.user_name, input.permissions_boundary).await
}

async fn delete_boundary(
    on: Session,
    input: DeleteUserPermissionsBoundaryRequest,
) -> Result<(), ApiError> {
    boundaries::delete(&on, KIND, input.user_name).await
}

/// The user that an operation names, or the caller where it names none.
pub(super) fn named(on: &Session, name: Option<String>) -> Result<String, ApiError> {
    let own = || on.caller.who.user().map(|user| user.name.to_string());
    name.or_else(own).ok_or_else(|| {
        ApiError::new(
            Exception::Validation,
            "Must specify userName when calling with non-User credentials",
        )
    })
}

/// A user as lists show it.
pub(super) fn shown(user: &Stored<Holder>) -> User {
    let it = &user.it;
    User {
        path: Some(it.path.clone()),
        user_name: Some(it.name.clone()),
        user_id: Some(it.id.clone()),
        arn: Some(it.arn.clone()),
        create_date: Some(Timestamp::from_ms(user.created_ms)),
        ..User::default()
    }
}

fn with_tags(user: &Stored<Holder>) -> User {
    User {
        permissions_boundary: boundaries::shown(&user.it),
        tags: tags::shown_if_any(&user.tags),
        ..shown(user)
    }
}

/// An account's root has no name and no path.
fn root(on: &Session) -> User {
    User {
        user_id: Some(on.caller.account.to_string()),
        arn: Some(on.caller.arn()),
        ..User::default()
    }
}
