//! Who there is: access keys with their secrets and owners, and the policies that speak for them. A live table, built from the
//! store's changes and swapped whole, which both planes ask and neither writes.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials.html>
//!
//! A plane that verifies a signature does three things:
//!
//! 1. [`Principals::find`] with the access key id and the session token of the request gives the [`Credential`]: a secret to verify the
//!    signature with (and the token, which the signature must carry), and the [`Caller`], who is not to be believed before that.
//! 2. [`Caller::principal`] and [`Caller::policies`] go into `tollgate_iam`'s request and policies, with the resource's policy added
//!    where there is one.
//! 3. [`Caller::tell`] fills the condition keys that are known of the caller (`aws:PrincipalArn`, `aws:userid`, `aws:PrincipalTag/…`);
//!    those of the request, such as `aws:SourceIp`, are the plane's to add.
//!
//! Finding a permanent key takes one look into a hash table and two counted pointers; a session's token is opened, which costs one
//! pass of AES over some hundred bytes, and its policy, where it was given one, is compiled.

mod caller;
mod session;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use tollgate_iam::Policy;

pub use caller::{Caller, Identity, Role};
pub use session::{PAYLOAD_BYTES_MAX, Session, TooLarge};

use crate::seal::Seal;

/// Everybody who may sign, at one revision of the store.
#[derive(Clone)]
pub struct Principals {
    /// By their ids.
    pub keys: HashMap<Box<str>, AccessKey>,
    /// Users and roles by their unique ids (`AIDA…`, `AROA…`), which a name that is given anew does not have again.
    pub identities: HashMap<Box<str>, Arc<Identity>>,
    /// Managed policies by their ARNs, AWS's own among them: sessions name them.
    pub managed: HashMap<Box<str>, Arc<Policy>>,
    /// What opens the tokens of sessions.
    pub seal: Arc<dyn Seal>,
}

/// A permanent access key.
#[derive(Clone)]
pub struct AccessKey {
    /// The secret half.
    pub secret: Arc<str>,
    /// Whether it may be used.
    pub is_active: bool,
    /// The account it belongs to.
    pub account: Arc<str>,
    /// Whose it is; nothing when it is the key of the account's root.
    pub user: Option<Arc<Identity>>,
}

/// What a signature is verified with, and whom it then proves.
#[derive(Clone)]
pub struct Credential {
    /// The secret half of the access key.
    pub secret: Arc<str>,
    /// The session token that the request must carry; it is the one that [`Principals::find`] was given, and nothing for a permanent
    /// key.
    pub session_token: Option<Box<str>>,
    /// Who calls, once the signature is found to be right.
    pub caller: Caller,
}

/// Why an access key, alone or with its token, is nobody's. AWS tells all but the expired ones alike: the text
/// `The security token included in the request is invalid.`
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// There is no such key.
    #[error("nobody has this access key")]
    Nobody,
    /// Its owner has made it inactive.
    #[error("the access key is inactive")]
    Inactive,
    /// A temporary key without its token, or with one that was made for another key, made elsewhere, cut, or changed.
    #[error("the session token is not one that was issued for this access key")]
    Token,
    /// The session is over: `The security token included in the request is expired`.
    #[error("the session has expired")]
    Expired,
    /// The user or the role of the session is there no more.
    #[error("the user or role of the session does not exist any more")]
    Gone,
}

/// What the ids of temporary access keys begin with.
pub const TEMPORARY: &str = "ASIA";

impl Principals {
    /// Nobody yet.
    pub fn none(seal: Arc<dyn Seal>) -> Self {
        Self {
            keys: HashMap::new(),
            identities: HashMap::new(),
            managed: HashMap::new(),
            seal,
        }
    }

    /// Whose key this is: that of a root, of a user, or of a session with its `token`, which is looked at for temporary keys only.
    ///
    /// # Errors
    /// It is nobody's, or may not be used.
    pub fn find(
        &self,
        access_key: &str,
        token: Option<&str>,
        now_ms: u64,
    ) -> Result<Credential, Unknown> {
        if access_key.starts_with(TEMPORARY) {
            return self.open(access_key, token.ok_or(Unknown::Token)?, now_ms);
        }
        let key = self.keys.get(access_key).ok_or(Unknown::Nobody)?;
        if !key.is_active {
            return Err(Unknown::Inactive);
        }
        Ok(Credential {
            secret: key.secret.clone(),
            session_token: None,
            caller: Caller::new(key.account.clone(), key.user.clone()),
        })
    }

    fn open(&self, access_key: &str, token: &str, now_ms: u64) -> Result<Credential, Unknown> {
        let session = Session::open(token, access_key, &*self.seal).ok_or(Unknown::Token)?;
        if session.expires_ms <= now_ms {
            return Err(Unknown::Expired);
        }
        let identity = match &session.identity {
            Some(id) => Some(
                self.identities
                    .get(id.as_str())
                    .ok_or(Unknown::Gone)?
                    .clone(),
            ),
            None => None,
        };
        Ok(Credential {
            secret: session.secret.as_str().into(),
            session_token: Some(token.into()),
            caller: Caller::of_session(session, identity, &self.managed),
        })
    }
}

impl fmt::Debug for Principals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Principals")
            .field("keys", &self.keys.len())
            .field("identities", &self.identities.len())
            .finish_non_exhaustive()
    }
}
