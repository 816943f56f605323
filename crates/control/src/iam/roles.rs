//! Roles and their trust policies. <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html>

use tollgate_wire::Timestamp;
use tollgate_wire::iam::{
    AttachRolePolicy, AttachRolePolicyRequest, CreateRole, CreateRoleRequest, CreateRoleResponse,
    DeleteRole, DeleteRolePermissionsBoundary, DeleteRolePermissionsBoundaryRequest,
    DeleteRolePolicy, DeleteRolePolicyRequest, DeleteRoleRequest, DetachRolePolicy,
    DetachRolePolicyRequest, GetRole, GetRolePolicy, GetRolePolicyRequest, GetRolePolicyResponse,
    GetRoleRequest, GetRoleResponse, ListAttachedRolePolicies, ListAttachedRolePoliciesRequest,
    ListAttachedRolePoliciesResponse, ListRolePolicies, ListRolePoliciesRequest,
    ListRolePoliciesResponse, ListRoleTags, ListRoleTagsRequest, ListRoleTagsResponse, ListRoles,
    ListRolesRequest, ListRolesResponse, PutRolePermissionsBoundary,
    PutRolePermissionsBoundaryRequest, PutRolePolicy, PutRolePolicyRequest, Role, RoleLastUsed,
    TagRole, TagRoleRequest, UntagRole, UntagRoleRequest, UpdateAssumeRolePolicy,
    UpdateAssumeRolePolicyRequest, UpdateRole, UpdateRoleDescription, UpdateRoleDescriptionRequest,
    UpdateRoleDescriptionResponse, UpdateRoleRequest, UpdateRoleResponse,
};

use super::account::{Edit, check_quota};
use super::attachments::Asked;
use super::holders::{Holder, HolderKind, RoleParts};
use super::pages::page;
use super::{attachments, boundaries, documents, holders, inline_policies, tags};
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::{Session, Stored};

const KIND: HolderKind = HolderKind::Role;
/// An hour, as in AWS.
const SESSION_SECONDS_DEFAULT: i32 = 3600;
/// AWS's default quota of a trust policy's characters.
const TRUST_CHARACTERS_MAX: usize = 2048;
/// Where only services make roles.
const SERVICE_PATH: &str = "/aws-service-role/";

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateRole, _>(create);
    on.serve::<GetRole, _>(get);
    on.serve::<ListRoles, _>(list);
    on.serve::<UpdateRole, _>(update);
    on.serve::<UpdateRoleDescription, _>(update_description);
    on.serve::<UpdateAssumeRolePolicy, _>(update_trust);
    on.serve::<DeleteRole, _>(delete);
    on.serve::<TagRole, _>(tag);
    on.serve::<UntagRole, _>(untag);
    on.serve::<ListRoleTags, _>(list_tags);
    on.serve::<PutRolePolicy, _>(put_policy);
    on.serve::<GetRolePolicy, _>(get_policy);
    on.serve::<DeleteRolePolicy, _>(delete_policy);
    on.serve::<ListRolePolicies, _>(list_policies);
    on.serve::<AttachRolePolicy, _>(attach);
    on.serve::<DetachRolePolicy, _>(detach);
    on.serve::<ListAttachedRolePolicies, _>(list_attached);
    on.serve::<PutRolePermissionsBoundary, _>(put_boundary);
    on.serve::<DeleteRolePermissionsBoundary, _>(delete_boundary);
}

async fn create(on: Session, input: CreateRoleRequest) -> Result<CreateRoleResponse, ApiError> {
    refuse_sign_in(input.max_signin_session_duration)?;
    let mut edit = Edit::begin(&on).await?;
    let name = input.role_name.unwrap_or_default();
    let mut role = holders::create(&on, &mut edit, KIND, name, input.path).await?;
    if role.it.path.starts_with(SERVICE_PATH) {
        // Guess: the text is ours.
        let text = format!("The path {SERVICE_PATH} is reserved for service-linked roles.");
        return Err(ApiError::new(Exception::InvalidInput, text));
    }
    let trust = input.assume_role_policy_document.unwrap_or_default();
    check_trust(&trust)?;
    let seconds = input.max_session_duration;
    role.it.role = Some(RoleParts {
        trust,
        description: input.description,
        session_seconds_max: seconds.unwrap_or(SESSION_SECONDS_DEFAULT),
        service: None,
    });
    tags::add(&mut role.tags, input.tags)?;
    if let Some(arn) = input.permissions_boundary {
        boundaries::set(&on, &mut edit, &mut role.it, arn).await?;
    }
    edit.put(&role)?;
    edit.commit(&on).await?;
    Ok(CreateRoleResponse {
        role: Some(with_tags(&role)),
    })
}

