//! Prints how many control calls per second are answered over a store in a temporary folder, and how long a large import
//! takes: `cargo run --release -p tollgate-control --example operations_per_second`. The gateway here agrees to
//! everything, so that what is measured is the control plane and its store.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tollgate_control::{
    BoxFuture, Call, Config, Control, Credentials, Directory, Proposal, Refusal, Runtime,
    TestFault, TestInvocation, TestInvoked,
};
use tollgate_model::api_key::Digester;
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_model::seal::{Seal, Unsealed};
use tollgate_store::{Options, Sqlite};

/// How long each row is measured.
const ROW: Duration = Duration::from_secs(2);

struct Agreeing;

/// No secret is made here.
struct Unused;

impl Seal for Unused {
    fn seal(&self, _: &str, _: &[u8], _: &mut Random) -> Result<Vec<u8>, Unsealed> {
        Err(Unsealed)
    }

    fn open(&self, _: &str, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

impl Runtime for Agreeing {
    fn prepare<'a>(&'a self, _: Proposal<'a>) -> BoxFuture<'a, Result<(), Vec<Refusal>>> {
        Box::pin(async { Ok(()) })
    }

    fn applied(&self, _: u64) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn test_invoke(&self, _: TestInvocation) -> BoxFuture<'_, Result<TestInvoked, TestFault>> {
        Box::pin(async { Ok(TestInvoked::default()) })
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir_in(".")?;
    let store = Arc::new(Sqlite::open(folder.path(), Options::default())?);
    let directory = Directory::new(store.clone(), Arc::new(Unused), Vec::new());
    let config = Config {
        credentials: Credentials::Any {
            account: "000000000000".to_owned(),
            hosts: Vec::new(),
        },
        digester: Digester::default(),
        seal: Arc::new(Unused),
        directory: Arc::new(directory),
        integration_timeout_ms_max: 29_000,
    };
    let random = Random::from_os();
    let control = Control::new(store, Arc::new(Agreeing), Clock::System, random, config);
    let control = Arc::new(control);

    for callers in [1, 32] {
        rate(&control, callers, "CreateRestApi", |_| {
            ("POST", "/restapis".to_owned(), json!({"name": "a"}))
        })
        .await;
    }
    let (api, root) = timed(
        &control,
        "import of 500 paths",
        "/restapis?mode=import",
        paths(500),
    )
    .await;
    timed(
        &control,
        "its deployment",
        &format!("/restapis/{api}/deployments"),
        json!({"stageName": "dev"}),
    )
    .await;
    let method = format!("/restapis/{api}/resources/{root}/methods/GET");
    rate(&control, 1, "PutMethod", |n| match n % 2 {
        0 => ("PUT", method.clone(), json!({"authorizationType": "NONE"})),
        _ => ("DELETE", method.clone(), Value::Null),
    })
    .await;
    rate(&control, 1, "CreateResource among 501", |n| {
        let target = format!("/restapis/{api}/resources/{root}");
        ("POST", target, json!({"pathPart": format!("r{n}")}))
    })
    .await;
    for (name, target) in [
        ("GetRestApi", format!("/restapis/{api}")),
        ("GetResource", format!("/restapis/{api}/resources/{root}")),
        ("GetResources, 25", format!("/restapis/{api}/resources")),
        (
            "GetResources, 500 whole",
            format!("/restapis/{api}/resources?limit=500&embed=methods"),
        ),
    ] {
        for callers in [1, 32] {
            rate(&control, callers, name, |_| {
                ("GET", target.clone(), Value::Null)
            })
            .await;
        }
    }
    Ok(())
}

/// A definition of so many paths, each with a method that maps and one that answers preflights.
fn paths(count: usize) -> Value {
    let method = |status: &str| {
        json!({
            "responses": {"200": {"description": "ok", "headers": {"Access-Control-Allow-Origin": {"schema": {"type": "string"}}}}},
            "x-amazon-apigateway-integration": {
                "type": "mock",
                "requestTemplates": {"application/json": format!("{{\"statusCode\": {status}}}")},
                "responses": {"default": {"statusCode": "200", "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"}}}
            }
        })
    };
    let path = |n| {
        (
            format!("/p{n}"),
            json!({"get": method("200"), "options": method("204")}),
        )
    };
    let paths: serde_json::Map<_, _> = (0..count).map(path).collect();
    json!({"openapi": "3.0.1", "info": {"title": "many", "version": "1"}, "paths": paths})
}

async fn timed(control: &Control, name: &str, target: &str, body: Value) -> (String, String) {
    let start = Instant::now();
    let answer = send(control, "POST", target, &body).await;
    println!("{name}: {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
    (text("id"), text("rootResourceId"))
}

async fn rate<F>(control: &Arc<Control>, callers: usize, name: &str, call: F)
where
    F: Fn(u32) -> (&'static str, String, Value),
{
    let (until, cpu) = (Instant::now() + ROW, cpu_ms());
    let count = std::cell::Cell::new(0_u32);
    let caller = async || {
        while Instant::now() < until {
            let n = count.replace(count.get() + 1);
            let (method, target, body) = call(n);
            send(control, method, &target, &body).await;
        }
    };
    let all: Vec<_> = (0..callers).map(|_| Box::pin(caller())).collect();
    join(all).await;
    let (count, cpu) = (f64::from(count.get()), cpu_ms() - cpu);
    println!(
        "{name}, {callers} at once: {:.0}/s, {:.0} µs of CPU each",
        count / ROW.as_secs_f64(),
        cpu * 1000.0 / count
    );
}

/// What the process has used, in user and system time, to the ten milliseconds that Linux counts in.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    let ticks = fields.split(' ').skip(12).take(2);
    ticks
        .map(|field| field.parse::<f64>().unwrap_or(0.0) * 10.0)
        .sum()
}

/// Polls all until all are done.
async fn join<F: Future<Output = ()> + Unpin>(mut all: Vec<F>) {
    std::future::poll_fn(|context| {
        all.retain_mut(|one| std::pin::Pin::new(one).poll(context).is_pending());
        match all.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
}

async fn send(control: &Control, method: &str, target: &str, body: &Value) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let signature = "0".repeat(64);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature={signature}"
    );
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let answer = control
        .handle(Call {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: vec![
                header("Host", "localhost"),
                header("Authorization", &authorization),
            ],
            body: body.into_bytes().into(),
            peer: None,
            is_secure: false,
        })
        .await;
    let text = String::from_utf8_lossy(&answer.body);
    assert!(
        answer.status < 300,
        "{method} {target}: {} {text}",
        answer.status
    );
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}
