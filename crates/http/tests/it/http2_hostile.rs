//! HTTP/2 against the rules and against good manners, frame by frame. The rules themselves are the `h2` crate's and h2spec's to check; here
//! is what a gateway cannot afford to have wrong: nothing that is invalid is served, and no client can make it work without bound.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tollgate_http::Limits;

use crate::front::{Front, HTTP_2, front, limited};
use crate::service::Answers;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// RFC 9113 §6.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header field, neither compressed nor indexed (RFC 7541 §6.2.2).
fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0, name.len() as u8];
    field.extend(name.as_bytes());
    field.push(value.len() as u8);
    field.extend(value.as_bytes());
    field
}

fn head(path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let pseudo = [
        (":method", "GET"),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", path),
    ];
    pseudo
        .iter()
        .chain(more)
        .flat_map(|(name, value)| field(name, value))
        .collect()
}

fn get(stream: u32, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &head(path, more))
}

async fn connect(front: &Front) -> TlsStream<TcpStream> {
    let mut stream = front.shake_hands(HTTP_2).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    stream
}

/// The kinds of the frames that come until the end, or until `enough`.
async fn frames(stream: &mut TlsStream<TcpStream>, enough: impl Fn(u8, u8) -> bool) -> Vec<u8> {
    let mut kinds = Vec::new();
    let mut head = [0; 9];
    while stream.read_exact(&mut head).await.is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        kinds.push(head[3]);
        if stream.read_exact(&mut vec![0; length]).await.is_err() || enough(head[3], head[4]) {
            break;
        }
    }
    kinds
}

