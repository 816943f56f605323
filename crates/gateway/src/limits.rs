//! Sizes, times and depths that bound a request.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>

/// What one request may cost. `[limits] profile` chooses a set; each member is a named setting of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub request_body_bytes_max: u64,
    /// Bytes of an integration's answer.
    pub response_body_bytes_max: u64,
    /// Bytes of a request's target, `?` and query included.
    pub target_bytes_max: usize,
    /// Bytes of all headers: names, values, separators.
    pub header_bytes_max: usize,
    /// Upper bound of an integration's own `timeoutInMillis`.
    pub integration_timeout_ms_max: u64,
    /// Characters that one template may produce.
    pub template_output_bytes_max: usize,
    /// Steps that one template may take.
    pub template_steps_max: u64,
}

impl Limits {
    /// AWS's.
    pub const AWS: Self = Self {
        request_body_bytes_max: 10 * 1024 * 1024,
        response_body_bytes_max: 10 * 1024 * 1024,
        target_bytes_max: 10_240,
        header_bytes_max: 10_240,
        integration_timeout_ms_max: 29_000,
        template_output_bytes_max: 10 * 1024 * 1024,
        template_steps_max: 1_000_000,
    };

    /// Those of a gateway that need not behave as AWS's account does.
    pub const RELAXED: Self = Self {
        request_body_bytes_max: 1024 * 1024 * 1024,
        response_body_bytes_max: 1024 * 1024 * 1024,
        target_bytes_max: 65_536,
        header_bytes_max: 65_536,
        integration_timeout_ms_max: 900_000,
        template_output_bytes_max: 64 * 1024 * 1024,
        template_steps_max: 10_000_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::AWS
    }
}
