//! Groups of users. A user names its groups, so that what a user may do is read with the user.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Group.html>

use tollgate_wire::Timestamp;
use tollgate_wire::iam::{
    AddUserToGroup, AddUserToGroupRequest, AttachGroupPolicy, AttachGroupPolicyRequest,
    CreateGroup, CreateGroupRequest, CreateGroupResponse, DeleteGroup, DeleteGroupPolicy,
    DeleteGroupPolicyRequest, DeleteGroupRequest, DetachGroupPolicy, DetachGroupPolicyRequest,
    GetGroup, GetGroupPolicy, GetGroupPolicyRequest, GetGroupPolicyResponse, GetGroupRequest,
    GetGroupResponse, Group, ListAttachedGroupPolicies, ListAttachedGroupPoliciesRequest,
    ListAttachedGroupPoliciesResponse, ListGroupPolicies, ListGroupPoliciesRequest,
    ListGroupPoliciesResponse, ListGroups, ListGroupsForUser, ListGroupsForUserRequest,
    ListGroupsForUserResponse, ListGroupsRequest, ListGroupsResponse, PutGroupPolicy,
    PutGroupPolicyRequest, RemoveUserFromGroup, RemoveUserFromGroupRequest, UpdateGroup,
    UpdateGroupRequest,
};

use super::account::{Edit, check_quota};
use super::attachments::Asked;
use super::holders::{Holder, HolderKind, conflict, no_such_entity};
use super::pages::page;
use super::{attachments, holders, inline_policies, users};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::session::{Session, Stored};

const KIND: HolderKind = HolderKind::Group;
/// AWS's quota.
const GROUPS_OF_USER_MAX: usize = 10;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateGroup, _>(create);
    on.serve::<GetGroup, _>(get);
    on.serve::<ListGroups, _>(list);
    on.serve::<UpdateGroup, _>(update);
    on.serve::<DeleteGroup, _>(delete);
    on.serve::<AddUserToGroup, _>(add_user);
    on.serve::<RemoveUserFromGroup, _>(remove_user);
    on.serve::<ListGroupsForUser, _>(list_of_user);
    on.serve::<PutGroupPolicy, _>(put_policy);
    on.serve::<GetGroupPolicy, _>(get_policy);
    on.serve::<DeleteGroupPolicy, _>(delete_policy);
    on.serve::<ListGroupPolicies, _>(list_policies);
    on.serve::<AttachGroupPolicy, _>(attach);
    on.serve::<DetachGroupPolicy, _>(detach);
    on.serve::<ListAttachedGroupPolicies, _>(list_attached);
}

async fn create(on: Session, input: CreateGroupRequest) -> Result<CreateGroupResponse, ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let name = input.group_name.unwrap_or_default();
    let group = holders::create(&on, &mut edit, KIND, name, input.path).await?;
    edit.put(&group)?;
    edit.commit(&on).await?;
    Ok(CreateGroupResponse {
        group: Some(shown(&group)),
    })
}

async fn get(on: Session, input: GetGroupRequest) -> Result<GetGroupResponse, ApiError> {
    let group = holders::find(&on, KIND, &input.group_name.unwrap_or_default()).await?;
    let members = members(&on, group.id()).await?;
    let list = format!("group {}", group.id());
    let listed = page(
        list,
        input.marker.as_deref(),
        input.max_items,
        members,
        |user| user.id(),
    )?;
    Ok(GetGroupResponse {
        group: Some(shown(&group)),
        is_truncated: listed.is_truncated(),
        users: Some(listed.items.iter().map(users::shown).collect()),
        marker: listed.marker,
    })
}

async fn list(on: Session, input: ListGroupsRequest) -> Result<ListGroupsResponse, ApiError> {
    let prefix = input.path_prefix.as_deref();
    let groups = holders::all(&on, KIND, prefix).await?;
    let list = format!("groups {}", prefix.unwrap_or("/"));
    let listed = page(
        list,
        input.marker.as_deref(),
        input.max_items,
        groups,
        |group| group.id(),
    )?;
    Ok(ListGroupsResponse {
        is_truncated: listed.is_truncated(),
        groups: Some(listed.items.iter().map(shown).collect()),
        marker: listed.marker,
    })
}

/// Its users stay in it.
async fn update(on: Session, input: UpdateGroupRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let mut group = holders::find(&on, KIND, &input.group_name.unwrap_or_default()).await?;
    let before = group.key.id.clone();
    let (name, path) = (input.new_group_name, input.new_path);
    holders::rename(&on, &mut edit, KIND, &mut group, name, path).await?;
    if before != group.key.id {
        for mut user in members(&on, &before).await? {
            user.it.groups.remove(&*before);
            user.it.groups.insert(group.id().to_owned());
            edit.put(&user)?;
        }
    }
    edit.put(&group)?;
    edit.commit(&on).await
}

async fn delete(on: Session, input: DeleteGroupRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let group = holders::find(&on, KIND, &input.group_name.unwrap_or_default()).await?;
    if !members(&on, group.id()).await?.is_empty() {
        return Err(conflict(
            "Cannot delete entity, must remove users from group first.",
        ));
    }
    holders::delete(&mut edit, KIND, &group)?;
    edit.commit(&on).await
}

