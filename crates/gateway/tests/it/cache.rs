//! Caches of stages under a clock that is moved by hand, before a backend that counts its requests and answers when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use serde_json::json;
use tollgate_gateway::plan::{ApiFacts, Plans};
use tollgate_gateway::recorder::{self, Recorder, Recording};
use tollgate_gateway::{
    Api, CacheSettings, Caches, Core, Gateway, Settings, Table, Targets, Telemetry,
};
use tollgate_http::{ClientConfig, Running, ServerConfig, serve};
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_model::rest::Definition;
use tollgate_openapi::{Options, Provisional};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::Stage;

use crate::client::{self, Answer};

/// A backend that numbers its answers.
#[derive(Default)]
struct Backend {
    count: AtomicUsize,
    /// Whether answers wait.
    is_held: Mutex<bool>,
    released: Condvar,
}

impl Backend {
    fn start() -> (Arc<Self>, SocketAddr) {
        let backend = Arc::<Self>::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = backend.clone();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let shared = shared.clone();
                thread::spawn(move || shared.serve(socket));
            }
        });
        (backend, address)
    }

    fn serve(&self, mut socket: TcpStream) -> Option<()> {
        let mut lines = BufReader::new(socket.try_clone().ok()?).lines();
        loop {
            let line = lines.next()?.ok()?;
            let target = line.split(' ').nth(1)?.to_owned();
            while !lines.next()?.ok()?.is_empty() {}
            let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
            let mut is_held = self.is_held.lock().unwrap();
            while *is_held {
                is_held = self.released.wait(is_held).unwrap();
            }
            drop(is_held);
            let status = if target.contains("refuse") { 503 } else { 200 };
            if target.contains("break") {
                return None;
            }
            let body = match target.split_once("bytes=") {
                Some((_, length)) => "x".repeat(length.parse().unwrap()),
                None => format!("{number} {target}"),
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Whatever\r\nContent-Type: text/plain\r\nX-Number: {number}\r\nContent-Length: {length}\r\n\r\n"
            );
            socket.write_all((head + &body).as_bytes()).ok()?;
        }
    }

    fn hold(&self, is_held: bool) {
        *self.is_held.lock().unwrap() = is_held;
        self.released.notify_all();
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Waits until it has had so many requests.
    fn reached(&self, count: usize) {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while self.count() < count {
            assert!(std::time::Instant::now() < until, "no request {count}");
            thread::yield_now();
        }
    }
}

struct World {
    backend: Arc<Backend>,
    backend_address: SocketAddr,
    gateway: Arc<Gateway>,
    plans: Plans,
    caches: Arc<Caches>,
    counters: Arc<Counters>,
    now: Arc<AtomicU64>,
    recorder: Arc<Recorder>,
    running: Running,
    rev: AtomicU64,
}

const START_MS: u64 = 1_700_000_000_000;

impl World {
    fn start(settings: CacheSettings) -> Self {
        let (backend, backend_address) = Backend::start();
        let now = Arc::new(AtomicU64::new(START_MS));
        let recorder = Arc::new(Recorder::new(recorder::Settings {
            sample_percent: 100.0,
            ..recorder::Settings::default()
        }));
        let gateway = Arc::new(Gateway::new(Settings {
            targets: Targets::any(),
            clock: Clock::Manual(now.clone()),
            recorder: Some(recorder.clone()),
            ..Settings::default()
        }));
        let counters = Counters::new(2);
        counters.name_api("api", Some("Pets"));
        let caches = Arc::new(Caches::new(settings, &mut Random::seeded(7)));
        let (shared, counted) = (gateway.clone(), counters.clone());
        let config = ServerConfig {
            cores: 2,
            ..ServerConfig::new("127.0.0.1:0".parse().unwrap())
        };
        let running = serve(config, move |number| {
            let meter = counted.core(number).unwrap();
            let client = shared.client(ClientConfig::default());
            let report = Box::new(Telemetry::new(&counted, meter, None));
            Core::new(
                shared.clone(),
                client,
                Random::seeded(number as u64),
                report,
            )
        });
        Self {
            backend,
            backend_address,
            gateway,
            plans: Plans::new(counters.clone()).with_caches(caches.clone()),
            caches,
            counters,
            now,
            recorder,
            running: running.unwrap(),
            rev: AtomicU64::new(1),
        }
    }

