//! Clients and backends that are silent, slow or gone at any byte: each gets what it deserves, and nothing is left of it.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use socket2::SockRef;
use tollgate_testkit::{Options, Tollgate};

use crate::{PROGRAM, making};

const PATIENCE: Duration = Duration::from_secs(30);

/// Well-formed, and a body that is told to the byte.
const REPLY: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Mine: 1\r\nContent-Length: 5\r\n\r\nwhole";

/// A backend that does `act` with each connection, whose request was read, on a thread of its own.
fn backend(act: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let act = Arc::new(act);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let act = act.clone();
            thread::spawn(move || {
                // Any beginning of a request, or of a handshake, will do.
                let _ = stream.read(&mut [0; 4096]);
                act(stream);
            });
        }
    });
    address
}

/// Closes so that the other side gets a reset.
fn reset(stream: TcpStream) {
    SockRef::from(&stream)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
}

/// A proxy to `uri` that waits for so long, and a mapped integration to the same.
fn definition(uri: &str, timeout_ms: u64) -> Value {
    let integration = |kind: &str| {
        json!({"get": {
            "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": kind, "httpMethod": "GET", "uri": uri, "timeoutInMillis": timeout_ms,
                "tlsConfig": {"insecureSkipVerification": true},
                "responses": {"default": {"statusCode": "200"}},
            },
        }})
    };
    json!({
        "openapi": "3.0.1",
        "info": {"title": "peers", "version": "1"},
        "paths": {"/proxy": integration("http_proxy"), "/mapped": integration("http")},
    })
}

fn descriptors(tollgate: &Tollgate) -> usize {
    let folder = format!("/proc/{}/fd", tollgate.pid());
    fs::read_dir(folder).unwrap().count()
}

/// Waits until no more descriptors are open than these.
fn settled(tollgate: &Tollgate, most: usize) {
    let begun = Instant::now();
    while descriptors(tollgate) > most {
        let left = descriptors(tollgate);
        assert!(begun.elapsed() < PATIENCE, "{left} of {most} are left");
        thread::yield_now();
    }
}

/// Writes a byte, waits, and so on, until the other side has enough.
fn trickle(mut stream: TcpStream, bytes: &[u8]) {
    for byte in bytes {
        thread::sleep(Duration::from_millis(20));
        if stream.write_all(std::slice::from_ref(byte)).is_err() {
            return;
        }
    }
    // Held open: what ends it is the gateway.
    let _ = stream.read(&mut [0; 16]);
}

/// Tells of so many bytes, and sends them one by one.
fn slow_body(mut stream: TcpStream, bytes: usize) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n");
    if stream.write_all(head.as_bytes()).is_ok() {
        trickle(stream, &vec![b'x'; bytes]);
    }
}

#[test]
fn backends_that_are_silent_or_slow_end_at_the_time_limit() {
    let silent = |mut stream: TcpStream| drop(stream.read(&mut [0; 16]));
    let endless = [REPLY, &[b'x'; 4096]].concat();
    let cases = [
        ("silent", format!("http://{}/", backend(silent)), Some(504)),
        (
            "no handshake",
            format!("https://{}/", backend(silent)),
            Some(504),
        ),
        (
            "a slow head",
            format!(
                "http://{}/",
                backend(move |stream| trickle(stream, &endless))
            ),
            Some(504),
        ),
        (
            "a slow body",
            format!("http://{}/", backend(|stream| slow_body(stream, 900))),
            Some(504),
        ),
        // Too long to be kept in memory: the head of a proxy's answer is gone by then, so only the connection can tell.
        (
            "a slow and long body",
            format!("http://{}/", backend(|stream| slow_body(stream, 900_000))),
            None,
        ),
    ];
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    for (name, uri, proxied) in cases {
        let api = making::serve(&tollgate, &definition(&uri, 150));
        for (path, expected) in [("/dev/proxy", proxied), ("/dev/mapped", Some(504))] {
            let begun = Instant::now();
            let request = tollgate.api_request(&api, "GET", path);
            let answer = tollgate.connect().exchange(&request);
            assert_eq!(answer.ok().map(|it| it.status), expected, "{name} {path}");
            assert!(begun.elapsed() < PATIENCE, "{name} {path}");
        }
    }
}

