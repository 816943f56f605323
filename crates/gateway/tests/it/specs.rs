//! Runs every spec: its API is imported and served by one gateway on a socket, its requests are sent, its answers compared.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::{GzDecoder, ZlibDecoder};
use serde_json::Value;
use tollgate_gateway::plan::{ApiFacts, Plans};
use tollgate_gateway::{
    Api, Console, Core, Gateway, Limits, PrivateEndpoint, PrivateEndpoints, Record, Report,
    Settings, Table, Targets,
};
use tollgate_http::{ClientConfig, Running, ServerConfig, serve};
use tollgate_model::random::Random;
use tollgate_openapi::{Options, Provisional, Variables};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::{AccessLogSettings, MethodSetting, Stage};

use crate::client::Answer;
use crate::document::{Case, Section, read_all};
use crate::keys::{ACCOUNT, Keys, REGION, throttle};
use crate::signers::Signing;
use crate::{backend, client, issuer, signers};

const STAGE: &str = "dev";

#[test]
fn behaviours_are_as_specified() {
    let sections = read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("spec"));
    let world = World::start(&sections);
    let mut faults = Vec::new();
    for (number, section) in sections.iter().enumerate() {
        faults.extend(world.check(number, section));
    }
    assert!(
        faults.is_empty(),
        "{} of the specs' cases fail:\n\n{}",
        faults.len(),
        faults.join("\n\n")
    );
    let cases: usize = sections.iter().map(|section| section.cases.len()).sum();
    assert!(cases >= 60, "only {cases} cases");
}

/// What the gateway says besides its answers.
#[derive(Debug, Default)]
struct Heard {
    console: Mutex<Vec<String>>,
    access_log: Mutex<Vec<String>>,
    execution_log: Mutex<Option<String>>,
}

impl Console for Heard {
    fn say(&self, line: String) {
        self.console.lock().expect("not poisoned").push(line);
    }
}

#[derive(Debug)]
struct Listener(Arc<Heard>);

impl Report for Listener {
    fn finished(&mut self, record: &Record) {
        let lines = record.execution_log().join("\n");
        *self.0.execution_log.lock().expect("not poisoned") = Some(lines);
        let Some(access_log) = record.stage().and_then(|stage| stage.access_log.as_ref()) else {
            return;
        };
        let mut line = Vec::new();
        access_log.format.write(record, &mut line);
        let line = String::from_utf8_lossy(&line).into_owned();
        self.0.access_log.lock().expect("not poisoned").push(line);
    }
}

/// A gateway that serves the APIs of all sections.
struct World {
    heard: Arc<Heard>,
    backend: SocketAddr,
    running: Running,
}

impl World {
    fn start(sections: &[Section]) -> Self {
        let heard = Arc::<Heard>::default();
        let gateway = Arc::new(Gateway::new(Settings {
            targets: Targets::any(),
            console: Some(heard.clone()),
            limits: Limits::AWS,
            private_endpoints: private_endpoints(),
            callers: signers::callers(),
            ..Settings::default()
        }));
        let backend = backend::start();
        let plans = Plans::new(Counters::new(1)).with_execution_logs(|_group| Some(0));
        let plans = plans
            .with_private_endpoints()
            .with_identity_providers(issuer::providers());
        let apis = sections
            .iter()
            .enumerate()
            .map(|(number, section)| api(number, section, &plans, backend));
        let mut keys = Keys::default();
        for (number, section) in sections.iter().enumerate() {
            keys.add(&gateway, &id(number), STAGE, &section.keys);
        }
        keys.load(&gateway);
        gateway.swap(Table::new(apis, 1));
        let listener = heard.clone();
        let mut config = ServerConfig::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.limits.target_bytes_max = 32 << 10;
        let running = serve(config, move |_core| {
            let client = gateway.client(ClientConfig::default());
            Core::new(
                gateway.clone(),
                client,
                Random::seeded(1),
                Box::new(Listener(listener.clone())),
            )
        });
        Self {
            heard,
            backend,
            running: running.expect("a port"),
        }
    }

    fn check(&self, number: usize, section: &Section) -> Vec<String> {
        let mut faults = Vec::new();
        let place = format!("{} ({})", section.title, section.place);
        if !section.has_evidence {
            faults.push(format!("{place}: no evidence"));
        }
        for case in &section.cases {
            self.heard.console.lock().expect("not poisoned").clear();
            self.heard.access_log.lock().expect("not poisoned").clear();
            *self.heard.execution_log.lock().expect("not poisoned") = None;
            let (address, sent) = (self.running.address(), bytes(case, &id(number)));
            let answer = match case.from {
                Some(from) => client::exchange_from(from, address, &sent),
                None => client::exchange(address, &sent),
            };
            let found = self.compare(case, &answer, &id(number));
            faults.extend(found.into_iter().map(|fault| {
                format!(
                    "{place}\n{}\n{fault}\nanswer: {}",
                    case.request,
                    shown(&answer)
                )
            }));
        }
        faults
    }

