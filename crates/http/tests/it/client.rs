//! The client against backends of raw sockets that do as they like, seen through a proxy.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tollgate_http::{
    Body, Client, ClientConfig, ClientError, Deadline, Endpoint, Headers, Outgoing, Phase, Response,
};

use crate::service::{
    Answers, Server, endpoint, headers, read_all, read_answer, read_until, start,
};

/// A backend whose connections are served one after another by `serve`, with their number.
fn backend(serve: impl Fn(usize, TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let stream = stream.unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(20)))
                .unwrap();
            serve(number, stream);
        }
    });
    address
}

fn proxy(address: SocketAddr) -> Server {
    start(Answers {
        backend: Some(endpoint(address)),
        ..Answers::default()
    })
}

/// Runs `call` with a client on a core of its own.
fn with_client<T>(config: ClientConfig, call: impl AsyncFnOnce(Client) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async { call(Client::new(config)).await })
}

fn get(method: &str, body: Body) -> Outgoing {
    Outgoing {
        method: method.into(),
        target: "/x".into(),
        headers: headers(&[("Host", "b")]),
        body,
    }
}

async fn send(
    client: &Client,
    address: SocketAddr,
    request: Outgoing,
) -> Result<Response, ClientError> {
    client
        .send(
            &endpoint(address),
            request,
            Deadline::after(Duration::from_secs(10)),
        )
        .await
}

#[test]
fn a_request_is_written_anew_with_case_and_order() {
    let (sender, receiver) = mpsc::channel();
    let address = backend(move |_, mut stream| {
        sender.send(read_until(&mut stream, b"\r\n\r\n")).unwrap();
        stream.write_all(b"HTTP/1.1 200 Fine\r\nX-B: 1\r\nx-a: 2\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\n\r\nok").unwrap();
    });
    let answer = proxy(address).exchange(
        b"GET /proxy/p?q HTTP/1.1\r\nHost: a\r\nX-Z: 1\r\nx-y: 2\r\nUpgrade: websocket\r\nConnection: upgrade\r\nTE: trailers\r\nProxy-Connection: x\r\n\r\n",
    );
    let seen = String::from_utf8(receiver.recv().unwrap()).unwrap();
    assert_eq!(
        seen,
        "GET /p?q HTTP/1.1\r\nHost: backend\r\nX-Z: 1\r\nx-y: 2\r\n\r\n"
    );
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\nX-B: 1\r\nx-a: 2\r\nDate: "),
        "{answer}"
    );
    assert!(
        answer.ends_with("\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"),
        "{answer}"
    );
}

