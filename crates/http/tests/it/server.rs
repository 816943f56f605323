//! The server's behaviour on the wire, over raw sockets.

use std::io::{Read, Write};

use tollgate_http::Sent;

use crate::service::{Answers, Server, read_all, read_answer, read_until, start};

fn server() -> Server {
    start(Answers::default())
}

fn without_date(answer: &str) -> String {
    answer
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("Date: "))
        .collect()
}

/// Sends `request` on a connection of its own and expects the whole output, dates left out.
fn check(request: &str, expected: &str) {
    let answer = without_date(&server().exchange(request.as_bytes()));
    assert_eq!(answer, expected, "{request}");
}

#[test]
fn an_answer_has_the_services_fields_then_ours() {
    let answer = server().exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let names: Vec<_> = head
        .lines()
        .skip(1)
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(names, ["X-Test", "Date", "Content-Length", "Connection"]);
    assert_eq!(body, "hello");
}

#[test]
fn header_case_order_and_repetition_reach_the_service() {
    let answer = server().exchange(
        b"GET /head HTTP/1.1\r\nhOST: a\r\nX-B: 1\r\nx-a: \t2 \r\nX-b: 3\r\nEmpty:\r\n\r\n",
    );
    let expected =
        r#"GET /head [("hOST", "a"), ("X-B", "1"), ("x-a", "2"), ("X-b", "3"), ("Empty", "")]"#;
    assert!(answer.ends_with(expected), "{answer}");
}

#[test]
fn bodies_are_framed_by_status_method_and_version() {
    for (request, expected) in [
        (
            "HEAD /bytes/7 HTTP/1.1\r\nHost: a\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Test: Yes\r\nContent-Length: 7\r\nConnection: keep-alive\r\n\r\n",
        ),
        (
            "GET /status/204 HTTP/1.1\r\nHost: a\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nX-Test: Yes\r\nConnection: keep-alive\r\n\r\n",
        ),
        (
            "GET /not-modified HTTP/1.1\r\nHost: a\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 1234\r\nConnection: keep-alive\r\n\r\n",
        ),
        (
            "GET /status/299 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 299 \r\nX-Test: Yes\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody",
        ),
        // A status that is none is the service's mistake.
        (
            "GET /status/101 HTTP/1.1\r\nHost: a\r\n\r\n",
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n",
        ),
        // HTTP/1.0 closes, unless asked not to.
        (
            "GET / HTTP/1.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Test: Yes\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        ),
        (
            "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Test: Yes\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
        ),
        // What comes in chunks goes in chunks, with its trailers.
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nX-Sum: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Test: Yes\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n5\r\nabcde\r\n0\r\nX-Sum: 5\r\n\r\n",
        ),
        (
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde",
            "HTTP/1.1 200 OK\r\nX-Test: Yes\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nabcde",
        ),
        (
            "POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX-Test: Yes\r\nContent-Length: 23\r\nConnection: close\r\n\r\na Some([(\"X-T\", \"1\")])\u{0}",
        ),
    ] {
        let expected = expected
            .trim_end_matches('\u{0}')
            .replace("Content-Length: 23", "Content-Length: 22");
        check(request, &expected);
    }
}

#[test]
fn requests_are_answered_in_order_on_one_connection() {
    let answer = server().exchange(
        b"GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /gather HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\
          POST /gather HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n\r\nGET /bytes/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\
          GET /bytes/3 HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    let bodies: Vec<_> = answer
        .split("HTTP/1.1 200 OK")
        .skip(1)
        .map(|part| part.split("\r\n\r\n").nth(1).unwrap())
        .collect();
    assert_eq!(bodies, ["x", "abc", "de", "xx"]);
}

#[test]
fn a_thousand_pipelined_requests_are_answered() {
    let request = b"GET /bytes/3 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000);
    let answer = server().exchange(&request);
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 1_000);
}

#[test]
fn one_hundred_continue_is_sent_when_the_body_is_read() {
    let server = server();
    let mut stream = server.connect();
    stream.write_all(b"POST /gather HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n").unwrap();
    assert_eq!(
        read_until(&mut stream, b"\r\n\r\n"),
        b"HTTP/1.1 100 Continue\r\n\r\n"
    );
    stream.write_all(b"hello").unwrap();
    let answer = read_answer(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"),
        "{answer}"
    );
    // A client that does not wait is not told.
    stream.write_all(b"POST /gather HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi").unwrap();
    let answer = read_answer(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hi"),
        "{answer}"
    );
    // Where nobody reads the body, nobody asks for it, and whether it comes cannot be known: the connection ends.
    stream.write_all(b"POST /bytes/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n").unwrap();
    let answer = read_all(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("Connection: close"),
        "{answer}"
    );
}

#[test]
fn a_body_nobody_reads_is_skipped_if_short_and_ends_the_connection_if_long() {
    let server = server();
    let mut short = b"POST /bytes/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n".to_vec();
    short.resize(short.len() + 10_000, b'y');
    short.extend_from_slice(b"GET /bytes/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = server.exchange(&short);
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");

    let mut long = b"POST /bytes/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n".to_vec();
    long.resize(long.len() + 1_000_000, b'y');
    long.extend_from_slice(b"GET /bytes/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = server.exchange(&long);
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 1, "{answer}");
    assert!(answer.contains("Connection: close"), "{answer}");

    let mut chunked =
        b"POST /bytes/1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..3 {
        chunked.extend_from_slice(b"4\r\nabcd\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\nGET /bytes/2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(
        server.exchange(&chunked).matches("HTTP/1.1 200 OK").count(),
        2
    );
}

#[test]
fn an_echo_streams_both_ways_at_once() {
    let server = server();
    let mut stream = server.connect();
    stream
        .write_all(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        .unwrap();
    read_until(&mut stream, b"\r\n\r\n");
    // Each piece comes back before the next is sent.
    for round in 0..20 {
        let piece = format!("4\r\n{round:04}\r\n");
        stream.write_all(piece.as_bytes()).unwrap();
        let mut back = vec![0; piece.len()];
        stream.read_exact(&mut back).unwrap();
        assert_eq!(back, piece.as_bytes());
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(read_until(&mut stream, b"0\r\n\r\n"), b"0\r\n\r\n");
}

#[test]
fn large_bodies_pass_whole() {
    let server = server();
    let body: Vec<u8> = (0..3_000_000u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let mut stream = server.connect();
    let mut sending = stream.try_clone().unwrap();
    let sent = body.clone();
    let sender = std::thread::spawn(move || {
        sending.write_all(format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", sent.len()).as_bytes()).unwrap();
        sending.write_all(&sent).unwrap();
    });
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    sender.join().unwrap();
    assert!(answer.ends_with(&body));
}

#[test]
fn the_finish_is_told_how_much_was_sent() {
    let server = server();
    server.exchange(b"GET /bytes/1000 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(
        server.finished(1),
        [Some(Sent {
            body_bytes: 1000,
            complete: true
        })]
    );
}

#[test]
fn a_client_that_leaves_is_noticed() {
    let server = server();
    let mut stream = server.connect();
    stream
        .write_all(b"GET /bytes/50000000 HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let mut some = [0; 1000];
    stream.read_exact(&mut some).unwrap();
    drop(stream);
    assert_eq!(server.finished(1), [None]);
}

#[test]
fn a_cut_request_body_reaches_the_service_as_such() {
    let answer =
        server().exchange(b"POST /gather HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("the body was cut off"),
        "{answer}"
    );
    assert!(answer.contains("Connection: close"), "{answer}");
}
