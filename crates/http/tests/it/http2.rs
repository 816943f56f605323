//! HTTP/2 by the rules: heads, bodies both ways, trailers, limits, and the end.

use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Method, Request, Response};
use tollgate_http::{Limits, Sent};

use crate::front::{Front, front, limited, text};
use crate::service::{Answers, endpoint, start};

async fn client() -> (Front, SendRequest<Bytes>) {
    let front = front(Answers::default());
    let client = front.http2().await;
    (front, client)
}

fn get(path: &str) -> http::request::Builder {
    Request::get(format!("https://localhost{path}"))
}

fn open(
    client: &mut SendRequest<Bytes>,
    request: http::request::Builder,
) -> (ResponseFuture, SendStream<Bytes>) {
    client
        .send_request(request.body(()).unwrap(), false)
        .unwrap()
}

/// Sends a request without a body.
async fn ask(
    client: &mut SendRequest<Bytes>,
    request: http::request::Builder,
) -> Response<RecvStream> {
    let (answer, _) = client
        .send_request(request.body(()).unwrap(), true)
        .unwrap();
    answer.await.unwrap()
}

async fn read(body: &mut RecvStream) -> Result<Vec<u8>, h2::Error> {
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

async fn body(answer: Response<RecvStream>) -> String {
    String::from_utf8(read(&mut answer.into_body()).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_request_looks_like_one_of_http1() {
    let (_front, mut client) = client().await;
    let request = get("/head?a=%20b&c")
        .header("X-One", "1")
        .header("cookie", "a=1")
        .header("x-two", "2")
        .header("cookie", "b=2")
        .header("x-one", "3");
    let expected = r#"GET /head?a=%20b&c [("Host", "localhost"), ("x-one", "1"), ("x-one", "3"), ("cookie", "a=1; b=2"), ("x-two", "2")]"#;
    assert_eq!(body(ask(&mut client, request).await).await, expected);
    assert_eq!(
        body(ask(&mut client, get("/from")).await).await,
        "Http2 secure true"
    );
}

#[tokio::test]
async fn an_answer_has_the_services_fields_then_ours() {
    let (_front, mut client) = client().await;
    for (method, path, status, length, length_sent) in [
        ("GET", "/", 200, 5, Some("5")),
        ("HEAD", "/bytes/7", 200, 0, Some("7")),
        ("GET", "/status/204", 204, 0, None),
        ("GET", "/status/999", 999, 4, Some("4")),
        ("GET", "/not-modified", 304, 0, Some("1234")),
        ("GET", "/status/100", 500, 0, Some("0")),
        ("OPTIONS", "/", 200, 5, Some("5")),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://localhost{path}"));
        let answer = ask(&mut client, request).await;
        assert_eq!(answer.status(), status, "{path}");
        let field = |name: &str| {
            answer
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(field("content-length").as_deref(), length_sent, "{path}");
        assert!(
            field("date").is_some() && field("connection").is_none(),
            "{path}"
        );
        assert_eq!(body(answer).await.len(), length, "{path}");
    }
}

#[tokio::test]
async fn bodies_go_both_ways_within_the_windows() {
    let (_front, mut client) = client().await;
    // Many times both windows, with and without a declared length, streamed back and gathered.
    for (path, size) in [
        ("/echo", 3_000_000),
        ("/gather", 1_000_000),
        ("/echo", 0),
        ("/gather", 1),
    ] {
        for declared in [false, true] {
            let mut request = get(path).method(Method::POST);
            if declared {
                request = request.header("content-length", size);
            }
            let (answer, mut upload) = open(&mut client, request);
            let sent: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            let sending = tokio::spawn(async move { send(&mut upload, sent.into(), None).await });
            let answer = answer.await.unwrap();
            let length = answer
                .headers()
                .get("content-length")
                .map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(
                length.is_some(),
                declared || path == "/gather",
                "{path} {size}"
            );
            let back = read(&mut answer.into_body()).await.unwrap();
            sending.await.unwrap();
            assert!(
                back.len() == size
                    && back
                        .iter()
                        .enumerate()
                        .all(|(at, byte)| *byte == (at % 251) as u8)
            );
        }
    }
}

/// Sends as the window opens, then ends, perhaps with trailers.
async fn send(upload: &mut SendStream<Bytes>, mut data: Bytes, trailers: Option<HeaderMap>) {
    while !data.is_empty() {
        upload.reserve_capacity(data.len().min(16_384));
        let granted = std::future::poll_fn(|context| upload.poll_capacity(context)).await;
        let Some(Ok(count)) = granted else { return };
        let part = data.split_to(count.min(data.len()));
        if upload.send_data(part, false).is_err() {
            return;
        }
    }
    let _ = match trailers {
        Some(trailers) => upload.send_trailers(trailers),
        None => upload.send_data(Bytes::new(), true),
    };
}

#[tokio::test]
async fn trailers_go_both_ways() {
    let (_front, mut client) = client().await;
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", "42".parse().unwrap());
    for (path, expected) in [
        ("/echo", "abc"),
        ("/chunks", r#"abc Some([("x-sum", "42")])"#),
    ] {
        let (answer, mut upload) = open(&mut client, get(path).method(Method::POST));
        send(
            &mut upload,
            Bytes::from_static(b"abc"),
            Some(trailers.clone()),
        )
        .await;
        let mut back = answer.await.unwrap().into_body();
        assert_eq!(read(&mut back).await.unwrap(), expected.as_bytes());
        let echoed = back.trailers().await.unwrap();
        assert_eq!(echoed, (path == "/echo").then(|| trailers.clone()));
    }
}

#[tokio::test]
async fn what_is_no_valid_request_is_refused_and_the_connection_goes_on() {
    let (_front, mut client) = client().await;
    for (label, request, status) in [
        (
            "host and authority differ",
            get("/").header("host", "other"),
            400,
        ),
        (
            "host and authority agree",
            get("/").header("host", "LOCALHOST"),
            200,
        ),
        (
            "two hosts",
            get("/")
                .header("host", "localhost")
                .header("host", "localhost"),
            400,
        ),
        (
            "an unknown expectation",
            get("/").header("expect", "tea"),
            417,
        ),
        (
            "a target that is too long",
            get(&format!("/{}", "a".repeat(20_000))),
            414,
        ),
        (
            "a user name before the host",
            Request::get("https://user@localhost/"),
            400,
        ),
        (
            "a tunnel",
            Request::builder().method("CONNECT").uri("localhost:443"),
            405,
        ),
        ("and what is valid", get("/"), 200),
    ] {
        assert_eq!(ask(&mut client, request).await.status(), status, "{label}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let front = limited(Limits {
        head_bytes_max: 4_096,
        headers_max: 20,
        ..Limits::default()
    });
    let mut client = front.http2().await;
    let mut many = get("/");
    for number in 0..30 {
        many = many.header(format!("x-{number}"), "1");
    }
    assert_eq!(ask(&mut client, many).await.status(), 431);
    assert_eq!(
        ask(&mut client, get("/").header("x-large", "a".repeat(5_000)))
            .await
            .status(),
        431
    );
    assert_eq!(
        ask(&mut client, get("/").header("x-large", "a".repeat(2_000)))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_however_it_comes() {
    let front = limited(Limits {
        body_bytes_max: 1_000,
        ..Limits::default()
    });
    let mut client = front.http2().await;
    let declared = get("/gather")
        .method(Method::POST)
        .header("content-length", 1_001);
    let (answer, mut upload) = open(&mut client, declared);
    assert_eq!(answer.await.unwrap().status(), 413);
    send(&mut upload, Bytes::from(vec![0; 1_001]), None).await;
    let (answer, mut upload) = open(&mut client, get("/gather").method(Method::POST));
    send(&mut upload, Bytes::from(vec![0; 1_001]), None).await;
    assert_eq!(answer.await.unwrap().status(), 413);
    assert_eq!(
        ask(&mut client, get("/")).await.status(),
        200,
        "the connection goes on"
    );
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let front = limited(Limits {
        body_timeout_ms: 100,
        ..Limits::default()
    });
    let mut client = front.http2().await;
    let (answer, mut upload) = open(&mut client, get("/gather").method(Method::POST));
    upload.send_data(Bytes::from_static(b"a"), false).unwrap();
    assert_eq!(answer.await.unwrap().status(), 408);
}

#[tokio::test]
async fn an_answer_that_the_client_does_not_take_is_given_up() {
    let front = limited(Limits {
        write_timeout_ms: 100,
        ..Limits::default()
    });
    let mut client = front.http2().await;
    let mut answer = ask(&mut client, get("/bytes/1000000")).await.into_body();
    // The window stays shut: nothing is given back of what came.
    let mut came = 0;
    let error = loop {
        match answer.data().await {
            Some(Ok(data)) => came += data.len(),
            Some(Err(error)) => break error,
            None => panic!("all {came} bytes came"),
        }
    };
    assert_eq!(error.reason(), Some(Reason::CANCEL));
    assert_eq!(front.server.finished(1), [None], "{came} bytes of it");
}

#[tokio::test]
async fn the_finish_is_told_how_much_was_sent() {
    let (front, mut client) = client().await;
    body(ask(&mut client, get("/bytes/70000")).await).await;
    let whole = Some(Sent {
        body_bytes: 70_000,
        complete: true,
    });
    assert_eq!(front.server.finished(1), [whole]);
}

#[tokio::test]
async fn a_broken_answer_is_not_taken_for_a_whole_one() {
    let backend = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = backend.local_addr().unwrap();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = backend.accept().unwrap();
        let _ = stream.read(&mut [0; 4_096]);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut")
            .unwrap();
    });
    let front = front(Answers {
        backend: Some(endpoint(address)),
        ..Answers::default()
    });
    let mut client = front.http2().await;
    let request = get("/proxy/").body(()).unwrap();
    let (answer, _) = client.send_request(request, true).unwrap();
    // The reset may overtake the head.
    let error = match answer.await {
        Ok(answer) => read(&mut answer.into_body()).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.reason(), Some(Reason::INTERNAL_ERROR));
    let cut = Some(Sent {
        body_bytes: 3,
        complete: false,
    });
    assert_eq!(front.server.finished(1), [cut]);
}

#[tokio::test]
async fn requests_are_proxied_to_http1_backends() {
    let backend = start(Answers::default());
    let front = front(Answers {
        backend: Some(endpoint(backend.address())),
        ..Answers::default()
    });
    let mut client = front.http2().await;
    let (answer, mut upload) = open(&mut client, get("/proxy/echo").method(Method::POST));
    let sending =
        tokio::spawn(
            async move { send(&mut upload, Bytes::from(vec![b'p'; 500_000]), None).await },
        );
    let back = body(answer.await.unwrap()).await;
    sending.await.unwrap();
    assert!(back.len() == 500_000 && back.bytes().all(|byte| byte == b'p'));
}

#[tokio::test]
async fn a_client_that_waits_is_told_to_continue() {
    let (_front, mut client) = client().await;
    let request = get("/gather")
        .method(Method::POST)
        .header("expect", "100-continue");
    let (mut answer, mut upload) = open(&mut client, request);
    let interim = std::future::poll_fn(|context| answer.poll_informational(context)).await;
    assert_eq!(interim.unwrap().unwrap().status(), 100);
    send(&mut upload, Bytes::from_static(b"now"), None).await;
    assert_eq!(body(answer.await.unwrap()).await, "now");
}

#[tokio::test]
async fn requests_of_one_connection_are_answered_side_by_side() {
    let (_front, mut client) = client().await;
    let (slow, _) = client
        .send_request(get("/wait/300").body(()).unwrap(), true)
        .unwrap();
    let mut slow = std::pin::pin!(slow);
    tokio::select! {
        biased;
        _ = &mut slow => panic!("the slow one came first"),
        quick = ask(&mut client, get("/")) => assert_eq!(quick.status(), 200),
    }
    assert_eq!(slow.await.unwrap().status(), 200);
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_allowed() {
    let front = limited(Limits {
        streams_max: 2,
        ..Limits::default()
    });
    let mut client = front.http2().await.ready().await.unwrap();
    // The client learns the limit with the server's settings, which come before the first answer.
    ask(&mut client, get("/")).await;
    assert_eq!(client.current_max_send_streams(), 2);
    let asked: Vec<_> = (0..6)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut client = client.ready().await.unwrap();
                ask(&mut client, get("/wait/50")).await.status()
            })
        })
        .collect();
    let started = std::time::Instant::now();
    for one in asked {
        assert_eq!(one.await.unwrap(), 200);
    }
    assert!(
        started.elapsed() >= Duration::from_millis(150),
        "three pairs, one after another"
    );
    drop(client);
}

#[tokio::test]
async fn a_drain_finishes_what_is_under_way() {
    let (front, mut client) = client().await;
    let (slow, _) = client
        .send_request(get("/wait/300").body(()).unwrap(), true)
        .unwrap();
    ask(&mut client, get("/")).await;
    front.server.running.drain(Duration::from_secs(10));
    assert_eq!(body(slow.await.unwrap()).await, "waited");
    let refused = std::future::poll_fn(|context| client.poll_ready(context)).await;
    let gone = match refused {
        Ok(()) => {
            let (answer, _) = client
                .send_request(get("/").body(()).unwrap(), true)
                .unwrap();
            answer.await.is_err()
        }
        Err(_) => true,
    };
    assert!(gone, "no new request is taken");
    let joined = tokio::task::spawn_blocking(move || front.server.running.join());
    tokio::time::timeout(Duration::from_secs(5), joined)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn idle_connections_are_told_to_go() {
    let front = limited(Limits {
        idle_timeout_ms: 100,
        ..Limits::default()
    });
    let stream = front.shake_hands(crate::front::HTTP_2).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let ended = tokio::spawn(connection);
    ask(&mut client, get("/wait/300")).await;
    // It ends by itself, though not while a request was under way; perhaps while the client still takes leave.
    let ended = tokio::time::timeout(Duration::from_secs(10), ended)
        .await
        .unwrap()
        .unwrap();
    assert!(ended.is_ok() || ended.is_err_and(|error| error.is_io()));
}

#[tokio::test]
async fn old_connections_are_told_to_go() {
    let front = limited(Limits {
        connection_age_max_ms: 0,
        ..Limits::default()
    });
    let stream = front.shake_hands(crate::front::HTTP_2).await.unwrap();
    let (_client, connection) = h2::client::handshake(stream).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), connection)
        .await
        .unwrap();
    // It may find the connection closed while it still acknowledges the server's settings.
    assert!(ended.is_ok() || ended.is_err_and(|error| error.is_io()));
}

#[test]
fn curl_is_served() {
    let front = front(Answers::default());
    let root = front.authority.root_file();
    let large = "z".repeat(300_000);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &large).unwrap();
    let upload = format!("@{}", text(file.path()));
    for (version, arguments, path, expected) in [
        (
            "--http2",
            &[][..],
            "/from",
            "Http2 secure true 2".to_owned(),
        ),
        (
            "--http1.1",
            &[],
            "/from",
            "Http11 secure true 1.1".to_owned(),
        ),
        (
            "--http2",
            &["--data-binary", &upload],
            "/echo",
            format!("{large} 2"),
        ),
        (
            "--http1.1",
            &["--data-binary", &upload, "-H", "Expect:"],
            "/echo",
            format!("{large} 1.1"),
        ),
    ] {
        let output = std::process::Command::new("curl")
            .args([
                "-sS",
                "--max-time",
                "20",
                version,
                "--cacert",
                text(&root),
                "-w",
                " %{http_version}",
            ])
            .args(arguments)
            .arg(format!("https://localhost:{}{path}", front.port()))
            .output()
            .expect("curl is not installed: apt-get install curl");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            said == expected,
            "{version} {path}: {} bytes, {}",
            said.len(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
