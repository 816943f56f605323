//! A small live HTTP backend: it shows what it was sent, or answers as its path tells.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Starts the backend, which lives as long as the test's process.
///
/// | path | answer |
/// | --- | --- |
/// | `/body` | the request's body as it came |
/// | `/typed` | the same, with the request's `Content-Type` |
/// | `/status/{n}` | that status, and the request shown |
/// | `/headers?{name}={value}&…` | these headers |
/// | `/bytes/{n}` | a body of that length |
/// | `/chunked` | a body in chunks |
/// | `/cut` | half of a body |
/// | `/no-length` | a body that ends with the connection; no body to HEAD |
/// | `/silent` | nothing, ever |
/// | `/garbage` | no HTTP |
/// | any other | the request, shown as JSON |
pub(crate) fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            thread::spawn(move || serve(socket));
        }
    });
    address
}

struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn serve(mut socket: TcpStream) {
    let Ok(other) = socket.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(other);
    while let Some(request) = read(&mut reader) {
        if answer(&request, &mut socket).is_none() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let line = line(reader)?;
    let mut parts = line.split(' ');
    let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = self::line(reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let body = body(reader, &headers)?;
    Some(Request {
        method,
        target,
        headers,
        body,
    })
}

fn body(reader: &mut BufReader<TcpStream>, headers: &[(String, String)]) -> Option<Vec<u8>> {
    let of = |name: &str| {
        headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    if of("Transfer-Encoding").is_some() {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&line(reader)?, 16).ok()?;
            let mut chunk = vec![0; size];
            reader.read_exact(&mut chunk).ok()?;
            line(reader)?;
            if size == 0 {
                return Some(body);
            }
            body.extend(chunk);
        }
    }
    let mut body = vec![0; of("Content-Length").map_or(Some(0), |length| length.parse().ok())?];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

fn line(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let length = reader.read_line(&mut line).ok()?;
    (length > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

fn answer(request: &Request, socket: &mut TcpStream) -> Option<()> {
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let (first, rest) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let json = "Content-Type: application/json\r\n";
    match first {
        "body" => whole(socket, 200, "Content-Type: text/plain\r\n", &request.body),
        "typed" => whole(socket, 200, &content_type(request), &request.body),
        "status" => whole(socket, rest.parse().ok()?, json, shown(request).as_bytes()),
        "headers" => whole(socket, 200, &headers(query), b"ok"),
        "bytes" => whole(socket, 200, "", &vec![b'x'; rest.parse().ok()?]),
        "chunked" => socket
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            .ok(),
        "cut" => {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            None
        }
        "no-length" => {
            let body: &[u8] = match &*request.method {
                "HEAD" => b"",
                _ => b"until",
            };
            let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
            let _ = socket.write_all(&[head, body].concat());
            None
        }
        "garbage" => {
            let _ = socket.write_all(b"this is no HTTP\r\n\r\n");
            None
        }
        "silent" => {
            // Until the caller gives up and closes.
            let _ = socket.read(&mut [0]);
            None
        }
        _ => whole(socket, 200, json, shown(request).as_bytes()),
    }
}

fn whole(socket: &mut TcpStream, status: u16, headers: &str, body: &[u8]) -> Option<()> {
    let head = format!(
        "HTTP/1.1 {status} Whatever\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut message = head.into_bytes();
    if status != 204 && status != 304 {
        message.extend_from_slice(body);
    }
    socket.write_all(&message).ok()
}

fn content_type(request: &Request) -> String {
    let mut headers = request.headers.iter();
    let found = headers.find(|(name, _)| name == "Content-Type");
    found.map_or(String::new(), |(name, value)| {
        format!("{name}: {value}\r\n")
    })
}

fn headers(query: &str) -> String {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| format!("{name}: {}\r\n", value.replace('+', " ")))
        .collect()
}

fn shown(request: &Request) -> String {
    let headers: serde_json::Map<_, _> = request
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let body = String::from_utf8_lossy(&request.body);
    serde_json::json!({"method": request.method, "target": request.target, "headers": headers, "body": body}).to_string()
}
