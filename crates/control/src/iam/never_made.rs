//! What users of AWS have and nobody can make here: passwords, MFA devices, certificates, keys of other services. Tools ask
//! for them before they delete a user, and learn that there are none.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html>

use tollgate_wire::iam::{
    DeleteLoginProfile, DeleteLoginProfileRequest, GetLoginProfile, GetLoginProfileRequest,
    GetLoginProfileResponse, ListAccountAliases, ListAccountAliasesRequest,
    ListAccountAliasesResponse, ListMFADevices, ListMFADevicesRequest, ListMFADevicesResponse,
    ListSSHPublicKeys, ListSSHPublicKeysRequest, ListSSHPublicKeysResponse,
    ListServiceSpecificCredentials, ListServiceSpecificCredentialsRequest,
    ListServiceSpecificCredentialsResponse, ListSigningCertificates,
    ListSigningCertificatesRequest, ListSigningCertificatesResponse, ListVirtualMFADevices,
    ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse,
};

use super::holders::{self, HolderKind, no_such_entity};
use super::users::named;
use crate::error::ApiError;
use crate::operations::Operations;
use crate::session::Session;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<GetLoginProfile, _>(get_login_profile);
    on.serve::<DeleteLoginProfile, _>(delete_login_profile);
    on.serve::<ListAccountAliases, _>(list_account_aliases);
    on.serve::<ListMFADevices, _>(list_mfa_devices);
    on.serve::<ListSSHPublicKeys, _>(list_ssh_public_keys);
    on.serve::<ListServiceSpecificCredentials, _>(list_service_specific_credentials);
    on.serve::<ListSigningCertificates, _>(list_signing_certificates);
    on.serve::<ListVirtualMFADevices, _>(list_virtual_mfa_devices);
}

async fn get_login_profile(
    on: Session,
    input: GetLoginProfileRequest,
) -> Result<GetLoginProfileResponse, ApiError> {
    Err(no_login_profile(&find(&on, input.user_name).await?))
}

async fn delete_login_profile(
    on: Session,
    input: DeleteLoginProfileRequest,
) -> Result<(), ApiError> {
    Err(no_login_profile(&find(&on, input.user_name).await?))
}

async fn list_account_aliases(
    _: Session,
    _: ListAccountAliasesRequest,
) -> Result<ListAccountAliasesResponse, ApiError> {
    Ok(ListAccountAliasesResponse {
        account_aliases: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}

async fn list_mfa_devices(
    on: Session,
    input: ListMFADevicesRequest,
) -> Result<ListMFADevicesResponse, ApiError> {
    find(&on, input.user_name).await?;
    Ok(ListMFADevicesResponse {
        mfa_devices: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}

async fn list_ssh_public_keys(
    on: Session,
    input: ListSSHPublicKeysRequest,
) -> Result<ListSSHPublicKeysResponse, ApiError> {
    find(&on, input.user_name).await?;
    Ok(ListSSHPublicKeysResponse {
        ssh_public_keys: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}

async fn list_service_specific_credentials(
    on: Session,
    input: ListServiceSpecificCredentialsRequest,
) -> Result<ListServiceSpecificCredentialsResponse, ApiError> {
    if input.all_users != Some(true) {
        find(&on, input.user_name).await?;
    }
    Ok(ListServiceSpecificCredentialsResponse {
        service_specific_credentials: Some(Vec::new()),
        marker: None,
        is_truncated: Some(false),
    })
}

async fn list_signing_certificates(
    on: Session,
    input: ListSigningCertificatesRequest,
) -> Result<ListSigningCertificatesResponse, ApiError> {
    find(&on, input.user_name).await?;
    Ok(ListSigningCertificatesResponse {
        certificates: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}

async fn list_virtual_mfa_devices(
    _: Session,
    _: ListVirtualMFADevicesRequest,
) -> Result<ListVirtualMFADevicesResponse, ApiError> {
    Ok(ListVirtualMFADevicesResponse {
        virtual_mfa_devices: Some(Vec::new()),
        is_truncated: Some(false),
        marker: None,
    })
}

/// The name of the user that is asked about.
async fn find(on: &Session, name: Option<String>) -> Result<String, ApiError> {
    let user = holders::find(on, HolderKind::User, &named(on, name)?).await?;
    Ok(user.it.name)
}

fn no_login_profile(name: &str) -> ApiError {
    no_such_entity(format!("Login Profile for User {name} cannot be found."))
}
