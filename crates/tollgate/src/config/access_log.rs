//! `[access_log]`: which file stands for which log group.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use tollgate_telemetry::Destination;

/// `[access_log]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AccessLog {
    #[serde(deserialize_with = "destination")]
    pub(crate) default: Destination,
    #[serde(deserialize_with = "destinations")]
    pub(crate) destinations: BTreeMap<String, Destination>,
}

impl Default for AccessLog {
    fn default() -> Self {
        Self {
            default: Destination::Stdout,
            destinations: BTreeMap::new(),
        }
    }
}

fn destination<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Destination, D::Error> {
    Ok(of_text(String::deserialize(deserializer)?))
}

fn destinations<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Destination>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
    Ok(texts
        .into_iter()
        .map(|(group, text)| (group, of_text(text)))
        .collect())
}

pub(super) fn of_text(text: String) -> Destination {
    match text.as_str() {
        "stdout" => Destination::Stdout,
        _ => Destination::File(text.into()),
    }
}
