//! How it ends: nothing under way is lost, and a second signal does not wait.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use tollgate_testkit::{Options, Request, Tollgate};

use crate::backend::Backend;
use crate::{PROGRAM, making};

#[test]
fn a_request_under_way_is_finished() {
    let backend = Backend::start();
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = making::serve(&tollgate, &making::proxy(&backend.url()));
    let mut connection = tollgate.connect();
    let request = tollgate.api_request(&api, "GET", "/dev/slow");
    let head = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
        request.target, request.headers[0].1
    );
    connection.send(head.as_bytes()).unwrap();
    let held = backend.next();

    tollgate.terminate();
    wait_until_draining(&tollgate);
    held.answer();
    let answer = connection.receive(false).unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "done"));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(tollgate.wait().status.code(), Some(0));
}

#[test]
fn a_second_signal_ends_at_once() {
    let backend = Backend::start();
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = making::serve(&tollgate, &making::proxy(&backend.url()));
    let mut connection = tollgate.connect();
    let request = tollgate.api_request(&api, "GET", "/dev/slow");
    let head = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
        request.target, request.headers[0].1
    );
    connection.send(head.as_bytes()).unwrap();
    let _held = backend.next();

    tollgate.terminate();
    wait_until_draining(&tollgate);
    tollgate.terminate();
    assert_eq!(tollgate.wait().status.code(), Some(143));
}

#[test]
fn an_idle_one_ends_at_once_and_lets_go_of_its_folder() {
    let data = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let key = tollgate_testkit::AccessKey {
            id: String::new(),
            secret: String::new(),
        };
        let tollgate = Tollgate::start(Options::serve(PROGRAM).data(data.path()).key(key));
        // A kept connection without a request does not hold up the end.
        let mut connection = tollgate.connect();
        let request = Request::new("GET", "/", &tollgate.address().to_string());
        connection.exchange(&request).unwrap();
        tollgate.terminate();
        assert_eq!(tollgate.wait().status.code(), Some(0));
    }
}

/// Health is told until the end, so the drain can be seen to have begun.
fn wait_until_draining(tollgate: &Tollgate) {
    let said = tollgate
        .stderr()
        .wait(Duration::from_secs(30), |line| line.contains("ending"));
    assert!(said.is_some(), "{}", tollgate.stderr().text());
    assert_eq!(tollgate.ask_admin("/_tollgate/health").status, 200);
    let ready = tollgate.ask_admin("/_tollgate/ready");
    assert_eq!((ready.status, ready.text().as_str()), (503, "draining\n"));
    // Each core hears of it on its own, and closes its listener then: no one is left once a connection is refused.
    let begun = Instant::now();
    while TcpStream::connect(tollgate.address()).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(30), "still listening");
        std::thread::yield_now();
    }
}
