//! Instance profiles, of which there are never any: they are of virtual machines.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html>

use tollgate_wire::iam::{
    ListInstanceProfiles, ListInstanceProfilesForRole, ListInstanceProfilesForRoleRequest,
    ListInstanceProfilesForRoleResponse, ListInstanceProfilesRequest, ListInstanceProfilesResponse,
};

use super::holders::{self, HolderKind};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<ListInstanceProfiles, _>(list);
    on.serve::<ListInstanceProfilesForRole, _>(list_of_role);
}

async fn list(
    _: Session,
    _: ListInstanceProfilesRequest,
) -> Result<ListInstanceProfilesResponse, ApiError> {
    Ok(ListInstanceProfilesResponse {
        instance_profiles: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}

async fn list_of_role(
    on: Session,
    input: ListInstanceProfilesForRoleRequest,
) -> Result<ListInstanceProfilesForRoleResponse, ApiError> {
    holders::find(&on, HolderKind::Role, &input.role_name.unwrap_or_default()).await?;
    Ok(ListInstanceProfilesForRoleResponse {
        instance_profiles: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}
