//! Deployments in a storm under load: no request fails, none meets two deployments at once, and the one after a deployment's answer
//! meets it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};
use tollgate_testkit::{Answer, Options, Tollgate};

use crate::{PROGRAM, making};

/// How many deployments there are, unless `TOLLGATE_TEST_DEPLOYMENTS` says otherwise.
const DEPLOYMENTS: u64 = 100;
const CLIENTS: usize = 4;
/// After so many requests a client opens another connection.
const REQUESTS_OF_A_CONNECTION: u64 = 50;

/// An API that is deployed over and over, and those who call it meanwhile.
struct Storm {
    tollgate: Tollgate,
    api: String,
    /// The newest deployment whose call was answered.
    deployed: AtomicU64,
    is_over: AtomicBool,
}

/// Which numbers came with each deployment's id.
type Seen = BTreeMap<String, u64>;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long a test may take is for whoever runs it to say"
)]
fn no_request_fails_or_is_mixed_while_stages_change() {
    let asked = std::env::var("TOLLGATE_TEST_DEPLOYMENTS").ok();
    let deployments = asked.map_or(DEPLOYMENTS, |count| count.parse().unwrap());
    let tollgate = Tollgate::start(Options::serve(PROGRAM).argument("--workers").argument("2"));
    let storm = Storm {
        api: making::import(&tollgate, &definition(0)),
        tollgate,
        deployed: AtomicU64::new(0),
        is_over: AtomicBool::new(false),
    };
    let first = storm.deploy(0);
    let seen = thread::scope(|scope| {
        let clients = [(); CLIENTS].map(|()| scope.spawn(|| storm.load()));
        let deployed = scope.spawn(|| storm.redeploy(deployments)).join();
        // Told before anything is unwrapped: clients end with it.
        storm.is_over.store(true, Ordering::Relaxed);
        let seen: Vec<_> = clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect();
        let mut deployed = deployed.unwrap();
        deployed.insert(first, 0);
        for (id, number) in seen.iter().flat_map(|(seen, _)| seen) {
            assert_eq!(deployed.get(id), Some(number), "deployment {id}");
        }
        seen
    });
    let answered: u64 = seen.iter().map(|(_, answered)| answered).sum();
    println!(
        "{deployments} deployments under {answered} requests over {CLIENTS} connections: none failed, none mixed"
    );
    assert!(answered > deployments, "only {answered} requests");
}

/// Its number is in a template, in a header that is mapped, and in the stage's variables; `$context` has the deployment's id.
fn definition(number: u64) -> Value {
    let mut definition = making::mock(&format!(
        "{number} $stageVariables.number $context.deploymentId"
    ));
    let get = &mut definition["paths"]["/word"]["get"];
    get["responses"]["200"]["headers"] = json!({"X-Number": {"schema": {"type": "string"}}});
    get["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"] =
        json!({"method.response.header.X-Number": format!("'{number}'")});
    definition
}

impl Storm {
    /// Overwrites the definition with the next number, deploys it, and finds it served at once. The deployments' numbers.
    fn redeploy(&self, deployments: u64) -> Seen {
        let mut made = Seen::new();
        for number in 1..=deployments {
            let target = format!("/restapis/{}?mode=overwrite", self.api);
            let definition = definition(number).to_string();
            self.tollgate
                .control_bytes("PUT", &target, definition)
                .expect(200);
            made.insert(self.deploy(number), number);
            self.deployed.store(number, Ordering::SeqCst);
            let answer = self.tollgate.api(&self.api, "GET", "/dev/word");
            assert_eq!(parts(&answer).1, number);
        }
        made
    }

    fn deploy(&self, number: u64) -> String {
        let target = format!("/restapis/{}/deployments", self.api);
        let body = json!({"stageName": "dev", "variables": {"number": number.to_string()}});
        let answer = self.tollgate.control("POST", &target, Some(&body));
        answer.expect(201).json()["id"].as_str().unwrap().to_owned()
    }

    /// Asks until all is deployed. What it reads never goes back behind what was deployed when it asked.
    fn load(&self) -> (Seen, u64) {
        let (mut seen, mut answered) = (Seen::new(), 0);
        let mut connection = self.tollgate.connect();
        let request = self.tollgate.api_request(&self.api, "GET", "/dev/word");
        while !self.is_over.load(Ordering::Relaxed) {
            let at_least = self.deployed.load(Ordering::SeqCst);
            let (deployment, number) = parts(&connection.exchange(&request).unwrap());
            assert!(number >= at_least, "{number} after {at_least} was deployed");
            assert_eq!(*seen.entry(deployment).or_insert(number), number);
            answered += 1;
            if answered % REQUESTS_OF_A_CONNECTION == 0 {
                connection = self.tollgate.connect();
            }
        }
        (seen, answered)
    }
}

/// The deployment that an answer is of, and its number, which each part of the answer agrees on.
fn parts(answer: &Answer) -> (String, u64) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let [body, variable, deployment] = text.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{text}");
    };
    assert_eq!(body, variable, "{text}");
    assert_eq!(answer.header("X-Number"), Some(body), "{text}");
    (deployment.to_owned(), body.parse().unwrap())
}
