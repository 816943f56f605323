//! What others found that servers read differently: `tests/cases/corpora.txt`, from three public collections.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tollgate_http::{Refusal, Request, Response, ServerConfig, Service, serve};

use crate::cases::unescape;
use crate::service::{read_all, response};

/// Reads every body, and remembers every target.
struct Reader(Arc<Mutex<Vec<String>>>);

impl Service for Reader {
    type Finish = ();

    async fn answer(&self, request: Request) -> (Response, ()) {
        self.0
            .lock()
            .unwrap()
            .push(request.head.target().to_owned());
        let read = request.body.gather(1 << 20).await;
        (response(if read.is_ok() { 200 } else { 400 }, ""), ())
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        response(refusal.status, "")
    }
}

const NEXT: &[u8] = b"GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// The statuses of the answers to `bytes`, then `next` where the request after them was seen as what it is.
fn outcome(bytes: &[u8]) -> String {
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let targets = seen.clone();
    let config = ServerConfig::new("127.0.0.1:0".parse().unwrap());
    let running = serve(config, move |_| Reader(targets.clone())).unwrap();
    let mut stream = std::net::TcpStream::connect(running.address()).unwrap();
    // The server may refuse and close before it has everything.
    let _ = stream.write_all(&[bytes, NEXT].concat());
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let answers = read_all(&mut stream);
    let statuses = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| &answer[..3]);
    let mut outcome: Vec<&str> = statuses.collect();
    if seen
        .lock()
        .unwrap()
        .last()
        .is_some_and(|target| target == "/next")
    {
        outcome.pop();
        outcome.push("next");
    }
    outcome.join(" ")
}

#[test]
fn what_others_found_is_read_as_the_table_says() {
    let mut wrong = Vec::new();
    for line in include_str!("../cases/corpora.txt").lines() {
        let Some(case) = Case::read(line) else {
            continue;
        };
        let found = outcome(&case.bytes);
        if found != case.expected {
            wrong.push(format!("{found} | {}", line.split_once(" | ").unwrap().1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever AWS's load balancers call severe is refused, whatever the table says.
#[test]
fn severe_cases_are_refused() {
    let lines = include_str!("../cases/corpora.txt").lines();
    let severe: Vec<_> = lines.filter(|line| line.contains(" | Severe | ")).collect();
    assert!(severe.len() >= 50, "{}", severe.len());
    for line in severe {
        assert!(
            line.starts_with("400 | ") || line.starts_with("501 | "),
            "{line}"
        );
    }
}

struct Case {
    expected: String,
    bytes: Vec<u8>,
}

impl Case {
    fn read(line: &str) -> Option<Self> {
        if line.starts_with('#') || line.is_empty() {
            return None;
        }
        let mut columns = line.split(" | ");
        let expected = columns.next()?.to_owned();
        let (_collection, _verdict) = (columns.next()?, columns.next()?);
        let rest: Vec<&str> = columns.collect();
        let (padding, head) = rest.split_last()?;
        let mut bytes = unescape(&head.join(" | "));
        bytes.extend(std::iter::repeat_n(b'x', padding.parse().unwrap_or(0)));
        Some(Self { expected, bytes })
    }
}
