//! The engine as a function: the same request, arrival, plan and outcomes give the same answer, and a trace says why.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use tollgate_http::{Headers, Request, RequestHead};
use tollgate_model::clock::Clock;
use tollgate_model::random::Random;
use tollgate_model::rest::{Definition, MethodOf};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::{Integration, Method, MethodSetting, Resource, Stage};

use super::*;
use crate::effects::{Answered, Failure, Outcome};
use crate::plan::{ApiFacts, Plans};
use crate::record::Arrival;
use crate::table::{Api, Table};
use crate::trace::Trace;

pub(super) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// `GET /` to an HTTP_PROXY integration, on a stage that logs by these settings.
fn table(settings: &[(&str, MethodSetting)]) -> Table {
    let integration = Integration {
        type_: text("HTTP_PROXY"),
        uri: text("http://backend.example/base"),
        ..Integration::default()
    };
    let method = Method {
        http_method: text("GET"),
        authorization_type: text("NONE"),
        method_integration: Some(integration),
        ..Method::default()
    };
    let definition = Definition {
        resources: vec![Resource {
            id: text("root"),
            path: text("/"),
            ..Resource::default()
        }],
        methods: vec![MethodOf {
            resource_id: "root".to_owned(),
            method,
        }],
        ..Definition::default()
    };
    let stage = Stage {
        stage_name: text("dev"),
        method_settings: Some(
            settings
                .iter()
                .map(|(key, setting)| ((*key).to_owned(), setting.clone()))
                .collect(),
        ),
        ..Stage::default()
    };
    let facts = Arc::new(ApiFacts {
        id: "abc".into(),
        ..ApiFacts::default()
    });
    let plan = Plans::new(Counters::new(1))
        .with_execution_logs(|group| (group == "API-Gateway-Execution-Logs_abc/dev").then_some(7))
        .plan(facts, &definition, &stage)
        .expect("honoured");
    let api = Api {
        id: "abc".into(),
        stages: vec![Arc::new(plan)],
        broken: Vec::new(),
        cold: Vec::new(),
    };
    Table::new([api], 1)
}

fn request(target: &str) -> Request {
    let mut headers = Headers::new();
    headers
        .push("Host", b"abc.execute-api.localhost")
        .expect("a header");
    let address = ([127, 0, 0, 1], 1).into();
    Request {
        head: RequestHead::new("GET", target, headers).expect("a head"),
        body: Body::Empty,
        peer: address,
        local: address,
        secure: false,
        tls: None,
    }
}

/// Runs the engine on outcomes that were kept; gives the answer as text, and the record.
fn run(target: &str, outcomes: Vec<Outcome>) -> (String, Record) {
    run_on(table(&[]), target, outcomes)
}

fn run_on(table: Table, target: &str, outcomes: Vec<Outcome>) -> (String, Record) {
    let clock = Clock::at(1_700_000_000_000);
    let arrival = arrival(&mut Random::seeded(7));
    let (mut record, body) = Record::open(request(target), arrival);
    record.trace = Some(Box::new(Trace::new(clock)));
    let around = Surroundings {
        hosts: &Hosts::default(),
        limits: &Limits::AWS,
        private_endpoints: &PrivateEndpoints::default(),
        callers: &Callers::default(),
        tokens: Tokens::Told(None),
        table: Rc::new(Held(Arc::new(table))),
        gate: Gate::Open,
    };
    let mut effects = Effects::Recorded(VecDeque::from(outcomes));
    let response = done(async {
        let response = serve(&around, body, &mut record, &mut effects).await;
        let body = response.body.gather(1024).await.expect("a body");
        format!(
            "{} {:?} {}",
            response.status,
            response.headers,
            String::from_utf8_lossy(&body)
        )
    });
    (response, record)
}

/// One arrival of this chance.
pub(super) fn arrival(random: &mut Random) -> Arrival {
    Arrival::now(&Clock::at(1_700_000_000_000), random)
}

/// Runs to its end.
pub(super) fn done<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().expect("a runtime");
    runtime.block_on(future)
}

/// A backend that did not answer in time.
pub(super) fn slow() -> Outcome {
    Outcome {
        elapsed_ms: 29_000,
        result: Err(Failure::Timeout("awaiting the reply".to_owned())),
    }
}

