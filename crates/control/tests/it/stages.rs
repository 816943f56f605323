//! Stages. <https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html>

use serde_json::{Value, json};
use tollgate_control::Refusal;

use crate::fixture::{Fixture, NOW_MS};
use crate::play::{Answers, NONE, Step, any, bad, each, ok, patch, play_after, play_on_mock, with};

const ALL: &str = "/restapis/{api.id}/stages";
const DEV: &str = "/restapis/{api.id}/stages/dev";

async fn on_deployment(fixture: &Fixture, steps: &[Step<'_>]) -> Answers {
    let first = [(
        "deployed",
        "POST /restapis/{api.id}/deployments",
        json!({}),
        201,
        any(),
    )];
    let answers = play_on_mock(fixture, &first).await;
    play_after(fixture, answers, steps).await
}

async fn on_stage(fixture: &Fixture, steps: &[Step<'_>]) -> Answers {
    let create = format!("POST {ALL}");
    let first = [(
        "stage",
        create.as_str(),
        json!({"stageName": "dev", "deploymentId": "{deployed.id}"}),
        201,
        any(),
    )];
    let answers = on_deployment(fixture, &first).await;
    play_after(fixture, answers, steps).await
}

fn whole(more: Value) -> Value {
    with(
        json!({
            "deploymentId": "{deployed.id}", "stageName": "dev", "cacheClusterEnabled": false, "cacheClusterStatus": "NOT_AVAILABLE",
            "methodSettings": {}, "tracingEnabled": false, "createdDate": "*", "lastUpdatedDate": "*"
        }),
        more,
    )
}

/// Recorded: TestApiGatewayStage::test_get_stages_filters_by_deployment_id, TestStageCrudCanary::test_create_update_stages.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let create = json!({"stageName": "dev", "deploymentId": "{deployed.id}", "description": "d", "variables": {"v": "1"}, "tags": {"t": "1"}});
    let stage = whole(json!({"description": "d", "variables": {"v": "1"}, "tags": {"t": "1"}}));
    on_deployment(
        &fixture,
        &[
            (
                "create",
                &format!("POST {ALL}"),
                create.clone(),
                201,
                stage.clone(),
            ),
            (
                "again",
                &format!("POST {ALL}"),
                create,
                409,
                json!("ConflictException: Stage already exists"),
            ),
            ("get", &format!("GET {DEV}"), NONE, 200, stage.clone()),
            (
                "list",
                &format!("GET {ALL}"),
                NONE,
                200,
                json!({"item": [stage.clone()]}),
            ),
            (
                "of the deployment",
                &format!("GET {ALL}?deploymentId={{deployed.id}}"),
                NONE,
                200,
                json!({"item": [stage]}),
            ),
            (
                "of another",
                &format!("GET {ALL}?deploymentId=nothing"),
                NONE,
                200,
                json!({"item": []}),
            ),
            ("delete", &format!("DELETE {DEV}"), NONE, 202, NONE),
            (
                "gone",
                &format!("GET {DEV}"),
                NONE,
                404,
                json!("NotFoundException: Invalid stage identifier specified"),
            ),
        ],
    )
    .await;
    assert_eq!(fixture.gateway.served(), 2, "created and deleted");
}

#[tokio::test]
async fn refused_creations() {
    let fixture = Fixture::new();
    let answers = on_deployment(&fixture, &[]).await;
    let on_dev = |more: Value| {
        with(
            json!({"stageName": "dev", "deploymentId": "{deployed.id}"}),
            more,
        )
    };
    let many: serde_json::Map<_, _> = (0..101).map(|n| (format!("k{n}"), json!("v"))).collect();
    // But for the deployment's, which is recorded, the texts are guesses after the guide's rules.
    for (body, text) in [
        (
            on_dev(json!({"deploymentId": "nothing"})),
            "Deployment id does not exist",
        ),
        (
            on_dev(json!({"canarySettings": {"deploymentId": "nothing"}})),
            "Deployment id does not exist",
        ),
        (
            on_dev(json!({"documentationVersion": "nothing"})),
            "Invalid Documentation version specified",
        ),
        (
            on_dev(json!({"canarySettings": {"percentTraffic": 101}})),
            "Canary percentTraffic must be between 0.0 and 100.0",
        ),
        (
            on_dev(json!({"canarySettings": {"stageVariableOverrides": {"a-b": "1"}}})),
            "Stage variable names must match [A-Za-z0-9_]{1,64}: a-b",
        ),
        (
            on_dev(json!({"stageName": "a/b"})),
            "Stage name only allows a-zA-Z0-9_-",
        ),
        (
            on_dev(json!({"variables": {"a-b": "1"}})),
            "Stage variable names must match [A-Za-z0-9_]{1,64}: a-b",
        ),
        (
            on_dev(json!({"variables": {"a": "b c"}})),
            "Stage variable values must match [A-Za-z0-9-._~:/?#&=,]+: a",
        ),
        (
            on_dev(json!({"variables": {"a": "b".repeat(513)}})),
            "Stage variable values must match [A-Za-z0-9-._~:/?#&=,]+: a",
        ),
        (
            on_dev(json!({"variables": many})),
            "A stage can have at most 100 stage variables",
        ),
    ] {
        let expect = json!(format!("BadRequestException: {text}"));
        play_after(
            &fixture,
            answers.clone(),
            &[("refused", &format!("POST {ALL}"), body, 400, expect)],
        )
        .await;
    }
}

/// Recorded: TestApiGatewayStage::test_update_stage…, TestStages::test_update_stage_remove_wildcard,
/// test_stage_access_log_settings, …_validation.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let on = format!("PATCH {DEV}");
    let log = "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]";
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    let cases = [
        ok(
            json!([["replace", "/description", "d"]]),
            "description",
            json!("d"),
        ),
        ok(
            json!([
                ["replace", "/variables/a", "1"],
                ["replace", "/variables/b", "2"]
            ]),
            "variables",
            json!({"a": "1", "b": "2"}),
        ),
        ok(
            json!([["remove", "/variables/a"]]),
            "variables",
            json!({"b": "2"}),
        ),
        ok(
            json!([["replace", "/tracingEnabled", "true"]]),
            "tracingEnabled",
            json!(true),
        ),
        ok(
            json!([["replace", "/cacheClusterSize", "0.5"]]),
            "cacheClusterSize",
            json!("0.5"),
        ),
        bad(
            json!([["replace", "/documentationVersion", "1"]]),
            "Invalid Documentation version specified",
        ),
        ok(
            json!([
                ["replace", "/accessLogSettings/destinationArn", arn],
                ["add", "/accessLogSettings/format", "$context.requestId"]
            ]),
            "accessLogSettings",
            json!({"destinationArn": arn, "format": "$context.requestId"}),
        ),
        bad(
            json!([["replace", "/accessLogSettings/format", ""]]),
            "Access Log value must not be empty",
        ),
        bad(
            json!([[
                "replace",
                "/accessLogSettings/destinationArn",
                format!("{arn}:*")
            ]]),
            &format!(
                "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': '{}:*'",
                arn.splitn(6, ':').last().unwrap()
            ),
        ),
        bad(
            json!([["replace", "/accessLogSettings/destinationArn", "pets"]]),
            "Invalid ARN specified in the request: pets",
        ),
        bad(
            json!([[
                "replace",
                "/accessLogSettings/destinationArn",
                "arn:aws:firehose:us-east-1:000000000000:deliverystream/pets"
            ]]),
            "Access log destination must be a delivery stream whose name begins with amazon-apigateway-: 'deliverystream/pets'",
        ),
        bad(
            json!([[
                "add",
                "/accessLogSettings/format",
                "$context.requestId\n$context.status"
            ]]),
            "Access Log format must be single line, new line character is allowed only at end of the format: '$context.requestId\n$context.status'",
        ),
        bad(
            json!([[
                "add",
                "/accessLogSettings/format",
                "$context.requestIdentity"
            ]]),
            "Access Log format must contain the following variable: $context.requestId or $context.extendedRequestId: '$context.requestIdentity'",
        ),
        bad(
            json!([[
                "add",
                "/accessLogSettings/format",
                format!("$context.requestId{}", " ".repeat(3072))
            ]]),
            "Access Log format must not be larger than 3072 bytes",
        ),
        bad(json!([["add", "/accessLogSettings/wrong", "a"]]), log),
        bad(json!([["add", "/accessLogSettings", "a"]]), log),
        bad(
            json!([["remove", "/accessLogSettings/destinationArn"]]),
            "Cannot remove method setting accessLogSettings/destinationArn because there is no method setting for this method ",
        ),
        bad(
            json!([["remove", "/*/*"]]),
            "Cannot remove method setting */* because there is no method setting for this method ",
        ),
        bad(
            json!([["replace", "/variables/a b", "1"]]),
            "Stage variable names must match [A-Za-z0-9_]{1,64}: a b",
        ),
        bad(
            json!([["replace", "/deploymentId", "nothing"]]),
            "Deployment id does not exist",
        ),
        bad(
            json!([["add", "/canarySettings/deploymentId", "a"]]),
            "Invalid add operation with path: /canarySettings/deploymentId",
        ),
        bad(
            json!([[
                "copy",
                "/canarySettings/stageVariableOverrides",
                null,
                "/variables"
            ]]),
            "Invalid copy operation with path: /canarySettings/stageVariableOverrides and from /variables. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]",
        ),
        bad(
            json!([[
                "copy",
                "/deploymentId",
                null,
                "/canarySettings/deploymentId"
            ]]),
            "Promotion not available. Canary does not exist.",
        ),
    ];
    let mut steps: Vec<Step<'_>> = each(&on, cases).collect();
    steps.push(("no log", &on, patch(json!([["remove", "/accessLogSettings"]])), 200, whole(json!({
        "description": "d", "variables": {"b": "2"}, "tracingEnabled": true, "cacheClusterSize": "0.5"
    }))));
    on_stage(&fixture, &steps).await;
}

