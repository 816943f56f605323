//! A server with certificates of its own making, and clients that trust their issuer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use h2::client::SendRequest;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tollgate_http::{CertificateFiles, Certificates, Limits, TlsConfig, TlsVersion};

use crate::service::{Answers, Server, start};

/// Issues certificates as files.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // A name of its own, or what it issues looks self-signed to others.
        params
            .distinguished_name
            .push(DnType::CommonName, "Authority of a test");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self {
            issuer,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A certificate for these names with this kind of key, in files of its own.
    pub(crate) fn issue_with(&self, names: &[&str], key: &KeyPair) -> CertificateFiles {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(key, &self.issuer).unwrap();
        self.files(&certificate.pem(), &key.serialize_pem())
    }

    pub(crate) fn issue(&self, names: &[&str]) -> CertificateFiles {
        self.issue_with(names, &KeyPair::generate().unwrap())
    }

    /// Files with these texts.
    pub(crate) fn files(&self, certificate: &str, key: &str) -> CertificateFiles {
        let number = std::fs::read_dir(self.folder.path()).unwrap().count();
        CertificateFiles {
            certificate: self.file(&format!("{number}.pem"), certificate),
            key: self.file(&format!("{number}.key"), key),
        }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Its own certificate, for curl.
    pub(crate) fn root_file(&self) -> PathBuf {
        self.file("root", &self.issuer.pem())
    }

    fn root(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }
}

/// A server over TLS for `localhost`, and the authority that clients trust.
pub(crate) struct Front {
    pub(crate) server: Server,
    pub(crate) authority: Authority,
    pub(crate) certificates: Certificates,
}

pub(crate) fn front(answers: Answers) -> Front {
    let authority = Authority::new();
    let files = authority.issue(&["localhost"]);
    front_with(answers, authority, &[files], TlsVersion::Tls12)
}

pub(crate) fn limited(limits: Limits) -> Front {
    front(Answers {
        limits,
        ..Answers::default()
    })
}

pub(crate) fn front_with(
    mut answers: Answers,
    authority: Authority,
    files: &[CertificateFiles],
    oldest: TlsVersion,
) -> Front {
    let certificates = Certificates::read(files).unwrap();
    answers.tls = Some(TlsConfig {
        address: "127.0.0.1:0".parse().unwrap(),
        certificates: certificates.clone(),
        oldest,
    });
    Front {
        server: start(answers),
        authority,
        certificates,
    }
}

/// What a client offers.
#[derive(Clone, Copy)]
pub(crate) struct Offer<'a> {
    pub(crate) name: &'a str,
    pub(crate) protocols: &'a [&'a [u8]],
    pub(crate) versions: &'a [&'static rustls::SupportedProtocolVersion],
}

pub(crate) const HTTP_2: Offer<'static> = Offer {
    name: "localhost",
    protocols: &[b"h2"],
    versions: rustls::DEFAULT_VERSIONS,
};

impl Front {
    pub(crate) fn port(&self) -> u16 {
        self.server.running.tls_address().unwrap().port()
    }

    pub(crate) async fn shake_hands(
        &self,
        offer: Offer<'_>,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.authority.root()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut settings = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(offer.versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        settings.alpn_protocols = offer.protocols.iter().map(|name| name.to_vec()).collect();
        let socket = TcpStream::connect(("127.0.0.1", self.port())).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::try_from(offer.name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(settings))
            .connect(name, socket)
            .await
    }

    /// A connection of HTTP/2 with its background task.
    pub(crate) async fn http2(&self) -> SendRequest<Bytes> {
        let stream = self.shake_hands(HTTP_2).await.unwrap();
        let (client, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

/// The first certificate's names that a client was shown.
pub(crate) fn shown(stream: &TlsStream<TcpStream>) -> Vec<String> {
    let chain = stream.get_ref().1.peer_certificates().unwrap();
    let certificate = webpki::EndEntityCert::try_from(&chain[0]).unwrap();
    certificate.valid_dns_names().map(str::to_owned).collect()
}

/// A file's path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