fn answered(status: u16) -> Outcome {
    Outcome {
        elapsed_ms: 12,
        result: Ok(Answered {
            status,
            headers: Headers::new(),
            body: Bytes::from_static(b"kept"),
            left: None,
        }),
    }
}

#[test]
fn a_request_can_be_run_again_from_what_was_kept() {
    let (first, record) = run("/dev/", vec![answered(203)]);
    let (again, _) = run("/dev/", vec![answered(203)]);
    assert!(
        first.starts_with("203 ") && first.ends_with(" kept"),
        "{first}"
    );
    assert_eq!(first, again);
    assert_eq!(
        record
            .integration
            .as_ref()
            .map(|facts| (facts.status, facts.latency_ms)),
        Some((Some(203), 12))
    );
}

#[test]
fn a_trace_tells_the_steps_and_their_reasons() {
    let steps = |record: &Record| -> Vec<String> {
        let steps = record.trace.iter().flat_map(|trace| trace.steps());
        steps
            .map(|step| {
                format!(
                    "{:?} {:?}",
                    step.name,
                    step.decision.as_ref().map(|decision| &*decision.because)
                )
            })
            .collect()
    };
    let (_, record) = run("/dev/", vec![answered(200)]);
    assert_eq!(
        steps(&record),
        [
            r#"Address Some("host and path name it")"#,
            r#"Route Some("it is the most specific that matches")"#,
            r#"Authorize Some("the method asks for no authorization, and the API has no resource policy")"#,
            r#"Validate Some("nothing is checked")"#,
            "MapRequest None",
            r#"Integrate Some("the integration answered")"#,
            r#"MapResponse Some("it is a proxy integration")"#,
            "Respond None",
        ]
    );
    let (answer, record) = run("/dev/", vec![slow()]);
    assert!(answer.starts_with("504 "), "{answer}");
    let told = steps(&record);
    assert_eq!(
        told[6],
        r#"Respond Some("INTEGRATION_TIMEOUT: the integration took more than 29000 ms: awaiting the reply")"#
    );
    let (answer, record) = run("/dev/nowhere", Vec::new());
    assert!(answer.starts_with("403 "), "{answer}");
    assert_eq!(steps(&record).len(), 4);
}

/// The lines without their numbers and identifiers, of an answered and of a failed request.
fn logged(settings: &[(&str, MethodSetting)]) -> [Vec<String>; 2] {
    [answered(200), slow()].map(|outcome| {
        let (_, record) = run_on(table(settings), "/dev/?a=1", vec![outcome]);
        let lines = record.execution_log().iter();
        let short = lines.map(|line| line.split(": ").next().unwrap_or_default().to_owned());
        short.collect()
    })
}

fn setting(level: &str, has_data: bool) -> MethodSetting {
    MethodSetting {
        logging_level: text(level),
        data_trace_enabled: Some(has_data),
        ..MethodSetting::default()
    }
}

#[test]
fn execution_logs_are_written_as_the_methods_settings_say() {
    const FAILED: &str = "Execution failed due to a timeout error";
    const END: &str = "Method completed with status";
    let [answered, failed] = logged(&[("*/*", setting("INFO", false))]);
    let last = |lines: &[String]| lines.iter().rev().take(2).cloned().collect::<Vec<_>>();
    assert_eq!(last(&answered), [END, "Successfully completed execution"]);
    assert_eq!(last(&failed), [END, FAILED]);

    let [answered, failed] = logged(&[("*/*", setting("ERROR", false))]);
    assert_eq!(answered, Vec::<String>::new());
    assert_eq!(failed, [FAILED, END]);

    let [answered, _] = logged(&[("*/*", setting("INFO", true))]);
    for line in [
        "Method request query string",
        "Endpoint request headers",
        "Method response headers",
    ] {
        assert!(
            answered.iter().any(|known| known == line),
            "{line}: {answered:?}"
        );
    }
    let off = [
        ("*/*", setting("INFO", true)),
        ("~1/GET", setting("OFF", true)),
    ];
    assert_eq!(logged(&off), [Vec::<String>::new(), Vec::new()]);
}
