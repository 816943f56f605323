//! By chance: policies made of what `prove` weighs, and anonymous requests near to what they name. What is called guarded lets none of them in,
//! and what is called exposed lets the request in that is shown.

use std::net::IpAddr;

use proptest::prelude::*;
use serde_json::{Value, json};
use tollgate_model::clock::Clock;
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::Stage;

use super::knock::{Ask, Knocker, Outcome};
use super::*;
use crate::plan::{ApiFacts, Plans};

const NOW_MS: u64 = 1_735_689_600_000;

fn settings() -> Settings {
    Settings {
        clock: Clock::at(NOW_MS),
        ..Settings::default()
    }
}

fn plan(statements: &[Value]) -> Arc<StagePlan> {
    let mock = || json!({"x-amazon-apigateway-integration": {"type": "mock"}});
    let document = json!({
        "openapi": "3.0.1",
        "info": {"title": "t", "version": "1"},
        "x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": statements},
        "paths": {
            "/pets": {"get": mock(), "post": mock()},
            "/pets/{id}": {"x-amazon-apigateway-any-method": mock()},
            "/files/{rest+}": {"get": mock()},
        },
    });
    let options = tollgate_openapi::Options::default();
    let imported = tollgate_openapi::import(document.to_string().as_bytes(), &options);
    let mut imported = imported.expect("a definition");
    imported.bind("api", |part| part.name().to_owned());
    let facts = ApiFacts {
        id: "api".into(),
        account: "000000000000".into(),
        region: "us-east-1".into(),
    };
    let stage = Stage {
        stage_name: Some("dev".to_owned()),
        ..Stage::default()
    };
    let plans = Plans::new(Counters::new(1));
    let plan = plans.plan(Arc::new(facts), &imported.definition, &stage);
    Arc::new(plan.expect("it deploys"))
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let of = |operators, key: &'static str, values| {
        (one_of(operators), one_of(values), one_of(values)).prop_map(
            move |(operator, one, other)| {
                (operator.to_owned(), key.to_owned(), json!([one, other]))
            },
        )
    };
    prop_oneof![
        // Two patterns that one text fits, which is none of the samples of either.
        4 => of(
            &["StringLike", "StringLikeIfExists"],
            "aws:UserAgent",
            &["a*", "*b"],
        ),
        1 => of(
            &["IpAddress", "NotIpAddress", "IpAddressIfExists"],
            "aws:SourceIp",
            &[
                "10.0.0.0/8",
                "10.1.0.0/16",
                "10.1.2.3",
                "0.0.0.0/0",
                "2001:db8::/32",
                "::/0"
            ],
        ),
        1 => of(&["Bool"], "aws:SecureTransport", &["true", "false"]),
        1 => of(
            &[
                "StringEquals",
                "StringNotEquals",
                "StringEqualsIgnoreCase",
                "StringLike",
                "StringNotLike",
                "ForAllValues:StringEquals"
            ],
            "aws:UserAgent",
            &["a", "A", "ab*", "*b", "?", ""],
        ),
        1 => of(
            &["StringEquals", "StringNotEqualsIfExists", "StringLike"],
            "aws:Referer",
            &["a", "a*"]
        ),
        1 => of(&["Null"], "aws:Referer", &["true", "false"]),
        1 => of(
            &["DateLessThan", "DateGreaterThanEquals", "DateEquals"],
            "aws:CurrentTime",
            &[
                "2024-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
                "2027-01-01T00:00:00Z"
            ],
        ),
        1 => of(
            &[
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "DateLessThan"
            ],
            "aws:EpochTime",
            &["1735689600", "1767225600"],
        ),
        1 => of(
            &["StringEquals", "StringNotEquals"],
            "aws:PrincipalOrgID",
            &["o-1"]
        ),
        1 => of(
            &["StringEquals", "StringNotEquals"],
            "aws:SourceVpce",
            &["vpce-1"]
        ),
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let resources = &[
        "*",
        "*",
        "*",
        "/*",
        "/dev/GET/*",
        "/*/*/pets/*",
        "/dev/GET/pets/7",
        "/dev/*/files/a/*",
        "/dev/POST/pets",
        "/*/pets/?",
    ];
    let resource = (one_of(&["Resource", "NotResource"]), one_of(resources));
    (
        one_of(&["Allow", "Allow", "Deny"]),
        one_of(&["*", "*", "*", "111111111111"]),
        resource,
        prop::collection::vec(condition(), 0..3),
    )
        .prop_map(|(effect, principal, (member, path), conditions)| {
            let arn = match path {
                "*" => path.to_owned(),
                path => format!("arn:aws:execute-api:us-east-1:000000000000:api{path}"),
            };
            let mut all = json!({});
            for (operator, key, values) in conditions {
                all[operator][key] = values;
            }
            json!({
                "Effect": effect,
                "Principal": if principal == "*" { json!("*") } else { json!({"AWS": principal}) },
                "Action": "execute-api:Invoke",
                member: arn,
                "Condition": all,
            })
        })
}