    /// A proxy of everything below `/`, cached by the whole path.
    fn definition(&self, api: &str) -> Definition {
        let integration = json!({
            "type": "http_proxy", "httpMethod": "GET", "uri": format!("http://{}/{{p}}", self.backend_address),
            "requestParameters": {"integration.request.path.p": "method.request.path.p"},
            "cacheKeyParameters": ["method.request.path.p", "method.request.querystring.k"],
        });
        let document = json!({
            "openapi": "3.0.1", "info": {"title": "Pets", "version": "1"},
            "paths": {"/{p+}": {"get": {
                "parameters": [{"name": "p", "in": "path", "required": true, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ok"}},
                "x-amazon-apigateway-integration": integration,
            }}},
        });
        let imported =
            tollgate_openapi::import(document.to_string().as_bytes(), &Options::default());
        let mut imported = imported.unwrap();
        imported.bind(api, |part| match part {
            Provisional::Resource(path) => format!("r-{path}"),
            other => format!("id-{other:?}"),
        });
        imported.definition
    }

    /// Serves these stages, as API, settings and whether it is served at all; each replaces what was served before.
    fn serve(&self, stages: &[(&str, serde_json::Value)]) {
        let mut apis: Vec<Api> = Vec::new();
        for (api, stage) in stages {
            let facts = Arc::new(ApiFacts {
                id: (*api).into(),
                account: "111111111111".into(),
                region: "us-east-1".into(),
            });
            let stage: Stage =
                tollgate_wire::json::from_slice(stage.to_string().as_bytes()).unwrap();
            let plan = self.plans.plan(facts, &self.definition(api), &stage);
            let plan = Arc::new(plan.unwrap());
            match apis.iter_mut().find(|known| *known.id == **api) {
                Some(known) => known.stages.push(plan),
                None => apis.push(Api {
                    id: (*api).into(),
                    stages: vec![plan],
                    ..Api::default()
                }),
            }
        }
        let rev = self.rev.fetch_add(1, Ordering::SeqCst);
        self.gateway.swap(Table::new(apis, rev));
    }

    fn get(&self, target: &str) -> String {
        let answer = self.of("api", "dev", target, "");
        answer.text()
    }

    fn of(&self, api: &str, stage: &str, target: &str, headers: &str) -> Answer {
        ask(self.running.address(), api, stage, target, headers)
    }

    fn pass(&self, ms: u64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }
}

fn ask(address: SocketAddr, api: &str, stage: &str, target: &str, headers: &str) -> Answer {
    let request = format!(
        "GET /{stage}{target} HTTP/1.1\r\nHost: {api}.execute-api.localhost\r\nConnection: close\r\n{headers}\r\n"
    );
    client::exchange(address, request.as_bytes())
}

/// A stage with a cache, and these settings besides.
fn stage(name: &str, others: serde_json::Value) -> serde_json::Value {
    let mut stage = json!({
        "stageName": name, "deploymentId": "dep1", "cacheClusterEnabled": true,
        "methodSettings": {"*/*": {"cachingEnabled": true, "cacheTtlInSeconds": 60, "metricsEnabled": true}},
    });
    let others = others.as_object().unwrap().clone();
    stage.as_object_mut().unwrap().extend(others);
    stage
}

fn cached() -> World {
    let world = World::start(CacheSettings::default());
    world.serve(&[("api", stage("dev", json!({})))]);
    world
}

#[test]
fn an_entry_lasts_as_long_as_its_ttl() {
    let world = cached();
    assert_eq!(world.get("/a"), "1 /a");
    world.pass(59_999);
    assert_eq!(world.get("/a?n=2"), "1 /a");
    world.pass(1);
    assert_eq!(world.get("/a"), "2 /a");
    // A shorter TTL counts for what is kept already.
    let settings =
        json!({"methodSettings": {"*/*": {"cachingEnabled": true, "cacheTtlInSeconds": 1}}});
    world.serve(&[("api", stage("dev", settings))]);
    assert_eq!(world.get("/a"), "2 /a");
    world.pass(1_000);
    assert_eq!(world.get("/a"), "3 /a");
    let off = json!({"methodSettings": {"*/*": {"cachingEnabled": true, "cacheTtlInSeconds": 0}}});
    world.serve(&[("api", stage("dev", off))]);
    assert_eq!(world.get("/a"), "4 /a");
}

#[test]
fn a_hundred_that_wait_are_answered_by_one_fetch() {
    let world = cached();
    world.backend.hold(true);
    let address = world.running.address();
    let asked: Vec<_> = (0..100)
        .map(|_| thread::spawn(move || ask(address, "api", "dev", "/a", "").text()))
        .collect();
    world.backend.reached(1);
    world.backend.hold(false);
    for one in asked {
        assert_eq!(one.join().unwrap(), "1 /a");
    }
    assert_eq!(world.backend.count(), 1);
}

#[test]
fn a_fetch_that_fails_leaves_nobody_waiting() {
    let world = cached();
    world.backend.hold(true);
    let address = world.running.address();
    let asked: Vec<_> = (0..20)
        .map(|_| thread::spawn(move || ask(address, "api", "dev", "/break", "").status))
        .collect();
    world.backend.reached(1);
    world.backend.hold(false);
    for one in asked {
        let status = one.join().unwrap();
        assert!(status >= 500, "{status}");
    }
    // Nothing of it is kept, and the next is fetched as ever.
    let before = world.backend.count();
    assert!(world.of("api", "dev", "/break", "").status >= 500);
    assert!(world.backend.count() > before);
}

#[test]
fn a_client_that_leaves_takes_nobody_with_it() {
    let world = cached();
    world.backend.hold(true);
    let address = world.running.address();
    let mut first = TcpStream::connect(address).unwrap();
    let request = "GET /dev/a HTTP/1.1\r\nHost: api.execute-api.localhost\r\n\r\n";
    first.write_all(request.as_bytes()).unwrap();
    world.backend.reached(1);
    let asked: Vec<_> = (0..10)
        .map(|_| thread::spawn(move || ask(address, "api", "dev", "/a", "").status))
        .collect();
    drop(first);
    world.backend.hold(false);
    for one in asked {
        assert_eq!(one.join().unwrap(), 200);
    }
    assert!(world.backend.count() <= 2, "{}", world.backend.count());
}

/// Requests that must not be answered by each other's entries.
#[test]
fn what_differs_in_the_key_is_kept_apart() {
    let world = cached();
    let targets = [
        "/a",
        "/b",
        "/a/b",
        "/a%2Fb",
        "/a%2fb",
        "/ab",
        "/a?k=",
        "/a?k=b",
        "/a?k=b&k=c",
        "/a?k=c&k=b",
        "/a?k=b%26k=c",
        "/a?k=b%2Cc",
        "/a%3Fk=b",
        "/ak=b",
        "/A",
        "/a.",
        "/a;k=b",
        "/a?k=b%00c",
    ];
    for (number, target) in targets.into_iter().enumerate() {
        let answer = world.get(target);
        let own = format!("{} ", number + 1);
        assert!(answer.starts_with(&own), "{target}: {answer}");
    }
    // What is written otherwise and read alike is one: the backend gets the same.
    for (target, number) in [
        ("/a?%6b=b", 8),
        ("/a?k=b;x=1", 8),
        ("/a?k=%62", 8),
        ("/a?k=b,c", 12),
        ("/a/", 1),
    ] {
        let answer = world.get(target);
        assert!(
            answer.starts_with(&format!("{number} ")),
            "{target}: {answer}"
        );
    }
}

#[test]
fn apis_stages_and_deployments_are_kept_apart() {
    let world = World::start(CacheSettings::default());
    let both = [
        ("api", stage("dev", json!({}))),
        ("api", stage("prod", json!({}))),
        ("other", stage("dev", json!({}))),
    ];
    world.serve(&both);
    let ask = |api: &str, stage: &str| world.of(api, stage, "/a", "").text();
    for (number, (api, stage)) in [("api", "dev"), ("api", "prod"), ("other", "dev")]
        .into_iter()
        .enumerate()
    {
        assert_eq!(ask(api, stage), format!("{} /a", number + 1));
    }
    // Another deployment finds nothing of the first, which finds its own again.
    let second = stage("dev", json!({"deploymentId": "dep2"}));
    world.serve(&[("api", second), both[1].clone(), both[2].clone()]);
    assert_eq!(ask("api", "dev"), "4 /a");
    assert_eq!(ask("api", "prod"), "2 /a");
    world.serve(&both);
    assert_eq!(ask("api", "dev"), "1 /a");
}

#[test]
fn a_canary_shares_the_cache_of_its_own_deployment_only() {
    let world = World::start(CacheSettings::default());
    let canary = |percent: f64, deployment: &str, uses: bool| {
        let canary =
            json!({"percentTraffic": percent, "deploymentId": deployment, "useStageCache": uses});
        world.serve(&[("api", stage("dev", json!({"canarySettings": canary})))]);
    };
    canary(0.0, "dep1", true);
    assert_eq!(world.get("/a"), "1 /a");
    canary(100.0, "dep1", true);
    assert_eq!(world.get("/a"), "1 /a");
    canary(100.0, "dep2", true);
    assert_eq!(world.get("/a"), "2 /a");
    assert_eq!(world.get("/a"), "2 /a");
    canary(100.0, "dep1", false);
    assert_eq!(world.get("/a"), "3 /a");
    assert_eq!(world.get("/a"), "4 /a");
    canary(0.0, "dep2", true);
    assert_eq!(world.get("/a"), "1 /a");
}

#[test]
fn a_flush_empties_one_stage_and_what_is_being_fetched_for_it() {
    let world = World::start(CacheSettings::default());
    world.serve(&[
        ("api", stage("dev", json!({}))),
        ("api", stage("prod", json!({}))),
    ]);
    assert_eq!(world.get("/a"), "1 /a");
    assert_eq!(world.of("api", "prod", "/a", "").text(), "2 /a");
    world.plans.flush_cache("api", "dev");
    assert_eq!(world.get("/a"), "3 /a");
    assert_eq!(world.of("api", "prod", "/a", "").text(), "2 /a");
    world.backend.hold(true);
    let address = world.running.address();
    let early = thread::spawn(move || ask(address, "api", "dev", "/b", "").text());
    world.backend.reached(4);
    world.plans.flush_cache("api", "dev");
    world.backend.hold(false);
    assert_eq!(early.join().unwrap(), "4 /b");
    assert_eq!(world.get("/b"), "5 /b");
}

#[test]
fn a_cache_that_is_turned_off_or_resized_is_empty_afterwards() {
    let world = cached();
    assert_eq!(world.get("/a"), "1 /a");
    assert!(world.caches.bytes() > 0);
    world.serve(&[("api", stage("dev", json!({"cacheClusterEnabled": false})))]);
    assert_eq!((world.caches.bytes(), world.caches.count()), (0, 0));
    assert_eq!(world.get("/a"), "2 /a");
    world.serve(&[("api", stage("dev", json!({})))]);
    assert_eq!(world.get("/a"), "3 /a");
    world.serve(&[("api", stage("dev", json!({"cacheClusterSize": "1.6"})))]);
    assert_eq!(world.get("/a"), "4 /a");
    world.serve(&[(
        "api",
        stage(
            "dev",
            json!({"cacheClusterSize": "1.6", "variables": {"a": "b"}}),
        ),
    )]);
    assert_eq!(world.get("/a"), "4 /a");
}

#[test]
fn answers_longer_than_aws_keeps_are_not_kept() {
    for (is_encrypted, length, is_kept) in [
        (false, 1_048_576, true),
        (false, 1_048_577, false),
        (true, 1_048_548, true),
        (true, 1_048_549, false),
    ] {
        let world = World::start(CacheSettings::default());
        let setting = json!({"cachingEnabled": true, "cacheDataEncrypted": is_encrypted});
        world.serve(&[(
            "api",
            stage("dev", json!({"methodSettings": {"*/*": setting}})),
        )]);
        let target = format!("/a?bytes={length}");
        for _again in 0..2 {
            assert_eq!(world.get(&target).len(), length);
        }
        let expected = if is_kept { 1 } else { 2 };
        assert_eq!(world.backend.count(), expected, "{is_encrypted} {length}");
    }
}

#[test]
fn all_entries_together_keep_to_the_budget() {
    const BYTES_MAX: u64 = 100_000;
    let world = World::start(CacheSettings {
        bytes_max: BYTES_MAX,
        ..CacheSettings::default()
    });
    world.serve(&[("api", stage("dev", json!({})))]);
    for number in 0..60 {
        let answer = world.get(&format!("/{number}?bytes=9000"));
        assert_eq!(answer.len(), 9_000);
        assert!(
            world.caches.bytes() <= BYTES_MAX,
            "{}",
            world.caches.bytes()
        );
    }
    assert!(world.caches.count() > 1, "{}", world.caches.count());
    let nothing = World::start(CacheSettings {
        bytes_max: 0,
        ..CacheSettings::default()
    });
    nothing.serve(&[("api", stage("dev", json!({})))]);
    assert_eq!(nothing.get("/a"), "1 /a");
    assert_eq!(nothing.get("/a"), "2 /a");
}

#[test]
fn hits_and_misses_are_counted_under_cloudwatchs_names() {
    let world = cached();
    for _request in 0..3 {
        world.get("/a");
    }
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let labels = r#"{api_name="Pets",stage="dev"}"#;
    let expected = [
        format!("aws_apigateway_cache_hit_count_sum{labels} 2"),
        format!("aws_apigateway_cache_hit_count_count{labels} 3"),
        format!("aws_apigateway_cache_miss_count_sum{labels} 1"),
        r#"aws_apigateway_cache_hit_count_sum{api_name="Pets",stage="dev",resource="/{p+}",method="GET"} 2"#.to_owned(),
    ];
    let mut text = String::new();
    while std::time::Instant::now() < until {
        text = world.counters.render();
        if expected.iter().all(|line| text.contains(&**line)) {
            return;
        }
        thread::yield_now();
    }
    panic!("{text}");
}

/// What is remembered of a hit answers again without any cache, and tells of which request the answer was.
#[test]
fn a_hit_is_recorded_and_run_again() {
    let world = cached();
    let first = world.of("api", "dev", "/a", "");
    world.pass(7_000);
    let second = world.of("api", "dev", "/a", "Cache-Control: max-age=0\r\n");
    assert_eq!(second.text(), first.text());
    let id = |answer: &Answer| answer.header("x-amzn-RequestId").unwrap().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let kept = runtime.block_on(world.recorder.find(&id(&second))).unwrap();
    let recording = Recording {
        kept,
        definition: Some(world.definition("api")),
        domains: Vec::new(),
        limits: world.gateway.settings().limits.clone(),
        answer: None,
        hidden: Vec::new(),
    };
    let file = recording.to_file().unwrap();
    for recording in [recording, Recording::from_file(&file).unwrap()] {
        let rerun = recording.run(None).unwrap();
        assert_eq!(rerun.answer.body, first.body);
        assert!(rerun.calls.is_empty());
        let step = rerun.steps.iter().find(|step| step.name.text() == "cache");
        let decision = step.and_then(|step| step.decision.clone()).unwrap();
        assert_eq!(decision.chosen, "hit");
        let told = format!(
            "it is the answer to request {}, kept 7 s ago, for 60 s; Cache-Control: max-age=0 is ignored, because the caller may not invalidate",
            id(&first)
        );
        assert_eq!(decision.because, told);
        let warning = rerun
            .answer
            .headers
            .iter()
            .find(|(name, _)| name == "Warning");
        assert!(warning.is_some(), "{:?}", rerun.answer.headers);
    }
}
