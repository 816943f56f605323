//! Drift and history, Tollgate's own calls.

use serde_json::{Value, json};

use crate::fixture::{Answered, Fixture, authorization};
use crate::play::{Answers, NONE, Step, any, fill, patch, play_after, play_on_mock};

/// A call of Tollgate's own.
async fn own(fixture: &Fixture, answers: &Answers, target: &str) -> Answered {
    let signed = authorization("us-east-1/tollgate");
    let headers = [("Host", "localhost"), ("Authorization", signed.as_str())];
    let target = fill(&format!("/_tollgate/restapis/{target}"), answers);
    fixture.send("GET", &target, &headers, b"").await
}

/// The changes of the first stage told, each as one text.
async fn changes(fixture: &Fixture, answers: &Answers) -> Vec<String> {
    let answer = own(fixture, answers, "{api.id}/stages/dev/drift").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let stage = &answer.json()["stages"][0];
    let changes = stage["changes"].as_array().expect("a list");
    assert_eq!(stage["count"], changes.len());
    changes.iter().map(sentence).collect()
}

fn sentence(change: &Value) -> String {
    let text = |name: &str| change[name].as_str().unwrap_or_default();
    let start = format!("{} {} {}", text("what"), text("part"), text("name"));
    match change["member"].as_str() {
        Some(member) => format!(
            "{start} {member} {} {}",
            change["deployed"], change["present"]
        ),
        None => start,
    }
}

const DEPLOY: &str = "POST /restapis/{api.id}/deployments";
const GET: &str = "/restapis/{api.id}/resources/{pets.id}/methods/GET";

#[tokio::test]
async fn each_part_and_member_is_told() {
    let fixture = Fixture::new();
    let (integration, responses) = (
        format!("{GET}/integration"),
        format!("{GET}/integration/responses/200"),
    );
    let response = format!("PUT {GET}/responses/200");
    let deploy: Step<'_> = (
        "deployment",
        DEPLOY,
        json!({"stageName": "dev"}),
        201,
        any(),
    );
    let answers = play_on_mock(
        &fixture,
        &[
            ("response", &response, json!({}), 201, any()),
            (
                "own",
                &format!("PUT {responses}"),
                json!({"responseTemplates": {"application/json": "one"}}),
                201,
                any(),
            ),
            (
                "model",
                "POST /restapis/{api.id}/models",
                json!({"name": "Pet", "contentType": "application/json", "schema": "{}"}),
                201,
                any(),
            ),
            (
                "validator",
                "POST /restapis/{api.id}/requestvalidators",
                json!({"name": "all"}),
                201,
                any(),
            ),
            deploy.clone(),
        ],
    )
    .await;
    assert_eq!(changes(&fixture, &answers).await, [""; 0]);

    let root = "/restapis/{api.id}/resources/{api.rootResourceId}";
    let answers = play_after(
        &fixture,
        answers,
        &[
            (
                "template",
                &format!("PATCH {responses}"),
                patch(json!([[
                    "replace",
                    "/responseTemplates/application~1json",
                    "two"
                ]])),
                200,
                any(),
            ),
            (
                "time",
                &format!("PATCH {integration}"),
                patch(json!([["replace", "/timeoutInMillis", "50"]])),
                200,
                any(),
            ),
            (
                "another",
                &format!("PUT {GET}/responses/404"),
                json!({}),
                201,
                any(),
            ),
            (
                "post",
                "PUT /restapis/{api.id}/resources/{pets.id}/methods/POST",
                json!({"authorizationType": "NONE"}),
                201,
                any(),
            ),
            (
                "toys",
                &format!("POST {root}"),
                json!({"pathPart": "toys"}),
                201,
                any(),
            ),
            (
                "api",
                "PATCH /restapis/{api.id}",
                patch(json!([["add", "/binaryMediaTypes/image~1png"]])),
                200,
                any(),
            ),
            (
                "schema",
                "PATCH /restapis/{api.id}/models/Pet",
                patch(json!([["replace", "/schema", "{\"type\":\"object\"}"]])),
                200,
                any(),
            ),
            (
                "gone",
                "DELETE /restapis/{api.id}/requestvalidators/{validator.id}",
                NONE,
                202,
                any(),
            ),
            (
                "throttled",
                "PUT /restapis/{api.id}/gatewayresponses/THROTTLED",
                json!({"statusCode": "503"}),
                201,
                any(),
            ),
        ],
    )
    .await;
    let mut found = changes(&fixture, &answers).await;
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "added gatewayResponse THROTTLED",
            "added method POST /pets",
            "added methodResponse 404 of GET /pets",
            "added resource /toys",
            "changed integration GET /pets /timeoutInMillis 29000 50",
            "changed integrationResponse 200 of GET /pets /responseTemplates/application~1json \"one\" \"two\"",
            "changed model Pet /schema \"{}\" \"{\\\"type\\\":\\\"object\\\"}\"",
            "changed restApi API /binaryMediaTypes null [\"image/png\"]",
            "removed requestValidator all",
        ]
    );
    let put = "PUT /restapis/{api.id}/resources/{pets.id}/methods/POST/integration";
    let mock: Step<'_> = ("mock", put, json!({"type": "MOCK"}), 201, any());
    let answers = play_after(&fixture, answers, &[mock, deploy]).await;
    assert_eq!(changes(&fixture, &answers).await, [""; 0]);
}

