//! Deployments under load: no request fails, and the one after a deployment's answer meets it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::json;
use tollgate_testkit::{Options, Tollgate};

use crate::{PROGRAM, making};

const DEPLOYMENTS: u64 = 40;
const CLIENTS: usize = 3;

#[test]
fn no_request_fails_while_stages_change() {
    let tollgate = Tollgate::start(Options::serve(PROGRAM).argument("--workers").argument("2"));
    let api = making::serve(&tollgate, &making::mock("0"));
    let (is_over, answered, deployed) =
        (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| load(&tollgate, &api, &is_over, &answered, &deployed));
        }
        let done = thread::scope(|deploying| {
            deploying
                .spawn(|| redeploy(&tollgate, &api, &deployed))
                .join()
        });
        is_over.store(true, Ordering::Relaxed);
        done.unwrap();
    });
    let answered = answered.into_inner();
    assert!(answered > DEPLOYMENTS, "only {answered} requests");
}

/// Overwrites the definition with the next number, deploys it, and finds it served at once.
fn redeploy(tollgate: &Tollgate, api: &str, deployed: &AtomicU64) {
    for number in 1..=DEPLOYMENTS {
        let definition = making::mock(&number.to_string()).to_string();
        tollgate
            .control_bytes(
                "PUT",
                &format!("/restapis/{api}?mode=overwrite"),
                definition,
            )
            .expect(200);
        let target = format!("/restapis/{api}/deployments");
        tollgate
            .control("POST", &target, Some(&json!({"stageName": "dev"})))
            .expect(201);
        deployed.store(number, Ordering::SeqCst);
        assert_eq!(
            tollgate.api(api, "GET", "/dev/word").expect(200).text(),
            number.to_string()
        );
    }
}

/// Asks over one connection until all is deployed. What it reads never goes back behind what was deployed when it asked.
fn load(
    tollgate: &Tollgate,
    api: &str,
    is_over: &AtomicBool,
    answered: &AtomicU64,
    deployed: &AtomicU64,
) {
    let mut connection = tollgate.connect();
    let request = tollgate.api_request(api, "GET", "/dev/word");
    while !is_over.load(Ordering::Relaxed) {
        let at_least = deployed.load(Ordering::SeqCst);
        let answer = connection.exchange(&request).unwrap().expect(200);
        let number: u64 = answer.text().parse().unwrap();
        assert!(number >= at_least, "{number} after {at_least} was deployed");
        answered.fetch_add(1, Ordering::Relaxed);
    }
}
