//! The role that API Gateway has in an account. Tools create it; nothing here uses it.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html>

use tollgate_wire::iam::{
    CreateServiceLinkedRole, CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse,
    DeleteServiceLinkedRole, DeleteServiceLinkedRoleRequest, DeleteServiceLinkedRoleResponse,
    GetServiceLinkedRoleDeletionStatus, GetServiceLinkedRoleDeletionStatusRequest,
    GetServiceLinkedRoleDeletionStatusResponse,
};

use super::account::Edit;
use super::holders::{HolderKind, RoleParts, no_such_entity};
use super::{holders, roles};
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::Session;

const SERVICE: &str = "ops.apigateway.amazonaws.com";
const NAME: &str = "AWSServiceRoleForAPIGateway";
const PATH: &str = "/aws-service-role/ops.apigateway.amazonaws.com/";
const POLICY: &str = "arn:aws:iam::aws:policy/aws-service-role/APIGatewayServiceRolePolicy";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ops.apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateServiceLinkedRole, _>(create);
    on.serve::<DeleteServiceLinkedRole, _>(delete);
    on.serve::<GetServiceLinkedRoleDeletionStatus, _>(deletion_status);
}

async fn create(
    on: Session,
    input: CreateServiceLinkedRoleRequest,
) -> Result<CreateServiceLinkedRoleResponse, ApiError> {
    let service = input.aws_service_name.unwrap_or_default();
    if service != SERVICE {
        let text = format!("Tollgate does not serve the service-linked role of {service}");
        return Err(ApiError::new(Exception::InvalidInput, text));
    }
    if input.custom_suffix.is_some() {
        return Err(ApiError::new(
            Exception::InvalidInput,
            format!("Custom suffix is not allowed for {SERVICE}"),
        ));
    }
    let mut edit = Edit::begin(&on).await?;
    let created = holders::create(
        &on,
        &mut edit,
        HolderKind::Role,
        NAME.into(),
        Some(PATH.into()),
    );
    let mut role = created.await.map_err(taken)?;
    role.it.role = Some(RoleParts {
        trust: TRUST.to_owned(),
        description: input.description,
        session_seconds_max: 3600,
        service: Some(SERVICE.to_owned()),
    });
    role.it.attached.insert(POLICY.to_owned());
    edit.count_use(POLICY, |uses| uses.attachments += 1);
    edit.put(&role)?;
    edit.commit(&on).await?;
    Ok(CreateServiceLinkedRoleResponse {
        role: Some(roles::shown(&role)),
    })
}

/// It is gone at once, as nothing uses it.
async fn delete(
    on: Session,
    input: DeleteServiceLinkedRoleRequest,
) -> Result<DeleteServiceLinkedRoleResponse, ApiError> {
    let name = input.role_name.unwrap_or_default();
    let mut edit = Edit::begin(&on).await?;
    let mut role = holders::find(&on, HolderKind::Role, &name).await?;
    if role
        .it
        .role
        .as_ref()
        .is_none_or(|role| role.service.is_none())
    {
        let text = format!("The role {name} is no service-linked role.");
        return Err(ApiError::new(Exception::InvalidInput, text));
    }
    for arn in std::mem::take(&mut role.it.attached) {
        edit.count_use(&arn, |uses| {
            uses.attachments = uses.attachments.saturating_sub(1);
        });
    }
    holders::delete(&mut edit, HolderKind::Role, &role)?;
    edit.commit(&on).await?;
    let task = on.shared.draw(tollgate_model::random::Random::uuid);
    let task = String::from_utf8_lossy(&task).into_owned();
    Ok(DeleteServiceLinkedRoleResponse {
        deletion_task_id: Some(format!("task{PATH}{NAME}/{task}")),
    })
}

/// Every deletion has succeeded by the time it is told of.
async fn deletion_status(
    _: Session,
    input: GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<GetServiceLinkedRoleDeletionStatusResponse, ApiError> {
    let task = input.deletion_task_id.unwrap_or_default();
    match task.starts_with(&format!("task{PATH}{NAME}/")) {
        true => Ok(GetServiceLinkedRoleDeletionStatusResponse {
            status: Some("SUCCEEDED".to_owned()),
            reason: None,
        }),
        false => Err(no_such_entity(format!(
            "Deletion task {task} was not found."
        ))),
    }
}

/// AWS's text for the second role of a service.
fn taken(error: ApiError) -> ApiError {
    match error.exception {
        Exception::EntityAlreadyExists => ApiError::new(
            Exception::InvalidInput,
            format!(
                "Service role name {NAME} has been taken in this account, please try a different suffix."
            ),
        ),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn its_policy_is_known() {
        assert!(crate::iam::managed::find(super::POLICY).is_some());
    }
}
