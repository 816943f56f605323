//! `[server]`: where and on what Tollgate runs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::available_parallelism;

use serde::Deserialize;

/// `[server]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) data: PathBuf,
    workers: u16,
    pub(crate) drain_grace_ms: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4566)),
            data: PathBuf::from("./tollgate-data"),
            workers: 0,
            drain_grace_ms: 30_000,
        }
    }
}

impl Server {
    /// How many threads serve requests.
    pub(crate) fn workers(&self) -> usize {
        match self.workers {
            0 => available_parallelism().map_or(1, usize::from),
            count => usize::from(count),
        }
    }

    /// Sets how many threads serve requests.
    pub(crate) fn set_workers(&mut self, count: u16) {
        self.workers = count;
    }
}
