//! Entry points of the fuzz targets and of the tests that cut messages at every byte; not part of the interface.
//!
//! Each takes any bytes, and panics where an invariant breaks.

use std::future::Future;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::codec::chunked::{Chunked, Step};
use crate::codec::{encode, request, response};
use crate::line::Line;
use crate::memory::Memory;
use crate::socket::Socket;
use crate::{
    Body, Client, ClientConfig, Deadline, Endpoint, Headers, Limits, Outgoing, Refusal, Request,
    Response, Service,
};

/// Parses a request head; one that parses must parse to the same again after it was written.
pub fn request_head(bytes: &[u8]) {
    let limits = Limits::default().head();
    let Ok(Some(parsed)) = request::parse(bytes, limits) else {
        return;
    };
    assert!(parsed.bytes <= bytes.len());
    let mut out = Vec::new();
    let head = &parsed.head;
    let coding = match parsed.length {
        Some(0) => encode::Coding::Nothing,
        Some(length) => encode::Coding::Length(length),
        None => encode::Coding::Chunked,
    };
    encode::request(
        &mut out,
        head.method(),
        head.target(),
        head.headers(),
        coding,
    );
    // HTTP/1.0 may lack the host that HTTP/1.1 needs, and the written head may be a little longer than the read one.
    if head.host().is_some() && out.len() < limits.head_bytes_max {
        let again = request::parse(&out, limits)
            .expect("a written head is valid")
            .expect("and complete");
        assert_eq!(
            (again.head.method(), again.head.target()),
            (head.method(), head.target())
        );
        assert_eq!((again.bytes, again.length), (out.len(), parsed.length));
    }
}

/// Parses a response head, as an answer to GET and to HEAD.
pub fn response_head(bytes: &[u8]) {
    for to_head in [false, true] {
        if let Ok(Some(parsed)) = response::parse(bytes, to_head, 64 << 10) {
            assert!(parsed.bytes <= bytes.len() && (100..=999).contains(&parsed.status));
        }
    }
}

/// Decodes chunks read whole, and cut at the place the first byte says; both must give the same.
pub fn chunks(bytes: &[u8]) {
    let Some((&cut, bytes)) = bytes.split_first() else {
        return;
    };
    let whole = decode(bytes, bytes.len().max(1));
    assert_eq!(whole, decode(bytes, usize::from(cut).max(1)));
}

/// The body, and whether it ended, or that it is malformed.
fn decode(bytes: &[u8], cut: usize) -> Option<(Vec<u8>, bool)> {
    let (mut decoder, mut body, mut at, mut end) = (Chunked::default(), Vec::new(), 0, 0);
    while end < bytes.len() {
        end = (end + cut).min(bytes.len());
        loop {
            match decoder.step(&bytes[at..end]).ok()? {
                Step::More { skip } => {
                    at += skip;
                    break;
                }
                Step::Data { skip, len } => {
                    body.extend_from_slice(&bytes[at + skip..at + skip + len]);
                    at += skip + len;
                }
                Step::End { .. } => return Some((body, true)),
            }
        }
    }
    Some((body, false))
}

/// Sends the same input whole and in pieces: the answers must be the same. The input starts with the sizes of the pieces: their
/// number modulo eight, then one byte each.
pub fn connection_cut_anywhere(bytes: &[u8]) {
    let (pieces, input) = pieces(bytes);
    let whole = connection(input, &[]);
    // A stream is passed on in the chunks in which it came.
    let is_stream = |output: &[u8]| memchr::memmem::find(output, CHUNKED).is_some();
    let cut = connection(input, pieces);
    if !is_stream(&whole) && !is_stream(&cut) {
        assert_eq!(without_interim(&whole), without_interim(&cut));
    }
}

/// As [`connection_cut_anywhere`], of a backend's reply.
pub fn reply_cut_anywhere(bytes: &[u8]) {
    let (pieces, input) = pieces(bytes);
    assert_eq!(
        without_reason(&reply(input, &[])),
        without_reason(&reply(input, pieces))
    );
}

/// Of several faults another one may be met first.
fn without_reason(outcome: &str) -> &str {
    ["the reply is not valid", "the body is malformed"]
        .iter()
        .find_map(|class| Some(&outcome[..outcome.find(class)? + class.len()]))
        .unwrap_or(outcome)
}

fn pieces(bytes: &[u8]) -> (&[u8], &[u8]) {
    let Some((&count, rest)) = bytes.split_first() else {
        return (&[], &[]);
    };
    rest.split_at(usize::from(count % 8).min(rest.len()))
}

const CHUNKED: &[u8] = b"\r\nTransfer-Encoding: chunked\r\n";

