//! `[cache]`: the answers that stages with a cache keep.

use serde::Deserialize;
use tollgate_gateway::CacheSettings;

/// `[cache]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Cache {
    bytes_max: u64,
    waiting_max: usize,
    wait_ms_max: u64,
}

impl Default for Cache {
    fn default() -> Self {
        let CacheSettings {
            bytes_max,
            waiting_max,
            wait_ms_max,
        } = CacheSettings::default();
        Self {
            bytes_max,
            waiting_max,
            wait_ms_max,
        }
    }
}

impl Cache {
    /// Settings of the gateway's caches.
    pub(crate) fn settings(&self) -> CacheSettings {
        CacheSettings {
            bytes_max: self.bytes_max,
            waiting_max: self.waiting_max,
            wait_ms_max: self.wait_ms_max,
        }
    }
}
