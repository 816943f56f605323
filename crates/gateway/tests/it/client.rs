//! A plain HTTP client that shows an answer as it stands on the wire.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// An answer, header names and order kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Nothing in a test waits that long; a hanging server is a failure and no hanging test.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends the bytes and reads one answer to its end.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    over(TcpStream::connect(address).expect("connected"), request)
}

/// The same from one of this machine's addresses.
pub(crate) fn exchange_from(from: IpAddr, address: SocketAddr, request: &[u8]) -> Answer {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).expect("a socket");
    let own = SocketAddr::from((from, 0));
    socket
        .bind(&own.into())
        .expect("an address of this machine");
    socket.connect(&address.into()).expect("connected");
    over(socket.into(), request)
}

fn over(mut socket: TcpStream, request: &[u8]) -> Answer {
    socket.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    // A request that is refused early may not be taken to its end.
    let _ = socket.write_all(request);
    let mut answer = Vec::new();
    let read = socket.read_to_end(&mut answer);
    assert!(read.is_ok() || !answer.is_empty(), "no answer: {read:?}");
    parse(&answer)
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let mut answer = Answer {
        status: status.unwrap_or_else(|| panic!("no status in {head}")),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect(),
        body: bytes[end + 4..].to_vec(),
    };
    if answer.header("Transfer-Encoding") == Some("chunked") {
        answer.body = without_chunks(&answer.body);
    }
    answer
}

fn without_chunks(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(at) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&rest[..at])
            .ok()
            .and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.expect("a chunk's size");
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[at + 2..at + 2 + size]);
        rest = &rest[at + 4 + size..];
    }
    body
}