async fn get(on: Session, input: GetRoleRequest) -> Result<GetRoleResponse, ApiError> {
    let role = holders::find(&on, KIND, &input.role_name.unwrap_or_default()).await?;
    Ok(GetRoleResponse {
        role: Some(Role {
            // Uses are not written down. AWS answers so for a role that was not used of late.
            role_last_used: Some(RoleLastUsed::default()),
            ..with_tags(&role)
        }),
    })
}

async fn list(on: Session, input: ListRolesRequest) -> Result<ListRolesResponse, ApiError> {
    let prefix = input.path_prefix.as_deref();
    let roles = holders::all(&on, KIND, prefix).await?;
    let list = format!("roles {}", prefix.unwrap_or("/"));
    let listed = page(
        list,
        input.marker.as_deref(),
        input.max_items,
        roles,
        |role| role.id(),
    )?;
    Ok(ListRolesResponse {
        is_truncated: listed.is_truncated(),
        roles: Some(listed.items.iter().map(shown).collect()),
        marker: listed.marker,
    })
}

async fn update(on: Session, input: UpdateRoleRequest) -> Result<UpdateRoleResponse, ApiError> {
    refuse_sign_in(input.max_signin_session_duration)?;
    change(&on, input.role_name, |role| {
        if let Some(seconds) = input.max_session_duration {
            parts(role).session_seconds_max = seconds;
        }
        if let Some(description) = input.description.clone() {
            parts(role).description = Some(description);
        }
        Ok(())
    })
    .await?;
    Ok(UpdateRoleResponse::default())
}

async fn update_description(
    on: Session,
    input: UpdateRoleDescriptionRequest,
) -> Result<UpdateRoleDescriptionResponse, ApiError> {
    let role = change(&on, input.role_name, |role| {
        parts(role).description = input.description.clone();
        Ok(())
    })
    .await?;
    Ok(UpdateRoleDescriptionResponse {
        role: Some(with_tags(&role)),
    })
}

async fn update_trust(on: Session, input: UpdateAssumeRolePolicyRequest) -> Result<(), ApiError> {
    let trust = input.policy_document.unwrap_or_default();
    let set = |role: &mut Stored<Holder>| {
        check_trust(&trust)?;
        parts(role).trust = trust.clone();
        Ok(())
    };
    change(&on, input.role_name, set).await.map(drop)
}

async fn delete(on: Session, input: DeleteRoleRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let role = holders::find(&on, KIND, &input.role_name.unwrap_or_default()).await?;
    check_modifiable(&role.it)?;
    holders::delete(&mut edit, KIND, &role)?;
    edit.commit(&on).await
}

async fn tag(on: Session, input: TagRoleRequest) -> Result<(), ApiError> {
    let added = input.tags;
    let tag = |role: &mut Stored<Holder>| tags::add(&mut role.tags, added.clone());
    change(&on, input.role_name, tag).await.map(drop)
}

async fn untag(on: Session, input: UntagRoleRequest) -> Result<(), ApiError> {
    let keys = input.tag_keys.unwrap_or_default();
    let untag = |role: &mut Stored<Holder>| {
        tags::remove(&mut role.tags, &keys);
        Ok(())
    };
    change(&on, input.role_name, untag).await.map(drop)
}

async fn list_tags(
    on: Session,
    input: ListRoleTagsRequest,
) -> Result<ListRoleTagsResponse, ApiError> {
    let role = holders::find(&on, KIND, &input.role_name.unwrap_or_default()).await?;
    let marker = input.marker.as_deref();
    let listed = tags::list(&role.it.id, &role.tags, marker, input.max_items)?;
    Ok(ListRoleTagsResponse {
        is_truncated: listed.is_truncated(),
        tags: Some(listed.items),
        marker: listed.marker,
    })
}

async fn put_policy(on: Session, input: PutRolePolicyRequest) -> Result<(), ApiError> {
    let (policy, document) = (input.policy_name, input.policy_document);
    inline_policies::put(&on, KIND, input.role_name, policy, document).await
}

async fn get_policy(
    on: Session,
    input: GetRolePolicyRequest,
) -> Result<GetRolePolicyResponse, ApiError> {
    let policy = input.policy_name.unwrap_or_default();
    let (name, document) = inline_policies::get(&on, KIND, input.role_name, &policy).await?;
    Ok(GetRolePolicyResponse {
        role_name: Some(name),
        policy_name: Some(policy),
        policy_document: Some(document),
    })
}

