//! Usage plans, the keys in them, and what these used. <https://docs.aws.amazon.com/apigateway/latest/api/API_UsagePlan.html>

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::play::{Answers, NONE, any, bad, each, ok, patch, play_after, play_on_mock};

const UNKNOWN: &str = "NotFoundException: Invalid Usage Plan ID specified";
const DEPLOY: &str = "POST /restapis/{api.id}/deployments";

/// An API with the stages `dev` and `prod`.
async fn begin(fixture: &Fixture) -> Answers {
    play_on_mock(
        fixture,
        &[
            ("dev", DEPLOY, json!({"stageName": "dev"}), 201, any()),
            ("prod", DEPLOY, json!({"stageName": "prod"}), 201, any()),
        ],
    )
    .await
}

/// Recorded: what the creation and GetUsagePlan show. The rest is as marked.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let answers = begin(&fixture).await;
    let stage = json!({"apiId": "{api.id}", "stage": "dev"});
    let plan = json!({"name": "gold", "description": "d", "apiStages": [stage], "throttle": {"rateLimit": 2, "burstLimit": 1}, "quota": {"limit": 10, "period": "DAY"}});
    let made = json!({"id": "*", "name": "gold", "description": "d", "apiStages": [stage], "throttle": {"burstLimit": 1, "rateLimit": 2.0}, "quota": {"limit": 10, "offset": 0, "period": "DAY"}});
    let mut shown = made.clone();
    shown["tags"] = json!({});
    play_after(&fixture, answers, &[
        ("plan", "POST /usageplans", plan, 201, made.clone()),
        ("get", "GET /usageplans/{plan.id}", NONE, 200, shown),
        ("list", "GET /usageplans", NONE, 200, json!({"item": [made]})),
        ("unknown", "GET /usageplans/nothing", NONE, 404, json!(UNKNOWN)),
        ("unknown", "DELETE /usageplans/nothing", NONE, 404, json!(UNKNOWN)),
        ("unknown", "PATCH /usageplans/nothing", patch(json!([])), 404, json!(UNKNOWN)),
        // As users report it.
        ("in use", "DELETE /usageplans/{plan.id}", NONE, 400, json!("BadRequestException: Cannot delete Usage Plan {plan.id} because there are API Stages associated with it, including {api.id}:dev")),
        ("no longer", "PATCH /usageplans/{plan.id}", patch(json!([["remove", "/apiStages", "{api.id}:dev"]])), 200, json!({"apiStages": [], "...": true})),
        ("delete", "DELETE /usageplans/{plan.id}", NONE, 202, NONE),
        ("gone", "GET /usageplans/{plan.id}", NONE, 404, json!(UNKNOWN)),
    ])
    .await;
}

/// The third and fourth are recorded and reported by users; the other texts are guesses.
#[tokio::test]
async fn refused_creations() {
    let fixture = Fixture::new();
    let answers = begin(&fixture).await;
    let stage = |throttle: Value| json!({"name": "a", "apiStages": [{"apiId": "{api.id}", "stage": "dev", "throttle": throttle}]});
    let methods: serde_json::Map<_, _> = (0..21)
        .map(|n| {
            (
                format!("/r{n}/GET"),
                json!({"rateLimit": 1, "burstLimit": 1}),
            )
        })
        .collect();
    let cases = [
        (
            json!({"name": " "}),
            "BadRequestException: Usage Plan name must have 1 to 1024 characters",
        ),
        (
            json!({"name": "a", "throttle": {"rateLimit": 1}}),
            "BadRequestException: Tollgate cannot honour a throttle that has only one of rateLimit and burstLimit",
        ),
        (
            json!({"name": "a", "apiStages": [{"apiId": "nothing", "stage": "dev"}]}),
            "NotFoundException: Invalid API Stage {api: nothing, stage: dev} specified for usageplan *",
        ),
        (
            json!({"name": "a", "apiStages": [{"apiId": "", "stage": "dev"}]}),
            "BadRequestException: Invalid API Stage {api: %s, stage: %s} specified for usageplan %s",
        ),
        (
            json!({"name": "a", "throttle": {"rateLimit": -1, "burstLimit": 1}}),
            "BadRequestException: Throttle limits must be zero or more",
        ),
        (
            json!({"name": "a", "quota": {"limit": 1}}),
            "BadRequestException: Usage Plan quota period must be one of: [DAY, WEEK, MONTH]",
        ),
        (
            json!({"name": "a", "quota": {"period": "DAY"}}),
            "BadRequestException: Usage Plan quota limit must be zero or more",
        ),
        (
            json!({"name": "a", "quota": {"period": "DAY", "limit": 1, "offset": -1}}),
            "BadRequestException: Usage Plan quota offset must be zero or more",
        ),
        (
            stage(json!({"/pets": {"rateLimit": 1, "burstLimit": 1}})),
            "BadRequestException: Invalid method /pets specified for throttle: expected /resource/path/METHOD",
        ),
        (
            stage(Value::Object(methods)),
            "BadRequestException: An API stage of a Usage Plan can have at most 20 throttled methods",
        ),
        (
            json!({"name": "a", "apiStages": [{"apiId": "{api.id}", "stage": "dev"}, {"apiId": "{api.id}", "stage": "dev"}]}),
            "BadRequestException: A Usage Plan cannot have the same API stage twice",
        ),
    ];
    for (body, expected) in cases {
        let text = crate::play::fill(&body.to_string(), &answers);
        let answer = fixture.call("POST", "/usageplans", &text).await;
        let refusal = answer.refusal();
        let is_same = match expected.strip_suffix('*') {
            Some(start) => refusal.starts_with(start),
            None => refusal == expected,
        };
        assert!(is_same, "{text}\n{refusal}\n{expected}");
    }
}

