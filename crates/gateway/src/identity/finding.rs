//! What a token came to: the part of the decision that hangs on keys and on time, which a recorded request is run again with.

use serde::{Deserialize, Serialize};
use tollgate_jwt::{Claims, Refusal};

/// What was found of a token. The token itself is not in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Finding {
    /// Its issuer signed it, and it is of now.
    Verified {
        /// The issuer.
        issuer: String,
        /// What it claims.
        claims: Claims,
    },
    /// Its issuer signed it, and its time is over.
    Expired(String),
    /// It is not taken.
    Refused(String),
    /// Whether it is good cannot be said, because the issuer's keys are not there.
    Unavailable(String),
}

impl Finding {
    /// A refusal that no longer names a part of the token, but the reason.
    pub(super) fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Expired(_) => Self::Expired(refusal.to_string()),
            _ => Self::Refused(refusal.to_string()),
        }
    }
}