#[test]
fn bodies_are_framed_for_the_backend() {
    let (sender, receiver) = mpsc::channel();
    let address = backend(move |_, mut stream| {
        let mut seen = read_until(&mut stream, b"\r\n\r\n");
        let head = String::from_utf8_lossy(&seen).into_owned();
        if head.contains("Transfer-Encoding: chunked") {
            seen.extend(read_until(&mut stream, b"0\r\nX-T: 1\r\n\r\n"));
        } else if head.contains("Content-Length: 3") {
            seen.extend(read_until(&mut stream, b"abc"));
        }
        sender.send(String::from_utf8(seen).unwrap()).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
    });
    let server = proxy(address);
    for (request, expected) in [
        (
            "POST /proxy HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: backend\r\nContent-Length: 0\r\n\r\n",
        ),
        (
            "DELETE /proxy HTTP/1.1\r\nHost: a\r\n\r\n",
            "DELETE / HTTP/1.1\r\nHost: backend\r\n\r\n",
        ),
        (
            "POST /proxy HTTP/1.1\r\nHost: a\r\nContent-Length: 003\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: backend\r\nContent-Length: 3\r\n\r\nabc",
        ),
        (
            "POST /proxy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x\r\nbc\r\n0\r\nX-T: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: backend\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n",
        ),
    ] {
        let answer = server.exchange(request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert_eq!(receiver.recv().unwrap(), expected);
    }
}

#[test]
fn connections_are_used_again() {
    let (sender, receiver) = mpsc::channel();
    let address = backend(move |number, mut stream| {
        for _ in 0..5 {
            read_until(&mut stream, b"\r\n\r\n");
            sender.send(number).unwrap();
            stream
                .write_all(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                )
                .unwrap();
        }
    });
    let server = proxy(address);
    let mut stream = server.connect();
    for _ in 0..5 {
        stream
            .write_all(b"GET /proxy HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        let answer = read_until(&mut stream, b"0\r\n\r\n");
        assert!(
            answer.ends_with(b"\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
            "{}",
            answer.escape_ascii()
        );
    }
    assert_eq!(receiver.iter().take(5).collect::<Vec<_>>(), [0; 5]);
}

/// A backend that answers once per connection and then closes it on the second request without a byte.
fn forgetful() -> (SocketAddr, mpsc::Receiver<(usize, usize)>) {
    let (sender, receiver) = mpsc::channel();
    let address = backend(move |number, mut stream| {
        let sender = sender.clone();
        thread::spawn(move || {
            read_until(&mut stream, b"\r\n\r\n");
            sender.send((number, 0)).unwrap();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                .unwrap();
            read_until(&mut stream, b"\r\n\r\n");
            sender.send((number, 1)).unwrap();
        });
    });
    (address, receiver)
}

#[test]
fn a_request_on_a_connection_just_closed_is_sent_again_if_that_is_safe() {
    let (address, receiver) = forgetful();
    with_client(ClientConfig::default(), async |client| {
        for method in ["GET", "PUT"] {
            for _ in 0..2 {
                let body = Body::Empty;
                let response = send(&client, address, get(method, body)).await.unwrap();
                assert_eq!(response.body.gather(10).await.unwrap(), "ok");
            }
        }
    });
    // Each connection's second request failed unseen and was repeated on the next.
    assert_eq!(
        receiver
            .iter()
            .take(7)
            .filter(|(_, count)| *count == 0)
            .count(),
        4
    );
}

#[test]
fn a_request_with_an_effect_is_not_sent_twice() {
    let (address, _receiver) = forgetful();
    with_client(ClientConfig::default(), async |client| {
        let response = send(&client, address, get("POST", Body::Empty))
            .await
            .unwrap();
        response.body.gather(10).await.unwrap();
        let failed = send(&client, address, get("POST", Body::Whole("x".into()))).await;
        assert!(matches!(failed, Err(ClientError::Closed(_))), "{failed:?}");
    });
}

#[test]
fn a_kept_connection_closed_meanwhile_is_not_used() {
    let (closed, told) = mpsc::channel();
    let address = backend(move |_, mut stream| {
        read_until(&mut stream, b"\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            .unwrap();
        drop(stream);
        closed.send(()).unwrap();
    });
    with_client(ClientConfig::default(), async |client| {
        for _ in 0..3 {
            // A POST would not be repeated.
            let response = send(&client, address, get("POST", Body::Empty))
                .await
                .unwrap();
            response.body.gather(10).await.unwrap();
            told.recv().unwrap();
            // The reactor's turn, to see the end.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
}

#[test]
fn an_early_answer_is_passed_on_while_the_request_arrives() {
    let address = backend(|_, mut stream| {
        read_until(&mut stream, b"\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
            .unwrap();
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let server = proxy(address);
    let mut stream = server.connect();
    stream
        .write_all(b"POST /proxy HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc")
        .unwrap();
    let answer = read_answer(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 403 ") && answer.ends_with("no"),
        "{answer}"
    );
}

#[test]
fn a_backend_may_answer_while_it_reads() {
    // An echo that starts before the request ends: neither side waits for the other.
    let address = backend(|_, mut stream| {
        read_until(&mut stream, b"\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .unwrap();
        let mut buffer = [0; 4096];
        let mut seen = Vec::new();
        while !seen.ends_with(b"0\r\n\r\n") {
            let count = stream.read(&mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..count]);
            stream.write_all(&buffer[..count]).unwrap();
        }
    });
    let server = proxy(address);
    let mut stream = server.connect();
    stream
        .write_all(b"POST /proxy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        .unwrap();
    let head = read_until(&mut stream, b"\r\n\r\n");
    assert!(head.starts_with(b"HTTP/1.1 200 OK"));
    for round in 0..10 {
        let piece = format!("4\r\n{round:04}\r\n");
        stream.write_all(piece.as_bytes()).unwrap();
        assert_eq!(read_until(&mut stream, piece.as_bytes()), piece.as_bytes());
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(read_until(&mut stream, b"0\r\n\r\n"), b"0\r\n\r\n");
}

#[test]
fn a_reply_cut_off_closes_the_clients_connection() {
    for cut in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
    ] {
        let address = backend(move |_, mut stream| {
            read_until(&mut stream, b"\r\n\r\n");
            stream.write_all(cut.as_bytes()).unwrap();
        });
        let server = proxy(address);
        let answer = server
            .exchange(b"GET /proxy HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            usize::from(answer.contains("HTTP/1.1")),
            "{answer}"
        );
        assert!(
            !answer.contains("0\r\n\r\n") || cut.contains("Length"),
            "{answer}"
        );
        let sent = server.finished(1);
        assert!(
            matches!(sent[..], [Some(sent), ..] if !sent.complete),
            "{sent:?}"
        );
    }
}

#[test]
fn a_reply_until_close_reaches_both_versions() {
    let address = backend(|_, mut stream| {
        read_until(&mut stream, b"\r\n\r\n");
        stream
            .write_all(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")
            .unwrap();
    });
    let server = proxy(address);
    let new = server.exchange(b"GET /proxy HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(
        new.contains("Transfer-Encoding: chunked") && new.ends_with("0\r\n\r\n"),
        "{new}"
    );
    let old = server.exchange(b"GET /proxy HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    assert!(
        old.contains("Connection: close")
            && !old.contains("chunked")
            && old.ends_with("\r\n\r\nuntil the end"),
        "{old}"
    );
}

#[test]
fn head_and_bodiless_replies_keep_their_length() {
    let address = backend(|_, mut stream| {
        for status in ["200 OK", "304 Not Modified"] {
            read_until(&mut stream, b"\r\n\r\n");
            stream
                .write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 1234\r\n\r\n").as_bytes())
                .unwrap();
        }
    });
    let server = proxy(address);
    let answer = server
        .exchange(b"HEAD /proxy HTTP/1.1\r\nHost: a\r\n\r\nGET /proxy HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(
        answer
            .matches("Content-Length: 1234\r\nConnection: keep-alive\r\n\r\n")
            .count(),
        2,
        "{answer}"
    );
}

#[test]
fn back_pressure_reaches_the_backend() {
    let (sender, receiver) = mpsc::channel();
    let address = backend(move |_, mut stream| {
        read_until(&mut stream, b"\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
            .unwrap();
        stream
            .set_write_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        let (piece, mut written) = (vec![b'x'; 65_536], 0usize);
        while let Ok(count) = stream.write(&piece) {
            written += count;
        }
        sender.send(written).unwrap();
    });
    let server = proxy(address);
    let mut stream = server.connect();
    stream
        .write_all(b"GET /proxy HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    read_until(&mut stream, b"\r\n\r\n");
    // The client reads nothing more: what the backend could write is what kernels and one buffer hold.
    let written = receiver.recv().unwrap();
    assert!(written < 50_000_000, "{written}");
}

#[test]
fn failures_have_names() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_address = silent.local_addr().unwrap();
    let short = Deadline::after(Duration::from_millis(80));
    with_client(ClientConfig::default(), async |client| {
        let refused = send(&client, closed, get("GET", Body::Empty)).await;
        assert!(
            matches!(refused, Err(ClientError::Connect { address, .. }) if address == closed),
            "{refused:?}"
        );
        let late = client
            .send(&endpoint(silent_address), get("GET", Body::Empty), short)
            .await;
        assert!(
            matches!(late, Err(ClientError::Timeout(Phase::AwaitingReply))),
            "{late:?}"
        );
        let nowhere = Endpoint {
            host: "no such host.invalid".into(),
            port: 1,
            tls: None,
        };
        let unresolved = client
            .send(&nowhere, get("GET", Body::Empty), Deadline::NONE)
            .await;
        assert!(
            matches!(unresolved, Err(ClientError::Resolve { .. })),
            "{unresolved:?}"
        );
        for (method, target) in [
            ("GET", "x"),
            ("GET", "/a b"),
            ("GET", "/a\r\nX: y"),
            ("G T", "/"),
            ("CONNECT", "/"),
            ("GET", "http://a/"),
        ] {
            let mut request = get(method, Body::Empty);
            request.target = target.into();
            let invalid = send(&client, closed, request).await;
            assert!(
                matches!(invalid, Err(ClientError::Request(_))),
                "{method} {target}: {invalid:?}"
            );
        }
    });
    let config = ClientConfig {
        permit: Some(Arc::new(|address| address.port() == 1)),
        ..ClientConfig::default()
    };
    with_client(config, async |client| {
        let forbidden = send(&client, silent_address, get("GET", Body::Empty)).await;
        assert!(
            matches!(forbidden, Err(ClientError::Forbidden { address }) if address == silent_address)
        );
    });
}

#[test]
fn large_heads_and_endless_interim_replies_are_refused() {
    for (reply, expected) in [
        (
            format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(70_000)),
            "the head of the reply is too large",
        ),
        (
            format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(200)),
            "the head of the reply is too large",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\n".repeat(30),
            "the reply is not valid: too many interim replies",
        ),
    ] {
        assert_eq!(
            tollgate_http::fuzzing::reply(reply.as_bytes(), &[]),
            expected
        );
    }
}

#[test]
fn the_deadline_covers_the_replys_body() {
    let address = backend(|_, mut stream| {
        read_until(&mut stream, b"\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
            .unwrap();
        read_all(&mut stream);
    });
    with_client(ClientConfig::default(), async |client| {
        let deadline = Deadline::after(Duration::from_millis(100));
        let response = client
            .send(&endpoint(address), get("GET", Body::Empty), deadline)
            .await
            .unwrap();
        let late = response.body.gather(100).await;
        assert!(
            matches!(late, Err(tollgate_http::BodyError::Timeout)),
            "{late:?}"
        );
    });
}

#[test]
fn gathering_is_bounded() {
    let address = backend(|_, mut stream| {
        read_until(&mut stream, b"\r\n\r\n");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\n\r\n0123456789")
            .unwrap();
    });
    with_client(ClientConfig::default(), async |client| {
        for (limit, fits) in [(9, false), (10, true)] {
            let response = send(&client, address, get("GET", Body::Empty))
                .await
                .unwrap();
            assert_eq!(response.body.gather(limit).await.is_ok(), fits, "{limit}");
        }
        assert!(Body::Whole("abc".into()).gather(2).await.is_err());
        assert_eq!(Headers::new().len(), 0);
    });
}