/// Recorded, with the list's missing commas.
#[tokio::test]
async fn an_unknown_path_is_taken_for_a_method_setting() {
    let fixture = Fixture::new();
    let answers = on_stage(&fixture, &[]).await;
    for path in [
        "/canarySettings",
        "/canarySettings/badPath",
        "/documentation_version",
        "/tags/tag1",
        "/a/GET/b/c",
    ] {
        let body = patch(json!([["replace", path, "a"]])).to_string();
        let answer = fixture
            .call("PATCH", &crate::play::fill(DEV, &answers), &body)
            .await;
        let start = format!(
            "BadRequestException: Invalid method setting path: {path}. Must be one of: [/deploymentId, /description, "
        );
        let refusal = answer.refusal();
        assert!(
            refusal.starts_with(&start)
                && refusal.ends_with(", /variables/{variable_name}, /tracingEnabled]"),
            "{refusal}"
        );
    }
}

/// Recorded: TestStages::test_update_stage_remove_wildcard; the other defaults are the AWS CLI's sample.
#[tokio::test]
async fn method_settings() {
    let fixture = Fixture::new();
    let on = format!("PATCH {DEV}");
    let block = |more: Value| {
        with(
            json!({
                "metricsEnabled": false, "dataTraceEnabled": false, "throttlingBurstLimit": 5000, "throttlingRateLimit": 10000.0, "cachingEnabled": false,
                "cacheTtlInSeconds": 300, "cacheDataEncrypted": false, "requireAuthorizationForCacheControl": true,
                "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER"
            }),
            more,
        )
    };
    let settings = |settings: Value| json!({"methodSettings": settings, "...": true});
    let invalid = |path: &str, value: &str| {
        json!(format!(
            "BadRequestException: Invalid value for {path}: {value}"
        ))
    };
    on_stage(&fixture, &[
        ("a whole block", &on, patch(json!([["replace", "/*/*/metrics/enabled", "true"]])), 200, settings(json!({"*/*": block(json!({"metricsEnabled": true}))}))),
        ("starts from the stage's", &on, patch(json!([["replace", "/~1pets/GET/logging/loglevel", "INFO"]])), 200, settings(json!({
            "*/*": block(json!({"metricsEnabled": true})), "~1pets/GET": block(json!({"metricsEnabled": true, "loggingLevel": "INFO"}))
        }))),
        ("numbers", &on, patch(json!([
            ["replace", "/~1pets/GET/throttling/burstLimit", "10"], ["replace", "/~1pets/GET/throttling/rateLimit", "0.5"], ["replace", "/~1pets/GET/caching/ttlInSeconds", "60"]
        ])), 200, settings(json!({"*/*": "*", "~1pets/GET": block(json!({
            "metricsEnabled": true, "loggingLevel": "INFO", "throttlingBurstLimit": 10, "throttlingRateLimit": 0.5, "cacheTtlInSeconds": 60
        }))}))),
        ("removed", &on, patch(json!([["remove", "/~1pets/GET"]])), 200, settings(json!({"*/*": "*"}))),
        ("no more", &on, patch(json!([["remove", "/~1pets/GET"]])), 400, json!("BadRequestException: Cannot remove method setting ~1pets/GET because there is no method setting for this method ")),
        ("removed", &on, patch(json!([["remove", "/*/*"]])), 200, settings(json!({}))),
        // Guess: the text is not recorded.
        ("no level", &on, patch(json!([["replace", "/*/*/logging/loglevel", "LOUD"]])), 400, invalid("/*/*/logging/loglevel", "LOUD")),
        ("no limit", &on, patch(json!([["replace", "/*/*/throttling/rateLimit", "-1.000000"], ["replace", "/*/*/throttling/burstLimit", "-1"]])), 200, any()),
        ("less than none", &on, patch(json!([["replace", "/*/*/throttling/burstLimit", "-2"]])), 400, invalid("/*/*/throttling/burstLimit", "-2")),
        ("removed", &on, patch(json!([["remove", "/*/*"]])), 200, settings(json!({}))),
        ("no number", &on, patch(json!([["replace", "/*/*/throttling/rateLimit", "fast"]])), 400, invalid("/*/*/throttling/rateLimit", "fast")),
        ("no finite number", &on, patch(json!([["replace", "/*/*/throttling/rateLimit", "NaN"]])), 400, invalid("/*/*/throttling/rateLimit", "NaN")),
    ]).await;
}

