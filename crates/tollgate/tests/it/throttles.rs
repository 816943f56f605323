//! API keys, limits and quotas over real sockets: they hold across cores, deployments, changes and kills.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tollgate_testkit::{Answer, Options, Request, Tollgate};

use crate::commands::{run, said};
use crate::{PROGRAM, making};

/// An API whose methods ask for a key, on the stage `dev`.
fn keyed(tollgate: &Tollgate) -> String {
    let mut definition = making::mock("{}");
    definition["paths"]["/word"]["get"]["security"] = json!([{"key": []}]);
    definition["components"] = json!({
        "securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}
    });
    making::serve(tollgate, &definition)
}

fn made(tollgate: &Tollgate, target: &str, body: Value) -> Value {
    tollgate
        .control("POST", target, Some(&body))
        .expect(201)
        .json()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A key in a plan for the API: the plan's id, the key's, and the key's value.
fn key(tollgate: &Tollgate, api: &str, plan: Value) -> (String, String, String) {
    let mut plan = plan;
    plan["name"] = json!("plan");
    plan["apiStages"] = json!([{"apiId": api, "stage": "dev"}]);
    let plan = made(tollgate, "/usageplans", plan);
    let plan = text(&plan["id"]).to_owned();
    let key = made(tollgate, "/apikeys", json!({"enabled": true}));
    let member = json!({"keyId": key["id"], "keyType": "API_KEY"});
    made(tollgate, &format!("/usageplans/{plan}/keys"), member);
    (
        plan,
        text(&key["id"]).to_owned(),
        text(&key["value"]).to_owned(),
    )
}

fn request(tollgate: &Tollgate, api: &str, value: &str) -> Request {
    tollgate
        .api_request(api, "GET", "/dev/word")
        .header("X-API-Key", value)
}

fn asked(tollgate: &Tollgate, api: &str, value: &str) -> Answer {
    tollgate.send(&request(tollgate, api, value))
}

fn patched(tollgate: &Tollgate, target: &str, path: &str, value: &str) -> Value {
    let change = json!({"patchOperations": [{"op": "replace", "path": path, "value": value}]});
    tollgate
        .control("PATCH", target, Some(&change))
        .expect(200)
        .json()
}

const RATE: usize = 400;
const BURST: usize = 100;
const CLIENTS: usize = 6;
const LASTING: Duration = Duration::from_secs(2);

/// A load test that counts: six connections over two cores ask as fast as they can, while the API is deployed again and again and
/// other keys and plans come and go.
#[test]
fn no_more_than_the_limit_pass() {
    let options = Options::dev(PROGRAM).argument("--workers").argument("2");
    let tollgate = Tollgate::start(options);
    let api = keyed(&tollgate);
    let throttle = json!({"throttle": {"rateLimit": RATE, "burstLimit": BURST}});
    let (_, _, value) = key(&tollgate, &api, throttle);
    let (passed, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let (mut connection, request) =
                    (tollgate.connect(), request(&tollgate, &api, &value));
                while began.elapsed() < LASTING {
                    match connection.exchange(&request).unwrap().status {
                        200 => passed.fetch_add(1, Ordering::Relaxed),
                        429 => refused.fetch_add(1, Ordering::Relaxed),
                        other => panic!("{other}"),
                    };
                }
            });
        }
        while began.elapsed() < LASTING {
            making::deploy(&tollgate, &api, "dev");
            made(&tollgate, "/apikeys", json!({"enabled": true}));
            made(&tollgate, "/usageplans", json!({"name": "another"}));
        }
    });
    let took = began.elapsed().as_secs_f64();
    let (passed, refused) = (passed.into_inner(), refused.into_inner());
    let allowed = RATE as f64 * took + BURST as f64;
    println!("{passed} passed and {refused} were refused in {took:.2} s; {allowed:.0} may pass");
    assert!(passed as f64 <= allowed, "{passed} of {allowed}");
    // Where the machine is too slow to use the limit up nothing is said of it.
    if refused > 10 * CLIENTS {
        let least = RATE as f64 * LASTING.as_secs_f64() * 0.9;
        assert!(passed as f64 >= least, "{passed} passed, less than {least}");
    }
}

