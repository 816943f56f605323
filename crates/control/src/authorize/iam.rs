//! Actions of IAM: on which user, group, role or policy each is.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

use std::collections::BTreeMap;

use tollgate_model::arn::partition_of;
use tollgate_store::{Key, Kind};
use tollgate_wire::query::Form;

use super::Attempt;
use crate::error::{ApiError, Exception};
use crate::iam::account::{key, read};
use crate::iam::holders::{Holder, HolderKind};
use crate::iam::managed;
use crate::iam::policies::StoredPolicy;
use crate::session::{Session, Stored};

/// What an action is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// The user, the group or the role that a parameter names. Of a user: the caller where it names none.
    Holder(HolderKind),
    /// One that is to be made.
    New(HolderKind),
    /// All below a path.
    All(&'static str),
    /// The managed policy that a parameter names.
    Policy,
    /// One that is to be made.
    NewPolicy,
    /// The role of a service.
    ServiceRole,
    /// The principal whose policies are tried.
    Source,
    /// No resource.
    Nothing,
}

use HolderKind::{Group, Role, User};
use Target::{All, New, NewPolicy, Nothing, Policy, ServiceRole, Source};

/// Every action that is served.
const TARGETS: &[(&str, Target)] = &[
    ("AddUserToGroup", Target::Holder(Group)),
    ("AttachGroupPolicy", Target::Holder(Group)),
    ("AttachRolePolicy", Target::Holder(Role)),
    ("AttachUserPolicy", Target::Holder(User)),
    ("CreateAccessKey", Target::Holder(User)),
    ("CreateGroup", New(Group)),
    ("CreatePolicy", NewPolicy),
    ("CreatePolicyVersion", Policy),
    ("CreateRole", New(Role)),
    ("CreateServiceLinkedRole", ServiceRole),
    ("CreateUser", New(User)),
    ("DeleteAccessKey", Target::Holder(User)),
    ("DeleteGroup", Target::Holder(Group)),
    ("DeleteGroupPolicy", Target::Holder(Group)),
    ("DeleteLoginProfile", Target::Holder(User)),
    ("DeletePolicy", Policy),
    ("DeletePolicyVersion", Policy),
    ("DeleteRole", Target::Holder(Role)),
    ("DeleteRolePermissionsBoundary", Target::Holder(Role)),
    ("DeleteRolePolicy", Target::Holder(Role)),
    ("DeleteServiceLinkedRole", Target::Holder(Role)),
    ("DeleteUser", Target::Holder(User)),
    ("DeleteUserPermissionsBoundary", Target::Holder(User)),
    ("DeleteUserPolicy", Target::Holder(User)),
    ("DetachGroupPolicy", Target::Holder(Group)),
    ("DetachRolePolicy", Target::Holder(Role)),
    ("DetachUserPolicy", Target::Holder(User)),
    ("GetContextKeysForCustomPolicy", Nothing),
    ("GetContextKeysForPrincipalPolicy", Source),
    ("GetGroup", Target::Holder(Group)),
    ("GetGroupPolicy", Target::Holder(Group)),
    ("GetLoginProfile", Target::Holder(User)),
    ("GetPolicy", Policy),
    ("GetPolicyVersion", Policy),
    ("GetRole", Target::Holder(Role)),
    ("GetRolePolicy", Target::Holder(Role)),
    ("GetServiceLinkedRoleDeletionStatus", Nothing),
    ("GetUser", Target::Holder(User)),
    ("GetUserPolicy", Target::Holder(User)),
    ("ListAccessKeys", Target::Holder(User)),
    ("ListAccountAliases", Nothing),
    ("ListAttachedGroupPolicies", Target::Holder(Group)),
    ("ListAttachedRolePolicies", Target::Holder(Role)),
    ("ListAttachedUserPolicies", Target::Holder(User)),
    ("ListEntitiesForPolicy", Policy),
    ("ListGroupPolicies", Target::Holder(Group)),
    ("ListGroups", All("group")),
    ("ListGroupsForUser", Target::Holder(User)),
    ("ListInstanceProfiles", All("instance-profile")),
    ("ListInstanceProfilesForRole", Target::Holder(Role)),
    ("ListMFADevices", Target::Holder(User)),
    ("ListPolicies", All("policy")),
    ("ListPolicyTags", Policy),
    ("ListPolicyVersions", Policy),
    ("ListRolePolicies", Target::Holder(Role)),
    ("ListRoleTags", Target::Holder(Role)),
    ("ListRoles", All("role")),
    ("ListSSHPublicKeys", Target::Holder(User)),
    ("ListServiceSpecificCredentials", Target::Holder(User)),
    ("ListSigningCertificates", Target::Holder(User)),
    ("ListUserPolicies", Target::Holder(User)),
    ("ListUserTags", Target::Holder(User)),
    ("ListUsers", All("user")),
    ("ListVirtualMFADevices", All("mfa")),
    ("PutGroupPolicy", Target::Holder(Group)),
    ("PutRolePermissionsBoundary", Target::Holder(Role)),
    ("PutRolePolicy", Target::Holder(Role)),
    ("PutUserPermissionsBoundary", Target::Holder(User)),
    ("PutUserPolicy", Target::Holder(User)),
    ("RemoveUserFromGroup", Target::Holder(Group)),
    ("SetDefaultPolicyVersion", Policy),
    ("SimulateCustomPolicy", Nothing),
    ("SimulatePrincipalPolicy", Source),
    ("TagPolicy", Policy),
    ("TagRole", Target::Holder(Role)),
    ("TagUser", Target::Holder(User)),
    ("UntagPolicy", Policy),
    ("UntagRole", Target::Holder(Role)),
    ("UntagUser", Target::Holder(User)),
    ("UpdateAccessKey", Target::Holder(User)),
    ("UpdateAssumeRolePolicy", Target::Holder(Role)),
    ("UpdateGroup", Target::Holder(Group)),
    ("UpdateRole", Target::Holder(Role)),
    ("UpdateRoleDescription", Target::Holder(Role)),
    ("UpdateUser", Target::Holder(User)),
];