/// A request near to what statements name.
fn ask() -> impl Strategy<Value = Ask> {
    let header = |name: &'static str| {
        let values = &["", "a", "A", "ab", "aB", "abb", "b", "xyz"];
        let value = prop::option::of(one_of(values));
        value.prop_map(move |value| value.map(|value| (name.to_owned(), value.to_owned())))
    };
    let targets = &[
        "/pets",
        "/pets/7",
        "/pets/x",
        "/pets/77",
        "/pets/%37",
        "/files/a/b",
        "/files/a/",
        "/files/x",
        "/files/GET/pets/7",
        "/pets//7/",
    ];
    let addresses = &[
        "10.1.2.3",
        "10.1.2.4",
        "10.2.0.1",
        "9.9.9.9",
        "2001:db8::9",
        "::1",
        "::ffff:10.1.2.3",
    ];
    let moments = &[
        NOW_MS,
        NOW_MS + 1,
        1_767_225_600_000,
        1_767_225_601_000,
        1_900_000_000_000,
    ];
    (
        one_of(&["GET", "POST", "OPTIONS"]),
        one_of(targets),
        (header("User-Agent"), header("Referer")),
        one_of(addresses),
        any::<bool>(),
        prop::sample::select(moments),
    )
        .prop_map(
            |(method, path, (agent, referer), from, is_secure, now_ms)| Ask {
                method: method.to_owned(),
                path: path.to_owned(),
                headers: agent.into_iter().chain(referer).collect(),
                from: from.parse().expect("an address"),
                is_address_needed: true,
                is_secure,
                now_ms,
                endpoints: None,
            },
        )
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

fn verdict<'e>(exposure: &'e Exposure, path: &str, method: &str) -> Option<&'e Verdict> {
    let mut routes = exposure.routes.iter().filter(|it| it.path == path);
    routes.find_map(|route| {
        let mut methods = route.methods.iter();
        let judged = methods.find(|judged| judged.method == method)?;
        Some(&judged.verdict)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_guarded_lets_nobody_in(
        statements in prop::collection::vec(statement(), 1..5),
        asks in prop::collection::vec(ask(), 32),
    ) {
        let (plan, settings) = (plan(&statements), settings());
        let exposure = block_on(prove(plan.clone(), &settings, Networks::Configured));
        let knocker = Knocker::new(plan, &settings);
        for ask in &asks {
            if let Outcome::In { path } = block_on(knocker.try_out(ask, false)) {
                let verdict = verdict(&exposure, &path, &ask.method);
                prop_assert!(!matches!(verdict, Some(Verdict::Guarded { .. }) | None), "{ask:?} passes; {verdict:?}");
            }
        }
        for judged in exposure.routes.iter().flat_map(|route| &route.methods) {
            if let Verdict::Exposed { request } = &judged.verdict
                && request.at.is_none()
            {
                let again = Ask {
                    method: request.method.clone(),
                    path: request.path.clone(),
                    headers: request.headers.clone(),
                    from: request.from.parse::<IpAddr>().expect("an address"),
                    is_address_needed: false,
                    is_secure: request.is_secure,
                    now_ms: NOW_MS,
                    endpoints: None,
                };
                prop_assert!(matches!(block_on(knocker.try_out(&again, false)), Outcome::In { .. }), "{request:?}");
            }
        }
    }
}

/// The chances are worth something only if all verdicts come up.
#[test]
fn every_verdict_comes_up() {
    let allow = |more: Value| {
        let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"});
        statement["Condition"] = more;
        plan(&[statement])
    };
    let of = |plan: Arc<StagePlan>| {
        let exposure = block_on(prove(plan, &settings(), Networks::Configured));
        verdict(&exposure, "/pets", "GET").cloned()
    };
    assert!(matches!(
        of(allow(json!({}))),
        Some(Verdict::Exposed { .. })
    ));
    let guarded = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
    assert!(matches!(of(allow(guarded)), Some(Verdict::Guarded { .. })));
    // `ab` passes, and is none of the samples of either pattern.
    let both = json!({"StringLike": {"aws:UserAgent": "a*"}, "StringLikeIfExists": {"aws:UserAgent": "*b"}});
    assert!(matches!(of(allow(both)), Some(Verdict::Undecided { .. })));
    let unknown = json!({"StringEquals": {"aws:nobody-knows": "x"}});
    assert!(matches!(
        of(allow(unknown)),
        Some(Verdict::Undecided { .. })
    ));
}
