//! Policies and requests by chance, as cases: close enough to each other that every element decides now and then.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json, json};

const API: &str = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3";

/// A whole case.
pub(crate) fn case() -> impl Strategy<Value = Json> {
    let policies = (
        prop::collection::vec(document(false), 0..3),
        prop::option::weighted(0.3, document(false)),
        prop::option::weighted(0.3, prop::collection::vec(document(false), 1..3)),
        prop::option::weighted(0.6, document(true)),
    );
    let principals = [
        "user",
        "role",
        "federated user",
        "root",
        "anonymous",
        "apigateway.amazonaws.com",
    ];
    let request = (
        select(principals.to_vec()),
        select(&["execute-api:Invoke", "execute-api:InvalidateCache"][..]),
        select(&["/prod/GET/pets", "/dev/POST/pets/1"][..]),
        select(&["111122223333", "111122223333", "444455556666"][..]),
        context(),
        prop::bool::weighted(0.1),
    );
    (policies, request).prop_map(|((identity, boundary, session, resource), request)| {
        let (principal, action, path, owner, context, must_allow) = request;
        json!({
            "identity": identity, "boundary": boundary, "session": session, "resource_policy": resource,
            "principal": principal, "action": action, "resource": format!("{API}{path}"), "owner": owner, "context": context,
            "must_allow": must_allow,
        })
    })
}

