//! Against other implementations: curl, hyper and nginx.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tollgate_http::{Refusal, Request, Response, Service};

use crate::service::{Answers, Server, endpoint, response, start};

pub(crate) struct Hello;

impl Service for Hello {
    type Finish = ();

    async fn answer(&self, _: Request) -> (Response, ()) {
        (response(200, "hello"), ())
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        response(refusal.status, refusal.reason)
    }
}

fn proxy(address: SocketAddr) -> Server {
    start(Answers {
        backend: Some(endpoint(address)),
        ..Answers::default()
    })
}

/// What curl prints. Without curl the test fails: one that did not run shows nothing.
fn curl(arguments: &[&str], url: &str) -> String {
    let output = Command::new("curl")
        .args(["-sS", "--max-time", "20"])
        .args(arguments)
        .arg(url)
        .output()
        .expect("curl is not installed: apt-get install curl");
    assert!(
        output.status.success(),
        "curl {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn curl_is_served() {
    let server = start(Answers::default());
    let url = |path: &str| format!("http://{}{path}", server.address());
    let large = "z".repeat(300_000);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &large).unwrap();
    let upload = format!("@{}", file.path().display());
    for (arguments, path, expected) in [
        (&["-w", " %{http_code}"][..], "/", "hello 200"),
        (&["-d", "name=value"], "/gather", "name=value"),
        (
            &["-d", "name=value", "-H", "Transfer-Encoding: chunked"],
            "/gather",
            "name=value",
        ),
        (
            &["-d", "name=value", "-H", "Transfer-Encoding: chunked"],
            "/echo",
            "name=value",
        ),
        // curl asks for 100 Continue before a body of this size.
        (
            &["--data-binary", &upload, "-H", "Expect: 100-continue"],
            "/echo",
            &large,
        ),
        (
            &["--data-binary", &upload, "-H", "Transfer-Encoding: chunked"],
            "/gather",
            &large,
        ),
        (&["-0", "-d", "x"], "/gather", "x"),
        (
            &[
                "-w",
                "%{http_code} %{size_download}",
                "-o",
                "/dev/null",
                "-I",
            ],
            "/bytes/5",
            "200 0",
        ),
        (&["-w", "%{http_code}"], "/status/204", "204"),
    ] {
        let output = curl(arguments, &url(path));
        assert!(
            output == expected,
            "{path}: {}",
            &output[..output.len().min(200)]
        );
    }
}

#[test]
fn curl_keeps_its_connection() {
    let server = start(Answers::default());
    let url = format!("http://{}/", server.address());
    let output = curl(
        &[
            "-w",
            "%{num_connects} ",
            "-o",
            "/dev/null",
            "-o",
            "/dev/null",
            &url,
        ],
        &url,
    );
    assert_eq!(output, "1 0 ");
}

#[tokio::test]
async fn hyper_is_served() {
    let server = start(Answers::default());
    let stream = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    for round in 0..50usize {
        let body = Full::new(Bytes::from(vec![b'a'; round * 4_000]));
        let path = if round % 2 == 0 { "/echo" } else { "/gather" };
        let request = hyper::Request::post(path)
            .header("host", "a")
            .body(body)
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["x-test"]),
            (200, &"Yes".parse().unwrap())
        );
        let back = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(back.len(), round * 4_000);
        sender.ready().await.unwrap();
    }
}

/// A hyper server that answers with the request's body, in chunks where it came so.
fn hyper_backend() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let echo = service_fn(async |request: hyper::Request<Incoming>| {
                    Ok::<_, Infallible>(hyper::Response::new(request.into_body()))
                });
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), echo);
                tokio::spawn(serving);
            }
        });
    });
    address
}

#[test]
fn a_hyper_backend_is_called() {
    let server = proxy(hyper_backend());
    let (url, large) = (
        format!("http://{}/proxy/x", server.address()),
        "q".repeat(200_000),
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &large).unwrap();
    let upload = format!("@{}", file.path().display());
    for coding in [&[][..], &["-H", "Transfer-Encoding: chunked"]] {
        let arguments = [&["--data-binary", &upload], coding].concat();
        let output = curl(&arguments, &url);
        assert!(output == large, "{coding:?}: {} bytes", output.len());
    }
}

/// An nginx with a folder of its own, stopped when dropped.
struct Nginx {
    process: Child,
    folder: tempfile::TempDir,
    address: SocketAddr,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn nginx() -> Nginx {
    let binary = ["/usr/sbin/nginx", "nginx"].into_iter().find(|name| {
        Command::new(name)
            .arg("-v")
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    });
    let binary = binary.expect("nginx is not installed: apt-get install nginx-light");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    std::fs::write(folder.path().join("large"), "n".repeat(1_000_000)).unwrap();
    let configuration = format!(
        "daemon off; master_process off; pid {path}/pid; error_log {path}/error; worker_processes 1;
         events {{ worker_connections 64; }}
         http {{ access_log off; client_body_temp_path {path}/b; proxy_temp_path {path}/p; fastcgi_temp_path {path}/f; uwsgi_temp_path {path}/u; scgi_temp_path {path}/s;
           keepalive_requests 3; chunked_transfer_encoding on; ssi_types text/plain;
           server {{ listen 127.0.0.1:{port}; root {path};
             location = /small {{ return 200 small; }}
             location = /chunked {{ ssi on; default_type text/plain; try_files /large =404; }}
             location = /nothing {{ return 204; }} }} }}"
    );
    std::fs::write(folder.path().join("conf"), configuration).unwrap();
    let process = Command::new(binary)
        .arg("-c")
        .arg(folder.path().join("conf"))
        .arg("-e")
        .arg(folder.path().join("error"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let nginx = Nginx {
        process,
        folder,
        address,
    };
    for _ in 0..400 {
        if std::net::TcpStream::connect(address).is_ok() {
            return nginx;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    let log = std::fs::read_to_string(nginx.folder.path().join("error"));
    panic!("nginx does not answer: {log:?}");
}

#[test]
fn an_nginx_backend_is_called() {
    let nginx = nginx();
    let server = proxy(nginx.address);
    // Its connections end after three requests, so that each fourth opens a new one.
    for round in 0..10 {
        let small = server.exchange(b"GET /proxy/small HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(
            small.starts_with("HTTP/1.1 200 OK") && small.ends_with("small"),
            "{round}: {small}"
        );
    }
    let large = server.exchange(b"GET /proxy/large HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(large.contains("Content-Length: 1000000") && large.ends_with(&"n".repeat(1_000_000)));
    let chunked = server.exchange(b"GET /proxy/chunked HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(chunked.contains("Transfer-Encoding: chunked") && chunked.ends_with("\r\n0\r\n\r\n"));
    let nothing = server.exchange(b"GET /proxy/nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(
        nothing.starts_with("HTTP/1.1 204 No Content") && nothing.ends_with("\r\n\r\n"),
        "{nothing}"
    );
    let head = server.exchange(b"HEAD /proxy/large HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(
        head.contains("Content-Length: 1000000") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
}
