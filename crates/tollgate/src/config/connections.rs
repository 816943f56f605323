//! `[connections]`: what a client's connection may cost.

use serde::Deserialize;
use tollgate_gateway::Limits;
use tollgate_http::Memory;

/// `[connections]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Connections {
    streams_max: usize,
    count_max: usize,
    head_timeout_ms: u64,
    body_timeout_ms: u64,
    write_timeout_ms: u64,
    message_timeout_ms: u64,
    idle_timeout_ms: u64,
    age_max_ms: u64,
    pub(crate) body_memory_bytes_max: u64,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            streams_max: 128,
            count_max: 16_384,
            head_timeout_ms: 30_000,
            body_timeout_ms: 30_000,
            write_timeout_ms: 30_000,
            message_timeout_ms: 900_000,
            idle_timeout_ms: 310_000,
            age_max_ms: 24 * 3_600_000,
            body_memory_bytes_max: 1024 * 1024 * 1024,
        }
    }
}

/// How far the codec's limits lie beyond the gateway's, so that it is the gateway that refuses, in AWS's words.
const SLACK_BYTES: usize = 6 * 1024;

impl Connections {
    /// The codec's limits for a gateway with limits of its own, and for control calls of so many bytes.
    pub(crate) fn limits(
        &self,
        gateway: &Limits,
        call_bytes_max: u64,
        memory: Memory,
    ) -> tollgate_http::Limits {
        let target_bytes_max = gateway.target_bytes_max + SLACK_BYTES;
        tollgate_http::Limits {
            head_bytes_max: target_bytes_max + gateway.header_bytes_max + SLACK_BYTES,
            target_bytes_max,
            body_bytes_max: gateway.request_body_bytes_max.max(call_bytes_max),
            head_timeout_ms: self.head_timeout_ms,
            idle_timeout_ms: self.idle_timeout_ms,
            body_timeout_ms: self.body_timeout_ms,
            write_timeout_ms: self.write_timeout_ms,
            message_timeout_ms: self.message_timeout_ms,
            streams_max: self.streams_max.max(1),
            connections_max: self.count_max.max(1),
            connection_age_max_ms: self.age_max_ms,
            memory,
            ..tollgate_http::Limits::default()
        }
    }
}