#[tokio::test]
async fn an_update_has_its_time() {
    let fixture = Fixture::new();
    let answers = on_stage(&fixture, &[]).await;
    fixture.pass_ms(2000);
    let shown =
        json!({"createdDate": NOW_MS / 1000, "lastUpdatedDate": NOW_MS / 1000 + 2, "...": true});
    play_after(
        &fixture,
        answers,
        &[(
            "patch",
            &format!("PATCH {DEV}"),
            patch(json!([])),
            200,
            shown,
        )],
    )
    .await;
}

/// Recorded: TestStageCrudCanary. Whether traffic is split is the gateway's to refuse.
#[tokio::test]
async fn canaries() {
    let fixture = Fixture::new();
    let on = format!("PATCH {DEV}");
    let canary = |more: Value| {
        let mut it =
            json!({"deploymentId": "{deployed.id}", "percentTraffic": 0.0, "useStageCache": false});
        it.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"canarySettings": it, "...": true})
    };
    on_stage(
        &fixture,
        &[
            (
                "made by any part",
                &on,
                patch(json!([["replace", "/canarySettings/percentTraffic", "50"]])),
                200,
                canary(json!({"percentTraffic": 50.0})),
            ),
            (
                "overrides",
                &on,
                patch(json!([
                    ["replace", "/canarySettings/stageVariableOverrides/v", "2"],
                    ["replace", "/variables/v", "1"],
                    ["replace", "/variables/w", "1"]
                ])),
                200,
                canary(json!({"percentTraffic": 50.0, "stageVariableOverrides": {"v": "2"}})),
            ),
            (
                "promoted",
                &on,
                patch(json!([
                    [
                        "copy",
                        "/variables",
                        null,
                        "/canarySettings/stageVariableOverrides"
                    ],
                    [
                        "copy",
                        "/deploymentId",
                        null,
                        "/canarySettings/deploymentId"
                    ]
                ])),
                200,
                json!({"variables": {"v": "2", "w": "1"}, "...": true}),
            ),
            (
                "removed",
                &on,
                patch(json!([["remove", "/canarySettings"]])),
                200,
                whole(json!({"variables": {"v": "2", "w": "1"}})),
            ),
            (
                "too much",
                &on,
                patch(json!([[
                    "replace",
                    "/canarySettings/percentTraffic",
                    "101"
                ]])),
                400,
                json!("BadRequestException: Invalid value for /canarySettings/percentTraffic: 101"),
            ),
        ],
    )
    .await;
}