/// The reference's table; the texts of stages are recorded, the list of paths is reported by users.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let answers = begin(&fixture).await;
    let plan = [(
        "plan",
        "POST /usageplans",
        json!({"name": "gold"}),
        201,
        any(),
    )];
    let answers = play_after(&fixture, answers, &plan).await;
    let id = answers["api"]["id"].as_str().unwrap().to_owned();
    let dev = |throttle: Value| json!([{"apiId": id, "stage": "dev", "throttle": throttle}]);
    let at = |rest: &str| format!("/apiStages/{id}:dev/throttle{rest}");
    let one = json!({"rateLimit": 1.5, "burstLimit": 2});
    let cases = [
        ok(
            json!([["add", "/apiStages", format!("{id}:dev")]]),
            "apiStages",
            json!([{"apiId": id, "stage": "dev"}]),
        ),
        ok(
            json!([["add", "/apiStages", format!("{id}:dev")]]),
            "apiStages",
            json!([{"apiId": id, "stage": "dev"}]),
        ),
        ok(
            json!([
                ["add", at("/~1pets/GET/rateLimit"), "1.5"],
                ["add", at("/~1pets/GET/burstLimit"), "2"]
            ]),
            "apiStages",
            dev(json!({"/pets/GET": one})),
        ),
        // As Terraform writes it.
        ok(
            json!([["replace", at("//pets/GET/burstLimit"), "3"]]),
            "apiStages",
            dev(json!({"/pets/GET": {"rateLimit": 1.5, "burstLimit": 3}})),
        ),
        ok(
            json!([[
                "replace",
                at(""),
                r#"{"/a/GET":{"rateLimit":1,"burstLimit":1}}"#
            ]]),
            "apiStages",
            dev(json!({"/a/GET": {"rateLimit": 1.0, "burstLimit": 1}})),
        ),
        ok(
            json!([["remove", at("/~1a/GET")]]),
            "apiStages",
            json!([{"apiId": id, "stage": "dev"}]),
        ),
        ok(
            json!([
                ["add", "/throttle/rateLimit", "9"],
                ["add", "/throttle/burstLimit", "8"]
            ]),
            "throttle",
            json!({"rateLimit": 9.0, "burstLimit": 8}),
        ),
        ok(
            json!([
                ["add", "/quota/limit", "9"],
                ["add", "/quota/period", "WEEK"]
            ]),
            "quota",
            json!({"limit": 9, "offset": 0, "period": "WEEK"}),
        ),
        bad(
            json!([["add", "/throttle/rateLimit", "x"]]),
            "Invalid value for /throttle/rateLimit: x",
        ),
        bad(
            json!([["remove", "/apiStages"]]),
            "Invalid API Stage specified",
        ),
        bad(
            json!([["add", "/apiStages", "nothing"]]),
            "Invalid API Stage specified",
        ),
        bad(
            json!([["remove", format!("/apiStages/{id}:dev")]]),
            &format!(
                "Invalid patch path  '/apiStages/{id}:dev' specified for op 'remove'. Must be one of: [/apiStages, /quota, /throttle, /productCode, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle]"
            ),
        ),
    ];
    let line = "PATCH /usageplans/{plan.id}";
    let steps: Vec<_> = each(line, cases).collect();
    let answers = play_after(&fixture, answers, &steps).await;
    let id = answers["plan"]["id"].as_str().unwrap().to_owned();
    play_after(&fixture, answers, &[
        ("no such stage", line, patch(json!([["add", "/apiStages", "nothing:dev"]])), 404, json!(format!("NotFoundException: Invalid API Stage {{api: nothing, stage: dev}} specified for usageplan {id}"))),
        ("not in the plan", line, patch(json!([["remove", "/apiStages", "{api.id}:prod"]])), 404, any()),
        ("no quota", line, patch(json!([["remove", "/quota"], ["remove", "/throttle"]])), 200, json!({"id": "*", "name": "gold", "apiStages": "*", "tags": {}})),
    ])
    .await;
}