async fn delete_policy(on: Session, input: DeleteRolePolicyRequest) -> Result<(), ApiError> {
    let policy = input.policy_name.unwrap_or_default();
    inline_policies::delete(&on, KIND, input.role_name, &policy).await
}

async fn list_policies(
    on: Session,
    input: ListRolePoliciesRequest,
) -> Result<ListRolePoliciesResponse, ApiError> {
    let marker = input.marker.as_deref();
    let listed = inline_policies::list(&on, KIND, input.role_name, marker, input.max_items).await?;
    Ok(ListRolePoliciesResponse {
        is_truncated: listed.is_truncated(),
        policy_names: Some(listed.items),
        marker: listed.marker,
    })
}

async fn attach(on: Session, input: AttachRolePolicyRequest) -> Result<(), ApiError> {
    attachments::attach(&on, KIND, input.role_name, input.policy_arn).await
}

async fn detach(on: Session, input: DetachRolePolicyRequest) -> Result<(), ApiError> {
    attachments::detach(&on, KIND, input.role_name, input.policy_arn).await
}

async fn list_attached(
    on: Session,
    input: ListAttachedRolePoliciesRequest,
) -> Result<ListAttachedRolePoliciesResponse, ApiError> {
    let asked = Asked {
        path_prefix: input.path_prefix.as_deref(),
        marker: input.marker.as_deref(),
        max_items: input.max_items,
    };
    let listed = attachments::list(&on, KIND, input.role_name, &asked).await?;
    Ok(ListAttachedRolePoliciesResponse {
        is_truncated: listed.is_truncated(),
        attached_policies: Some(listed.items),
        marker: listed.marker,
    })
}

async fn put_boundary(
    on: Session,
    input: PutRolePermissionsBoundaryRequest,
) -> Result<(), ApiError> {
    boundaries::put(&on, KIND, input.role_name, input.permissions_boundary).await
}

async fn delete_boundary(
    on: Session,
    input: DeleteRolePermissionsBoundaryRequest,
) -> Result<(), ApiError> {
    boundaries::delete(&on, KIND, input.role_name).await
}

/// Refuses to change what belongs to a service. The text is AWS's.
pub(super) fn check_modifiable(holder: &Holder) -> Result<(), ApiError> {
    let service = holder.role.as_ref().and_then(|role| role.service.as_ref());
    match service {
        Some(service) => Err(ApiError::new(
            Exception::UnmodifiableEntity,
            format!(
                "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS ({service})",
                holder.name
            ),
        )),
        None => Ok(()),
    }
}

/// A role as lists show it.
pub(super) fn shown(role: &Stored<Holder>) -> Role {
    let it = &role.it;
    let parts = it.role.clone().unwrap_or_default();
    Role {
        path: Some(it.path.clone()),
        role_name: Some(it.name.clone()),
        role_id: Some(it.id.clone()),
        arn: Some(it.arn.clone()),
        create_date: Some(Timestamp::from_ms(role.created_ms)),
        assume_role_policy_document: Some(documents::encoded(&parts.trust)),
        description: parts.description,
        max_session_duration: Some(parts.session_seconds_max),
        ..Role::default()
    }
}

fn with_tags(role: &Stored<Holder>) -> Role {
    Role {
        permissions_boundary: boundaries::shown(&role.it),
        tags: tags::shown_if_any(&role.tags),
        ..shown(role)
    }
}

/// Changes a role.
async fn change(
    on: &Session,
    name: Option<String>,
    change: impl FnOnce(&mut Stored<Holder>) -> Result<(), ApiError>,
) -> Result<Stored<Holder>, ApiError> {
    let mut edit = Edit::begin(on).await?;
    let mut role = holders::find(on, KIND, &name.unwrap_or_default()).await?;
    check_modifiable(&role.it)?;
    change(&mut role)?;
    edit.put(&role)?;
    edit.commit(on).await?;
    Ok(role)
}

fn parts(role: &mut Stored<Holder>) -> &mut RoleParts {
    role.it.role.get_or_insert_default()
}

fn check_trust(document: &str) -> Result<(), ApiError> {
    documents::check_trust(document)?;
    let characters = documents::counted_characters(document);
    check_quota("ACLSizePerRole", characters, TRUST_CHARACTERS_MAX)
}

/// Nobody signs in to a console here, so that a limit on it would be ignored.
fn refuse_sign_in(seconds: Option<i32>) -> Result<(), ApiError> {
    match seconds {
        Some(_) => Err(ApiError::new(
            Exception::InvalidInput,
            "Tollgate cannot honour MaxSigninSessionDuration: nobody signs in to a console of it",
        )),
        None => Ok(()),
    }
}
