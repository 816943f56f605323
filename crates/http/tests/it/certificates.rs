//! TLS in front: which certificate a client is shown, which versions are spoken, and what cannot be used.

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tollgate_http::{CertificateFiles, Certificates, TlsVersion};

use crate::front::{Authority, Front, HTTP_2, Offer, front, front_with, shown};
use crate::service::Answers;

fn named(names: &[&[&str]]) -> Front {
    let authority = Authority::new();
    let files: Vec<_> = names.iter().map(|names| authority.issue(names)).collect();
    front_with(Answers::default(), authority, &files, TlsVersion::Tls12)
}

/// The names of the certificate that a client which asks for `name` is shown. It is checked against that name unless it is unknown.
async fn shown_to(front: &Front, name: &str) -> Result<Vec<String>, String> {
    let offer = Offer { name, ..HTTP_2 };
    let shaken = front.shake_hands(offer).await;
    shaken
        .map(|stream| shown(&stream))
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn each_host_is_shown_its_certificate() {
    let front = named(&[
        &["first.example", "second.example"],
        &["*.wild.example"],
        &["exact.wild.example"],
    ]);
    for (name, expected) in [
        ("first.example", Ok("first.example")),
        ("SECOND.example", Ok("first.example")),
        ("a.wild.example", Ok("*.wild.example")),
        ("exact.wild.example", Ok("exact.wild.example")),
        // A wildcard is one label; whoever asks for more, for less or for another is shown the first, which the client then refuses.
        ("a.b.wild.example", Err("first.example")),
        ("wild.example", Err("first.example")),
        ("unknown.example", Err("first.example")),
        ("127.0.0.1", Err("first.example")),
    ] {
        match (shown_to(&front, name).await, expected) {
            (Ok(names), Ok(expected)) => assert_eq!(names[0], expected, "{name}"),
            (Err(error), Err(expected)) => {
                assert!(
                    error.contains("not valid for name") && error.contains(expected),
                    "{name}: {error}"
                );
            }
            (seen, _) => panic!("{name}: {seen:?}"),
        }
    }
}

#[tokio::test]
async fn one_host_may_have_keys_of_several_kinds() {
    let authority = Authority::new();
    let [modern, common] = [&PKCS_ED25519, &PKCS_ECDSA_P384_SHA384]
        .map(|kind| authority.issue_with(&["localhost"], &KeyPair::generate_for(kind).unwrap()));
    let front = front_with(
        Answers::default(),
        authority,
        &[modern, common],
        TlsVersion::Tls12,
    );
    // curl's library offers both; it and the client here take the first, and none that it did not offer.
    for versions in [&[&TLS12][..], &[&TLS13]] {
        let offer = Offer { versions, ..HTTP_2 };
        assert_eq!(
            shown(&front.shake_hands(offer).await.unwrap()),
            ["localhost"]
        );
    }
    let output = std::process::Command::new("openssl")
        .args(["s_client", "-sigalgs", "ecdsa_secp384r1_sha384", "-connect"])
        .arg(format!("127.0.0.1:{}", front.port()))
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl is not installed: apt-get install openssl");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("384 bit"), "{said}");
}

#[tokio::test]
async fn replaced_certificates_are_shown_to_new_connections() {
    let front = named(&[&["old.example"]]);
    let before = front
        .shake_hands(Offer {
            name: "old.example",
            ..HTTP_2
        })
        .await
        .unwrap();
    let files = front.authority.issue(&["new.example"]);
    front.certificates.replace(&[files]).unwrap();
    assert_eq!(
        shown_to(&front, "new.example").await.unwrap(),
        ["new.example"]
    );

    let broken = front.authority.files("no certificate", "no key");
    assert!(front.certificates.replace(&[broken]).is_err());
    assert_eq!(
        shown_to(&front, "new.example").await.unwrap(),
        ["new.example"],
        "those in use stay"
    );

    let (mut client, connection) = h2::client::handshake(before).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("https://old.example/").body(()).unwrap();
    let (answer, _) = client.send_request(request, true).unwrap();
    assert_eq!(
        answer.await.unwrap().status(),
        200,
        "a connection that stands goes on"
    );
}

#[test]
fn what_cannot_be_used_is_named() {
    let authority = Authority::new();
    let good = authority.issue(&["localhost"]);
    let other = authority.issue(&["localhost"]);
    let text = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let mixed = authority.files(&text(&good.certificate), &text(&other.key));
    let swapped = CertificateFiles {
        certificate: good.key.clone(),
        key: good.certificate.clone(),
    };
    let missing = CertificateFiles {
        key: "missing.key".into(),
        ..good.clone()
    };
    let garbage = authority.files(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        &text(&good.key),
    );
    for (label, files, expected) in [
        ("another's key", vec![mixed], "keys may not be consistent"),
        ("files swapped", vec![swapped], "no items found"),
        ("no such file", vec![missing], "missing.key: "),
        (
            "no certificate within",
            vec![good.clone(), garbage],
            ".pem: ",
        ),
        ("none at all", vec![], "no certificate is given"),
    ] {
        let error = Certificates::read(&files).unwrap_err().to_string();
        assert!(error.contains(expected), "{label}: {error}");
    }
}

#[tokio::test]
async fn the_oldest_version_is_kept_to() {
    for (oldest, versions, expected) in [
        (TlsVersion::Tls12, &[&TLS12][..], true),
        (TlsVersion::Tls12, &[&TLS13], true),
        (TlsVersion::Tls13, &[&TLS12], false),
        (TlsVersion::Tls13, &[&TLS13], true),
    ] {
        let authority = Authority::new();
        let files = authority.issue_with(
            &["localhost"],
            &KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap(),
        );
        let front = front_with(Answers::default(), authority, &[files], oldest);
        let shaken = front.shake_hands(Offer { versions, ..HTTP_2 }).await;
        assert_eq!(
            shaken.is_ok(),
            expected,
            "{oldest:?} {versions:?} {:?}",
            shaken.err()
        );
    }
}

/// Sends a request of HTTP/1.1 and reads until the end.
async fn http1(front: &Front, protocols: &[&[u8]]) -> (Option<Vec<u8>>, String) {
    let offer = Offer {
        protocols,
        ..HTTP_2
    };
    let mut stream = front.shake_hands(offer).await.unwrap();
    let agreed = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    stream
        .write_all(b"GET /from HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    (agreed, answer)
}

#[tokio::test]
async fn the_client_chooses_the_protocol() {
    let front = front(Answers::default());
    for (offered, agreed) in [
        (&[&b"http/1.1"[..]][..], Some(&b"http/1.1"[..])),
        (&[], None),
    ] {
        let (chosen, answer) = http1(&front, offered).await;
        assert_eq!(chosen.as_deref(), agreed);
        assert!(answer.ends_with("Http11 secure true"), "{answer}");
    }
    let both = Offer {
        protocols: &[b"http/1.1", b"h2"],
        ..HTTP_2
    };
    let stream = front.shake_hands(both).await.unwrap();
    assert_eq!(
        stream.get_ref().1.alpn_protocol(),
        Some(&b"h2"[..]),
        "HTTP/2 where the client speaks it"
    );
    let other = Offer {
        protocols: &[b"spdy/1"],
        ..HTTP_2
    };
    assert!(front.shake_hands(other).await.is_err(), "nothing in common");
}

#[tokio::test]
async fn who_does_not_speak_tls_is_dropped() {
    let front = front(Answers::default());
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", front.port()))
        .await
        .unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // An alert, or a reset: no answer of the service's either way.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_given_up() {
    let limits = tollgate_http::Limits {
        head_timeout_ms: 100,
        ..Default::default()
    };
    let front = crate::front::limited(limits);
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", front.port()))
        .await
        .unwrap();
    assert_eq!(stream.read(&mut [0; 16]).await.unwrap_or(0), 0);
}