/// Ours: UpdateStage asks the gateway as the others do, and changes nothing that it does not honour.
#[tokio::test]
async fn what_the_gateway_does_not_honour() {
    let fixture = Fixture::new();
    let answers = on_stage(&fixture, &[]).await;
    *fixture.gateway.refusals.lock().expect("no test panicked") = vec![Refusal {
        member: "stage.cacheClusterEnabled".to_owned(),
        reason: "there is no cache yet".to_owned(),
    }];
    let text = "BadRequestException: Tollgate cannot honour stage.cacheClusterEnabled: there is no cache yet";
    play_after(
        &fixture,
        answers,
        &[
            (
                "refused",
                &format!("PATCH {DEV}"),
                patch(json!([["replace", "/cacheClusterEnabled", "true"]])),
                400,
                json!(text),
            ),
            (
                "as before",
                &format!("GET {DEV}"),
                NONE,
                200,
                whole(json!({})),
            ),
        ],
    )
    .await;
}

/// The API reference: both answer 202. Guesses: a cache is there at once, of the smallest size where none is said; a stage without one is
/// flushed of nothing.
#[tokio::test]
async fn caches() {
    let fixture = Fixture::new();
    let answers = on_stage(&fixture, &[]).await;
    let (data, authorizers) = (
        format!("{DEV}/cache/data"),
        format!("{DEV}/cache/authorizers"),
    );
    let cached = |size: &str| {
        whole(
            json!({"cacheClusterEnabled": true, "cacheClusterStatus": "AVAILABLE", "cacheClusterSize": size}),
        )
    };
    let answers = play_after(
        &fixture,
        answers,
        &[
            ("none", &format!("DELETE {data}"), NONE, 202, any()),
            (
                "on",
                &format!("PATCH {DEV}"),
                patch(json!([["replace", "/cacheClusterEnabled", "true"]])),
                200,
                cached("0.5"),
            ),
            (
                "larger",
                &format!("PATCH {DEV}"),
                patch(json!([["replace", "/cacheClusterSize", "6.1"]])),
                200,
                cached("6.1"),
            ),
            ("read", &format!("GET {DEV}"), NONE, 200, cached("6.1")),
            ("flushed", &format!("DELETE {data}"), NONE, 202, any()),
            ("others", &format!("DELETE {authorizers}"), NONE, 202, any()),
            (
                "unknown",
                &format!("DELETE {ALL}/none/cache/data"),
                NONE,
                404,
                json!("NotFoundException: Invalid stage identifier specified"),
            ),
            (
                "of nothing",
                "DELETE /restapis/none/stages/dev/cache/authorizers",
                NONE,
                404,
                json!("NotFoundException: Invalid stage identifier specified"),
            ),
        ],
    )
    .await;
    let id = answers["api"]["id"].as_str().unwrap_or_default();
    let expected = [
        format!("{id}/dev data"),
        format!("{id}/dev data"),
        format!("{id}/dev authorizers"),
    ];
    let flushed = fixture.gateway.flushed.lock().expect("no test panicked");
    assert_eq!(*flushed, expected);
}
