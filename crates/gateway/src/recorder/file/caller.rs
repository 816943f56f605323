//! Who signed a request: the facts that policies weigh, the policies, and never a secret or a token.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tollgate_iam::{Kind, Malformed, Policy};
use tollgate_model::principals::{Caller, Identity, Role, Session};

use crate::callers::{Identified, Refused, SignatureFault, Signed};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::recorder) enum FileIdentified {
    Signed(Box<FileSigned>),
    Refused(FileRefused),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::recorder) struct FileSigned {
    access_key: String,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<FileIdentity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<FileSession>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileIdentity {
    name: String,
    id: String,
    arn: String,
    is_role: bool,
    policies: Vec<FilePolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boundary: Option<FilePolicy>,
    tags: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileSession {
    name: String,
    issued_ms: u64,
    expires_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<Vec<FilePolicy>>,
    tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    document: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::recorder) struct FileRefused {
    fault: FileFault,
    message: String,
    reason: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FileFault {
    Missing,
    Incomplete,
    Invalid,
    UnknownKey,
    Expired,
}

impl FileIdentified {
    pub(in crate::recorder) fn of(identified: &Identified) -> Self {
        match identified {
            Identified::Signed(signed) => Self::Signed(Box::new(FileSigned::of(signed))),
            Identified::Refused(refused) => Self::Refused(FileRefused {
                fault: FileFault::of(refused.fault),
                message: refused.message.clone(),
                reason: refused.reason.clone(),
            }),
        }
    }

    /// # Errors
    /// A policy that is none.
    pub(in crate::recorder) fn identified(self) -> Result<Identified, Malformed> {
        Ok(match self {
            Self::Signed(signed) => Identified::Signed(signed.signed()?),
            Self::Refused(refused) => Identified::Refused(Refused {
                fault: refused.fault.fault(),
                message: refused.message,
                reason: refused.reason,
            }),
        })
    }
}

impl FileSigned {
    fn of(signed: &Signed) -> Self {
        let caller = &signed.caller;
        let session = caller.session();
        Self {
            access_key: signed.access_key.to_string(),
            account: caller.account().to_owned(),
            identity: caller.identity().map(|it| FileIdentity::of(it)),
            session: session.map(|it| FileSession::of(it, caller.policies().session)),
        }
    }

    fn signed(self) -> Result<Signed, Malformed> {
        let account: Arc<str> = self.account.as_str().into();
        let identity = self.identity.map(|it| it.identity(&account)).transpose()?;
        let id = identity.as_ref().map(|it| it.id.to_string());
        let identity = identity.map(Arc::new);
        let caller = match self.session {
            Some(session) => session.caller(self.account, id, identity)?,
            None => Caller::new(account, identity),
        };
        Ok(Signed {
            access_key: self.access_key.into(),
            caller,
        })
    }
}

impl FileIdentity {
    fn of(it: &Identity) -> Self {
        Self {
            name: it.name.to_string(),
            id: it.id.to_string(),
            arn: it.arn.to_string(),
            is_role: it.role.is_some(),
            policies: it.policies.iter().map(|it| FilePolicy::of(it)).collect(),
            boundary: it.boundary.as_deref().map(FilePolicy::of),
            tags: it.tags.clone(),
        }
    }

    fn identity(self, account: &Arc<str>) -> Result<Identity, Malformed> {
        let policies: Vec<_> = compiled(self.policies)?;
        Ok(Identity {
            account: account.clone(),
            name: self.name.into(),
            id: self.id.into(),
            arn: self.arn.into(),
            role: match self.is_role {
                true => Some(nobodys_role()?),
                false => None,
            },
            policies: policies.into(),
            boundary: self.boundary.map(FilePolicy::policy).transpose()?,
            tags: self.tags,
        })
    }
}

/// Who may assume the role is not asked of a request.
fn nobodys_role() -> Result<Role, Malformed> {
    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}}"#;
    Ok(Role {
        trust: Arc::new(Policy::parse(TRUST, Kind::Trust)?),
        session_seconds_max: 0,
    })
}

impl FileSession {
    fn of(it: &Session, policies: Option<&[Arc<Policy>]>) -> Self {
        Self {
            name: it.name.clone(),
            issued_ms: it.issued_ms,
            expires_ms: it.expires_ms,
            policies: policies.map(|all| all.iter().map(|it| FilePolicy::of(it)).collect()),
            tags: it.tags.clone(),
            source_identity: it.source_identity.clone(),
        }
    }

    fn caller(
        self,
        account: String,
        id: Option<String>,
        identity: Option<Arc<Identity>>,
    ) -> Result<Caller, Malformed> {
        let policies = self.policies.map(compiled).transpose()?;
        let session = Session {
            account,
            identity: id,
            name: self.name,
            issued_ms: self.issued_ms,
            expires_ms: self.expires_ms,
            tags: self.tags,
            source_identity: self.source_identity,
            ..Session::default()
        };
        Ok(Caller::in_session(session, policies, identity))
    }
}

fn compiled(policies: Vec<FilePolicy>) -> Result<Vec<Arc<Policy>>, Malformed> {
    policies.into_iter().map(FilePolicy::policy).collect()
}

impl FilePolicy {
    fn of(policy: &Policy) -> Self {
        Self {
            name: policy.name().map(str::to_owned),
            document: policy.document().to_owned(),
        }
    }

    fn policy(self) -> Result<Arc<Policy>, Malformed> {
        let policy = Policy::parse(&self.document, Kind::Identity)?;
        Ok(Arc::new(match self.name {
            Some(name) => policy.named(name),
            None => policy,
        }))
    }
}

impl FileFault {
    fn of(fault: SignatureFault) -> Self {
        match fault {
            SignatureFault::Missing => Self::Missing,
            SignatureFault::Incomplete => Self::Incomplete,
            SignatureFault::Invalid => Self::Invalid,
            SignatureFault::UnknownKey => Self::UnknownKey,
            SignatureFault::Expired => Self::Expired,
        }
    }

    fn fault(self) -> SignatureFault {
        match self {
            Self::Missing => SignatureFault::Missing,
            Self::Incomplete => SignatureFault::Incomplete,
            Self::Invalid => SignatureFault::Invalid,
            Self::UnknownKey => SignatureFault::UnknownKey,
            Self::Expired => SignatureFault::Expired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tollgate_iam::Context;

    const ALLOW: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn policy() -> Arc<Policy> {
        Arc::new(Policy::parse(ALLOW, Kind::Identity).unwrap().named("all"))
    }

    fn identity(noun: &str, role: Option<Role>) -> Arc<Identity> {
        Arc::new(Identity {
            account: "111111111111".into(),
            name: "x".into(),
            id: "ID1".into(),
            arn: format!("arn:aws:iam::111111111111:{noun}/x").into(),
            role,
            policies: [policy()].into(),
            boundary: Some(policy()),
            tags: BTreeMap::from([("team".to_owned(), "red".to_owned())]),
        })
    }

    fn callers() -> Vec<Caller> {
        let role = identity("role", Some(nobodys_role().unwrap()));
        let session = Session {
            account: "111111111111".to_owned(),
            name: "night".to_owned(),
            issued_ms: 1_000,
            expires_ms: 2_000,
            secret: "top secret".to_owned(),
            source_identity: Some("me".to_owned()),
            ..Session::default()
        };
        vec![
            Caller::new("111111111111".into(), None),
            Caller::new("111111111111".into(), Some(identity("user", None))),
            Caller::in_session(session.clone(), None, Some(identity("user", None))),
            Caller::in_session(session.clone(), Some(vec![policy()]), Some(role.clone())),
            Caller::in_session(session, Some(Vec::new()), Some(role)),
        ]
    }

    fn told(caller: &Caller) -> String {
        let mut context = Context::default();
        caller.tell(&mut context);
        let keys: Vec<_> = context
            .iter()
            .map(|(key, values)| format!("{key} {values:?}"))
            .collect();
        let of = |all: &[Arc<Policy>]| -> Vec<_> {
            let named = all
                .iter()
                .map(|it| (it.name().map(str::to_owned), it.document().to_owned()));
            named.collect()
        };
        let policies = caller.policies();
        format!(
            "{:?} {} {keys:?} {:?} {:?} {:?}",
            caller.principal(),
            caller.user_id(),
            of(policies.identity),
            policies.boundary.map(Policy::document),
            policies.session.map(of)
        )
    }

    #[test]
    fn whoever_signed_is_told_without_a_secret() {
        for caller in callers() {
            let expected = told(&caller);
            let signed = Signed {
                access_key: "AKIA1".into(),
                caller,
            };
            let text =
                serde_json::to_string(&FileIdentified::of(&Identified::Signed(signed))).unwrap();
            assert!(!text.contains("top secret"), "{text}");
            let read: FileIdentified = serde_json::from_str(&text).unwrap();
            match read.identified().unwrap() {
                Identified::Signed(signed) => {
                    assert_eq!(&*signed.access_key, "AKIA1");
                    assert_eq!(told(&signed.caller), expected);
                }
                Identified::Refused(refused) => panic!("{refused:?}"),
            }
        }
    }

    #[test]
    fn refusals_are_told_as_they_were() {
        for fault in [
            SignatureFault::Missing,
            SignatureFault::Incomplete,
            SignatureFault::Invalid,
            SignatureFault::UnknownKey,
            SignatureFault::Expired,
        ] {
            let refused = Refused {
                fault,
                message: "m".to_owned(),
                reason: "r".to_owned(),
            };
            let told = FileIdentified::of(&Identified::Refused(refused.clone()));
            let text = serde_json::to_string(&told).unwrap();
            let read: FileIdentified = serde_json::from_str(&text).unwrap();
            match read.identified().unwrap() {
                Identified::Refused(read) => assert_eq!(read, refused),
                Identified::Signed(_) => panic!("{text}"),
            }
        }
    }
}