/// Refuses an action that the caller may not do.
pub(crate) async fn check(on: &Session, name: &str, form: &Form) -> Result<(), ApiError> {
    let who = &on.caller.who;
    if who.session().is_some() && who.user().is_some() {
        // AWS takes such credentials for IAM only where they were got with an MFA device, which nobody has here.
        let text = "The security token included in the request is invalid";
        return Err(ApiError::new(Exception::InvalidClientTokenId, text)
            .because("the session of a user may not call IAM"));
    }
    if who.is_root() {
        return Ok(());
    }
    let asked = Asked { on, name, form };
    for attempt in asked.attempts().await? {
        attempt.check()?;
    }
    Ok(())
}

struct Asked<'a> {
    on: &'a Session,
    name: &'a str,
    form: &'a Form,
}

/// What is acted on, as far as it is there.
struct Found {
    arn: String,
    named: String,
    tags: BTreeMap<String, String>,
    boundary: Option<String>,
}

impl<'a> Asked<'a> {
    /// What must be allowed. A user or group that moves is acted on where it was and where it will be.
    async fn attempts(&self) -> Result<Vec<Attempt<'a>>, ApiError> {
        let target = TARGETS.iter().find(|(name, _)| *name == self.name);
        let found = match target.map_or(Nothing, |(_, target)| *target) {
            Target::Holder(kind) => self.holder(kind).await?,
            New(kind) => {
                let path = self.text("Path").unwrap_or("/");
                self.named(kind.noun(), path, self.parameter(kind))
            }
            All(noun) => self.named(noun, self.text("PathPrefix").unwrap_or("/"), ""),
            Policy => self.policy().await?,
            NewPolicy => {
                let name = self.text("PolicyName").unwrap_or_default();
                self.named("policy", self.text("Path").unwrap_or("/"), name)
            }
            ServiceRole => self.service_role(),
            Source => self.source(),
            Nothing => Found::nothing(),
        };
        let mut attempts = vec![self.attempt(&found)];
        attempts.extend(self.moved(&found).map(|found| self.attempt(&found)));
        Ok(attempts)
    }

    fn attempt(&self, found: &Found) -> Attempt<'a> {
        let action = format!("iam:{}", self.name);
        let attempt = Attempt::new(self.on, action, found.arn.clone());
        let mut attempt = attempt.named(found.named.clone());
        for prefix in ["aws:ResourceTag", "iam:ResourceTag"] {
            attempt.tell_resource_tags(prefix, &found.tags);
        }
        let tags = self.form.pairs("Tags", "Key", "Value");
        let removed = self.form.items("TagKeys");
        let tags = tags.map(|(key, value)| (key, Some(value.unwrap_or_default())));
        attempt.tell_request_tags(tags.chain(removed.map(|key| (key, None))));
        let boundary = self.text("PermissionsBoundary");
        if let Some(boundary) = boundary.or(found.boundary.as_deref()) {
            attempt.set("iam:PermissionsBoundary", boundary.to_owned());
        }
        if self.name.starts_with("Attach") || self.name.starts_with("Detach") {
            let arn = self.text("PolicyArn").unwrap_or_default();
            attempt.set("iam:PolicyARN", arn.to_owned());
        }
        if let Some(service) = self.text("AWSServiceName") {
            attempt.set("iam:AWSServiceName", service.to_owned());
        }
        attempt
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.form.text(name)
    }

    /// The name that a parameter gives.
    fn parameter(&self, kind: HolderKind) -> &'a str {
        let name = match kind {
            User => "UserName",
            Group => "GroupName",
            Role => "RoleName",
        };
        self.text(name).unwrap_or_default()
    }

    async fn holder(&self, kind: HolderKind) -> Result<Found, ApiError> {
        let own = self.on.caller.who.user().filter(|_| kind == User);
        let name = match (self.parameter(kind), own) {
            ("", Some(user)) => &*user.name,
            (name, _) => name,
        };
        let at = key(self.on, kind.stored(), name);
        let stored: Option<Stored<Holder>> = self.on.find_by(&at, read).await?;
        Ok(match stored {
            Some(stored) => Found {
                arn: stored.it.arn,
                named: format!("{} {name}", kind.noun()),
                tags: stored.tags,
                boundary: stored.it.boundary,
            },
            None => Found {
                named: format!("{} {name}", kind.noun()),
                ..self.named(kind.noun(), "/", name)
            },
        })
    }

    async fn policy(&self) -> Result<Found, ApiError> {
        let arn = self.text("PolicyArn").unwrap_or_default();
        let at: Key = key(self.on, Kind::IamPolicy, managed::name_of(arn));
        let stored: Option<Stored<StoredPolicy>> = self.on.find_by(&at, read).await?;
        let stored = stored.filter(|stored| stored.it.arn == arn);
        Ok(Found {
            arn: arn.to_owned(),
            named: format!("policy {arn}"),
            tags: stored.map(|stored| stored.tags).unwrap_or_default(),
            boundary: None,
        })
    }

    fn service_role(&self) -> Found {
        let service = self.text("AWSServiceName").unwrap_or_default();
        self.named("role", &format!("/aws-service-role/{service}/"), "*")
    }

    fn source(&self) -> Found {
        let arn = self.text("PolicySourceArn").unwrap_or_default();
        Found {
            arn: arn.to_owned(),
            named: arn.to_owned(),
            ..Found::nothing()
        }
    }

    /// Where an update would put what it is on.
    fn moved(&self, found: &Found) -> Option<Found> {
        let (noun, new_name) = match self.name {
            "UpdateUser" => ("user", self.text("NewUserName")),
            "UpdateGroup" => ("group", self.text("NewGroupName")),
            _ => return None,
        };
        let new_path = self.text("NewPath");
        if new_name.is_none() && new_path.is_none() {
            return None;
        }
        let (start, end) = (found.arn.find('/')?, found.arn.rfind('/')?);
        let path = new_path.unwrap_or(&found.arn[start..=end]);
        let name = new_name.unwrap_or(&found.arn[end + 1..]);
        Some(self.named(noun, path, name))
    }

    fn named(&self, noun: &str, path: &str, name: &str) -> Found {
        let partition = partition_of(&self.on.caller.region);
        let account = &self.on.caller.account;
        let arn = format!("arn:{partition}:iam::{account}:{noun}{path}{name}");
        Found {
            named: arn.clone(),
            arn,
            ..Found::nothing()
        }
    }
}

impl Found {
    fn nothing() -> Self {
        Self {
            arn: "*".to_owned(),
            named: "*".to_owned(),
            tags: BTreeMap::new(),
            boundary: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use tollgate_wire::iam;

    use super::TARGETS;

    /// An action without a row would be judged on no resource at all.
    #[test]
    fn every_action_has_its_target() {
        let named: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, iam::OPERATIONS);
    }
}
