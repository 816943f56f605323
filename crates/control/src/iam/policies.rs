//! Managed policies: the customer's, and AWS's own, which are read only.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html>

use serde::{Deserialize, Serialize};
use tollgate_store::{Kind, Range, whole_range};
use tollgate_wire::Timestamp;
use tollgate_wire::iam::{
    CreatePolicy, CreatePolicyRequest, CreatePolicyResponse, DeletePolicy, DeletePolicyRequest,
    GetPolicy, GetPolicyRequest, GetPolicyResponse, ListEntitiesForPolicy,
    ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, ListPolicies, ListPoliciesRequest,
    ListPoliciesResponse, ListPolicyTags, ListPolicyTagsRequest, ListPolicyTagsResponse, Policy,
    PolicyGroup, PolicyRole, PolicyUser, TagPolicy, TagPolicyRequest, UntagPolicy,
    UntagPolicyRequest,
};

use super::account::{Account, Edit, Uses, check_quota, key, read};
use super::holders::{self, Holder, HolderKind, conflict, draw_id, no_such_entity};
use super::pages::{Listed, page};
use super::policy_versions::Version;
use super::{GLOBAL, account, documents, managed, tags};
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::{Session, Stored, read_all};

/// AWS's default quota.
const POLICIES_MAX: usize = 1500;
/// AWS's quota of a document's characters.
const CHARACTERS_MAX: usize = 6144;

/// A customer's policy with its versions, the oldest first. Its tags are the entity's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredPolicy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// The number of the version that counts.
    pub(crate) default_version: u32,
    /// The number of the next version: none is given twice.
    pub(crate) next_version: u32,
    pub(crate) versions: Vec<Version>,
    pub(crate) updated_ms: u64,
}

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreatePolicy, _>(create);
    on.serve::<GetPolicy, _>(get);
    on.serve::<ListPolicies, _>(list);
    on.serve::<DeletePolicy, _>(delete);
    on.serve::<TagPolicy, _>(tag);
    on.serve::<UntagPolicy, _>(untag);
    on.serve::<ListPolicyTags, _>(list_tags);
    on.serve::<ListEntitiesForPolicy, _>(list_entities);
}

async fn create(on: Session, input: CreatePolicyRequest) -> Result<CreatePolicyResponse, ApiError> {
    let mut edit = Edit::begin(&on).await?;
    let name = input.policy_name.unwrap_or_default();
    let key = key(&on, Kind::IamPolicy, &name);
    if on.find_by(&key, read::<StoredPolicy>).await?.is_some() {
        let text =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(ApiError::new(Exception::EntityAlreadyExists, text));
    }
    let document = input.policy_document.unwrap_or_default();
    check_document(&document)?;
    edit.account.it.policies += 1;
    check_quota(
        "PoliciesPerAccount",
        edit.account.it.policies as usize,
        POLICIES_MAX,
    )?;
    let path = input.path.unwrap_or_else(|| "/".to_owned());
    let now_ms = on.shared.clock.now_ms();
    let mut policy = on.create(
        key,
        StoredPolicy {
            id: draw_id(&on, "ANPA"),
            arn: holders::arn(&on, "policy", &path, &name),
            name,
            path,
            description: input.description,
            default_version: 1,
            next_version: 2,
            versions: vec![Version {
                number: 1,
                created_ms: now_ms,
                document,
            }],
            updated_ms: now_ms,
        },
    );
    tags::add(&mut policy.tags, input.tags)?;
    edit.put(&policy)?;
    let account = edit.account.it.clone();
    edit.commit(&on).await?;
    let shown = Policy {
        description: None,
        ..shown(&policy, &account)
    };
    Ok(CreatePolicyResponse {
        policy: Some(shown),
    })
}

async fn get(on: Session, input: GetPolicyRequest) -> Result<GetPolicyResponse, ApiError> {
    let arn = input.policy_arn.unwrap_or_default();
    let account = account::find(&on).await?.it;
    if let Some(policy) = managed::find(&arn) {
        return Ok(GetPolicyResponse {
            policy: Some(managed::shown(policy, &arn, account.uses_of(&arn))),
        });
    }
    let policy = find(&on, &arn).await?;
    Ok(GetPolicyResponse {
        policy: Some(shown(&policy, &account)),
    })
}