/// The guide: no key may be in two plans of one stage. Guess: the texts of the conflicts.
#[tokio::test]
async fn keys_in_plans() {
    let fixture = Fixture::new();
    let answers = begin(&fixture).await;
    let key = |step: &str| json!({"keyId": format!("{{{step}.id}}"), "keyType": "API_KEY"});
    let of = |name: &str, stage: &str| json!({"name": name, "apiStages": [{"apiId": "{api.id}", "stage": stage}]});
    let shown = json!({"id": "{key.id}", "type": "API_KEY", "value": "*", "name": "mine"});
    let two = |plan: &str, stage: &str| {
        json!(format!(
            "ConflictException: Usage Plan {{{plan}.id}} cannot be added because API Key cannot reference multiple Usage Plans with the same API stage: {{api.id}}:{stage}"
        ))
    };
    play_after(&fixture, answers, &[
        ("key", "POST /apikeys", json!({"name": "mine"}), 201, any()),
        ("dev plan", "POST /usageplans", of("one", "dev"), 201, any()),
        ("prod plan", "POST /usageplans", of("two", "prod"), 201, any()),
        ("dev too", "POST /usageplans", of("three", "dev"), 201, any()),
        ("add", "POST /usageplans/{dev plan.id}/keys", key("key"), 201, shown.clone()),
        ("get", "GET /usageplans/{dev plan.id}/keys/{key.id}", NONE, 200, shown.clone()),
        ("again", "POST /usageplans/{dev plan.id}/keys", key("key"), 409, json!("ConflictException: API Key {key.id} is already associated with Usage Plan {dev plan.id}")),
        ("another stage", "POST /usageplans/{prod plan.id}/keys", key("key"), 201, shown.clone()),
        ("the same stage", "POST /usageplans/{dev too.id}/keys", key("key"), 409, two("dev too", "dev")),
        ("by a stage", "PATCH /usageplans/{prod plan.id}", patch(json!([["add", "/apiStages", "{api.id}:dev"]])), 409, two("prod plan", "dev")),
        ("plans of the key", "GET /usageplans?keyId={key.id}", NONE, 200, any()),
        ("type", "POST /usageplans/{dev plan.id}/keys", json!({"keyId": "{key.id}", "keyType": "x"}), 400, json!("BadRequestException: Usage Plan Key type must be API_KEY")),
        ("no plan", "POST /usageplans/nothing/keys", key("key"), 404, json!(UNKNOWN)),
        ("no key", "POST /usageplans/{dev plan.id}/keys", json!({"keyId": "nothing", "keyType": "API_KEY"}), 404, json!("NotFoundException: Invalid API Key identifier specified")),
        ("take out", "DELETE /usageplans/{dev plan.id}/keys/{key.id}", NONE, 202, NONE),
        ("not in it", "GET /usageplans/{dev plan.id}/keys/{key.id}", NONE, 404, json!("NotFoundException: Invalid API Key identifier specified")),
        ("now the stage is free", "POST /usageplans/{dev too.id}/keys", key("key"), 201, shown),
        ("delete the key", "DELETE /apikeys/{key.id}", NONE, 202, NONE),
        ("it is in none", "GET /usageplans/{dev too.id}/keys", NONE, 200, json!({"item": []})),
        ("of no key", "GET /usageplans?keyId={key.id}", NONE, 200, json!({"item": []})),
    ])
    .await;
}

/// As users report it: a stage that is made again is in no plan.
#[tokio::test]
async fn stages_and_apis_leave_the_plans() {
    let fixture = Fixture::new();
    let answers = begin(&fixture).await;
    let both =
        json!([{"apiId": "{api.id}", "stage": "dev"}, {"apiId": "{api.id}", "stage": "prod"}]);
    play_after(
        &fixture,
        answers,
        &[
            (
                "plan",
                "POST /usageplans",
                json!({"name": "gold", "apiStages": both}),
                201,
                any(),
            ),
            (
                "a stage",
                "DELETE /restapis/{api.id}/stages/dev",
                NONE,
                202,
                NONE,
            ),
            (
                "left",
                "GET /usageplans/{plan.id}",
                NONE,
                200,
                json!({"apiStages": [{"apiId": "{api.id}", "stage": "prod"}], "...": true}),
            ),
            ("the API", "DELETE /restapis/{api.id}", NONE, 202, NONE),
            (
                "left too",
                "GET /usageplans/{plan.id}",
                NONE,
                200,
                json!({"apiStages": [], "...": true}),
            ),
            ("delete", "DELETE /usageplans/{plan.id}", NONE, 202, NONE),
        ],
    )
    .await;
}