    fn compare(&self, case: &Case, answer: &Answer, id: &str) -> Vec<String> {
        let mut faults = compare(case, answer, id);
        if let Some(expected) = &case.console {
            let heard = self.heard.console.lock().expect("not poisoned");
            let expected = &expected.replace("<api>", id);
            if !heard.iter().any(|line| line.contains(expected)) {
                faults.push(format!("console: expected {expected:?}, heard {heard:?}"));
            }
        }
        if let Some(expected) = &case.access_log {
            let found = self.logged();
            if !is_like(&found, &expected.replace("<api>", id)) {
                faults.push(format!(
                    "access log: expected {expected:?}, found {found:?}"
                ));
            }
        }
        if let Some(expected) = &case.execution_log {
            let found = await_value(|| {
                self.heard
                    .execution_log
                    .lock()
                    .expect("not poisoned")
                    .clone()
            });
            let backend = self.backend.to_string();
            let expected = expected.replace("<api>", id).replace("<backend>", &backend);
            if !are_lines_like(&found, &expected) {
                faults.push(format!(
                    "execution log: expected\n{expected}\nfound\n{found}"
                ));
            }
        }
        faults
    }

    fn logged(&self) -> String {
        let log = &self.heard.access_log;
        await_value(|| log.lock().expect("not poisoned").first().cloned())
    }
}

/// Lines are written a moment after the client has its answer.
fn await_value(read: impl Fn() -> Option<String>) -> String {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while std::time::Instant::now() < until {
        if let Some(value) = read() {
            return value;
        }
        std::thread::yield_now();
    }
    "nothing".to_owned()
}

fn are_lines_like(found: &str, expected: &str) -> bool {
    let (found, expected): (Vec<_>, Vec<_>) = (found.lines().collect(), expected.lines().collect());
    let mut pairs = found.iter().zip(&expected);
    found.len() == expected.len() && pairs.all(|(found, expected)| is_like(found, expected))
}

fn shown(answer: &Answer) -> String {
    let text: String = answer.text().chars().take(2_000).collect();
    format!("{} {:?}\n{text}", answer.status, answer.headers)
}

fn id(number: usize) -> String {
    format!("api{number:03}")
}

fn api(number: usize, section: &Section, plans: &Plans, backend: SocketAddr) -> Api {
    let id = id(number);
    let document = section
        .api
        .replace("http://backend", &format!("http://{backend}"));
    let document = document.replace("<closed-port>", &closed_port().to_string());
    let mut imported =
        tollgate_openapi::import(complete(&document).as_bytes(), &options(&section.stage))
            .unwrap_or_else(|error| panic!("{}: {}", section.place, error.detail()));
    imported.bind(&id, |part| match part {
        Provisional::Resource(path) => format!("r-{path}"),
        other => format!("id-{other:?}"),
    });
    let facts = Arc::new(ApiFacts {
        id: id.as_str().into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
    });
    let stage = stage(&section.stage, backend);
    let plan = plans.plan(facts, &imported.definition, &stage);
    let plan = plan.unwrap_or_else(|refused| panic!("{}: {refused:?}", section.place));
    Api {
        id: id.into(),
        stages: vec![Arc::new(plan)],
        broken: Vec::new(),
        cold: Vec::new(),
    }
}

/// `vpce-one` of `vpc-one` for two addresses of this machine, `vpce-two` for a third.
fn private_endpoints() -> PrivateEndpoints {
    let endpoint = |name: &str, networks: &[&str]| PrivateEndpoint {
        id: format!("vpce-{name}").into(),
        vpc: format!("vpc-{name}").into(),
        networks: networks
            .iter()
            .map(|it| it.parse().expect("a network"))
            .collect(),
    };
    PrivateEndpoints::new([
        endpoint("one", &["127.0.0.1/32", "127.0.0.2/32"]),
        endpoint("two", &["127.0.0.3/32"]),
    ])
}

/// Nobody listens there: it was free a moment ago.
pub(crate) fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn options(stage: &str) -> Options {
    let types = stage
        .lines()
        .filter_map(|line| line.strip_prefix("endpoint: "));
    Options {
        endpoint_types: types.map(str::to_owned).collect(),
        variables: Variables {
            account: ACCOUNT.to_owned(),
            ..Variables::default()
        },
        ..Options::default()
    }
}