async fn list(on: Session, input: ListPoliciesRequest) -> Result<ListPoliciesResponse, ApiError> {
    let account = account::find(&on).await?.it;
    let scope = input.scope.as_deref().unwrap_or("All");
    let mut policies = Vec::new();
    if scope != "AWS" {
        let own = all(&on).await?;
        policies.extend(own.iter().map(|policy| Policy {
            description: None,
            tags: None,
            ..shown(policy, &account)
        }));
    }
    if scope != "Local" {
        policies.extend(managed::all(&on.caller.region).map(|(policy, arn)| {
            let uses = account.uses_of(&arn);
            Policy {
                description: None,
                ..managed::shown(policy, &arn, uses)
            }
        }));
    }
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let usage = input.policy_usage_filter.as_deref().unwrap_or_default();
    let only_attached = input.only_attached.unwrap_or(false);
    policies.retain(|policy| {
        let uses = account.uses_of(arn_of(policy));
        let path = policy.path.as_deref().unwrap_or_default();
        path.starts_with(prefix) && is_used(uses, usage, only_attached)
    });
    policies.sort_by(|one, other| arn_of(one).cmp(arn_of(other)));
    let list = format!("policies {scope} {prefix} {usage} {only_attached}");
    let listed = page(
        list,
        input.marker.as_deref(),
        input.max_items,
        policies,
        arn_of,
    )?;
    Ok(ListPoliciesResponse {
        is_truncated: listed.is_truncated(),
        policies: Some(listed.items),
        marker: listed.marker,
    })
}

async fn delete(on: Session, input: DeletePolicyRequest) -> Result<(), ApiError> {
    let arn = input.policy_arn.unwrap_or_default();
    let mut edit = Edit::begin(&on).await?;
    managed::check_own(&arn)?;
    let policy = find(&on, &arn).await?;
    if edit.account.it.uses_of(&arn) != Uses::default() {
        return Err(conflict("Cannot delete a policy attached to entities."));
    }
    if policy.it.versions.len() > 1 {
        return Err(conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        ));
    }
    edit.account.it.policies = edit.account.it.policies.saturating_sub(1);
    edit.delete(&policy.key);
    edit.commit(&on).await
}

async fn tag(on: Session, input: TagPolicyRequest) -> Result<(), ApiError> {
    let (mut edit, mut policy) = begin(&on, input.policy_arn).await?;
    tags::add(&mut policy.tags, input.tags)?;
    edit.put(&policy)?;
    edit.commit(&on).await
}

async fn untag(on: Session, input: UntagPolicyRequest) -> Result<(), ApiError> {
    let (mut edit, mut policy) = begin(&on, input.policy_arn).await?;
    tags::remove(&mut policy.tags, &input.tag_keys.unwrap_or_default());
    edit.put(&policy)?;
    edit.commit(&on).await
}

async fn list_tags(
    on: Session,
    input: ListPolicyTagsRequest,
) -> Result<ListPolicyTagsResponse, ApiError> {
    let arn = input.policy_arn.unwrap_or_default();
    let tags = match managed::find(&arn) {
        Some(_) => Default::default(),
        None => find(&on, &arn).await?.tags,
    };
    let listed = tags::list(&arn, &tags, input.marker.as_deref(), input.max_items)?;
    Ok(ListPolicyTagsResponse {
        is_truncated: listed.is_truncated(),
        tags: Some(listed.items),
        marker: listed.marker,
    })
}

async fn list_entities(
    on: Session,
    input: ListEntitiesForPolicyRequest,
) -> Result<ListEntitiesForPolicyResponse, ApiError> {
    let arn = input.policy_arn.clone().unwrap_or_default();
    if managed::find(&arn).is_none() {
        find(&on, &arn).await?;
    }
    let mut users = Vec::new();
    for kind in HolderKind::ALL {
        let path_prefix = input.path_prefix.as_deref();
        let holders = holders::all(&on, kind, path_prefix).await?;
        let using = holders.into_iter().filter(|it| uses(&it.it, &arn, &input));
        users.extend(using.map(|holder| (kind, holder)));
    }
    users.retain(|(kind, _)| is_asked(*kind, input.entity_filter.as_deref()));
    let order = |(kind, holder): (HolderKind, Stored<Holder>)| {
        (format!("{} {}", kind.noun(), holder.id()), kind, holder)
    };
    let mut users: Vec<_> = users.into_iter().map(order).collect();
    users.sort_by(|one, other| one.0.cmp(&other.0));
    let list = format!(
        "entities {arn} {:?} {:?} {:?}",
        input.entity_filter, input.path_prefix, input.policy_usage_filter
    );
    let marker = input.marker.as_deref();
    let listed = page(list, marker, input.max_items, users, |user| &user.0)?;
    Ok(entities(listed))
}

