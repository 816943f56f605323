//! Opens connections: asks for permission, connects in order, negotiates TLS.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{ClientConfig, ClientError, Endpoint, Phase, Shared, Tls};
use crate::deadline::{self, Deadline, Wait, within};
use crate::line::Line;
use crate::shortage;
use crate::socket::Socket;

/// Clients' idle connections that are closed for a call that could not connect.
const ROOM_MADE: usize = 16;

pub(super) async fn open(
    shared: &Shared,
    endpoint: &Endpoint,
    deadline: Deadline,
) -> Result<Rc<Line>, ClientError> {
    let config = &shared.config;
    let addresses = shared.resolver.addresses(endpoint, deadline).await?;
    let addresses = permitted(config, addresses)?;
    let stream = connect(config, &addresses, deadline).await;
    let stream = stream.inspect_err(|error| make_room(shared, error))?;
    let socket = match endpoint.tls {
        None => Socket::Plain(stream),
        Some(tls) => negotiate(config, endpoint, tls, stream, deadline).await?,
    };
    Ok(Line::new(socket, config.memory.clone()))
}

/// Where descriptors ran out, kept connections, to backends and of clients, are let go for the next call.
fn make_room(shared: &Shared, error: &ClientError) {
    if let ClientError::Connect { source, .. } = error
        && shortage::is(source)
    {
        shortage::tell(source);
        shared.pools.drop_idle();
        deadline::hurry(Wait::Idle, ROOM_MADE);
    }
}

/// Leaves out what the configuration forbids. Checked on addresses and not on names, which anyone can point anywhere.
fn permitted(
    config: &ClientConfig,
    mut addresses: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, ClientError> {
    let Some(permit) = &config.permit else {
        return Ok(addresses);
    };
    let first = addresses[0];
    addresses.retain(|address| permit(*address));
    if addresses.is_empty() {
        Err(ClientError::Forbidden { address: first })
    } else {
        Ok(addresses)
    }
}

async fn connect(
    config: &ClientConfig,
    addresses: &[SocketAddr],
    deadline: Deadline,
) -> Result<TcpStream, ClientError> {
    let mut failure = ClientError::Timeout(Phase::Connecting);
    for &address in addresses {
        let patience = deadline.min(Deadline::after_ms(config.connect_timeout_ms));
        match within(patience, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it the kernel would hold back the last part of a message; its failure costs only time.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(source)) => failure = ClientError::Connect { address, source },
            Err(_) if deadline.passed() => return Err(ClientError::Timeout(Phase::Connecting)),
            Err(_) => {
                failure = ClientError::Connect {
                    address,
                    source: io::ErrorKind::TimedOut.into(),
                }
            }
        }
    }
    Err(failure)
}

async fn negotiate(
    config: &ClientConfig,
    endpoint: &Endpoint,
    tls: Tls,
    stream: TcpStream,
    deadline: Deadline,
) -> Result<Socket, ClientError> {
    let failed = |reason: String| ClientError::Tls {
        host: endpoint.host.clone(),
        reason,
    };
    let name = ServerName::try_from(endpoint.bare_host().to_owned())
        .map_err(|error| failed(error.to_string()))?;
    let shaken = within(deadline, async {
        let settings = config
            .trust
            .settings(tls.verify)
            .await
            .map_err(|error| failed(error.to_string()))?;
        let connector = TlsConnector::from(settings);
        Box::pin(connector.connect(name, stream))
            .await
            .map_err(|error| failed(error.to_string()))
    });
    let stream = shaken
        .await
        .map_err(|_| ClientError::Timeout(Phase::Handshaking))??;
    Ok(Socket::Tls(Box::new(stream.into())))
}