/// A part that is deleted and made again under another id is the same where nothing else tells them apart.
#[tokio::test]
async fn what_is_made_anew_as_it_was_is_no_change() {
    let fixture = Fixture::new();
    let root = "/restapis/{api.id}/resources/{api.rootResourceId}";
    let answers = play_on_mock(
        &fixture,
        &[
            (
                "deployment",
                DEPLOY,
                json!({"stageName": "dev"}),
                201,
                any(),
            ),
            (
                "gone",
                "DELETE /restapis/{api.id}/resources/{pets.id}",
                NONE,
                202,
                any(),
            ),
        ],
    )
    .await;
    assert_eq!(
        changes(&fixture, &answers).await,
        ["removed resource /pets", "removed method GET /pets"]
    );
    let answers = play_after(
        &fixture,
        answers,
        &[
            (
                "pets",
                &format!("POST {root}"),
                json!({"pathPart": "pets"}),
                201,
                any(),
            ),
            (
                "get",
                &format!("PUT {GET}"),
                json!({"authorizationType": "NONE"}),
                201,
                any(),
            ),
            (
                "mock",
                &format!("PUT {GET}/integration"),
                json!({"type": "MOCK"}),
                201,
                any(),
            ),
        ],
    )
    .await;
    assert_eq!(changes(&fixture, &answers).await, [""; 0]);
}

#[tokio::test]
async fn a_definition_that_is_imported_again_is_no_change() {
    let fixture = Fixture::new();
    let definition = json!({
        "swagger": "2.0", "info": {"title": "pets", "version": "1"},
        "definitions": {"Pet": {"type": "object"}},
        "paths": {
            "/b": {"get": {"responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/Pet"}}},
                "x-amazon-apigateway-integration": {"type": "mock", "responses": {"default": {"statusCode": "200"}}}}},
            "/a": {"get": {"responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}}},
        },
    });
    let answers = play_after(
        &fixture,
        Answers::new(),
        &[
            (
                "api",
                "POST /restapis?mode=import",
                definition.clone(),
                201,
                any(),
            ),
            (
                "deployment",
                DEPLOY,
                json!({"stageName": "dev"}),
                201,
                any(),
            ),
            (
                "again",
                "PUT /restapis/{api.id}?mode=overwrite",
                definition,
                200,
                any(),
            ),
        ],
    )
    .await;
    assert_eq!(changes(&fixture, &answers).await, [""; 0]);
}

#[tokio::test]
async fn every_stage_and_canary_is_compared() {
    let fixture = Fixture::new();
    let answers = play_on_mock(
        &fixture,
        &[
            (
                "first",
                DEPLOY,
                json!({"stageName": "dev", "description": "the first"}),
                201,
                any(),
            ),
            (
                "put",
                "PUT /restapis/{api.id}/resources/{pets.id}/methods/PUT",
                json!({"authorizationType": "NONE"}),
                201,
                any(),
            ),
            (
                "mock",
                "PUT /restapis/{api.id}/resources/{pets.id}/methods/PUT/integration",
                json!({"type": "MOCK"}),
                201,
                any(),
            ),
        ],
    )
    .await;
    fixture.pass_ms(1_000);
    let answers = play_after(
        &fixture,
        answers,
        &[
            (
                "second",
                DEPLOY,
                json!({"stageName": "dev", "canarySettings": {"percentTraffic": 5}}),
                201,
                any(),
            ),
            (
                "prod",
                "POST /restapis/{api.id}/stages",
                json!({"stageName": "prod", "deploymentId": "{second.id}"}),
                201,
                any(),
            ),
        ],
    )
    .await;
    let api = fill("/restapis/{api.id}", &answers);
    for (target, expected) in [
        (api.clone(), Some("1 change not deployed to dev")),
        (format!("{api}/stages/dev"), Some("1 change not deployed")),
        (format!("{api}/stages/prod"), None),
        (format!("{api}/stages"), None),
        (format!("{api}/resources"), None),
    ] {
        // The second answer is from memory.
        for _ in 0..2 {
            let answer = fixture.call("GET", &target, "").await;
            let header = answer.headers.get("x-tollgate-drift");
            assert_eq!(header.map(String::as_str), expected, "{target}");
        }
    }
    let drift = own(&fixture, &answers, "{api.id}/drift").await.json();
    let (first, second) = (&answers["first"]["id"], &answers["second"]["id"]);
    let told = |index: usize| {
        let stage = &drift["stages"][index];
        let names = ["stage", "isCanary", "deploymentId", "count"];
        Value::from_iter(names.map(|name| stage[name].clone()))
    };
    assert_eq!(
        [told(0), told(1), told(2)],
        [
            json!(["dev", false, first, 1]),
            json!(["dev", true, second, 0]),
            json!(["prod", false, second, 0])
        ]
    );
    assert_eq!(drift["stages"].as_array().map(Vec::len), Some(3));
    let history = own(&fixture, &answers, "{api.id}/history").await.json();
    assert_eq!(
        history,
        json!({"apiId": answers["api"]["id"], "count": 2, "deployments": [
            {"id": second, "createdDate": "2026-01-01T00:00:01Z", "stages": [
                {"stage": "dev", "isCanary": true, "from": "2026-01-01T00:00:01Z"},
                {"stage": "prod", "isCanary": false, "from": "2026-01-01T00:00:01Z"},
            ]},
            {"id": first, "createdDate": "2026-01-01T00:00:00Z", "description": "the first", "stages": [
                {"stage": "dev", "isCanary": false, "from": "2026-01-01T00:00:00Z"},
            ]},
        ]})
    );
}

