//! The backend that the recordings called: it tells what it was asked, as httpbin's `/post` does, whatever the method and
//! path. It reads HTTP by itself, so that a fault of Tollgate's own reader cannot hide.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What httpbin keeps to itself, because balancers before it add them.
const HIDDEN: [&str; 4] = [
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
];

/// A server on a free port. Its threads end with the test's process.
pub(super) struct Backend {
    address: SocketAddr,
}

impl Backend {
    /// Starts it.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || serve(stream));
            }
        });
        Self { address }
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn serve(stream: TcpStream) {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut stream = BufReader::new(stream);
    while let Some((headers, body)) = request(&mut stream) {
        let text = echo(&headers, &body).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: keep-alive\r\nServer: gunicorn/19.9.0\r\n\
             Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\n\r\n",
            text.len()
        );
        let answer = [head.as_bytes(), text.as_bytes()].concat();
        if stream.get_mut().write_all(&answer).is_err() {
            return;
        }
    }
}

/// The fields and the body of the next request, until the connection ends.
fn request(stream: &mut BufReader<TcpStream>) -> Option<(BTreeMap<String, String>, Vec<u8>)> {
    line(stream)?;
    let mut headers = BTreeMap::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.insert(titled(name), value.trim().to_owned());
    }
    let length = headers
        .get("Content-Length")
        .map_or(Some(0), |length| length.parse().ok())?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((headers, body))
}

fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

/// `X-Amzn-Trace-Id`: a gateway interface such as httpbin's has lost the case of names.
fn titled(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    words.collect::<Vec<_>>().join("-")
}

fn echo(headers: &BTreeMap<String, String>, body: &[u8]) -> Value {
    let shown: BTreeMap<_, _> = headers
        .iter()
        .filter(|(name, _)| !HIDDEN.contains(&name.as_str()))
        .collect();
    let data = String::from_utf8_lossy(body);
    let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    json!({"args": {}, "data": data, "files": {}, "form": {}, "headers": shown, "json": json})
}
