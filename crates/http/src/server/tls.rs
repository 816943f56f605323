//! TLS in front: what is agreed with a client, and the handshake.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::{self, Ticketer};
use rustls::version::{TLS12, TLS13};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::ServeError;
use crate::{Certificates, Negotiated};

/// Where and how to serve over TLS.
#[derive(Clone, Debug)]
pub struct TlsConfig {
    /// The address; port 0 picks one, the same for all cores.
    pub address: SocketAddr,
    /// What clients are shown.
    pub certificates: Certificates,
    /// The oldest version that is spoken.
    pub oldest: TlsVersion,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246), with forward secrecy and authenticated encryption only.
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

/// The protocols over TLS, by the names that clients choose by (ALPN).
const HTTP_2: &[u8] = b"h2";
const HTTP_11: &[u8] = b"http/1.1";

/// What a core does with new connections over TLS.
#[derive(Clone)]
pub(super) struct Acceptor(TlsAcceptor);

impl Acceptor {
    pub(super) fn new(config: &TlsConfig) -> Result<Self, ServeError> {
        let versions = match config.oldest {
            TlsVersion::Tls12 => &[&TLS13, &TLS12][..],
            TlsVersion::Tls13 => &[&TLS13],
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(ServeError::Tls)?;
        let mut settings = builder
            .with_no_client_auth()
            .with_cert_resolver(config.certificates.resolver());
        settings.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_11.to_vec()];
        // Sessions are resumed from what the client keeps: nothing is kept per client, and cores share no table.
        settings.ticketer = Ticketer::new().map_err(ServeError::Tls)?;
        Ok(Self(TlsAcceptor::from(Arc::new(settings))))
    }

    pub(super) async fn shake_hands(
        &self,
        socket: TcpStream,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        self.0.accept(socket).await
    }
}

/// What was agreed on.
pub(super) fn negotiated(stream: &TlsStream<TcpStream>) -> Option<Negotiated> {
    Negotiated::of(stream.get_ref().1)
}

/// Whether the client chose HTTP/2.
pub(super) fn speaks_http2(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(HTTP_2)
}
