//! `[control]`: the control plane.

use serde::{Deserialize, Deserializer, de::Error};

/// `[control]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Control {
    #[serde(deserialize_with = "account")]
    pub(crate) account: String,
    pub(crate) calls_waiting_max: u16,
    pub(crate) call_timeout_ms: u64,
    pub(crate) apply_timeout_ms: u64,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            calls_waiting_max: 64,
            call_timeout_ms: 60_000,
            apply_timeout_ms: 10_000,
        }
    }
}

fn account<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let account = String::deserialize(deserializer)?;
    if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(account);
    }
    Err(D::Error::custom(format!(
        "{account:?} is not an AWS account id of 12 digits"
    )))
}
