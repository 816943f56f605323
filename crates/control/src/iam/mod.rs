//! Identity and Access Management, version 2010-05-08: users, groups, roles, their keys and policies, one file per
//! resource. Everything belongs to an account and to no region, and every change holds only while the account is as it was
//! read ([`account::Edit`]).
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>

mod access_keys;
pub(crate) mod account;
mod attachments;
mod boundaries;
pub(crate) mod directory;
pub(crate) mod documents;
mod groups;
pub(crate) mod holders;
mod inline_policies;
mod instance_profiles;
pub(crate) mod managed;
mod never_made;
mod pages;
pub(crate) mod policies;
mod policy_versions;
mod roles;
mod service_linked_roles;
mod simulation;
mod tags;
mod users;

use tollgate_wire::iam;

use crate::authorize;
use crate::operations::Operations;
use crate::query::Service;

/// Where what belongs to no region is stored.
pub(crate) const GLOBAL: &str = "aws-global";

/// The service.
pub(crate) fn service() -> Service {
    let mut operations = Operations::default();
    let on = &mut operations;
    users::operations(on);
    groups::operations(on);
    roles::operations(on);
    service_linked_roles::operations(on);
    access_keys::operations(on);
    policies::operations(on);
    policy_versions::operations(on);
    instance_profiles::operations(on);
    never_made::operations(on);
    simulation::operations(on);
    Service {
        version: iam::VERSION,
        namespace: iam::NAMESPACE,
        operations,
        authorize: |on, name, form| Box::pin(authorize::iam::check(on, name, form)),
        not_kept: iam::NOT_KEPT,
    }
}