/// Guess: the texts, and days without requests.
#[tokio::test]
async fn usage() {
    let fixture = Fixture::new();
    let answers = begin(&fixture).await;
    let of = |query: &str| format!("GET /usageplans/{{plan.id}}/usage?{query}");
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    let week = of("startDate=2026-01-01&endDate=2026-01-02");
    play_after(&fixture, answers, &[
        ("key", "POST /apikeys", json!({}), 201, any()),
        ("plan", "POST /usageplans", json!({"name": "gold", "quota": {"limit": 7, "period": "WEEK"}}), 201, any()),
        ("open", "POST /usageplans", json!({"name": "open"}), 201, any()),
        ("in", "POST /usageplans/{plan.id}/keys", json!({"keyId": "{key.id}", "keyType": "API_KEY"}), 201, any()),
        ("in", "POST /usageplans/{open.id}/keys", json!({"keyId": "{key.id}", "keyType": "API_KEY"}), 201, any()),
        ("of all", &week, NONE, 200, json!({"usagePlanId": "{plan.id}", "startDate": "2026-01-01", "endDate": "2026-01-02", "values": {"{key.id}": [[0, 7], [0, 7]]}})),
        ("of one", &format!("{week}&keyId={{key.id}}"), NONE, 200, json!({"values": {"{key.id}": [[0, 7], [0, 7]]}, "...": true})),
        ("of none", &format!("{week}&keyId=nothing"), NONE, 404, json!("NotFoundException: Invalid API Key identifier specified")),
        ("no date", &of("startDate=today&endDate=2026-01-02"), NONE, 400, bad("Invalid start date specified: today")),
        ("no date", &of("startDate=2026-01-01&endDate=2026-02-30"), NONE, 400, bad("Invalid end date specified: 2026-02-30")),
        ("backwards", &of("startDate=2026-01-02&endDate=2026-01-01"), NONE, 400, bad("Invalid date range: the end date is before the start date")),
        ("long", &of("startDate=2024-01-01&endDate=2026-01-01"), NONE, 400, bad("Tollgate tells the usage of at most 366 days at once")),
        ("unknown", "GET /usageplans/nothing/usage?startDate=2026-01-01&endDate=2026-01-01", NONE, 404, json!(UNKNOWN)),
        ("path", "PATCH /usageplans/{plan.id}/keys/{key.id}/usage", patch(json!([["replace", "/used", "1"]])), 400, bad("Invalid patch path  '/used' specified for op 'replace'. Must be one of: [/remaining]")),
        ("number", "PATCH /usageplans/{plan.id}/keys/{key.id}/usage", patch(json!([["replace", "/remaining", "-1"]])), 400, bad("Invalid value for /remaining: -1")),
        ("no quota", "PATCH /usageplans/{open.id}/keys/{key.id}/usage", patch(json!([["replace", "/remaining", "1"]])), 400, bad("Usage Plan {open.id} has no quota")),
        ("nothing changes", "PATCH /usageplans/{plan.id}/keys/{key.id}/usage", patch(json!([])), 200, json!({"usagePlanId": "{plan.id}", "startDate": "2026-01-01", "endDate": "2026-01-01", "values": {"{key.id}": [[0, 7]]}})),
    ])
    .await;
}

#[tokio::test]
async fn keys_and_plans_have_tags() {
    let fixture = Fixture::new();
    let answers = begin(&fixture).await;
    let of = |what: &str| format!("/tags/arn:aws:apigateway:us-east-1::%2F{what}");
    let (key, plan) = (of("apikeys%2F{key.id}"), of("usageplans%2F{plan.id}"));
    play_after(
        &fixture,
        answers,
        &[
            ("key", "POST /apikeys", json!({}), 201, any()),
            (
                "plan",
                "POST /usageplans",
                json!({"name": "gold"}),
                201,
                any(),
            ),
            (
                "tag",
                &format!("PUT {key}"),
                json!({"tags": {"a": "b"}}),
                204,
                NONE,
            ),
            (
                "tag",
                &format!("PUT {plan}"),
                json!({"tags": {"c": "d"}}),
                204,
                NONE,
            ),
            (
                "shown",
                &format!("GET {key}"),
                NONE,
                200,
                json!({"tags": {"a": "b"}}),
            ),
            (
                "shown",
                &format!("GET {plan}"),
                NONE,
                200,
                json!({"tags": {"c": "d"}}),
            ),
            (
                "by the key",
                "GET /apikeys/{key.id}",
                NONE,
                200,
                json!({"tags": {"a": "b"}, "...": true}),
            ),
            (
                "by the plan",
                "GET /usageplans/{plan.id}",
                NONE,
                200,
                json!({"tags": {"c": "d"}, "...": true}),
            ),
        ],
    )
    .await;
}
