//! Every limit: what it lets through, and what it refuses. Those of a backend's answer need a socket and are specified in
//! `spec/http_proxy.md`.

use tollgate_http::{Headers, Request, RequestHead};
use tollgate_model::random::Random;
use tollgate_model::rest::{Definition, MethodOf};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::{
    Integration, IntegrationResponse, Method, MethodResponse, Resource, Stage,
};

use super::tests::{arrival, done, slow, text};
use super::*;
use crate::plan::Plans;
use crate::table::{Api, Table};

/// `POST /x`: a MOCK with this request template, or a backend.
fn table(template: Option<&str>) -> Table {
    let by_type = |template: &str| {
        let entry = ("application/json".to_owned(), text(template));
        Some([entry].into_iter().collect())
    };
    let response = IntegrationResponse {
        status_code: text("200"),
        ..IntegrationResponse::default()
    };
    let method_response = MethodResponse {
        status_code: text("200"),
        ..MethodResponse::default()
    };
    let one = || "200".to_owned();
    let integration = Integration {
        type_: text(if template.is_some() { "MOCK" } else { "HTTP" }),
        uri: text("http://backend.example/"),
        request_templates: template.and_then(by_type),
        integration_responses: Some([(one(), response)].into_iter().collect()),
        ..Integration::default()
    };
    let method = Method {
        http_method: text("POST"),
        authorization_type: text("NONE"),
        method_integration: Some(integration),
        method_responses: Some([(one(), method_response)].into_iter().collect()),
        ..Method::default()
    };
    let definition = Definition {
        resources: vec![Resource {
            id: text("x"),
            path: text("/x"),
            ..Resource::default()
        }],
        methods: vec![MethodOf {
            resource_id: "x".to_owned(),
            method,
        }],
        ..Definition::default()
    };
    let stage = Stage {
        stage_name: text("dev"),
        ..Stage::default()
    };
    let plan = Plans::new(Counters::new(1)).plan(Default::default(), &definition, &stage);
    let api = Api {
        id: "abc".into(),
        stages: vec![std::sync::Arc::new(plan.expect("honoured"))],
        broken: Vec::new(),
        cold: Vec::new(),
    };
    Table::new([api], 1)
}

/// A target and a header block of just so many bytes, and a body.
fn request(target_bytes: usize, header_bytes: usize, body: &str) -> Request {
    let mut headers = Headers::new();
    let host = b"abc.execute-api.localhost";
    headers.push("Host", host).expect("a header");
    // `: ` and the line's end count as well.
    let rest = header_bytes.saturating_sub(headers.wire_bytes() + "X: \r\n".len());
    headers
        .push("X", "x".repeat(rest).as_bytes())
        .expect("a header");
    let target = format!("/dev/x?{}", "x".repeat(target_bytes.saturating_sub(7)));
    let address = ([127, 0, 0, 1], 1).into();
    Request {
        head: RequestHead::new("POST", &target, headers).expect("a head"),
        body: respond::body_of(body.to_owned().into()),
        peer: address,
        local: address,
        secure: false,
        tls: None,
    }
}

/// The status, and the operator's reason if it was refused.
fn run(limits: &Limits, template: Option<&str>, request: Request) -> (u16, String) {
    let (mut record, body) = Record::open(request, arrival(&mut Random::seeded(1)));
    let around = Surroundings {
        hosts: &Hosts::default(),
        limits,
        private_endpoints: &PrivateEndpoints::default(),
        callers: &Callers::default(),
        tokens: Tokens::Told(None),
        table: Rc::new(Held(std::sync::Arc::new(table(template)))),
        gate: Gate::Open,
    };
    let mut effects = Effects::Recorded([slow()].into_iter().collect());
    let response = done(serve(&around, body, &mut record, &mut effects));
    let reason = record.error.map(|error| error.reason.text);
    (response.status, reason.unwrap_or_default())
}

const OK: Option<&str> = Some("{\"statusCode\": 200}");

