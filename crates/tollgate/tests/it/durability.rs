//! What was acknowledged is there after `kill -9`.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use tollgate_testkit::{AccessKey, Connection, Options, Tollgate, authorize};

use crate::PROGRAM;

/// Writes that are asked for; the kill comes in their midst.
const WRITES: usize = 1_000;
const WRITERS: usize = 4;

#[test]
fn every_acknowledged_write_survives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let tollgate = Tollgate::start(Options::serve(PROGRAM).data(data.path()));
    let key = tollgate.key().clone();
    let acknowledged = Mutex::new(BTreeSet::new());
    let asked = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| write(&tollgate, &asked, &acknowledged));
        }
        // Killed in the midst, however fast the machine is.
        while acknowledged.lock().unwrap().len() < WRITES / 2 {
            thread::yield_now();
        }
        kill(&tollgate);
    });
    drop(tollgate);
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(
        (WRITES / 2..WRITES).contains(&acknowledged.len()),
        "{}",
        acknowledged.len()
    );

    let found = names(data.path(), key);
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "{lost:?}");
    // One write per writer may have been stored without its answer having arrived.
    assert!(found.len() <= acknowledged.len() + WRITERS);
}

/// Creates APIs over one connection until it breaks.
fn write(tollgate: &Tollgate, asked: &AtomicUsize, acknowledged: &Mutex<BTreeSet<String>>) {
    let mut connection = tollgate.connect();
    loop {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        if number >= WRITES {
            return;
        }
        let name = format!("api {number}");
        let request = tollgate.control_request("POST", "/restapis", Some(&json!({ "name": name })));
        match connection.exchange(&request) {
            Ok(answer) if answer.status == 201 => acknowledged.lock().unwrap().insert(name),
            Ok(answer) => panic!("{}: {}", answer.status, answer.text()),
            Err(_) => return,
        };
    }
}

fn kill(tollgate: &Tollgate) {
    let pid = rustix::process::Pid::from_raw(tollgate.pid().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// The names of all APIs, page by page.
fn names(data: &std::path::Path, key: AccessKey) -> BTreeSet<String> {
    let tollgate = Tollgate::start(Options::serve(PROGRAM).data(data).key(key));
    let mut connection = tollgate.connect();
    let mut names = BTreeSet::new();
    let mut target = "/restapis?limit=500".to_owned();
    loop {
        let page = page(&tollgate, &mut connection, &target);
        let items = page["item"].as_array().expect("a list");
        names.extend(
            items
                .iter()
                .map(|api| api["name"].as_str().unwrap().to_owned()),
        );
        match page["position"].as_str() {
            Some(position) => {
                target = format!("/restapis?limit=500&position={}", encoded(position))
            }
            None => return names,
        }
    }
}

fn page(tollgate: &Tollgate, connection: &mut Connection, target: &str) -> serde_json::Value {
    let request = tollgate_testkit::Request::new("GET", target, &tollgate.address().to_string());
    let request = authorize(request, tollgate.key(), &tollgate_testkit::Scope::default());
    connection.exchange(&request).unwrap().expect(200).json()
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25")
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D")
}