fn entities(listed: Listed<(String, HolderKind, Stored<Holder>)>) -> ListEntitiesForPolicyResponse {
    let mut shown = ListEntitiesForPolicyResponse {
        policy_groups: Some(Vec::new()),
        policy_users: Some(Vec::new()),
        policy_roles: Some(Vec::new()),
        is_truncated: listed.is_truncated(),
        marker: listed.marker,
    };
    for (_, kind, holder) in listed.items {
        let (name, id) = (Some(holder.it.name), Some(holder.it.id));
        match kind {
            HolderKind::User => shown.policy_users.get_or_insert_default().push(PolicyUser {
                user_name: name,
                user_id: id,
            }),
            HolderKind::Group => shown
                .policy_groups
                .get_or_insert_default()
                .push(PolicyGroup {
                    group_name: name,
                    group_id: id,
                }),
            HolderKind::Role => shown.policy_roles.get_or_insert_default().push(PolicyRole {
                role_name: name,
                role_id: id,
            }),
        }
    }
    shown
}

/// Whether a holder uses a policy in the way that is asked for.
fn uses(holder: &Holder, arn: &str, asked: &ListEntitiesForPolicyRequest) -> bool {
    let is_attached = holder.attached.contains(arn);
    let is_boundary = holder.boundary.as_deref() == Some(arn);
    match asked.policy_usage_filter.as_deref() {
        Some("PermissionsPolicy") => is_attached,
        Some("PermissionsBoundary") => is_boundary,
        _ => is_attached || is_boundary,
    }
}

fn is_asked(kind: HolderKind, filter: Option<&str>) -> bool {
    match filter {
        Some("User") => kind == HolderKind::User,
        Some("Role") => kind == HolderKind::Role,
        Some("Group") => kind == HolderKind::Group,
        // The others are of policies.
        Some(_) => false,
        None => true,
    }
}

fn is_used(uses: Uses, usage: &str, only_attached: bool) -> bool {
    let count = match usage {
        "PermissionsPolicy" => uses.attachments,
        "PermissionsBoundary" => uses.boundaries,
        _ => uses.attachments + uses.boundaries,
    };
    count > 0 || (!only_attached && usage.is_empty())
}

fn arn_of(policy: &Policy) -> &str {
    policy.arn.as_deref().unwrap_or_default()
}

/// The customer's policy of an ARN.
pub(super) async fn find(on: &Session, arn: &str) -> Result<Stored<StoredPolicy>, ApiError> {
    let key = key(on, Kind::IamPolicy, managed::name_of(arn));
    let policy = on.find_by(&key, read::<StoredPolicy>).await?;
    let policy = policy.filter(|policy| policy.it.arn == arn);
    policy.ok_or_else(|| missing(arn))
}

/// There is no policy of this ARN. The text is AWS's.
pub(super) fn missing(arn: &str) -> ApiError {
    no_such_entity(format!("Policy {arn} was not found."))
}

/// A change of a customer's policy.
pub(super) async fn begin(
    on: &Session,
    arn: Option<String>,
) -> Result<(Edit, Stored<StoredPolicy>), ApiError> {
    let arn = arn.unwrap_or_default();
    let edit = Edit::begin(on).await?;
    managed::check_own(&arn)?;
    Ok((edit, find(on, &arn).await?))
}

/// Refuses an ARN that no policy has.
pub(super) async fn check_attachable(on: &Session, arn: &str) -> Result<(), ApiError> {
    if managed::find(arn).is_some() {
        return Ok(());
    }
    let found = find(on, arn).await.map(drop);
    found.map_err(|error| match error.exception {
        Exception::NoSuchEntity => {
            no_such_entity(format!("Policy {arn} does not exist or is not attachable."))
        }
        _ => error,
    })
}

/// Refuses what is no policy, and what is too long.
pub(super) fn check_document(document: &str) -> Result<(), ApiError> {
    documents::check_identity(document)?;
    let characters = documents::counted_characters(document);
    check_quota("PolicySize", characters, CHARACTERS_MAX)
}

/// Every policy of the caller's account, by name.
async fn all(on: &Session) -> Result<Vec<Stored<StoredPolicy>>, ApiError> {
    let range = Range::top(&on.caller.account, GLOBAL, Kind::IamPolicy);
    read_all(whole_range(&*on.shared.store, range).await?, read)
}

fn shown(policy: &Stored<StoredPolicy>, account: &Account) -> Policy {
    let it = &policy.it;
    let uses = account.uses_of(&it.arn);
    Policy {
        policy_name: Some(it.name.clone()),
        policy_id: Some(it.id.clone()),
        arn: Some(it.arn.clone()),
        path: Some(it.path.clone()),
        default_version_id: Some(format!("v{}", it.default_version)),
        attachment_count: Some(uses.attachments as i32),
        permissions_boundary_usage_count: Some(uses.boundaries as i32),
        is_attachable: Some(true),
        description: it.description.clone(),
        create_date: Some(Timestamp::from_ms(policy.created_ms)),
        update_date: Some(Timestamp::from_ms(it.updated_ms)),
        tags: Some(tags::shown(&policy.tags)),
    }
}