#[test]
fn nothing_fills_a_bucket_but_time() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = keyed(&tollgate);
    let throttle = json!({"throttle": {"rateLimit": 0.001, "burstLimit": 2}});
    let (plan, key, value) = key(&tollgate, &api, throttle);
    let status = || asked(&tollgate, &api, &value).status;
    let (plan, key) = (format!("/usageplans/{plan}"), format!("/apikeys/{key}"));
    assert_eq!([status(), status(), status()], [200, 200, 429]);
    making::deploy(&tollgate, &api, "dev");
    assert_eq!(status(), 429, "a deployment");
    patched(&tollgate, &plan, "/throttle/rateLimit", "0.0001");
    assert_eq!(status(), 429, "another rate");
    patched(&tollgate, &key, "/enabled", "false");
    assert_eq!(status(), 403, "it acts at once");
    patched(&tollgate, &key, "/enabled", "true");
    assert_eq!(status(), 429, "another key");
    patched(&tollgate, &plan, "/throttle/burstLimit", "3");
    assert_eq!([status(), status()], [200, 429], "one token more");
    tollgate.control("DELETE", &key, None).expect(202);
    assert_eq!(status(), 403, "it acts at once");
}

fn usage(tollgate: &Tollgate, plan: &str, key: &str) -> Value {
    // Whatever day it is, today is within these.
    let today = tollgate.control(
        "PATCH",
        &format!("/usageplans/{plan}/keys/{key}/usage"),
        Some(&json!({"patchOperations": []})),
    );
    let day = today.expect(200).json()["startDate"].clone();
    let day = text(&day);
    let target = format!("/usageplans/{plan}/usage?startDate={day}&endDate={day}&keyId={key}");
    tollgate.control("GET", &target, None).expect(200).json()["values"][key][0].clone()
}

#[test]
fn quotas_are_told_altered_and_kept() {
    let data = tempfile::tempdir().unwrap();
    let start = || Tollgate::start(Options::dev(PROGRAM).data(data.path()));
    let tollgate = start();
    let api = keyed(&tollgate);
    let (plan, key, value) = key(
        &tollgate,
        &api,
        json!({"quota": {"limit": 2, "period": "MONTH"}}),
    );
    let status = |tollgate: &Tollgate| asked(tollgate, &api, &value).status;
    assert_eq!(usage(&tollgate, &plan, &key), json!([0, 2]));
    assert_eq!([status(&tollgate), status(&tollgate)], [200, 200]);
    let refused = asked(&tollgate, &api, &value);
    assert_eq!(
        (refused.status, refused.text().as_str()),
        (429, r#"{"message":"Limit Exceeded"}"#)
    );
    assert_eq!(usage(&tollgate, &plan, &key), json!([2, 0]));
    let told = patched(
        &tollgate,
        &format!("/usageplans/{plan}/keys/{key}/usage"),
        "/remaining",
        "1",
    );
    assert_eq!(told["values"][&key], json!([[2, 1]]));
    assert_eq!([status(&tollgate), status(&tollgate)], [200, 429]);
    tollgate.terminate();
    assert!(tollgate.wait().status.success());
    let tollgate = start();
    assert_eq!(status(&tollgate), 429, "a start grants nothing");
    assert_eq!(usage(&tollgate, &plan, &key), json!([3, 0]));
    // Another limit, and another period: what was used stays used.
    let plan_target = format!("/usageplans/{plan}");
    patched(&tollgate, &plan_target, "/quota/limit", "4");
    assert_eq!(
        [status(&tollgate), status(&tollgate), status(&tollgate)],
        [200, 200, 429],
        "one was granted"
    );
    patched(&tollgate, &plan_target, "/quota/period", "DAY");
    assert_eq!(status(&tollgate), 429);
}

/// The operating guide: a process that is killed loses what it counted in its last second at most.
const WINDOW: Duration = Duration::from_secs(1);

#[test]
fn counts_survive_a_kill_but_for_the_last_second() {
    let data = tempfile::tempdir().unwrap();
    let start = || Tollgate::start(Options::dev(PROGRAM).data(data.path()));
    let tollgate = start();
    let api = keyed(&tollgate);
    let (plan, key, value) = key(
        &tollgate,
        &api,
        json!({"quota": {"limit": 1_000_000, "period": "MONTH"}}),
    );
    let answered = Mutex::new(Vec::new());
    let began = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut connection, request) = (tollgate.connect(), request(&tollgate, &api, &value));
            while let Ok(answer) = connection.exchange(&request) {
                assert_eq!(answer.status, 200);
                answered.lock().unwrap().push(Instant::now());
            }
        });
        while began.elapsed() < WINDOW * 3 {
            thread::yield_now();
        }
        let pid = rustix::process::Pid::from_raw(tollgate.pid().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    });
    drop(tollgate);
    let answered = answered.into_inner().unwrap();
    let last = *answered.last().expect("some were answered");
    let old = answered.iter().filter(|at| **at + WINDOW <= last).count();
    let tollgate = start();
    let used = usage(&tollgate, &plan, &key)[0].as_u64().unwrap() as usize;
    println!(
        "{} answered, {old} of them a second before the end, {used} counted",
        answered.len()
    );
    assert!(old > 0 && used >= old, "{used} counted of {old}");
    assert!(
        used <= answered.len() + 1,
        "{used} counted of {}",
        answered.len()
    );
}