async fn add_user(on: Session, input: AddUserToGroupRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let group = holders::find(&on, KIND, &input.group_name.unwrap_or_default()).await?;
    let mut user = user(&on, input.user_name).await?;
    user.it.groups.insert(group.id().to_owned());
    check_quota("GroupsPerUser", user.it.groups.len(), GROUPS_OF_USER_MAX)?;
    edit.put(&user)?;
    edit.commit(&on).await
}

async fn remove_user(on: Session, input: RemoveUserFromGroupRequest) -> Result<(), ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let group = holders::find(&on, KIND, &input.group_name.unwrap_or_default()).await?;
    let mut user = user(&on, input.user_name).await?;
    if !user.it.groups.remove(group.id()) {
        let (name, group) = (&user.it.name, &group.it.name);
        // Guess: the text is moto's.
        return Err(no_such_entity(format!("User {name} not in group {group}")));
    }
    edit.put(&user)?;
    edit.commit(&on).await
}

async fn list_of_user(
    on: Session,
    input: ListGroupsForUserRequest,
) -> Result<ListGroupsForUserResponse, ApiError> {
    let user = user(&on, input.user_name).await?;
    let mut groups = Vec::with_capacity(user.it.groups.len());
    for name in &user.it.groups {
        groups.push(holders::find(&on, KIND, name).await?);
    }
    let list = format!("groups of {}", user.id());
    let listed = page(
        list,
        input.marker.as_deref(),
        input.max_items,
        groups,
        |group| group.id(),
    )?;
    Ok(ListGroupsForUserResponse {
        is_truncated: listed.is_truncated(),
        groups: Some(listed.items.iter().map(shown).collect()),
        marker: listed.marker,
    })
}

async fn put_policy(on: Session, input: PutGroupPolicyRequest) -> Result<(), ApiError> {
    let (policy, document) = (input.policy_name, input.policy_document);
    inline_policies::put(&on, KIND, input.group_name, policy, document).await
}

async fn get_policy(
    on: Session,
    input: GetGroupPolicyRequest,
) -> Result<GetGroupPolicyResponse, ApiError> {
    let policy = input.policy_name.unwrap_or_default();
    let (name, document) = inline_policies::get(&on, KIND, input.group_name, &policy).await?;
    Ok(GetGroupPolicyResponse {
        group_name: Some(name),
        policy_name: Some(policy),
        policy_document: Some(document),
    })
}

async fn delete_policy(on: Session, input: DeleteGroupPolicyRequest) -> Result<(), ApiError> {
    let policy = input.policy_name.unwrap_or_default();
    inline_policies::delete(&on, KIND, input.group_name, &policy).await
}

async fn list_policies(
    on: Session,
    input: ListGroupPoliciesRequest,
) -> Result<ListGroupPoliciesResponse, ApiError> {
    let marker = input.marker.as_deref();
    let listed =
        inline_policies::list(&on, KIND, input.group_name, marker, input.max_items).await?;
    Ok(ListGroupPoliciesResponse {
        is_truncated: listed.is_truncated(),
        policy_names: Some(listed.items),
        marker: listed.marker,
    })
}

async fn attach(on: Session, input: AttachGroupPolicyRequest) -> Result<(), ApiError> {
    attachments::attach(&on, KIND, input.group_name, input.policy_arn).await
}

async fn detach(on: Session, input: DetachGroupPolicyRequest) -> Result<(), ApiError> {
    attachments::detach(&on, KIND, input.group_name, input.policy_arn).await
}

async fn list_attached(
    on: Session,
    input: ListAttachedGroupPoliciesRequest,
) -> Result<ListAttachedGroupPoliciesResponse, ApiError> {
    let asked = Asked {
        path_prefix: input.path_prefix.as_deref(),
        marker: input.marker.as_deref(),
        max_items: input.max_items,
    };
    let listed = attachments::list(&on, KIND, input.group_name, &asked).await?;
    Ok(ListAttachedGroupPoliciesResponse {
        is_truncated: listed.is_truncated(),
        attached_policies: Some(listed.items),
        marker: listed.marker,
    })
}

async fn user(on: &Session, name: Option<String>) -> Result<Stored<Holder>, ApiError> {
    holders::find(on, HolderKind::User, &name.unwrap_or_default()).await
}

/// The users in a group, by name.
async fn members(on: &Session, group: &str) -> Result<Vec<Stored<Holder>>, ApiError> {
    let mut users = holders::all(on, HolderKind::User, None).await?;
    users.retain(|user| user.it.groups.contains(group));
    Ok(users)
}

fn shown(group: &Stored<Holder>) -> Group {
    let it = &group.it;
    Group {
        path: Some(it.path.clone()),
        group_name: Some(it.name.clone()),
        group_id: Some(it.id.clone()),
        arn: Some(it.arn.clone()),
        create_date: Some(Timestamp::from_ms(group.created_ms)),
    }
}