#[tokio::test]
async fn what_is_not_there_has_neither() {
    let fixture = Fixture::new();
    let answers = play_on_mock(&fixture, &[]).await;
    for (target, refusal) in [
        (
            "none/drift",
            "NotFoundException: Invalid API identifier specified 000000000000:none",
        ),
        (
            "none/history",
            "NotFoundException: Invalid API identifier specified 000000000000:none",
        ),
        (
            "{api.id}/stages/none/drift",
            "NotFoundException: Invalid stage identifier specified",
        ),
        (
            "{api.id}/nothing",
            "UnknownOperationException: Tollgate has no operation GET /_tollgate/restapis/{api.id}/nothing",
        ),
    ] {
        let answer = own(&fixture, &answers, target).await;
        assert_eq!(answer.refusal(), fill(refusal, &answers));
    }
    let nothing = json!({"apiId": answers["api"]["id"], "stages": []});
    assert_eq!(
        own(&fixture, &answers, "{api.id}/drift").await.json(),
        nothing
    );
}

/// A rollback, and the end of a stage.
#[tokio::test]
async fn what_a_stage_served_is_told_with_its_times() {
    let fixture = Fixture::new();
    let deploy = || {
        (
            "deployment",
            DEPLOY,
            json!({"stageName": "dev"}),
            201,
            any(),
        )
    };
    let mut answers = play_on_mock(&fixture, &[deploy()]).await;
    answers.insert("first".to_owned(), answers["deployment"].clone());
    fixture.pass_ms(1_000);
    let mut answers = play_after(&fixture, answers, &[deploy()]).await;
    answers.insert("second".to_owned(), answers["deployment"].clone());
    fixture.pass_ms(1_000);
    let back = patch(json!([["replace", "/deploymentId", "{first.id}"]]));
    let variable = patch(json!([["replace", "/variables/a", "1"]]));
    let stage = "/restapis/{api.id}/stages/dev";
    let (update, delete) = (format!("PATCH {stage}"), format!("DELETE {stage}"));
    let answers = play_after(
        &fixture,
        answers,
        &[
            ("back", &update, back, 200, any()),
            ("nothing", &update, variable, 200, any()),
            (
                "other",
                "POST /restapis/{api.id}/stages",
                json!({"stageName": "other", "deploymentId": "{second.id}"}),
                201,
                any(),
            ),
        ],
    )
    .await;
    fixture.pass_ms(1_000);
    let answers = play_after(&fixture, answers, &[("gone", &delete, NONE, 202, any())]).await;
    let history = own(&fixture, &answers, "{api.id}/stages/dev/history")
        .await
        .json();
    let period = |from: u32, until: u32| {
        json!({"stage": "dev", "isCanary": false,
            "from": format!("2026-01-01T00:00:0{from}Z"), "until": format!("2026-01-01T00:00:0{until}Z")})
    };
    let told = |index: usize| {
        let it = &history["deployments"][index];
        (it["id"].clone(), it["stages"].clone())
    };
    assert_eq!(history["count"], 2);
    assert_eq!(
        [told(0), told(1)],
        [
            (answers["second"]["id"].clone(), json!([period(1, 2)])),
            (
                answers["first"]["id"].clone(),
                json!([period(0, 1), period(2, 3)])
            ),
        ]
    );
    let other = own(&fixture, &answers, "{api.id}/stages/other/history")
        .await
        .json();
    assert_eq!(other["count"], 1);
    let unknown = own(&fixture, &answers, "{api.id}/stages/never/history").await;
    assert_eq!(
        unknown.refusal(),
        "NotFoundException: Invalid stage identifier specified"
    );
}
