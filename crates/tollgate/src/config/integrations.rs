//! `[integrations]`: calls to backends.

use serde::Deserialize;
use tollgate_http::{ClientConfig, Memory};

/// `[integrations]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Integrations {
    pub(crate) allow_link_local: bool,
    pub(crate) allow_own_addresses: bool,
    connect_timeout_ms: u64,
    idle_timeout_ms: u64,
    idle_connections_max: usize,
    idle_connections_total_max: usize,
    lookups_max: usize,
}

impl Default for Integrations {
    fn default() -> Self {
        Self {
            allow_link_local: false,
            allow_own_addresses: false,
            connect_timeout_ms: 5_000,
            idle_timeout_ms: 55_000,
            idle_connections_max: 256,
            idle_connections_total_max: 4_096,
            lookups_max: 32,
        }
    }
}

impl Integrations {
    /// Settings of the clients that call backends.
    pub(crate) fn client(&self, memory: Memory) -> ClientConfig {
        ClientConfig {
            connect_timeout_ms: self.connect_timeout_ms,
            idle_timeout_ms: self.idle_timeout_ms,
            idle_per_endpoint_max: self.idle_connections_max,
            idle_max: self.idle_connections_total_max,
            lookups_max: self.lookups_max.max(1),
            memory,
            ..ClientConfig::default()
        }
    }
}