fn document(named: bool) -> impl Strategy<Value = Json> {
    let statements = prop::collection::vec(statement(named), 1..4);
    statements.prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

/// A statement; with principals, where `named`.
pub(crate) fn statement(named: bool) -> impl Strategy<Value = Json> {
    let actions = select(
        &[
            "*",
            "execute-api:*",
            "execute-api:Invoke",
            "execute-api:?nvoke",
            "EXECUTE-API:inv*",
            "s3:*",
        ][..],
    );
    let resources = select(
        &[
            "*",
            "/*",
            "/prod/*",
            "/*/GET/*",
            "/prod/GET/${aws:username}",
            "/dev/POST/pets/?",
        ][..],
    );
    (
        select(&["Allow", "Allow", "Deny"][..]),
        (
            prop::bool::weighted(0.2),
            prop::collection::vec(actions, 1..3),
        ),
        (
            prop::bool::weighted(0.2),
            prop::collection::vec(resources, 1..3),
        ),
        (prop::bool::weighted(0.2), principals()),
        conditions(),
    )
        .prop_map(
            move |(effect, actions, resources, principals, conditions)| {
                let mut made = Map::new();
                made.insert("Effect".to_owned(), json!(effect));
                insert(&mut made, "Action", actions.0, json!(actions.1));
                let arns = resources.1.iter().map(|path| match *path {
                    "*" => "*".to_owned(),
                    path => format!("{API}{path}"),
                });
                insert(
                    &mut made,
                    "Resource",
                    resources.0,
                    json!(arns.collect::<Vec<_>>()),
                );
                if named {
                    insert(&mut made, "Principal", principals.0, principals.1);
                }
                if let Some(conditions) = conditions {
                    made.insert("Condition".to_owned(), conditions);
                }
                Json::Object(made)
            },
        )
}

fn insert(made: &mut Map<String, Json>, element: &str, negated: bool, value: Json) {
    let name = if negated {
        format!("Not{element}")
    } else {
        element.to_owned()
    };
    made.insert(name, value);
}

fn principals() -> impl Strategy<Value = Json> {
    let names = [
        "111122223333",
        "444455556666",
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws:iam::111122223333:role/app/reader",
        "arn:aws:sts::111122223333:assumed-role/reader/s1",
        "arn:aws:sts::111122223333:federated-user/guest",
    ];
    prop_oneof![
        1 => Just(json!("*")),
        1 => Just(json!({"Service": "apigateway.amazonaws.com"})),
        4 => prop::collection::vec(select(names.to_vec()), 1..4).prop_map(|names| json!({"AWS": names})),
    ]
}

fn conditions() -> impl Strategy<Value = Option<Json>> {
    let one = prop_oneof![
        (
            select(
                &[
                    "StringEquals",
                    "StringNotEquals",
                    "StringLikeIfExists",
                    "StringNotLike",
                    "StringEqualsIgnoreCase"
                ][..]
            ),
            select(
                &[
                    "alice",
                    "a*",
                    "${aws:PrincipalTag/team}",
                    "${aws:PrincipalTag/team, 'alice'}"
                ][..]
            )
        )
            .prop_map(|(operator, value)| (operator, "aws:username", value)),
        (
            select(&["IpAddress", "NotIpAddress", "IpAddressIfExists"][..]),
            select(&["10.0.0.0/8", "10.0.0.1", "::/0"][..])
        )
            .prop_map(|(operator, value)| (operator, "aws:SourceIp", value)),
        (
            select(
                &[
                    "ForAllValues:StringEquals",
                    "ForAnyValue:StringLike",
                    "ForAllValues:StringNotLike",
                    "ForAnyValue:StringNotEqualsIfExists"
                ][..]
            ),
            select(&["red", "b*"][..])
        )
            .prop_map(|(operator, value)| (operator, "aws:TagKeys", value)),
        (
            select(&["Null", "Bool"][..]),
            select(&["true", "false"][..])
        )
            .prop_map(|(operator, value)| (operator, "aws:SecureTransport", value)),
        (
            select(&["NumericLessThan", "NumericNotEquals"][..]),
            select(&["60", "3600.5"][..])
        )
            .prop_map(|(operator, value)| (operator, "aws:MultiFactorAuthAge", value)),
        (
            select(&["DateGreaterThan", "DateLessThanEquals"][..]),
            select(&["2026-01-01", "1767225600"][..])
        )
            .prop_map(|(operator, value)| (operator, "aws:CurrentTime", value)),
        (
            select(&["ArnLike", "ArnNotEquals"][..]),
            select(&["arn:aws:sns:*:1:*", "*"][..])
        )
            .prop_map(|(operator, value)| (operator, "aws:SourceArn", value)),
    ];
    prop::option::of(prop::collection::vec(one, 1..3).prop_map(|conditions| {
        let mut made = Map::new();
        for (operator, key, value) in conditions {
            made.insert(operator.to_owned(), json!({key: [value]}));
        }
        Json::Object(made)
    }))
}

fn context() -> impl Strategy<Value = Json> {
    let maybe = |key: &'static str, values: Vec<Json>| {
        prop::option::of(select(values)).prop_map(move |value| (key, value))
    };
    (
        maybe(
            "aws:username",
            vec![json!("alice"), json!("bob"), json!("")],
        ),
        maybe(
            "aws:SourceIp",
            vec![
                json!("10.0.0.1"),
                json!("192.168.0.1"),
                json!("2001:db8::1"),
            ],
        ),
        maybe(
            "aws:TagKeys",
            vec![json!(["red"]), json!(["red", "blue"]), json!([])],
        ),
        maybe("aws:SecureTransport", vec![json!(true), json!(false)]),
        maybe("aws:MultiFactorAuthAge", vec![json!(60), json!("3600.5")]),
        maybe(
            "aws:CurrentTime",
            vec![json!("2026-01-01T00:00:00Z"), json!("2025-06-01T00:00:00Z")],
        ),
        maybe(
            "aws:SourceArn",
            vec![json!("arn:aws:sns:e:1:t"), json!("arn:aws:sqs:e:2:q")],
        ),
        maybe("aws:PrincipalTag/team", vec![json!("alice"), json!("red")]),
    )
        .prop_map(|(a, b, c, d, e, f, g, h)| {
            let pairs = [a, b, c, d, e, f, g, h].into_iter();
            let known = pairs.filter_map(|(key, value)| value.map(|value| (key.to_owned(), value)));
            Json::Object(known.collect())
        })
}
