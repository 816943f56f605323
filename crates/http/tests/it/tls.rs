//! TLS to backends: whom the client trusts, and what `InsecureIssuer` leaves out.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tollgate_http::{
    Body, Client, ClientConfig, ClientError, Deadline, Endpoint, Headers, Outgoing, Tls, Trust,
    Verify,
};

struct Certificates {
    root: Vec<u8>,
    leaf: CertificateDer<'static>,
    key: KeyPair,
}

/// A certificate for `name`, issued by a root of its own or, where `own`, by itself.
fn certificates(name: &str, set: impl FnOnce(&mut CertificateParams), own: bool) -> Certificates {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    set(&mut params);
    let leaf = if own {
        params.self_signed(&key)
    } else {
        params.signed_by(&key, &issuer)
    }
    .unwrap();
    Certificates {
        root: issuer.der().to_vec(),
        leaf: leaf.der().clone(),
        key,
    }
}

/// A TLS backend that answers one request per connection with 100,000 bytes; it says which protocol was agreed.
async fn backend(certificates: &Certificates) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certificates.key.serialize_der()));
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificates.leaf.clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::task::spawn_local(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let agreed =
                String::from_utf8_lossy(stream.get_ref().1.alpn_protocol().unwrap_or(b"none"))
                    .into_owned();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let head =
                format!("HTTP/1.1 200 OK\r\nX-Agreed: {agreed}\r\nContent-Length: 100000\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&[b't'; 100_000]).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

/// Calls the backend as `host`; gives the agreed protocol and the body's length, or the error's text.
async fn call(
    certificates: &Certificates,
    host: &str,
    verify: Verify,
    trusted: bool,
) -> Result<(String, usize), String> {
    let address = backend(certificates).await;
    let trust = if trusted {
        Trust::system_and([certificates.root.clone()])
    } else {
        Trust::system()
    };
    let client = Client::new(ClientConfig {
        trust,
        ..ClientConfig::default()
    });
    let endpoint = Endpoint {
        host: host.into(),
        port: address.port(),
        tls: Some(Tls { verify }),
    };
    let request = Outgoing {
        method: "GET".into(),
        target: "/".into(),
        headers: Headers::new(),
        body: Body::Empty,
    };
    match client
        .send(&endpoint, request, Deadline::after(Duration::from_secs(20)))
        .await
    {
        Ok(response) => {
            let agreed =
                String::from_utf8(response.headers.get("x-agreed").unwrap().to_vec()).unwrap();
            Ok((agreed, response.body.gather(1 << 20).await.unwrap().len()))
        }
        Err(ClientError::Tls { reason, .. }) => Err(reason),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn certificates_are_checked_as_asked() {
    let local = tokio::task::LocalSet::new();
    local.run_until(check_all()).await;
}

async fn check_all() {
    let good = certificates("localhost", |_| {}, false);
    let address = certificates("127.0.0.1", |_| {}, false);
    let own = certificates("localhost", |_| {}, true);
    let own_authority = certificates(
        "localhost",
        |params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
        true,
    );
    let expired = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    let expired_authority = certificates(
        "localhost",
        |params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.not_after = date_time_ymd(2020, 1, 1);
        },
        true,
    );
    let (old, own_old) = (
        certificates("localhost", expired, false),
        certificates("localhost", expired, true),
    );
    let other = certificates("other.example", |_| {}, false);
    let (full, any) = (Verify::Full, Verify::InsecureIssuer);
    for (label, certificates, host, verify, trusted, expected) in [
        ("trusted", &good, "localhost", full, true, Ok(())),
        ("trusted address", &address, "127.0.0.1", full, true, Ok(())),
        (
            "unknown issuer",
            &good,
            "localhost",
            full,
            false,
            Err("UnknownIssuer"),
        ),
        (
            "self-signed",
            &own,
            "localhost",
            full,
            false,
            Err("UnknownIssuer"),
        ),
        ("expired", &old, "localhost", full, true, Err("expired")),
        (
            "other name",
            &other,
            "localhost",
            full,
            true,
            Err("not valid for name"),
        ),
        ("any issuer", &good, "localhost", any, false, Ok(())),
        (
            "any issuer, self-signed",
            &own,
            "localhost",
            any,
            false,
            Ok(()),
        ),
        (
            "any issuer, its own authority",
            &own_authority,
            "localhost",
            any,
            false,
            Ok(()),
        ),
        (
            "any issuer, expired",
            &old,
            "localhost",
            any,
            false,
            Err("expired"),
        ),
        (
            "any issuer, self-signed, expired",
            &own_old,
            "localhost",
            any,
            false,
            Err("expired"),
        ),
        (
            "any issuer, its own authority, expired",
            &expired_authority,
            "localhost",
            any,
            false,
            Err("expired"),
        ),
        (
            "any issuer, other name",
            &other,
            "localhost",
            any,
            false,
            Err("not valid for name"),
        ),
    ] {
        match (call(certificates, host, verify, trusted).await, expected) {
            (Ok(seen), Ok(())) => assert_eq!(seen, ("http/1.1".to_owned(), 100_000), "{label}"),
            (Err(reason), Err(expected)) => assert!(reason.contains(expected), "{label}: {reason}"),
            (seen, _) => panic!("{label}: {seen:?}"),
        }
    }
}