/// Whether somebody else is served.
async fn serves_others(front: &Front) {
    let mut client = front.http2().await;
    let request = http::Request::get("https://localhost/").body(()).unwrap();
    let (answer, _) = client.send_request(request, true).unwrap();
    let answered = tokio::time::timeout(Duration::from_secs(10), answer).await;
    assert_eq!(answered.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn invalid_requests_never_reach_the_service() {
    let front = front(Answers::default());
    let without = |name: &str| {
        let fields = [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", "localhost"),
            (":path", "/bad"),
        ];
        let kept = fields.iter().filter(|(other, _)| *other != name);
        frame(
            HEADERS,
            END_STREAM | END_HEADERS,
            1,
            &kept
                .flat_map(|(name, value)| field(name, value))
                .collect::<Vec<_>>(),
        )
    };
    let with = |name: &str, value: &str| get(1, "/bad", &[(name, value)]);
    let with_body = |length: &str, body: &[u8]| {
        let mut bytes = frame(
            HEADERS,
            END_HEADERS,
            1,
            &head("/gather/bad", &[("content-length", length)]),
        );
        bytes.extend(frame(DATA, END_STREAM, 1, body));
        bytes
    };
    for (label, bytes, expected) in [
        ("no method", without(":method"), RST_STREAM),
        ("no scheme", without(":scheme"), RST_STREAM),
        ("no path", without(":path"), RST_STREAM),
        ("an empty path", get(1, "", &[]), RST_STREAM),
        (
            "a connection field",
            with("connection", "close"),
            RST_STREAM,
        ),
        (
            "transfer-encoding",
            with("transfer-encoding", "chunked"),
            RST_STREAM,
        ),
        ("upgrade", with("upgrade", "h2c"), RST_STREAM),
        ("te other than trailers", with("te", "gzip"), RST_STREAM),
        ("an upper-case name", with("X-Upper", "1"), GOAWAY),
        ("a name with a space", with("x y", "1"), GOAWAY),
        ("a name with a colon", with("x:y", "1"), GOAWAY),
        (
            "a value that splits the head",
            with("x", "1\r\nHost: other"),
            GOAWAY,
        ),
        ("a value with NUL", with("x", "1\0"), GOAWAY),
        (
            "a response's pseudo-field",
            with(":status", "200"),
            RST_STREAM,
        ),
        (
            "a pseudo-field after others",
            with(":path", "/other"),
            RST_STREAM,
        ),
        ("an unknown pseudo-field", with(":other", "1"), GOAWAY),
        (
            "less body than declared",
            with_body("5", b"abc"),
            RST_STREAM,
        ),
        (
            "more body than declared",
            with_body("2", b"abc"),
            RST_STREAM,
        ),
        ("data without a stream", frame(DATA, 0, 0, b"abc"), GOAWAY),
        (
            "data on a stream that nobody opened",
            frame(DATA, 0, 5, b"abc"),
            GOAWAY,
        ),
        ("a stream of the server's", get(2, "/bad", &[]), GOAWAY),
        (
            "a frame that is too large",
            frame(DATA, 0, 1, &[0; 20_000]),
            GOAWAY,
        ),
        (
            "a continuation of nothing",
            frame(CONTINUATION, END_HEADERS, 1, &[]),
            GOAWAY,
        ),
        (
            "an index that is not there",
            frame(
                HEADERS,
                END_STREAM | END_HEADERS,
                1,
                &[0xff, 0xff, 0xff, 0x0f],
            ),
            GOAWAY,
        ),
    ] {
        let mut stream = connect(&front).await;
        stream.write_all(&bytes).await.unwrap();
        let kinds = frames(&mut stream, |kind, _| kind == RST_STREAM || kind == GOAWAY);
        let kinds = tokio::time::timeout(Duration::from_secs(10), kinds)
            .await
            .expect(label);
        assert_eq!(kinds.last(), Some(&expected), "{label}: {kinds:?}");
    }
    assert!(!front.server.saw("/bad"));
    serves_others(&front).await;
}

/// CVE-2023-44487: requests that are given up as soon as they are made cost the client nothing.
#[tokio::test]
async fn requests_given_up_at_once_are_bounded() {
    let front = limited(Limits {
        streams_max: 10,
        ..Limits::default()
    });
    let mut stream = connect(&front).await;
    for number in 0..5_000u32 {
        let id = 2 * number + 1;
        let mut bytes = get(id, &format!("/wait/2000?{id}"), &[]);
        bytes.extend(frame(RST_STREAM, 0, id, &8u32.to_be_bytes()));
        if stream.write_all(&bytes).await.is_err() {
            break;
        }
    }
    let kinds =
        tokio::time::timeout(Duration::from_secs(10), frames(&mut stream, |_, _| false)).await;
    let kinds = kinds.expect("the connection is closed");
    assert!(
        kinds.contains(&GOAWAY) || kinds.len() < 10_000,
        "{}",
        kinds.len()
    );
    let begun = (0..5_000)
        .filter(|number| front.server.saw(&format!("/wait/2000?{}", 2 * number + 1)))
        .count();
    assert!(begun <= 10, "{begun} requests were begun");
    serves_others(&front).await;
}

/// CVE-2024-27316 and its kin: a head that never ends.
#[tokio::test]
async fn heads_without_end_are_bounded() {
    let front = front(Answers::default());
    let mut stream = connect(&front).await;
    let mut sent = stream
        .write_all(&frame(HEADERS, 0, 1, &head("/bad", &[])))
        .await;
    let part = frame(CONTINUATION, 0, 1, &field("x-filler", &"f".repeat(100)));
    let mut frames_sent = 0;
    while sent.is_ok() && frames_sent < 100_000 {
        sent = stream.write_all(&part).await;
        frames_sent += 1;
    }
    assert!(frames_sent < 100_000, "the connection is closed");
    serves_others(&front).await;
}

/// CVE-2019-9512 and CVE-2019-9515: frames that must be answered, from a client that does not read.
#[tokio::test]
async fn frames_that_want_an_answer_do_not_pile_up() {
    let front = limited(Limits {
        idle_timeout_ms: 500,
        head_timeout_ms: 500,
        ..Limits::default()
    });
    for flood in [frame(PING, 0, 0, &[7; 8]), frame(SETTINGS, 0, 0, &[])] {
        let mut stream = connect(&front).await;
        let many = flood.repeat(1_000);
        let mut written = 0u64;
        // Without a reader the kernel's buffers fill, then the server reads no more, and then it closes.
        while let Ok(Ok(())) =
            tokio::time::timeout(Duration::from_secs(1), stream.write_all(&many)).await
        {
            written += many.len() as u64;
            assert!(written < 256 << 20, "the server goes on reading");
        }
        serves_others(&front).await;
    }
}

#[tokio::test]
async fn a_head_that_stops_half_way_is_given_up() {
    let front = limited(Limits {
        head_timeout_ms: 200,
        idle_timeout_ms: 200,
        ..Limits::default()
    });
    for begun in [&b"PRI * HT"[..], PREFACE] {
        let mut stream = front.shake_hands(HTTP_2).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let ended =
            tokio::time::timeout(Duration::from_secs(20), frames(&mut stream, |_, _| false));
        ended.await.expect("closed");
    }
    let mut stream = connect(&front).await;
    stream
        .write_all(&frame(HEADERS, 0, 1, &head("/bad", &[])))
        .await
        .unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), frames(&mut stream, |_, _| false));
    ended.await.expect("closed");
    serves_others(&front).await;
}

#[tokio::test]
async fn what_is_not_the_protocol_is_dropped() {
    let front = front(Answers::default());
    let mut stream = front.shake_hands(HTTP_2).await.unwrap();
    stream
        .write_all(b"GET /bad HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    frames(&mut stream, |_, _| false).await;
    assert!(!front.server.saw("/bad"));
}