#[test]
fn targets_and_headers_are_taken_to_the_limit_of_each_profile() {
    for limits in [Limits::AWS, Limits::RELAXED] {
        let (target, header) = (limits.target_bytes_max, limits.header_bytes_max);
        for (target, header, expected) in [
            (target, header, 200),
            (target + 1, header, 414),
            (target, header + 1, 431),
        ] {
            let (status, reason) = run(&limits, OK, request(target, header, ""));
            assert_eq!(status, expected, "{target} {header}: {reason}");
        }
    }
}

/// What is larger than memory should be asked for is only ever announced here: no page of it is touched.
#[test]
fn bodies_over_the_limit_of_each_profile_are_refused() {
    for limits in [Limits::AWS, Limits::RELAXED] {
        let over = usize::try_from(limits.request_body_bytes_max).expect("64 bits") + 1;
        let mut sent = request(0, 0, "");
        sent.body = Body::Whole(vec![0; over].into());
        let (status, reason) = run(&limits, OK, sent);
        assert_eq!(status, 413, "{limits:?}: {reason}");
    }
    let limits = Limits::AWS;
    let (status, reason) = run(&limits, OK, request(0, 0, &"x".repeat(10 << 20)));
    assert_eq!(status, 200, "{reason}");
}

/// A thousand rounds, as many as one loop has, of a text of so many bytes.
fn writes(bytes: usize) -> String {
    let text = "x".repeat(bytes / 1_000);
    format!("{{\"statusCode\": 200, \"a\": \"#foreach($i in [1..1000]){text}#end\"}}")
}

/// A million rounds and more than ten million steps, with as many statements in each.
fn steps(each: usize) -> String {
    let statements = "#set($a = 1)".repeat(each);
    format!(
        "#foreach($i in [1..1000])#foreach($j in [1..1000]){statements}#end#end{{\"statusCode\": 200}}"
    )
}

#[test]
fn templates_are_stopped_at_the_limits_of_each_profile() {
    let (aws, relaxed) = (Limits::AWS, Limits::RELAXED);
    for (limits, template, expected) in [
        (&aws, writes(9 << 20), 200),
        (&aws, writes(11 << 20), 500),
        (&relaxed, writes(11 << 20), 200),
        (&relaxed, writes(65 << 20), 500),
        (&aws, steps(1), 500),
        (&relaxed, steps(1), 200),
        (&relaxed, steps(11), 500),
    ] {
        let (status, reason) = run(limits, Some(&template), request(0, 0, ""));
        assert_eq!(status, expected, "{limits:?}: {reason}");
    }
}

#[test]
fn every_other_limit_refuses_what_is_over_it() {
    const LOOP: Option<&str> = Some("#foreach($i in [1..100])x#end{\"statusCode\": 200}");
    // A new limit must be looked at here.
    let Limits {
        request_body_bytes_max: _,
        response_body_bytes_max: _,
        target_bytes_max: _,
        header_bytes_max: _,
        integration_timeout_ms_max: _,
        template_output_bytes_max: _,
        template_steps_max: _,
    } = Limits::AWS;
    let aws = || Limits::AWS;
    for (limits, template, body, expected, reason) in [
        (aws(), OK, "12345", 200, ""),
        (
            Limits {
                request_body_bytes_max: 4,
                ..aws()
            },
            OK,
            "12345",
            413,
            "request_body_bytes_max",
        ),
        (
            Limits {
                template_output_bytes_max: 19,
                ..aws()
            },
            OK,
            "",
            200,
            "",
        ),
        (
            Limits {
                template_output_bytes_max: 18,
                ..aws()
            },
            OK,
            "",
            500,
            "request template",
        ),
        (
            Limits {
                template_steps_max: 50,
                ..aws()
            },
            LOOP,
            "",
            500,
            "request template",
        ),
        (
            Limits {
                integration_timeout_ms_max: 7,
                ..aws()
            },
            None,
            "",
            504,
            "more than 7 ms",
        ),
        // Without a time-out of its own it has AWS's default, under each profile.
        (aws(), None, "", 504, "more than 29000 ms"),
        (Limits::RELAXED, None, "", 504, "more than 29000 ms"),
    ] {
        let found = run(&limits, template, request(0, 0, body));
        assert_eq!(found.0, expected, "{limits:?}: {}", found.1);
        assert!(found.1.contains(reason), "{reason}: {}", found.1);
    }
}
