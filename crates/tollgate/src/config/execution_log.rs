//! `[execution_log]`: who takes the execution logs of which stages.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use tollgate_telemetry::Destination;

use super::access_log::of_text;

/// `[execution_log]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExecutionLog {
    #[serde(deserialize_with = "destination")]
    pub(crate) default: Option<Destination>,
    #[serde(deserialize_with = "destinations")]
    pub(crate) destinations: BTreeMap<String, Option<Destination>>,
}

fn destination<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Destination>, D::Error> {
    Ok(wanted(String::deserialize(deserializer)?))
}

fn destinations<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Option<Destination>>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
    let entries = texts.into_iter();
    Ok(entries.map(|(group, text)| (group, wanted(text))).collect())
}

fn wanted(text: String) -> Option<Destination> {
    (text != "off").then(|| of_text(text))
}
