//! Peers that trickle, hoard or talk out of turn.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use tollgate_http::{Body, Client, ClientConfig, Deadline, Limits, Outgoing, ServerConfig, serve};

use crate::peers::Hello;
use crate::service::{
    Answers, Server, endpoint, headers, read_all, read_answer, read_until, response, start,
};

/// Far below what the limits not under test allow.
const SOON: Duration = Duration::from_secs(10);

fn limited(set: impl FnOnce(&mut Limits)) -> Server {
    let mut answers = Answers::default();
    set(&mut answers.limits);
    start(answers)
}

/// Sends `start`, then a byte every few milliseconds until the server has had enough; gives what it answered.
fn drip(server: &Server, start: &str, byte: u8) -> String {
    let mut stream = server.connect();
    stream.write_all(start.as_bytes()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(5)))
        .unwrap();
    let (begun, mut first) = (Instant::now(), [0]);
    loop {
        match stream.read(&mut first) {
            Ok(1) => break,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            other => panic!("{other:?}"),
        }
        assert!(begun.elapsed() < SOON, "the server waits on");
        stream.write_all(&[byte]).unwrap();
    }
    stream.set_read_timeout(Some(SOON)).unwrap();
    format!("{}{}", char::from(first[0]), read_all(&mut stream))
}

#[test]
fn a_head_that_trickles_is_ended() {
    let server = limited(|limits| limits.head_timeout_ms = 80);
    let answer = drip(&server, "GET / HTTP/1.1\r\nX: ", b'x');
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn a_body_that_trickles_is_ended() {
    let server = limited(|limits| limits.message_timeout_ms = 80);
    for framing in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        let start = format!("POST /gather HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\nffff\r\n");
        let answer = drip(&server, &start, b'x');
        assert!(
            answer.starts_with("HTTP/1.1 408 ")
                && answer.ends_with("the body did not arrive in time"),
            "{framing}: {answer}"
        );
    }
}

#[test]
fn an_answer_that_trickles_is_ended() {
    let server = limited(|limits| limits.message_timeout_ms = 80);
    let mut stream = server.connect();
    stream
        .write_all(b"GET /bytes/200000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let (begun, mut buffer) = (Instant::now(), [0; 32]);
    // It takes bytes all the time, but so few that all of them would take long.
    while matches!(stream.read(&mut buffer), Ok(1..)) {
        assert!(begun.elapsed() < SOON, "the server writes on");
    }
    assert_eq!(server.finished(1), [None]);
}

#[test]
fn who_connects_and_never_asks_is_not_waited_for_as_long_as_a_client_that_did() {
    let server = limited(|limits| limits.head_timeout_ms = 60);
    assert_eq!(read_all(&mut server.connect()), "");
}

#[test]
fn who_speaks_another_protocol_is_told_at_once() {
    let server = limited(|_| {});
    let mut stream = server.connect();
    // A TLS greeting without a line end in it.
    stream
        .write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        .unwrap();
    assert!(read_until(&mut stream, b"\r\n").starts_with(b"HTTP/1.1 400 "));
}

#[test]
fn idle_connections_cost_little() {
    let server = limited(|_| {});
    let ask = |stream: &mut TcpStream| {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        assert!(read_answer(stream).ends_with("hello"));
    };
    ask(&mut server.connect());
    let before = resident_bytes();
    let mut idle: Vec<_> = (0..300).map(|_| server.connect()).collect();
    idle.iter_mut().for_each(ask);
    let grown = resident_bytes().saturating_sub(before) / idle.len();
    assert!(grown < 8 << 10, "{grown} bytes for each connection");
    idle.iter_mut().for_each(ask);
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[test]
fn ipv6_is_spoken_on_both_sides() {
    let config = ServerConfig::new("[::1]:0".parse().unwrap());
    let running = match serve(config, |_| Hello) {
        Ok(running) => running,
        Err(error) => {
            println!("skipped: {error}");
            return;
        }
    };
    for host in ["::1", "[::1]"] {
        let mut backend = endpoint(running.address());
        backend.host = host.into();
        let answer = call(async |client| {
            let request = Outgoing {
                method: "GET".into(),
                target: "/".into(),
                headers: headers(&[("Host", "[::1]")]),
                body: Body::Empty,
            };
            let reply = client.send(&backend, request, Deadline::after(SOON)).await;
            reply.unwrap().body.gather(100).await.unwrap()
        });
        assert_eq!(answer, "hello");
    }
}

fn call<T>(call: impl AsyncFnOnce(Client) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        call(Client::new(ClientConfig::default())).await
    })
}

/// A backend that says more than it was asked for: what follows a reply must never be taken for the next one.
#[test]
fn what_follows_a_reply_is_not_the_next_reply() {
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                std::thread::spawn(move || {
                    // A connection may be closed while it is read from: it is one that talked too much.
                    let mut byte = [0];
                    let mut seen = Vec::new();
                    while matches!(stream.read(&mut byte), Ok(1)) {
                        seen.push(byte[0]);
                        if seen.ends_with(b"\r\n\r\n") {
                            stream.write_all(reply.as_bytes()).unwrap();
                        }
                    }
                });
            }
        });
        let server = start(Answers {
            backend: Some(endpoint(address)),
            ..Answers::default()
        });
        for _ in 0..3 {
            let answer = server.exchange(b"GET /proxy HTTP/1.1\r\nHost: a\r\n\r\n");
            assert!(
                answer.starts_with("HTTP/1.1 ") && !answer.contains("evil"),
                "{reply}\n{answer}"
            );
        }
    }
}

/// Answers with the number of its core.
struct Numbered(usize);

impl tollgate_http::Service for Numbered {
    type Finish = ();

    async fn answer(&self, _: tollgate_http::Request) -> (tollgate_http::Response, ()) {
        (response(200, self.0.to_string()), ())
    }

    fn refuse(&self, refusal: &tollgate_http::Refusal) -> tollgate_http::Response {
        response(refusal.status, refusal.reason)
    }
}

#[test]
fn connections_are_spread_over_the_cores() {
    let mut config = ServerConfig::new("127.0.0.1:0".parse().unwrap());
    config.cores = 2;
    let running = serve(config, Numbered).unwrap();
    let mut seen = [0; 2];
    for _ in 0..64 {
        let mut stream = TcpStream::connect(running.address()).unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .unwrap();
        let answer = read_all(&mut stream);
        seen[usize::from(answer.ends_with('1'))] += 1;
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
