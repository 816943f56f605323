//! Sizes, counts, waits and draining.

use std::io::{Read, Write};
use std::time::Duration;

use tollgate_http::{Limits, ServeError, ServerConfig};

use crate::service::{Answers, Server, read_all, read_answer, start};

fn limited(set: impl FnOnce(&mut Limits)) -> Server {
    let mut answers = Answers::default();
    set(&mut answers.limits);
    start(answers)
}

#[test]
fn sizes_and_counts_are_bounded() {
    let server = limited(|limits| {
        limits.head_bytes_max = 4_000;
        limits.target_bytes_max = 1_000;
        limits.headers_max = 10;
        limits.body_bytes_max = 100;
    });
    let long = "x".repeat(5_000);
    let endless = "a".repeat(100_000);
    for (request, status) in [
        (
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(999)),
            200,
        ),
        (
            format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(1_000)),
            414,
        ),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 414),
        (format!("GET /{endless}"), 414),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
                "x".repeat(3_900)
            ),
            200,
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n"),
            431,
        ),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nX: {endless}"), 431),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(9)),
            200,
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(10)),
            431,
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
                "X: y\r\n".repeat(200)
            ),
            431,
        ),
        (
            format!(
                "POST /gather HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{}",
                "x".repeat(100)
            ),
            200,
        ),
        (
            format!(
                "POST /gather HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n{}",
                "x".repeat(101)
            ),
            413,
        ),
        (
            format!(
                "POST /gather HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{}\r\n0\r\n\r\n",
                "x".repeat(100)
            ),
            200,
        ),
        (
            format!(
                "POST /gather HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n{}\r\n0\r\n\r\n",
                "x".repeat(101)
            ),
            413,
        ),
    ] {
        let answer = server.exchange(request.as_bytes());
        let shown = &request[..request.len().min(90)];
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{shown}: {status} expected, {answer}"
        );
    }
}

#[test]
fn a_head_must_arrive_in_time() {
    let server = limited(|limits| limits.head_timeout_ms = 60);
    let mut stream = server.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    let answer = read_all(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.ends_with("the head did not arrive in time"),
        "{answer}"
    );
}

#[test]
fn idle_connections_are_closed_without_a_word() {
    let server = limited(|limits| limits.idle_timeout_ms = 60);
    assert_eq!(read_all(&mut server.connect()), "");
    let mut stream = server.connect();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    assert!(read_all(&mut stream).ends_with("hello"));
}

#[test]
fn a_body_must_go_on_arriving() {
    let server = limited(|limits| limits.body_timeout_ms = 60);
    let mut stream = server.connect();
    stream
        .write_all(b"POST /gather HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        .unwrap();
    let answer = read_all(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.ends_with("the body did not arrive in time"),
        "{answer}"
    );
}

#[test]
fn a_client_must_go_on_reading() {
    let server = limited(|limits| limits.write_timeout_ms = 60);
    let mut stream = server.connect();
    stream
        .write_all(b"GET /bytes/50000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    assert_eq!(server.finished(1), [None]);
}

#[test]
fn old_connections_are_closed_after_their_answer() {
    let server = limited(|limits| limits.connection_age_max_ms = 0);
    let answer = server.exchange(&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2));
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
    assert!(answer.contains("Connection: close"), "{answer}");
}

#[test]
fn idle_connections_make_room_for_new_ones() {
    let server = limited(|limits| limits.connections_max = 3);
    let mut streams: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = server.connect();
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                .unwrap();
            assert!(read_answer(&mut stream).ends_with("hello"));
            stream
        })
        .collect();
    // Some of those before had to leave.
    assert!(
        streams[..5]
            .iter_mut()
            .any(|stream| matches!(stream.read(&mut [0]), Ok(0)))
    );
}

#[test]
fn draining_finishes_answers_and_ends() {
    let server = limited(|_| {});
    let mut idle = server.connect();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    read_answer(&mut idle);
    let mut busy = server.connect();
    busy.write_all(b"GET /wait/300 HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    while !server.saw("/wait/300") {
        std::thread::yield_now();
    }
    server.running.drain(Duration::from_secs(20));
    assert_eq!(read_all(&mut idle), "");
    let answer = read_all(&mut busy);
    assert!(
        answer.contains("Connection: close") && answer.ends_with("waited"),
        "{answer}"
    );
    let address = server.address();
    server.running.join();
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn draining_ends_with_its_grace() {
    let server = limited(|_| {});
    let mut busy = server.connect();
    busy.write_all(b"GET /wait/600000 HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    while !server.saw("/wait/600000") {
        std::thread::yield_now();
    }
    server.running.drain(Duration::from_millis(50));
    server.running.join();
    assert_eq!(read_all(&mut busy), "");
}

#[test]
fn cores_share_a_port_and_a_second_server_is_told() {
    let mut config = ServerConfig::new("127.0.0.1:0".parse().unwrap());
    config.cores = 2;
    let make = |_| crate::peers::Hello;
    let running = tollgate_http::serve(config.clone(), make).unwrap();
    config.address = running.address();
    let second = tollgate_http::serve(config, make);
    assert!(
        matches!(second, Err(ServeError::AddressInUse { address }) if address == running.address())
    );
    for _ in 0..20 {
        let mut stream = std::net::TcpStream::connect(running.address()).unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        assert!(read_answer(&mut stream).ends_with("hello"));
    }
    running.drain(Duration::from_secs(5));
    running.join();
}

/// A connection that has been quiet for a moment waits in another task; that changes nothing of what it may do.
#[test]
fn connections_that_rested_go_on() {
    let server = limited(|limits| limits.idle_timeout_ms = 1_600);
    let ask = |stream: &mut std::net::TcpStream| {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        assert!(read_answer(stream).ends_with("hello"));
    };
    let (mut asks_late, mut asks_first_late, mut leaves) =
        (server.connect(), server.connect(), server.connect());
    ask(&mut asks_late);
    ask(&mut leaves);
    // Its end tells that the others rest by now: it was as quiet as they.
    let brief = limited(|limits| limits.idle_timeout_ms = 1_200);
    let mut witness = brief.connect();
    ask(&mut witness);
    assert_eq!(read_all(&mut witness), "");
    ask(&mut asks_late);
    ask(&mut asks_late);
    ask(&mut asks_first_late);
    // Who asks no more is closed in the end.
    assert_eq!(read_all(&mut leaves), "");
    assert_eq!(read_all(&mut asks_late), "");
}
