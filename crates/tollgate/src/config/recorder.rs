//! `[recorder]`: which requests are kept for `tollgate explain` and `tollgate record`, and what of them never leaves.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use tollgate_gateway::recorder::{self, JsonPath, Redaction};

/// `[recorder]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Recorder {
    ring_bytes_max: usize,
    body_bytes_max: usize,
    streamed_body_bytes_max: usize,
    deleted_deployments_bytes_max: usize,
    #[serde(deserialize_with = "permille")]
    sample_permille: u16,
    hide_headers: Vec<String>,
    hide_query: Vec<String>,
    #[serde(deserialize_with = "paths")]
    hide_json_paths: Vec<JsonPath>,
}

const ALL: u16 = 1_000;

impl Default for Recorder {
    fn default() -> Self {
        Self {
            ring_bytes_max: 8 << 20,
            body_bytes_max: 64 << 10,
            streamed_body_bytes_max: 4 << 10,
            deleted_deployments_bytes_max: 32 << 20,
            sample_permille: 10,
            hide_headers: Vec::new(),
            hide_query: Vec::new(),
            hide_json_paths: Vec::new(),
        }
    }
}

impl Recorder {
    /// The recorder's settings; nothing where nothing is to be kept. `keeps_all` is development's: there is no telling what will be
    /// asked about.
    pub(crate) fn settings(&self, keeps_all: bool) -> Option<recorder::Settings> {
        let (permille, streamed_body_bytes_max) = match keeps_all {
            true => (ALL, self.body_bytes_max),
            false => (self.sample_permille, self.streamed_body_bytes_max),
        };
        (self.ring_bytes_max > 0).then(|| recorder::Settings {
            ring_bytes_max: self.ring_bytes_max,
            body_bytes_max: self.body_bytes_max,
            streamed_body_bytes_max,
            deleted_deployments_bytes_max: self.deleted_deployments_bytes_max,
            sample_percent: f64::from(permille) / 10.0,
            redaction: self.redaction(),
        })
    }

    fn redaction(&self) -> Redaction {
        Redaction {
            headers: self.hide_headers.clone(),
            query: self.hide_query.clone(),
            json_paths: self.hide_json_paths.clone(),
        }
    }
}

fn permille<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    let permille = u16::deserialize(from)?;
    match permille {
        0..=ALL => Ok(permille),
        _ => Err(D::Error::custom("sample_permille is 0 to 1000")),
    }
}

fn paths<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<JsonPath>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    let paths = texts.iter().map(|text| text.parse());
    paths.collect::<Result<_, _>>().map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_and_hidden_is_as_written() {
        let text = r#"
            ring_bytes_max = 1000000
            sample_permille = 5
            hide_headers = ["X-Tenant"]
            hide_json_paths = ["$..password"]
        "#;
        let read: Recorder = toml::from_str(text).unwrap();
        let settings = read.settings(false).unwrap();
        assert_eq!(settings.sample_percent.to_string(), "0.5");
        assert_eq!(settings.redaction.headers, ["X-Tenant"]);
        assert_eq!(settings.redaction.json_paths[0].to_string(), "$..password");
        assert_eq!(
            read.settings(true).unwrap().sample_percent.to_string(),
            "100"
        );
    }

    #[test]
    fn a_ring_of_nothing_keeps_nothing_and_nonsense_is_refused() {
        let off: Recorder = toml::from_str("ring_bytes_max = 0").unwrap();
        assert_eq!(off.settings(true), None);
        for text in [
            "sample_permille = 1001",
            "hide_json_paths = [\"$.a[?(@.b)]\"]",
            "unknown = 1",
        ] {
            assert!(toml::from_str::<Recorder>(text).is_err(), "{text}");
        }
    }
}
