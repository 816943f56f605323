//! A reverse proxy of this crate alone, to compare its cost with other proxies':
//! `proxy LISTEN BACKEND [CORES]`, as in `proxy 127.0.0.1:8080 127.0.0.1:9001 1`.

use std::net::SocketAddr;
use std::time::Duration;

use tollgate_http::{
    Body, Client, ClientConfig, Deadline, Endpoint, Headers, Limits, Outgoing, Refusal, Request,
    Response, ServerConfig, Service, serve,
};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Proxy {
    client: Client,
    backend: Endpoint,
}

impl Service for Proxy {
    type Finish = ();

    async fn answer(&self, request: Request) -> (Response, ()) {
        let mut headers = request.head.headers().clone();
        // A peer's address is a valid value.
        let _ = headers.push("X-Forwarded-For", request.peer.ip().to_string().as_bytes());
        let outgoing = Outgoing {
            method: request.head.method().into(),
            target: request.head.target().into(),
            headers,
            body: request.body,
        };
        let deadline = Deadline::after(Duration::from_secs(29));
        let response = self.client.send(&self.backend, outgoing, deadline).await;
        (
            response.unwrap_or_else(|error| plain(502, &error.to_string())),
            (),
        )
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        plain(refusal.status, refusal.reason)
    }
}

fn plain(status: u16, text: &str) -> Response {
    Response {
        status,
        headers: Headers::new(),
        body: Body::Whole(text.to_owned().into()),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, listen, backend, rest @ ..] = &arguments[..] else {
        panic!("usage: proxy LISTEN BACKEND [CORES]");
    };
    let backend: SocketAddr = backend.parse().expect("BACKEND is an address");
    let backend = Endpoint {
        host: backend.ip().to_string().into(),
        port: backend.port(),
        tls: None,
    };
    let config = ServerConfig {
        address: listen.parse().expect("LISTEN is an address"),
        cores: rest
            .first()
            .map_or(1, |cores| cores.parse().expect("CORES is a number")),
        tls: None,
        name: "proxy",
        limits: Limits::default(),
    };
    let make = move |_| Proxy {
        client: Client::new(ClientConfig::default()),
        backend: backend.clone(),
    };
    let running = serve(config, make).expect("the server starts");
    running.join();
}
