//! A service for the tests, and a server with it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tollgate_http::{
    Body, BodyError, Client, ClientConfig, ClientError, Deadline, Endpoint, Finish, Headers,
    Limits, Outgoing, Refusal, Request, Response, Running, Sent, ServerConfig, Service, TlsConfig,
    serve,
};

/// What the server answers with and how it is limited.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    pub(crate) limits: Limits,
    /// Where `/proxy…` goes.
    pub(crate) backend: Option<Endpoint>,
    pub(crate) client: ClientConfig,
    pub(crate) log: Arc<Log>,
    /// Served over TLS too.
    pub(crate) tls: Option<TlsConfig>,
}

/// What the service saw.
#[derive(Default)]
pub(crate) struct Log {
    targets: Mutex<Vec<String>>,
    finished: Mutex<Vec<Option<Sent>>>,
}

pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) log: Arc<Log>,
}

pub(crate) fn start(answers: Answers) -> Server {
    let mut config = ServerConfig::new("127.0.0.1:0".parse().unwrap());
    config.limits = answers.limits.clone();
    config.tls = answers.tls.clone();
    let log = answers.log.clone();
    let running = serve(config, move |_| Test::new(answers.clone())).unwrap();
    Server { running, log }
}

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        self.running.address()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Sends all, ends, and reads all.
    pub(crate) fn exchange(&self, sent: &[u8]) -> String {
        let mut stream = self.connect();
        // The server may refuse and close before it has everything.
        let _ = stream.write_all(sent);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        read_all(&mut stream)
    }

    pub(crate) fn saw(&self, target: &str) -> bool {
        self.log
            .targets
            .lock()
            .unwrap()
            .iter()
            .any(|seen| seen == target)
    }

    /// What became of the answers, once there are so many.
    pub(crate) fn finished(&self, count: usize) -> Vec<Option<Sent>> {
        for _ in 0..2_000 {
            let finished = self.log.finished.lock().unwrap().clone();
            if finished.len() >= count {
                return finished;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("only {:?}", self.log.finished.lock().unwrap());
    }
}

pub(crate) fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint {
        host: address.ip().to_string().into(),
        port: address.port(),
        tls: None,
    }
}

pub(crate) fn read_all(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads one answer with a Content-Length, or without a body.
pub(crate) fn read_answer(stream: &mut impl Read) -> String {
    let mut bytes = read_until(stream, b"\r\n\r\n");
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    bytes.extend_from_slice(&body);
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn read_until(stream: &mut impl Read, end: &[u8]) -> Vec<u8> {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(end) {
        match stream.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            other => panic!("{other:?} after {}", bytes.escape_ascii()),
        }
    }
    bytes
}

pub(crate) fn headers(fields: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in fields {
        headers.push(name, value.as_bytes()).unwrap();
    }
    headers
}

pub(crate) fn response(status: u16, body: impl Into<Vec<u8>>) -> Response {
    let headers = headers(&[("X-Test", "Yes")]);
    Response {
        status,
        headers,
        body: Body::from(bytes::Bytes::from(body.into())),
    }
}

struct Test {
    client: Client,
    answers: Answers,
}

pub(crate) struct Told {
    log: Arc<Log>,
    told: bool,
}

impl Finish for Told {
    fn finish(mut self, sent: Sent) {
        self.told = true;
        self.log.finished.lock().unwrap().push(Some(sent));
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if !self.told {
            self.log.finished.lock().unwrap().push(None);
        }
    }
}

impl Service for Test {
    type Finish = Told;

    async fn answer(&self, request: Request) -> (Response, Told) {
        let log = self.answers.log.clone();
        log.targets
            .lock()
            .unwrap()
            .push(request.head.target().to_owned());
        let told = Told { log, told: false };
        (self.route(request).await, told)
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        response(refusal.status, refusal.reason)
    }
}

impl Test {
    fn new(answers: Answers) -> Self {
        Self {
            client: Client::new(answers.client.clone()),
            answers,
        }
    }

    async fn route(&self, request: Request) -> Response {
        let path = request.head.path().to_owned();
        let numbers: Vec<usize> = path
            .split('/')
            .filter_map(|part| part.parse().ok())
            .collect();
        match (path.split('/').nth(1).unwrap_or_default(), &numbers[..]) {
            ("status", [status]) => response(*status as u16, "body"),
            ("not-modified", _) => {
                let headers = headers(&[("ETag", "\"1\""), ("Content-Length", "1234")]);
                Response {
                    status: 304,
                    headers,
                    body: Body::Empty,
                }
            }
            ("bytes", [count]) => response(200, vec![b'x'; *count]),
            ("echo", _) => Response {
                status: 200,
                headers: headers(&[("X-Test", "Yes")]),
                body: request.body,
            },
            ("gather", _) => match request.body.gather(1 << 20).await {
                Ok(body) => response(200, body),
                Err(error) => refused_body(&error),
            },
            ("chunks", _) => response(200, collect(request.body).await),
            ("head", _) => response(
                200,
                format!(
                    "{} {} {:?}",
                    request.head.method(),
                    request.head.target(),
                    request.head.headers()
                ),
            ),
            ("wait", [milliseconds]) => {
                tokio::time::sleep(Duration::from_millis(*milliseconds as u64)).await;
                response(200, "waited")
            }
            ("from", _) => response(
                200,
                format!("{:?} secure {}", request.head.version(), request.secure),
            ),
            ("proxy", _) => self.proxy(request).await,
            _ => response(200, "hello"),
        }
    }

    async fn proxy(&self, request: Request) -> Response {
        let backend = self.answers.backend.clone().unwrap();
        let target = request
            .head
            .target()
            .strip_prefix("/proxy")
            .unwrap_or_default();
        let mut fields = request.head.headers().clone();
        fields.set("Host", b"backend").unwrap();
        let outgoing = Outgoing {
            method: request.head.method().into(),
            target: if target.is_empty() {
                "/".into()
            } else {
                target.into()
            },
            headers: fields,
            body: request.body,
        };
        match self
            .client
            .send(&backend, outgoing, Deadline::after(Duration::from_secs(10)))
            .await
        {
            Ok(response) => response,
            Err(ClientError::RequestBody(error)) => refused_body(&error),
            Err(error) => response(502, error.to_string()),
        }
    }
}

fn refused_body(error: &BodyError) -> Response {
    let status = match error {
        BodyError::TooLarge => 413,
        BodyError::Timeout => 408,
        _ => 400,
    };
    response(status, error.to_string())
}

/// The body chunk by chunk, and its trailers.
async fn collect(mut body: Body) -> String {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.chunk().await {
        match chunk {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(error) => return error.to_string(),
        }
    }
    format!("{} {:?}", bytes.escape_ascii(), body.trailers())
}