/// What was refused is explained by the key's id, the plan and the bucket, never by the key's value; and run again it is refused
/// alike.
#[test]
fn refusals_are_explained() {
    let tollgate = Tollgate::start(Options::dev(PROGRAM));
    let api = keyed(&tollgate);
    let throttle = json!({"throttle": {"rateLimit": 0.001, "burstLimit": 1}});
    let (plan, key, value) = key(&tollgate, &api, throttle);
    let explained = |value: &str| {
        let answer = asked(&tollgate, &api, value);
        let id = answer.header("x-amzn-RequestId").expect("an id").to_owned();
        (answer.status, said(&run(&tollgate, &["explain", &id])))
    };
    let (status, passed) = explained(&value);
    assert_eq!(status, 200, "{passed}");
    assert!(
        passed.contains(&format!("API key {key}, usage plan {plan}")),
        "{passed}"
    );
    let (status, throttled) = explained(&value);
    assert_eq!(status, 429, "{throttled}");
    let reason = format!(
        "throttled: 0.001 requests per second and 1 at once are what usage plan {plan} gives API key {key}"
    );
    assert!(throttled.contains(&reason), "{throttled}");
    let (status, unknown) = explained("a-key-that-nobody-ever-made");
    assert_eq!(status, 403, "{unknown}");
    assert!(
        unknown.contains("no API key of this account and region"),
        "{unknown}"
    );
    for told in [&passed, &throttled, &unknown] {
        assert!(
            !told.contains(&value) && !told.contains("nobody-ever-made"),
            "{told}"
        );
        assert!(
            !told.contains("this run of it"),
            "it ends as it did: {told}"
        );
    }
}

#[test]
fn accounts_are_limited_where_it_is_said() {
    let limits = "[limits]\naccount_rate_limit = 0.001\naccount_burst_limit = 2\n";
    let tollgate = Tollgate::start(Options::serve(PROGRAM).config(limits));
    let [one, other] = ["1", "2"].map(|word| making::serve(&tollgate, &making::mock(word)));
    let status = |api: &str| tollgate.api(api, "GET", "/dev/word").status;
    assert_eq!(
        [status(&one), status(&other), status(&one)],
        [200, 200, 429]
    );
}

/// No key's value is written anywhere in clear: not in the data, not in the log.
#[test]
fn values_are_nowhere_in_clear() {
    let data = tempfile::tempdir().unwrap();
    let tollgate = Tollgate::start(Options::dev(PROGRAM).data(data.path()));
    let api = keyed(&tollgate);
    let (_, _, value) = key(&tollgate, &api, json!({}));
    assert_eq!(asked(&tollgate, &api, &value).status, 200);
    assert_eq!(asked(&tollgate, &api, &value.to_lowercase()).status, 403);
    tollgate.terminate();
    let ended = tollgate.wait();
    assert!(!ended.stderr.contains(&value) && !ended.stdout.contains(&value));
    for entry in std::fs::read_dir(data.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let is_there = bytes
            .windows(value.len())
            .any(|window| window == value.as_bytes());
        assert!(!is_there, "{}", path.display());
    }
}
