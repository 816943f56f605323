//! What one request costs inside the gateway: answers the same request over and over in one thread, to be run under `valgrind --tool=callgrind`, which
//! counts instructions. `request_cost KIND COUNT [RECORDER]`, KIND being `mock`, `template` or `proxy`, RECORDER `off`, `failed` (as `serve` keeps
//! requests), `all` (as `dev` does) or `traced`, which records nothing and traces every request.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tollgate_gateway::plan::{ApiFacts, Plans};
use tollgate_gateway::recorder::{self, Recorder};
use tollgate_gateway::{Api, Core, Gateway, Record, Report, Settings, Table, Targets};
use tollgate_http::{
    Body, ClientConfig, Finish as _, Headers, Request, RequestHead, Sent, Service as _,
};
use tollgate_model::random::Random;
use tollgate_openapi::{Options, Provisional};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::Stage;

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug)]
struct Silent {
    traces: bool,
}

impl Report for Silent {
    fn finished(&mut self, record: &Record) {
        assert_eq!(record.trace.is_some(), self.traces);
    }

    fn wants_traces(&self) -> bool {
        self.traces
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().unwrap_or_else(|| "mock".to_owned());
    let count: u64 = arguments
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1_000);
    let recorder = arguments.next().unwrap_or_else(|| "off".to_owned());
    tokio::task::LocalSet::new()
        .run_until(run(&kind, count, &recorder))
        .await;
}

async fn run(kind: &str, count: u64, recorder: &str) {
    let backend = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = backend.local_addr().expect("bound");
    tokio::task::spawn_local(serve(backend));
    let gateway = Arc::new(Gateway::new(settings(recorder)));
    gateway.swap(Table::new([api(&address.to_string())], 1));
    let client = gateway.client(ClientConfig::default());
    let report = Silent {
        traces: recorder == "traced",
    };
    let core = Core::new(gateway, client, Random::seeded(1), Box::new(report));
    let mut bytes = 0;
    for _ in 0..count {
        let (response, finishing) = core.answer(request(kind)).await;
        assert!(response.status == 200, "{}", response.status);
        let body = response.body.gather(1 << 20).await.expect("a body");
        bytes += body.len() as u64;
        finishing.finish(Sent {
            body_bytes: body.len() as u64,
            complete: true,
        });
    }
    assert!(bytes > 0, "nothing was answered");
}

fn settings(recorder: &str) -> Settings {
    let keeps = |sample_percent| {
        Some(Arc::new(Recorder::new(recorder::Settings {
            sample_percent,
            ..recorder::Settings::default()
        })))
    };
    Settings {
        targets: Targets::any(),
        recorder: match recorder {
            "failed" => keeps(1.0),
            "all" => keeps(100.0),
            _ => None,
        },
        ..Settings::default()
    }
}

const BACKEND: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: small\r\nDate: Tue, 24 Nov 2026 22:14:09 GMT\r\nContent-Length: 100\r\n\r\n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

/// Answers every request without a body.
async fn serve(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::task::spawn_local(async move {
            let mut buffer = [0; 4096];
            while let Ok(1..) = stream.read(&mut buffer).await {
                if stream.write_all(BACKEND).await.is_err() {
                    return;
                }
            }
        });
    }
}

fn request(kind: &str) -> Request {
    let mut headers = Headers::with_capacity(512);
    for (name, value) in [
        ("Host", "abc.execute-api.localhost:4566"),
        ("User-Agent", "curl/8.5.0"),
        ("Accept", "*/*"),
        ("Content-Type", "application/json"),
    ] {
        headers.push(name, value.as_bytes()).expect("a header");
    }
    let (method, target, body) = match kind {
        "template" => ("POST", "/dev/pets?page=2", PET),
        "proxy" => ("GET", "/dev/proxy", ""),
        _ => ("GET", "/dev/mock", ""),
    };
    let address = ([127, 0, 0, 1], 1).into();
    Request {
        head: RequestHead::new(method, target, headers).expect("a head"),
        body: Body::from(bytes::Bytes::from_static(body.as_bytes())),
        peer: address,
        local: address,
        secure: false,
        tls: None,
    }
}

const PET: &str = r#"{"name":"Bello","kind":"dog","price":249.99,"tags":["small","brown"],"owner":{"name":"Ada","city":"London"}}"#;

fn api(backend: &str) -> Api {
    let document = DOCUMENT.replace("BACKEND", backend);
    let imported = tollgate_openapi::import(document.as_bytes(), &Options::default());
    let mut imported = imported.expect("a definition");
    imported.bind("abc", |part| match part {
        Provisional::Resource(path) => format!("r-{path}"),
        other => format!("id-{other:?}"),
    });
    let facts = Arc::new(ApiFacts {
        id: "abc".into(),
        ..ApiFacts::default()
    });
    let stage = Stage {
        stage_name: Some("dev".to_owned()),
        ..Stage::default()
    };
    let plan = Plans::new(Counters::new(1)).plan(facts, &imported.definition, &stage);
    Api {
        id: "abc".into(),
        stages: vec![Arc::new(plan.expect("honoured"))],
        broken: Vec::new(),
        cold: Vec::new(),
    }
}

const DOCUMENT: &str = r##"
openapi: 3.0.1
info: {title: cost, version: "1"}
paths:
  /mock:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: 200, responseTemplates: {application/json: '{"ok": true}'}}}
  /proxy:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: 'http://BACKEND/animals'}
  /pets:
    post:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates:
          application/json: |-
            #set($pet = $input.path('$'))
            {"statusCode": 200, "name": "$util.escapeJavaScript($pet.name)", "page": "$input.params('page')",
             "tags": [#foreach($tag in $pet.tags)"$tag"#if($foreach.hasNext), #end#end], "city": $input.json('$.owner.city')}
        responses:
          default:
            statusCode: 200
            responseTemplates:
              application/json: |-
                {"id": "$context.requestId", "stage": "$context.stage", "ip": "$context.identity.sourceIp",
                 "body": $input.json('$'), "name": "$input.params('page')"}
"##;