/// A section may leave out what every document begins with.
fn complete(document: &str) -> String {
    match document.contains("openapi:")
        || document.contains("swagger:")
        || document.trim_start().starts_with('{')
    {
        true => document.to_owned(),
        false => format!("openapi: 3.0.1\ninfo: {{title: spec, version: '1'}}\n{document}"),
    }
}

/// Lines `name: value` of stage variables, `endpoint: PRIVATE` of the API, `access-log: format`, `log-level: INFO`, `data-trace: true`, `tracing: true`,
/// of a canary `canary-percent: n` and `canary name: value`, and limits `throttle pets/GET: rate/burst`.
fn stage(text: &str, backend: SocketAddr) -> Stage {
    let mut stage = Stage {
        stage_name: Some(STAGE.to_owned()),
        deployment_id: Some("dep1".to_owned()),
        ..Stage::default()
    };
    for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
        let value = value.replace("<backend>", &backend.to_string());
        match name {
            "endpoint" => {}
            "access-log" => {
                stage.access_log_settings = Some(AccessLogSettings {
                    format: Some(value),
                    destination_arn: None,
                });
            }
            "log-level" => of_all_methods(&mut stage).logging_level = Some(value),
            "data-trace" => of_all_methods(&mut stage).data_trace_enabled = Some(value == "true"),
            "tracing" => stage.tracing_enabled = Some(value == "true"),
            _ if name.starts_with("cache ") => {
                stage.cache_cluster_enabled = Some(true);
                let setting = tollgate_wire::json::from_slice(value.as_bytes());
                let settings = stage.method_settings.get_or_insert_default();
                let key = name["cache ".len()..].to_owned();
                settings.insert(key, setting.expect("a method's settings"));
            }
            "canary-percent" => {
                let canary = stage.canary_settings.get_or_insert_default();
                canary.percent_traffic = Some(value.parse().expect("a percentage"));
            }
            _ if name.starts_with("throttle ") => {
                let limits = throttle(&value);
                let settings = stage.method_settings.get_or_insert_default();
                let setting: &mut MethodSetting = settings
                    .entry(name["throttle ".len()..].to_owned())
                    .or_default();
                setting.throttling_rate_limit = limits.rate_limit;
                setting.throttling_burst_limit = limits.burst_limit;
            }
            _ if name.starts_with("canary ") => {
                let canary = stage.canary_settings.get_or_insert_default();
                let overrides = canary.stage_variable_overrides.get_or_insert_default();
                overrides.insert(name["canary ".len()..].to_owned(), Some(value));
            }
            _ => {
                stage
                    .variables
                    .get_or_insert_default()
                    .insert(name.to_owned(), Some(value));
            }
        }
    }
    stage
}

fn of_all_methods(stage: &mut Stage) -> &mut MethodSetting {
    let settings = stage.method_settings.get_or_insert_default();
    settings.entry("*/*".to_owned()).or_default()
}