#[test]
fn a_backend_may_reset_at_every_byte_of_its_reply() {
    let cut = Arc::new(AtomicUsize::new(0));
    let at = cut.clone();
    let address = backend(move |mut stream| {
        let _ = stream.write_all(&REPLY[..at.load(Ordering::SeqCst)]);
        match at.load(Ordering::SeqCst) < REPLY.len() {
            true => reset(stream),
            false => drop(stream),
        }
    });
    // A kept connection that its backend closed is noticed when it is looked at.
    let config = "[integrations]\nidle_timeout_ms = 200\n";
    let tollgate = Tollgate::start(Options::dev(PROGRAM).config(config));
    let api = making::serve(&tollgate, &definition(&format!("http://{address}/"), 5_000));
    let before = descriptors(&tollgate);
    for bytes in 0..=REPLY.len() {
        cut.store(bytes, Ordering::SeqCst);
        for path in ["/dev/proxy", "/dev/mapped"] {
            let request = tollgate.api_request(&api, "GET", path);
            match tollgate.connect().exchange(&request) {
                Ok(answer) if answer.status == 200 => {
                    assert_eq!(answer.text(), "whole");
                    // A reset may overtake the last bytes, but it cannot make up for any.
                    assert_eq!(bytes, REPLY.len(), "{path}");
                }
                Ok(answer) => assert!(
                    answer.status == 504 && bytes < REPLY.len(),
                    "{path} {bytes}: {} {}",
                    answer.status,
                    answer.text()
                ),
                Err(_) => assert!(
                    path == "/dev/proxy" && bytes < REPLY.len(),
                    "{path} {bytes}"
                ),
            }
        }
    }
    settled(&tollgate, before);
    assert!(!tollgate.stderr().text().contains("panicked"));
}

#[test]
fn a_client_may_reset_at_every_byte_of_its_request() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = making::serve(&tollgate, &making::mock("\"served\""));
    let host = format!("{api}.execute-api.localhost");
    let request =
        format!("GET /dev/word HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\n\r\nbody");
    let chunks = format!(
        "GET /dev/word HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    );
    let call = format!(
        "POST /restapis HTTP/1.1\r\nHost: {}\r\nContent-Length: 4\r\n\r\n{{}}  ",
        tollgate.address()
    );
    tollgate.api(&api, "GET", "/dev/word").expect(200);
    let before = descriptors(&tollgate);
    for text in [&request, &chunks, &call] {
        for bytes in 0..=text.len() {
            let mut stream = TcpStream::connect(tollgate.address()).unwrap();
            stream.write_all(&text.as_bytes()[..bytes]).unwrap();
            reset(stream);
        }
        tollgate.api(&api, "GET", "/dev/word").expect(200);
    }
    settled(&tollgate, before);
    assert!(!tollgate.stderr().text().contains("panicked"));
}

#[test]
fn silent_and_slow_clients_are_let_go() {
    let config = "[connections]\nhead_timeout_ms = 200\nbody_timeout_ms = 200\nmessage_timeout_ms = 400\nidle_timeout_ms = 300\n";
    let tollgate = Tollgate::start(Options::dev(PROGRAM).config(config));
    let api = making::serve(&tollgate, &making::mock("\"served\""));
    let host = format!("{api}.execute-api.localhost");
    let slow_body = format!(
        "POST /restapis HTTP/1.1\r\nHost: {}\r\nContent-Length: 400\r\n\r\n",
        tollgate.address()
    );
    let idle = format!("GET /dev/word HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let before = descriptors(&tollgate);
    let (head, started) = (
        format!("GET /dev/word HTTP/1.1\r\nHost: {host}\r\nX-Slow: "),
        Instant::now(),
    );
    for (sent, then) in [
        ("", ""),
        (&*idle, ""),
        (&*head, "trickle"),
        (&*slow_body, "trickle"),
        (&*slow_body, ""),
    ] {
        let mut stream = TcpStream::connect(tollgate.address()).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        let writer = stream.try_clone().unwrap();
        let writing =
            (then == "trickle").then(|| thread::spawn(move || trickle(writer, &[b'x'; 400])));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // Until the gateway closes, with an answer or without one.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(started.elapsed() < PATIENCE, "{sent:?} {then}");
        drop(stream);
        if let Some(writing) = writing {
            writing.join().unwrap();
        }
    }
    settled(&tollgate, before);
    tollgate.api(&api, "GET", "/dev/word").expect(200);
}
