//! What happens when something runs out: memory for bodies, file descriptors, room for idle connections. What cannot be had is refused with
//! 503 or waits, everything else is served, and all is well again once there is enough.

use std::fs;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};
use serde_json::{Value, json};
use tollgate_testkit::{Connection, Options, Request, Tollgate};

use crate::backend::Backend;
use crate::{PROGRAM, making};

const PATIENCE: Duration = Duration::from_secs(30);

/// `POST /read` reads its body whole and calls the backend with a part of it.
fn reader(backend: &str) -> Value {
    json!({
        "openapi": "3.0.1",
        "info": {"title": "reader", "version": "1"},
        "paths": {"/read": {"post": {
            "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": "http", "httpMethod": "GET", "uri": backend, "passthroughBehavior": "never",
                "requestTemplates": {"application/json": "$input.path('$.a')"},
                "responses": {"default": {"statusCode": "200"}},
            },
        }}},
    })
}

/// A JSON body of about so many bytes.
fn body(request: Request, bytes: usize) -> Request {
    request.json(&json!({"a": "", "rest": "x".repeat(bytes)}))
}

fn metric(tollgate: &Tollgate, name: &str) -> u64 {
    let metrics = tollgate.ask_admin("/_tollgate/metrics").text();
    let line = metrics.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
    value.unwrap_or_else(|| panic!("no {name} in {metrics}"))
}

#[test]
fn bodies_beyond_the_memory_for_them_are_refused_until_others_end() {
    let backend = Backend::start();
    let config = "[connections]\nbody_memory_bytes_max = 200000\n";
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(config));
    let api = making::serve(&tollgate, &reader(&backend.url()));
    let mock = making::serve(&tollgate, &making::mock("\"small\""));
    let large = body(tollgate.api_request(&api, "POST", "/dev/read"), 150_000);
    let taken = || metric(&tollgate, "tollgate_body_memory_bytes");

    let mut first = tollgate.connect();
    let held = std::thread::scope(|scope| {
        let first = scope.spawn(|| first.exchange(&large).unwrap());
        let held = backend.next();
        assert!((150_000..200_000).contains(&taken()), "{}", taken());

        let refused = tollgate.send(&large).expect(503);
        assert_eq!(refused.text(), "{\"message\":\"Service Unavailable\"}");
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(
            refused.header("x-amzn-errortype"),
            Some("ServiceUnavailableException")
        );
        let call = tollgate.control_bytes("POST", "/restapis?mode=import", vec![b' '; 150_000]);
        assert_eq!(call.expect(503).header("retry-after"), Some("1"));
        assert_eq!(metric(&tollgate, "tollgate_body_memory_refused_total"), 2);
        tollgate.api(&mock, "GET", "/dev/word").expect(200);
        let small = body(tollgate.api_request(&api, "POST", "/dev/read"), 1_000);
        let (sender, small) = (&tollgate, small);
        let small = scope.spawn(move || sender.send(&small));
        backend.next().answer();
        small.join().unwrap().expect(200);

        held.answer();
        first.join().unwrap().expect(200)
    });
    assert_eq!(held.text(), "done");
    let again = std::thread::scope(|scope| {
        let again = scope.spawn(|| tollgate.send(&large));
        backend.next().answer();
        again.join().unwrap()
    });
    again.expect(200);
    assert_eq!(taken(), 0);
    let said = tollgate.stderr().text();
    let told = said
        .matches("the memory for whole bodies is used up")
        .count();
    assert_eq!(told, 1, "{said}");
}

fn descriptors(tollgate: &Tollgate) -> u64 {
    let folder = format!("/proc/{}/fd", tollgate.pid());
    fs::read_dir(folder).unwrap().count() as u64
}

/// The most descriptors that a running Tollgate may have from now on.
fn limit_descriptors(tollgate: &Tollgate, count: u64) {
    let pid = Pid::from_raw(tollgate.pid().cast_signed());
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: Some(count),
        maximum,
    };
    prlimit(pid, Resource::Nofile, limit).unwrap();
}

#[test]
fn without_descriptors_open_connections_are_served_and_new_ones_later() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM).argument("--workers").argument("1"));
    let api = making::serve(&tollgate, &making::mock("\"served\""));
    let proxy = making::serve(&tollgate, &making::proxy("http://127.0.0.1:9"));
    let word = tollgate.api_request(&api, "GET", "/dev/word");
    let mut open = tollgate.connect();
    open.exchange(&word).unwrap().expect(200);
    let before = descriptors(&tollgate);
    limit_descriptors(&tollgate, before + 4);

    // Silent ones, which the kernel lets in and Tollgate cannot.
    let silent: Vec<_> = (0..100)
        .map(|_| TcpStream::connect(tollgate.address()).unwrap())
        .collect();
    let said = |line: &str| line.contains("no file descriptors are left");
    assert!(
        tollgate.stderr().wait(PATIENCE, said).is_some(),
        "{}",
        tollgate.stderr().text()
    );
    // Used connections are served on unless they are idle just when room is made, as a client must expect.
    let answered = open.exchange(&word).map(|answer| answer.status);
    assert!(answered.is_err() || answered.unwrap() == 200);
    // A backend is out of reach for want of a descriptor, or because nobody is there.
    let outwards = tollgate.api_request(&proxy, "GET", "/dev/x");
    if let Ok(answer) = tollgate.connect().exchange(&outwards) {
        assert!([500, 503].contains(&answer.status), "{}", answer.text());
    }
    // Whoever asks is served while the silent ones still hold on: those go first.
    tollgate.send(&word).expect(200);
    drop(silent);
    for _ in 0..20 {
        tollgate.send(&word).expect(200);
    }
    let told = tollgate
        .stderr()
        .lines()
        .into_iter()
        .filter(|line| said(line));
    assert_eq!(told.count(), 1, "{}", tollgate.stderr().text());
}

/// Idle connections, and what they cost together with their requests, which are remembered for a while; the soak has ten times as many.
const IDLE: usize = 2_000;
const IDLE_BYTES_MAX: u64 = 12 * 1024;

#[test]
fn thousands_of_idle_connections_keep_nobody_from_being_served() {
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, all).unwrap();
    let tollgate = Tollgate::start(Options::dev(PROGRAM).argument("--workers").argument("2"));
    let api = making::serve(&tollgate, &making::mock("\"served\""));
    let word = tollgate.api_request(&api, "GET", "/dev/word");
    let mut idle: Vec<Connection> = Vec::new();
    let mut connect = |count: usize| {
        for _ in 0..count {
            let mut connection = tollgate.connect();
            connection.exchange(&word).unwrap().expect(200);
            idle.push(connection);
        }
    };
    connect(100);
    let before = resident(&tollgate);
    connect(IDLE);
    tollgate.send(&word).expect(200);
    let each = resident(&tollgate).saturating_sub(before) / IDLE as u64;
    // A connection gives its buffers back once it has been quiet for a second; until then it may hold more.
    assert!(
        each <= IDLE_BYTES_MAX,
        "{each} bytes for each idle connection"
    );
    for connection in idle.iter_mut().step_by(97) {
        connection.exchange(&word).unwrap().expect(200);
    }
    drop(idle);
    let begun = Instant::now();
    while descriptors(&tollgate) > 200 {
        assert!(
            begun.elapsed() < PATIENCE,
            "{} left",
            descriptors(&tollgate)
        );
        std::thread::yield_now();
    }
}

/// Bytes of memory that are its own.
fn resident(tollgate: &Tollgate) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", tollgate.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.expect("the kernel says how much") * 1024
}
