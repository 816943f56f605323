//! What IAM has of an account as a whole: how much there is, and what uses each managed policy. Every change writes it
//! again, so that changes follow each other and what one of them checked is still true when it is written.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tollgate_store::{Key, Kind};

use super::GLOBAL;
use crate::error::{ApiError, Exception};
use crate::session::{Change, Session, Stored};

/// An account's figures.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) users: u32,
    pub(crate) groups: u32,
    pub(crate) roles: u32,
    pub(crate) policies: u32,
    /// By the ARN of a managed policy that is used at all.
    pub(crate) uses: BTreeMap<String, Uses>,
}

/// How often a managed policy is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Uses {
    /// As a policy of a user, a group or a role.
    pub(crate) attachments: u32,
    /// As the boundary of a user or a role.
    pub(crate) boundaries: u32,
}

/// A change under way.
pub(crate) struct Edit {
    pub(crate) account: Stored<Account>,
    change: Change,
}

impl Edit {
    /// Begins a change. What is read afterwards is still so when the change is made, or the change is lost and made again.
    pub(crate) async fn begin(on: &Session) -> Result<Self, ApiError> {
        let account = find(on).await?;
        let change = Change::while_at(&account.key, account.rev);
        Ok(Self { account, change })
    }

    /// Writes an entity.
    pub(crate) fn put<T: Serialize>(&mut self, stored: &Stored<T>) -> Result<(), ApiError> {
        let body = serde_json::to_vec(&stored.it).map_err(ApiError::internal)?;
        self.change.put_body(stored, body);
        Ok(())
    }

    /// Removes an entity.
    pub(crate) fn delete(&mut self, key: &Key) {
        self.change.delete(key);
    }

    /// Makes the change. The next call meets it.
    pub(crate) async fn commit(mut self, on: &Session) -> Result<(), ApiError> {
        let account = self.account.clone();
        self.put(&account)?;
        on.commit(self.change).await?;
        Ok(on.shared.directory.catch_up().await?)
    }

    /// Counts a use of a managed policy more or less.
    pub(crate) fn count_use(&mut self, arn: &str, count: impl FnOnce(&mut Uses)) {
        let uses = self.account.it.uses.entry(arn.to_owned()).or_default();
        count(uses);
        if *uses == Uses::default() {
            self.account.it.uses.remove(arn);
        }
    }
}

impl Account {
    /// How often a policy is used.
    pub(crate) fn uses_of(&self, arn: &str) -> Uses {
        self.uses.get(arn).copied().unwrap_or_default()
    }
}

/// An account's figures as stored, or as those of every new account.
pub(crate) async fn find(on: &Session) -> Result<Stored<Account>, ApiError> {
    let key = key(on, Kind::IamAccount, "account");
    let stored = on.find_by(&key, read).await?;
    Ok(stored.unwrap_or_else(|| on.create(key, Account::default())))
}

/// The key of something of the caller's account. Names are told apart without regard to case.
pub(crate) fn key(on: &Session, kind: Kind, name: &str) -> Key {
    let id = name.to_ascii_lowercase();
    Key::top(&on.caller.account, GLOBAL, kind, &id)
}

/// A body as it is stored.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(body)
}

/// Refuses more of something than AWS's default quota. The text is AWS's.
pub(crate) fn check_quota(name: &str, count: usize, max: usize) -> Result<(), ApiError> {
    match count > max {
        true => Err(ApiError::new(
            Exception::LimitExceeded,
            format!("Cannot exceed quota for {name}: {max}"),
        )),
        false => Ok(()),
    }
}
