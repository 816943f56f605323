//! What is to be decided: who wants to do what on what.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-reqcontext.html>

use crate::context::Context;

/// One call by one principal on one resource.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// `execute-api:Invoke`, `apigateway:GET`; its case does not matter.
    pub action: &'a str,
    /// The resource's ARN, or `*` for an action on no resource.
    pub resource: &'a str,
    /// The account that the resource belongs to; another one than the principal's makes it a request across accounts. It is asked for
    /// because not every ARN names its account.
    pub owner: &'a str,
    /// The canonical user id of the principal's account, where the service knows such ids (`CanonicalUser`).
    pub canonical_user: Option<&'a str>,
    /// The values of condition keys.
    pub context: &'a Context<'a>,
}

/// Who asks, with the ARNs by which policies name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// Nobody that is known, or one known by other means than IAM's.
    Anonymous,
    /// The root user of an account, who may do everything that nobody denies.
    Root {
        /// Its account.
        account: &'a str,
    },
    /// An IAM user.
    User {
        /// The user's account.
        account: &'a str,
        /// `arn:aws:iam::{account}:user/{path}{name}`.
        arn: &'a str,
    },
    /// A session of an assumed role.
    RoleSession {
        /// The role's account.
        account: &'a str,
        /// `arn:aws:iam::{account}:role/{path}{name}`.
        role: &'a str,
        /// `arn:aws:sts::{account}:assumed-role/{name}/{session}`.
        session: &'a str,
    },
    /// A session of `GetFederationToken`.
    FederatedUser {
        /// The account of the user who federated.
        account: &'a str,
        /// The ARN of the user who federated.
        user: &'a str,
        /// `arn:aws:sts::{account}:federated-user/{name}`.
        session: &'a str,
    },
    /// Someone whom an identity provider vouches for, who is about to assume a role.
    Federated {
        /// `cognito-identity.amazonaws.com`, `arn:aws:iam::{account}:oidc-provider/{host}`.
        provider: &'a str,
    },
    /// An AWS service that acts for itself.
    Service {
        /// `apigateway.amazonaws.com`.
        name: &'a str,
    },
}

impl<'a> Principal<'a> {
    /// The account whose policies speak for this principal; those outside of IAM have none.
    pub fn account(&self) -> Option<&'a str> {
        match *self {
            Self::Root { account }
            | Self::User { account, .. }
            | Self::RoleSession { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Anonymous | Self::Federated { .. } | Self::Service { .. } => None,
        }
    }

    /// As AWS's messages name it: an ARN, `anonymous`, or the provider's or service's name.
    pub fn name(&self) -> String {
        match *self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Root { account } => format!("arn:aws:iam::{account}:root"),
            Self::User { arn, .. } => arn.to_owned(),
            Self::RoleSession { session, .. } | Self::FederatedUser { session, .. } => {
                session.to_owned()
            }
            Self::Federated { provider } => provider.to_owned(),
            Self::Service { name } => name.to_owned(),
        }
    }
}
