//! `[tls]` from outside: APIs and AWS calls over TLS, certificates read again at SIGHUP, settings that cannot be used.

use std::path::Path;
use std::process::Command;

use rcgen::{CertificateParams, KeyPair};
use serde_json::json;
use tollgate_testkit::{Options, Tollgate};

use crate::{PROGRAM, making};

/// Writes a certificate that is its own issuer, and its key.
fn certify(folder: &Path, host: &str) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![host.to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    std::fs::write(folder.join("gateway.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("gateway.key"), key.serialize_pem()).unwrap();
}

fn settings(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "[tls]\nlisten = '127.0.0.1:0'\n[[tls.certificates]]\ncertificate = '{folder}/gateway.pem'\nkey = '{folder}/gateway.key'\n"
    )
}

/// What curl says of `https://host…/path`, the certificate of the folder trusted.
fn curl(
    tollgate: &Tollgate,
    folder: &Path,
    host: &str,
    path: &str,
    more: &[&str],
) -> Result<String, String> {
    let port = tollgate.tls_address().port();
    let output = Command::new("curl")
        .args([
            "-sS",
            "--max-time",
            "20",
            "--resolve",
            &format!("{host}:{port}:127.0.0.1"),
        ])
        .arg("--cacert")
        .arg(folder.join("gateway.pem"))
        .args(more)
        .arg(format!("https://{host}:{port}{path}"))
        .output()
        .expect("curl is not installed: apt-get install curl");
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn apis_and_calls_are_served_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path(), "*.execute-api.localhost");
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(&settings(folder.path())));
    let api = making::serve(
        &tollgate,
        &making::mock("$context.protocol $context.domainName"),
    );
    let host = format!("{api}.execute-api.localhost");
    for version in ["--http2", "--http1.1"] {
        let said = curl(
            &tollgate,
            folder.path(),
            &host,
            "/dev/word",
            &[version, "-w", " %{http_version}"],
        )
        .unwrap();
        // AWS says so whichever version the client speaks.
        let expected = format!(
            "HTTP/1.1 {host} {}",
            if version == "--http2" { "2" } else { "1.1" }
        );
        assert_eq!(said, expected);
    }
    let refused = curl(&tollgate, folder.path(), &host, "/restapis", &["--http2"]).unwrap();
    assert_eq!(
        refused,
        json!({"message": "Forbidden"}).to_string(),
        "an API's host is never the control plane"
    );
}

#[test]
fn backends_are_told_that_the_client_spoke_tls() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path(), "*.execute-api.localhost");
    let told = format!(
        "{}[integrations]\nallow_own_addresses = true\n",
        settings(folder.path())
    );
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(&told));
    // An API of this Tollgate says what came to it.
    let seen = making::serve(
        &tollgate,
        &making::mock("$input.params('X-Forwarded-Proto') $input.params('X-Forwarded-Port')"),
    );
    let backend = format!("http://{}/_aws/execute-api/{seen}/dev", tollgate.address());
    let api = making::serve(&tollgate, &making::proxy(&backend));
    let said = curl(
        &tollgate,
        folder.path(),
        &format!("{api}.execute-api.localhost"),
        "/dev/word",
        &["--http2"],
    )
    .unwrap();
    assert_eq!(said, format!("https {}", tollgate.tls_address().port()));
}

#[test]
fn certificates_are_read_again_at_sighup() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path(), "old.example");
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(&settings(folder.path())));
    let shown = |host: &str| curl(&tollgate, folder.path(), host, "/", &[]).is_ok();
    assert!(shown("old.example") && !shown("new.example"));

    let said = |part: &'static str| move |line: &str| line.contains(part);
    let patience = std::time::Duration::from_secs(20);
    std::fs::write(folder.path().join("gateway.key"), "no key").unwrap();
    tollgate.hang_up();
    tollgate
        .stderr()
        .wait(patience, said("those in use stay"))
        .expect("it says why");
    assert!(shown("old.example"), "those in use stay");

    certify(folder.path(), "new.example");
    tollgate.hang_up();
    tollgate
        .stderr()
        .wait(patience, said("certificates are read again"))
        .expect("it says so");
    assert!(shown("new.example") && !shown("old.example"));
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path(), "a.example");
    let place = folder.path().display();
    let pair = format!("{{ certificate = '{place}/gateway.pem', key = '{place}/gateway.key' }}");
    for (settings, expected) in [
        ("[tls]\nlisten = '127.0.0.1:0'".to_owned(), "no certificate is given"),
        (format!("[tls]\ncertificates = [{pair}]"), "no listen address"),
        ("[tls]\nlisten = '127.0.0.1:0'\ncertificates = [{ certificate = 'none.pem', key = 'none.key' }]".to_owned(), "none.pem: "),
        (format!("[tls]\nlisten = '127.0.0.1:0'\nminimum_version = '1.1'\ncertificates = [{pair}]"), "expected `1.2` or `1.3`"),
        (format!("[tls]\nlisten = '127.0.0.1:0'\ncertificates = [{{ certificate = '{place}/gateway.pem' }}]"), "missing field `key`"),
    ] {
        let ended = Tollgate::try_start(Options::serve(PROGRAM).config(&settings)).unwrap_err();
        assert!(ended.stderr.contains(expected), "{settings}: {}", ended.stderr);
    }
    let open = settings(folder.path()).replace("127.0.0.1:0", "0.0.0.0:0");
    let ended = Tollgate::try_start(Options::dev(PROGRAM).config(&open)).unwrap_err();
    assert!(
        ended.stderr.contains("[tls] listen 0.0.0.0:0"),
        "{}",
        ended.stderr
    );
}

#[test]
fn access_logs_tell_what_the_handshake_agreed_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    certify(folder, "*.execute-api.localhost");
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(&settings(folder)));
    let api = making::serve(&tollgate, &making::mock("1"));
    let patch = json!({"patchOperations": [
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": "arn:aws:logs:us-east-1:000000000000:log-group:g"},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId $context.tlsVersion $context.cipherSuite"},
    ]});
    let stage = format!("/restapis/{api}/stages/dev");
    tollgate.control("PATCH", &stage, Some(&patch)).expect(200);
    let host = format!("{api}.execute-api.localhost");
    for (version, more, suite) in [
        ("TLSv1.3", &["--http2", "--tlsv1.3"][..], "TLS_"),
        (
            "TLSv1.2",
            &["--http1.1", "--tls-max", "1.2"],
            "TLS_ECDHE_ECDSA_WITH_",
        ),
    ] {
        curl(&tollgate, folder, &host, "/dev/word", more).unwrap();
        let start = format!(" {version} {suite}");
        let line = tollgate
            .stdout()
            .wait(std::time::Duration::from_secs(30), |line| {
                line.contains(&start)
            });
        let line = line.unwrap_or_else(|| panic!("{start}"));
        assert!(!line.contains("TLS13"), "{line}");
    }
    tollgate.api(&api, "GET", "/dev/word").expect(200);
    let line = tollgate
        .stdout()
        .wait(std::time::Duration::from_secs(30), |line| {
            line.ends_with(" - -")
        });
    assert!(line.is_some(), "in plain text there is no handshake");
}