/// The request as bytes: line feeds become CRLF in the head and between chunks, `<bytes:n>` so many bytes, and a body
/// `<base64:…>` what it encodes.
fn bytes(case: &Case, id: &str) -> Vec<u8> {
    let text = expand(&issuer::with_tokens(&case.request.replace("<api>", id)));
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines: Vec<String> = head.lines().map(str::to_owned).collect();
    let body = match encoded(body) {
        Some(text) => STANDARD.decode(text).expect("base64"),
        None if case.is_raw && head.contains("chunked") => body.replace('\n', "\r\n").into_bytes(),
        None => body.as_bytes().to_vec(),
    };
    if !case.is_raw {
        let (method, target) = lines[0].split_once(' ').expect("a method and a target");
        let (method, host) = (method.to_owned(), format!("{id}.execute-api.localhost"));
        let mut target = format!("/{STAGE}{target}");
        if let Some(signing) = &case.signing {
            let added = signed(signing, &method, &mut target, &host, &lines, &body);
            lines.extend(added);
        }
        lines[0] = format!("{method} {target} HTTP/1.1");
        lines.insert(1, format!("Host: {host}"));
        if !body.is_empty() {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        lines.push("Connection: close".to_owned());
    }
    let mut request = format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes();
    request.extend(body);
    request
}

/// The headers of a signature; one in the query goes into the target.
fn signed(
    signing: &Signing,
    method: &str,
    target: &mut String,
    host: &str,
    lines: &[String],
    body: &[u8],
) -> Vec<String> {
    let own = lines[1..].iter().filter_map(|line| line.split_once(": "));
    let own = own.map(|(name, value)| (name, value.as_bytes()));
    let headers: Vec<_> = std::iter::once(("Host", host.as_bytes()))
        .chain(own)
        .collect();
    let (signed, added) = signing.sign(method, target, &headers, body);
    *target = signed;
    let added = added.into_iter();
    added
        .map(|(name, value)| format!("{name}: {value}"))
        .collect()
}

fn encoded(body: &str) -> Option<&str> {
    body.strip_prefix("<base64:")?.strip_suffix('>')
}

fn expand(text: &str) -> String {
    let Some((before, rest)) = text.split_once("<bytes:") else {
        return text.to_owned();
    };
    let (count, after) = rest.split_once('>').expect("<bytes:n>");
    format!(
        "{before}{}{}",
        "x".repeat(count.parse().expect("a number")),
        expand(after)
    )
}

fn compare(case: &Case, answer: &Answer, id: &str) -> Vec<String> {
    let expected = case.answer.replace("<api>", id);
    let (head, body) = expected.split_once("\n\n").unwrap_or((&expected, ""));
    let mut lines = head.lines();
    let mut faults = Vec::new();
    let status = lines.next().unwrap_or_default();
    if answer.status.to_string() != status {
        faults.push(format!("status: expected {status}, got {}", answer.status));
    }
    faults.extend(lines.filter_map(|line| header_fault(line, answer)));
    let has_body = expected.contains("\n\n") || case.is_exact;
    if let Some(bytes) = encoded(body) {
        if answer.body != STANDARD.decode(bytes).expect("base64") {
            let found = STANDARD.encode(&answer.body);
            faults.push(format!("body: expected {body}, got <base64:{found}>"));
        }
    } else if has_body && !is_body_like(&text_of(answer), body, case.is_exact) {
        let found = text_of(answer);
        faults.push(format!("body: expected {body:?}, got {found:?}"));
    }
    faults
}

/// The text of a body, decompressed.
fn text_of(answer: &Answer) -> String {
    let mut plain = String::new();
    let read = match answer.header("Content-Encoding") {
        Some("gzip") => GzDecoder::new(&*answer.body).read_to_string(&mut plain),
        Some("deflate") => ZlibDecoder::new(&*answer.body).read_to_string(&mut plain),
        _ => return answer.text(),
    };
    match read {
        Ok(_) => plain,
        // The backend says of its answers whatever it is asked to.
        Err(_) => answer.text(),
    }
}

/// `Name: value` must be there, `-Name` must not.
fn header_fault(line: &str, answer: &Answer) -> Option<String> {
    if let Some(name) = line.strip_prefix('-') {
        return answer
            .header(name)
            .map(|value| format!("header {name}: expected none, got {value:?}"));
    }
    let (name, value) = line
        .split_once(':')
        .unwrap_or_else(|| panic!("`{line}` is no header"));
    let own = answer.headers.iter().filter(|(known, _)| known == name);
    let found: Vec<_> = own.map(|(_, value)| &**value).collect();
    let is_there = found.iter().any(|found| is_like(found, value.trim()));
    (!is_there).then(|| format!("header {name}: expected {value:?}, got {found:?}"))
}

fn is_body_like(found: &str, expected: &str, is_exact: bool) -> bool {
    if !is_exact
        && let (Ok(found), Ok(expected)) =
            (serde_json::from_str(found), serde_json::from_str(expected))
    {
        return is_json_like(&found, &expected);
    }
    is_like(found, expected)
}

/// Equal, but `"…": …` in an object stands for any other members.
fn is_json_like(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let named = expected.iter().filter(|(name, _)| *name != "…");
            let count = named.clone().count();
            let is_open = expected.contains_key("…");
            let mut named = named;
            named.all(|(name, value)| {
                found
                    .get(name)
                    .is_some_and(|found| is_json_like(found, value))
            }) && (is_open || found.len() == count)
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(found, expected)| is_json_like(found, expected))
        }
        (Value::String(found), Value::String(expected)) => is_like(found, expected),
        _ => found == expected,
    }
}

/// Equal, but `<any>` stands for any text that is not empty.
fn is_like(found: &str, expected: &str) -> bool {
    let mut parts = expected.split("<any>");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = found.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if rest.is_empty() {
            return false;
        }
        if part.is_empty() && parts.peek().is_none() {
            return true;
        }
        let mut from = rest.char_indices().nth(1).map_or(rest.len(), |(at, _)| at);
        if parts.peek().is_none() {
            return rest[from..].ends_with(part);
        }
        match rest[from..].find(part) {
            Some(at) => from += at + part.len(),
            None => return false,
        }
        rest = &rest[from..];
    }
    true
}
