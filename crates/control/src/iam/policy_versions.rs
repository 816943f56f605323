//! Versions of managed policies, of which one counts.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>

use serde::{Deserialize, Serialize};
use tollgate_wire::Timestamp;
use tollgate_wire::iam::{
    CreatePolicyVersion, CreatePolicyVersionRequest, CreatePolicyVersionResponse,
    DeletePolicyVersion, DeletePolicyVersionRequest, GetPolicyVersion, GetPolicyVersionRequest,
    GetPolicyVersionResponse, ListPolicyVersions, ListPolicyVersionsRequest,
    ListPolicyVersionsResponse, PolicyVersion, SetDefaultPolicyVersion,
    SetDefaultPolicyVersionRequest,
};

use super::holders::{conflict, no_such_entity};
use super::pages::page;
use super::policies::{self, StoredPolicy};
use super::{documents, managed};
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::Session;

/// AWS's quota.
const VERSIONS_MAX: usize = 5;

/// A version as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) number: u32,
    pub(crate) created_ms: u64,
    pub(crate) document: String,
}

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreatePolicyVersion, _>(create);
    on.serve::<GetPolicyVersion, _>(get);
    on.serve::<ListPolicyVersions, _>(list);
    on.serve::<DeletePolicyVersion, _>(delete);
    on.serve::<SetDefaultPolicyVersion, _>(set_default);
}

async fn create(
    on: Session,
    input: CreatePolicyVersionRequest,
) -> Result<CreatePolicyVersionResponse, ApiError> {
    let (mut edit, mut policy) = policies::begin(&on, input.policy_arn).await?;
    let document = input.policy_document.unwrap_or_default();
    policies::check_document(&document)?;
    let it = &mut policy.it;
    if it.versions.len() >= VERSIONS_MAX {
        return Err(ApiError::new(
            Exception::LimitExceeded,
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
        ));
    }
    let version = Version {
        number: it.next_version,
        created_ms: on.shared.clock.now_ms(),
        document,
    };
    it.next_version += 1;
    it.updated_ms = version.created_ms;
    if input.set_as_default == Some(true) {
        it.default_version = version.number;
    }
    let shown = shown(&version, it.default_version);
    it.versions.push(version);
    edit.put(&policy)?;
    edit.commit(&on).await?;
    Ok(CreatePolicyVersionResponse {
        policy_version: Some(shown),
    })
}

async fn get(
    on: Session,
    input: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, ApiError> {
    let arn = input.policy_arn.unwrap_or_default();
    let asked = input.version_id.unwrap_or_default();
    if let Some(policy) = managed::find(&arn) {
        let version = managed::version(policy);
        return match version.version_id.as_deref() == Some(&asked) {
            true => Ok(GetPolicyVersionResponse {
                policy_version: Some(version),
            }),
            false => Err(missing(&arn, &asked)),
        };
    }
    let policy = policies::find(&on, &arn).await?.it;
    let version = find(&policy, &asked)?;
    Ok(GetPolicyVersionResponse {
        policy_version: Some(PolicyVersion {
            document: Some(documents::encoded(&version.document)),
            ..shown(version, policy.default_version)
        }),
    })
}

/// The newest first, as AWS lists them.
async fn list(
    on: Session,
    input: ListPolicyVersionsRequest,
) -> Result<ListPolicyVersionsResponse, ApiError> {
    let arn = input.policy_arn.unwrap_or_default();
    let mut versions: Vec<PolicyVersion> = match managed::find(&arn) {
        Some(policy) => vec![PolicyVersion {
            document: None,
            ..managed::version(policy)
        }],
        None => {
            let policy = policies::find(&on, &arn).await?.it;
            let versions = policy.versions.iter();
            versions
                .map(|version| shown(version, policy.default_version))
                .collect()
        }
    };
    versions.reverse();
    // There are at most five, so that their places serve as keys of the page.
    let places: Vec<(String, PolicyVersion)> = versions
        .into_iter()
        .enumerate()
        .map(|(place, version)| (place.to_string(), version))
        .collect();
    let list = format!("versions {arn}");
    let listed = page(
        list,
        input.marker.as_deref(),
        input.max_items,
        places,
        |it| &it.0,
    )?;
    Ok(ListPolicyVersionsResponse {
        is_truncated: listed.is_truncated(),
        versions: Some(
            listed
                .items
                .into_iter()
                .map(|(_, version)| version)
                .collect(),
        ),
        marker: listed.marker,
    })
}

async fn delete(on: Session, input: DeletePolicyVersionRequest) -> Result<(), ApiError> {
    let (mut edit, mut policy) = policies::begin(&on, input.policy_arn).await?;
    let number = find(&policy.it, &input.version_id.unwrap_or_default())?.number;
    if number == policy.it.default_version {
        return Err(conflict("Cannot delete the default version of a policy."));
    }
    policy
        .it
        .versions
        .retain(|version| version.number != number);
    policy.it.updated_ms = on.shared.clock.now_ms();
    edit.put(&policy)?;
    edit.commit(&on).await
}

async fn set_default(on: Session, input: SetDefaultPolicyVersionRequest) -> Result<(), ApiError> {
    let (mut edit, mut policy) = policies::begin(&on, input.policy_arn).await?;
    policy.it.default_version = find(&policy.it, &input.version_id.unwrap_or_default())?.number;
    policy.it.updated_ms = on.shared.clock.now_ms();
    edit.put(&policy)?;
    edit.commit(&on).await
}

fn find<'a>(policy: &'a StoredPolicy, id: &str) -> Result<&'a Version, ApiError> {
    let mut versions = policy.versions.iter();
    let found = versions.find(|version| id == format!("v{}", version.number));
    found.ok_or_else(|| missing(&policy.arn, id))
}

fn missing(arn: &str, id: &str) -> ApiError {
    no_such_entity(format!(
        "Policy {arn} version {id} does not exist or is not attachable."
    ))
}

fn shown(version: &Version, default: u32) -> PolicyVersion {
    PolicyVersion {
        document: None,
        version_id: Some(format!("v{}", version.number)),
        is_default_version: Some(version.number == default),
        create_date: Some(Timestamp::from_ms(version.created_ms)),
    }
}