/// Whether `100 Continue` is sent depends on whether the body is already there.
fn without_interim(output: &[u8]) -> Vec<u8> {
    let (mut kept, mut from) = (Vec::new(), 0);
    for at in memchr::memmem::find_iter(output, encode::CONTINUE) {
        kept.extend_from_slice(&output[from..at]);
        from = at + encode::CONTINUE.len();
    }
    kept.extend_from_slice(&output[from..]);
    kept
}

/// What a server writes that is sent `input` in pieces of the sizes given, over and over; then the client ends its side. The service
/// answers with the request's line, fields and body.
pub fn connection(input: &[u8], pieces: &[u8]) -> Vec<u8> {
    on_a_core(async {
        let (near, far) = tokio::io::duplex(1 << 20);
        let serving = crate::server::serve_socket(Mirror, Limits::default(), Socket::Memory(near));
        let serving = tokio::task::spawn_local(serving);
        let output = converse(far, input, pieces).await;
        serving.await.expect("a connection does not panic");
        without_dates(output)
    })
}

/// What a client makes of `input`, sent by a backend in pieces of the sizes given: status, fields and body, or the error.
pub fn reply(input: &[u8], pieces: &[u8]) -> String {
    on_a_core(async {
        let (near, far) = tokio::io::duplex(1 << 20);
        let client = Client::new(ClientConfig::default());
        let endpoint = Endpoint {
            host: "backend".into(),
            port: 80,
            tls: None,
        };
        let request = Outgoing {
            method: "GET".into(),
            target: "/".into(),
            headers: Headers::new(),
            body: Body::Empty,
        };
        let line = Line::new(Socket::Memory(near), Memory::default());
        let asking = tokio::task::spawn_local(async move {
            match client
                .send_on(line, &endpoint, request, Deadline::NONE)
                .await
            {
                Ok(response) => describe(response).await,
                Err(error) => error.to_string(),
            }
        });
        converse(far, input, pieces).await;
        asking.await.expect("a client does not panic")
    })
}

async fn describe(response: Response) -> String {
    let fields = format!("{} {:?}", response.status, response.headers);
    match response.body.gather(1 << 20).await {
        Ok(body) => format!("{fields} {}", body.escape_ascii()),
        Err(error) => format!("{fields} {error}"),
    }
}

fn on_a_core<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built");
    tokio::task::LocalSet::new().block_on(&runtime, future)
}

/// Sends `input` piece by piece, each read before the next is sent, then ends; gives what came back.
async fn converse(far: DuplexStream, input: &[u8], pieces: &[u8]) -> Vec<u8> {
    let (mut read, mut write) = tokio::io::split(far);
    let reading = tokio::task::spawn_local(async move {
        let mut output = Vec::new();
        // A broken pipe ends the output too.
        let _ = read.read_to_end(&mut output).await;
        output
    });
    let (mut rest, mut sizes) = (input, pieces.iter().cycle());
    while !rest.is_empty() {
        let size = sizes
            .next()
            .map_or(rest.len(), |&size| usize::from(size).clamp(1, rest.len()));
        let (piece, after) = rest.split_at(size);
        rest = after;
        if write.write_all(piece).await.is_err() {
            break;
        }
        // The other side's turn comes at least once between two of ours.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
    }
    let _ = write.shutdown().await;
    reading.await.expect("reading does not panic")
}

/// The only part of an answer that differs between two runs.
fn without_dates(output: Vec<u8>) -> Vec<u8> {
    let lines = output
        .split_inclusive(|&byte| byte == b'\n')
        .filter(|line| !line.starts_with(b"Date: "));
    lines.flatten().copied().collect()
}

/// Answers with what it was asked; a target of `/stream…` with the body as it comes.
struct Mirror;

impl Service for Mirror {
    type Finish = ();

    async fn answer(&self, request: Request) -> (Response, ()) {
        let head = request.head;
        if head.path().starts_with("/stream") {
            return (
                Response {
                    status: 200,
                    headers: Headers::new(),
                    body: request.body,
                },
                (),
            );
        }
        let mut text = format!("{} {} {:?}\n", head.method(), head.target(), head.headers());
        match request.body.gather(1 << 20).await {
            Ok(body) => text += &body.escape_ascii().to_string(),
            Err(_) => text += "a bad body",
        }
        (
            Response {
                status: 200,
                headers: Headers::new(),
                body: Body::Whole(text.into()),
            },
            (),
        )
    }

    /// Says no reason: of several faults another one may be met first, depending on how the bytes come.
    fn refuse(&self, _: &Refusal) -> Response {
        Response {
            status: 400,
            headers: Headers::new(),
            body: Body::Empty,
        }
    }
}
