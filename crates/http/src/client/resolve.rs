//! Looks names up. The system's resolver blocks a thread, which no deadline can end, so only so many run at a time.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{ClientError, Endpoint, Phase};
use crate::deadline::{Deadline, within};

/// Addresses of one name that are tried at most.
const ADDRESSES_MAX: usize = 8;

pub(super) struct Resolver {
    free: Arc<Semaphore>,
}

impl Resolver {
    pub(super) fn new(lookups_max: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(lookups_max.max(1))),
        }
    }

    /// The addresses of an endpoint's host, at least one.
    pub(super) async fn addresses(
        &self,
        endpoint: &Endpoint,
        deadline: Deadline,
    ) -> Result<Vec<SocketAddr>, ClientError> {
        let host = endpoint.bare_host();
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, endpoint.port)]);
        }
        let found = within(deadline, self.look_up(host.to_owned(), endpoint.port)).await;
        found
            .map_err(|_| ClientError::Timeout(Phase::Resolving))?
            .map_err(|source| ClientError::Resolve {
                host: endpoint.host.clone(),
                source,
            })
    }

    async fn look_up(&self, host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
        let turn = self.free.clone().acquire_owned().await;
        let looking = tokio::task::spawn_blocking(move || {
            let found = (host.as_str(), port).to_socket_addrs();
            // Kept until the thread is free, also where nobody waits for its answer any more.
            drop(turn);
            found.map(|found| found.take(ADDRESSES_MAX).collect::<Vec<_>>())
        });
        let addresses = looking.await.map_err(io::Error::other)??;
        if addresses.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the name has no address",
            ));
        }
        Ok(addresses)
    }
}
