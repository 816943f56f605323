//! `[admin]`: where health and metrics are.

use std::net::SocketAddr;

use serde::Deserialize;

/// `[admin]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Admin {
    pub(crate) listen: SocketAddr,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4567)),
        }
    }
}
