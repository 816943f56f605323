//! Who calls: a root, a user, or a session of one of them or of a role.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tollgate_iam::{Context, Kind, Policies, Policy, Principal, Value};

use super::session::Session;

/// A user or a role, with what was compiled of it.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The account it belongs to.
    pub account: Arc<str>,
    /// Without its path.
    pub name: Box<str>,
    /// `AIDA…` or `AROA…`.
    pub id: Box<str>,
    /// `arn:aws:iam::{account}:user/{path}{name}`, or `role`.
    pub arn: Box<str>,
    /// What a role has besides; a user has none of it.
    pub role: Option<Role>,
    /// Its own policies, managed ones, and those of the user's groups.
    pub policies: Box<[Arc<Policy>]>,
    /// What bounds it.
    pub boundary: Option<Arc<Policy>>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What only a role has.
#[derive(Clone, Debug)]
pub struct Role {
    /// Who may assume it.
    pub trust: Arc<Policy>,
    /// The longest session.
    pub session_seconds_max: u32,
}

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    account: Arc<str>,
    /// Nothing of a root.
    identity: Option<Arc<Identity>>,
    session: Option<Arc<OpenSession>>,
}

/// A session with its policies compiled.
#[derive(Debug)]
struct OpenSession {
    it: Session,
    /// `arn:aws:sts::{account}:assumed-role/{role}/{session}`; nothing of a session that is the user's or the root's own.
    arn: Option<Box<str>>,
    /// Nothing where the session was given none, which is another thing than an empty list: that allows nothing.
    policies: Option<Vec<Arc<Policy>>>,
}

impl Caller {
    /// A caller with a permanent key: the user, or the root of the account.
    pub fn new(account: Arc<str>, user: Option<Arc<Identity>>) -> Self {
        Self {
            account,
            identity: user,
            session: None,
        }
    }

    pub(super) fn of_session(
        it: Session,
        identity: Option<Arc<Identity>>,
        managed: &HashMap<Box<str>, Arc<Policy>>,
    ) -> Self {
        let policies = session_policies(&it, managed);
        Self::in_session(it, policies, identity)
    }

    /// A caller in a session whose policies are compiled already: nothing of a session that was given none.
    pub fn in_session(
        it: Session,
        policies: Option<Vec<Arc<Policy>>>,
        identity: Option<Arc<Identity>>,
    ) -> Self {
        let role = identity.as_deref().filter(|it| it.role.is_some());
        let session = OpenSession {
            arn: role.map(|role| role.session_arn(&it.name).into()),
            policies,
            it,
        };
        Self {
            account: session.it.account.as_str().into(),
            identity,
            session: Some(Arc::new(session)),
        }
    }

    /// The account that is called from.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The user who calls or the role that was assumed; nothing of a root.
    pub fn identity(&self) -> Option<&Arc<Identity>> {
        self.identity.as_ref()
    }

    /// The session that is called in.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref().map(|session| &session.it)
    }

    /// Whether it is the account's root.
    pub fn is_root(&self) -> bool {
        self.identity.is_none()
    }

    /// The user who calls, in a session or not.
    pub fn user(&self) -> Option<&Identity> {
        self.identity.as_deref().filter(|it| it.role.is_none())
    }

    /// As the evaluator takes it.
    pub fn principal(&self) -> Principal<'_> {
        let account = &*self.account;
        let session = self.session.as_ref().and_then(|it| it.arn.as_deref());
        match (&self.identity, session) {
            (None, _) => Principal::Root { account },
            (Some(role), Some(session)) => Principal::RoleSession {
                account,
                role: &role.arn,
                session,
            },
            (Some(user), None) => Principal::User {
                account,
                arn: &user.arn,
            },
        }
    }

    /// As AWS's texts and GetCallerIdentity name it.
    pub fn arn(&self) -> String {
        self.principal().name()
    }

    /// `aws:userid`: the user's id, `AROA…:{session}`, or the account of a root.
    pub fn user_id(&self) -> String {
        match (&self.identity, &self.session) {
            (None, _) => self.account.to_string(),
            (Some(role), Some(session)) if role.role.is_some() => {
                format!("{}:{}", role.id, session.it.name)
            }
            (Some(user), _) => user.id.to_string(),
        }
    }

    /// The policies that speak for it. A resource's is the asker's to add.
    pub fn policies(&self) -> Policies<'_> {
        let session = self.session.as_ref();
        Policies {
            identity: self.identity.as_ref().map_or(&[], |it| &it.policies),
            boundary: self.identity.as_ref().and_then(|it| it.boundary.as_deref()),
            session: session.and_then(|session| session.policies.as_deref()),
            resource: None,
            resource_must_allow: false,
        }
    }

    /// Fills the condition keys that are known of the caller.
    pub fn tell<'a>(&'a self, context: &mut Context<'a>) {
        context.set("aws:PrincipalAccount", &*self.account);
        context.set("aws:userid", self.user_id());
        context.set("aws:PrincipalIsAWSService", false);
        context.set("aws:ViaAWSService", false);
        context.set("aws:PrincipalType", self.kind());
        match &self.identity {
            // Of a role's session it is the role's ARN.
            Some(identity) => context.set("aws:PrincipalArn", &*identity.arn),
            None => context.set("aws:PrincipalArn", self.arn()),
        }
        if let Some(user) = self.user() {
            context.set("aws:username", &*user.name);
        }
        self.tell_tags(context);
        if let Some(session) = &self.session {
            let issued_ms = i64::try_from(session.it.issued_ms).unwrap_or(i64::MAX);
            context.set("aws:TokenIssueTime", Value::Time(issued_ms));
            // Nobody has an MFA device here; AWS sets it for temporary credentials alone.
            context.set("aws:MultiFactorAuthPresent", false);
            if let Some(source) = &session.it.source_identity {
                context.set("aws:SourceIdentity", source.as_str());
            }
        }
    }

    /// A session's tags stand in the place of its role's.
    fn tell_tags<'a>(&'a self, context: &mut Context<'a>) {
        let own = self.identity.iter().flat_map(|it| &it.tags);
        let session = self.session.iter().flat_map(|session| &session.it.tags);
        for (key, value) in own.chain(session) {
            context.set(format!("aws:PrincipalTag/{key}"), value.as_str());
        }
    }

    fn kind(&self) -> &'static str {
        match &self.identity {
            None => "Account",
            Some(identity) if identity.role.is_some() => "AssumedRole",
            Some(_) => "User",
        }
    }
}

impl Identity {
    /// `arn:aws:sts::{account}:assumed-role/{name}/{session}`, which leaves out the role's path.
    pub fn session_arn(&self, session: &str) -> String {
        let partition = self.arn.split(':').nth(1).unwrap_or("aws");
        let (account, name) = (&self.account, &self.name);
        format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}")
    }
}

/// A policy that cannot be read, or is there no more, would deny what it denied: the session then may nothing.
fn session_policies(
    session: &Session,
    managed: &HashMap<Box<str>, Arc<Policy>>,
) -> Option<Vec<Arc<Policy>>> {
    if session.policy.is_none() && session.policy_arns.is_empty() {
        return None;
    }
    let inline = session.policy.as_deref().map(|document| {
        let policy = Policy::parse(document, Kind::Identity).ok()?;
        Some(Arc::new(policy.named("of the session")))
    });
    let named = session.policy_arns.iter();
    let named = named.map(|arn| managed.get(arn.as_str()).cloned());
    let all: Option<Vec<_>> = inline.into_iter().chain(named).collect();
    Some(all.unwrap_or_default())
}
