//! The limits that the gateway ran with.

use serde::{Deserialize, Serialize};

use crate::limits::Limits;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileLimits {
    request_body_bytes_max: u64,
    response_body_bytes_max: u64,
    target_bytes_max: usize,
    header_bytes_max: usize,
    integration_timeout_ms_max: u64,
    template_output_bytes_max: usize,
    template_steps_max: u64,
}

impl FileLimits {
    pub(super) fn of(limits: &Limits) -> Self {
        Self {
            request_body_bytes_max: limits.request_body_bytes_max,
            response_body_bytes_max: limits.response_body_bytes_max,
            target_bytes_max: limits.target_bytes_max,
            header_bytes_max: limits.header_bytes_max,
            integration_timeout_ms_max: limits.integration_timeout_ms_max,
            template_output_bytes_max: limits.template_output_bytes_max,
            template_steps_max: limits.template_steps_max,
        }
    }

    /// A file does not decide how much of this machine it may take.
    pub(super) fn limits(self) -> Limits {
        let most = Limits::RELAXED;
        Limits {
            request_body_bytes_max: self.request_body_bytes_max,
            response_body_bytes_max: self
                .response_body_bytes_max
                .min(most.response_body_bytes_max),
            target_bytes_max: self.target_bytes_max,
            header_bytes_max: self.header_bytes_max,
            integration_timeout_ms_max: self.integration_timeout_ms_max,
            template_output_bytes_max: self
                .template_output_bytes_max
                .min(most.template_output_bytes_max),
            template_steps_max: self.template_steps_max.min(most.template_steps_max),
        }
    }
}
