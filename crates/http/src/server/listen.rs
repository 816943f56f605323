//! Listening sockets of all cores on one port.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that wait to be accepted, per core; the kernel caps it (`net.core.somaxconn`).
const BACKLOG: i32 = 4_096;

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another process listens there.
    #[error("{address} is in use by another process")]
    AddressInUse {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
    /// The listening socket failed.
    #[error("the listening socket failed: {0}")]
    Listener(#[source] io::Error),
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[source] rustls::Error),
    /// A core's thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
}

/// One socket per core. The first binds and listens alone, so that a port which another process shares is found in use as well, and lets
/// the others join only then. Two servers that start at the same moment may both have bound; only one of them can listen.
pub(super) fn listen(address: SocketAddr, cores: usize) -> Result<Vec<TcpListener>, ServeError> {
    let first = open(address, false).map_err(|source| named(address, source))?;
    let bound = local_address(&first)?;
    first
        .set_reuse_port(true)
        .map_err(|source| named(bound, source))?;
    let mut listeners = vec![first.into()];
    for _ in 1..cores {
        let joined = open(bound, true).map_err(|source| named(bound, source))?;
        listeners.push(joined.into());
    }
    Ok(listeners)
}

fn open(address: SocketAddr, joins: bool) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // Connections of a server that just ended linger; they must not keep its successor from starting.
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(joins)?;
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

fn local_address(socket: &Socket) -> Result<SocketAddr, ServeError> {
    let address = socket.local_addr().map_err(ServeError::Listener)?;
    address
        .as_socket()
        .ok_or_else(|| ServeError::Listener(io::ErrorKind::AddrNotAvailable.into()))
}

fn named(address: SocketAddr, source: io::Error) -> ServeError {
    if source.kind() == io::ErrorKind::AddrInUse {
        return ServeError::AddressInUse { address };
    }
    ServeError::Bind { address, source }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn cores_share_a_port_and_others_are_kept_out() {
        let ours = listen("127.0.0.1:0".parse().unwrap(), 3).unwrap();
        let address = ours[0].local_addr().unwrap();
        assert!(
            ours.iter()
                .all(|listener| listener.local_addr().unwrap() == address)
        );
        assert!(matches!(
            listen(address, 2),
            Err(ServeError::AddressInUse { .. })
        ));
        assert!(matches!(
            listen(address, 1),
            Err(ServeError::AddressInUse { .. })
        ));
        drop(ours);
        assert_eq!(listen(address, 2).unwrap().len(), 2);
    }

    #[test]
    fn of_servers_that_start_together_one_gets_the_port() {
        for _ in 0..20 {
            // A port that was just free.
            let address = listen("127.0.0.1:0".parse().unwrap(), 1).unwrap()[0]
                .local_addr()
                .unwrap();
            let (ready, done) = (Barrier::new(4), Barrier::new(4));
            let started = thread::scope(|scope| {
                let starting: Vec<_> = (0..4)
                    .map(|_| {
                        scope.spawn(|| {
                            ready.wait();
                            let ours = listen(address, 2);
                            // Nobody gives the port back before all have tried.
                            done.wait();
                            ours.is_ok()
                        })
                    })
                    .collect();
                starting
                    .into_iter()
                    .map(|server| server.join().unwrap())
                    .filter(|started| *started)
                    .count()
            });
            assert!(started <= 1, "{started} servers share a port");
        }
    }
}
