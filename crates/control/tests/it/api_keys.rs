//! API keys. <https://docs.aws.amazon.com/apigateway/latest/api/API_ApiKey.html>

use serde_json::{Value, json};
use tollgate_store::{Kind, all_of_kind};

use crate::fixture::Fixture;
use crate::play::{Answers, NONE, any, bad, each, ok, patch, play, play_after};

const VALUE: &str = "0123456789abcdefghij";
const UNKNOWN: &str = "NotFoundException: Invalid API Key identifier specified";

/// Recorded: TestApigatewayApiKeysCrud; what they do not say is marked.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let made = json!({"id": "*", "name": "mine", "value": VALUE, "enabled": true, "description": "d", "customerId": "c", "createdDate": "*", "lastUpdatedDate": "*", "stageKeys": [], "tags": {"a": "b"}});
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("value");
    play(&fixture, &[
        ("key", "POST /apikeys", json!({"name": "mine", "value": VALUE, "enabled": true, "description": "d", "customerId": "c", "tags": {"a": "b"}}), 201, made.clone()),
        ("get", "GET /apikeys/{key.id}", NONE, 200, shown.clone()),
        ("get with its value", "GET /apikeys/{key.id}?includeValue=true", NONE, 200, made.clone()),
        ("list", "GET /apikeys", NONE, 200, json!({"item": [shown.clone()]})),
        ("list with values", "GET /apikeys?includeValues=true", NONE, 200, json!({"item": [made]})),
        ("of a customer", "GET /apikeys?customerId=c", NONE, 200, json!({"item": [shown]})),
        ("of another", "GET /apikeys?customerId=d", NONE, 200, json!({"item": []})),
        // Guess: the text.
        ("the same value", "POST /apikeys", json!({"value": VALUE}), 409, json!("ConflictException: API Key already exists")),
        ("delete", "DELETE /apikeys/{key.id}", NONE, 202, NONE),
        ("gone", "GET /apikeys/{key.id}", NONE, 404, json!(UNKNOWN)),
        ("gone", "DELETE /apikeys/{key.id}", NONE, 404, json!(UNKNOWN)),
        ("gone", "PATCH /apikeys/{key.id}", patch(json!([])), 404, json!(UNKNOWN)),
        ("its value is free again", "POST /apikeys", json!({"value": VALUE}), 201, any()),
    ])
    .await;
    assert_eq!(fixture.gateway.served(), 3, "the gateway is waited for");
}

/// Recorded, but for the last two.
#[tokio::test]
async fn refused_creations() {
    let fixture = Fixture::new();
    let cases = [
        (
            json!({"name": "n".repeat(1025)}),
            400,
            "Invalid API Key name, can be at most 1024 characters.",
        ),
        (
            json!({"value": "short"}),
            400,
            "API Key value should be at least 20 characters",
        ),
        (
            json!({"value": "v".repeat(129)}),
            400,
            "API Key value exceeds maximum size of 128 characters",
        ),
        (
            json!({"description": "d".repeat(125_001)}),
            400,
            "Invalid API Key description specified.",
        ),
        (
            json!({"value": "0123456789abcdefghi\u{0456}"}),
            400,
            "Tollgate takes visible ASCII characters for the value of an API key: a header cannot carry others",
        ),
        (
            json!({"stageKeys": [{"restApiId": "a", "stageName": "b"}]}),
            400,
            "Tollgate cannot honour stageKeys: usage plans say which stages a key is for",
        ),
    ];
    for (body, status, text) in cases {
        let expected = json!(format!("BadRequestException: {text}"));
        play(
            &fixture,
            &[("refused", "POST /apikeys", body, status, expected)],
        )
        .await;
    }
    play(
        &fixture,
        &[(
            "none is kept",
            "GET /apikeys",
            NONE,
            200,
            json!({"item": []}),
        )],
    )
    .await;
}

/// Recorded.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let answers = play(&fixture, &[("key", "POST /apikeys", json!({}), 201, any())]).await;
    let paths = "[/description, /enabled, /name, /customerId]";
    let cases = [
        ok(
            json!([["replace", "/enabled", "true"]]),
            "enabled",
            json!(true),
        ),
        ok(json!([["replace", "/enabled", "no"]]), "tags", json!({})),
        ok(json!([["replace", "/name", "new"]]), "name", json!("new")),
        bad(
            json!([["replace", "/id", "new"]]),
            &format!(
                "Invalid patch path  '/id' specified for op 'replace'. Must be one of: {paths}"
            ),
        ),
        bad(
            json!([["replace", "/value", VALUE]]),
            &format!(
                "Invalid patch path  '/value' specified for op 'replace'. Must be one of: {paths}"
            ),
        ),
        bad(
            json!([["add", "/stages", "a/b"]]),
            "Invalid patch path  '/stages' specified for op 'add'. Please choose supported operations",
        ),
        bad(
            json!([["replace", "/name", "n".repeat(1025)]]),
            "Invalid API Key name, can be at most 1024 characters.",
        ),
    ];
    let steps: Vec<_> = each("PATCH /apikeys/{key.id}", cases).collect();
    play_after(&fixture, answers, &steps).await;
}

#[tokio::test]
async fn values_are_in_the_store_sealed_only() {
    let fixture = Fixture::new();
    play(
        &fixture,
        &[("key", "POST /apikeys", json!({"value": VALUE}), 201, any())],
    )
    .await;
    for kind in Kind::ALL {
        for entity in all_of_kind(&*fixture.store, *kind).await.unwrap() {
            let text = format!("{} {}", entity.key, String::from_utf8_lossy(&entity.body));
            assert!(!text.contains(VALUE), "{text}");
        }
    }
}

async fn import(fixture: &Fixture, query: &str, file: &str) -> (u16, Value, String) {
    let target = format!("/apikeys?mode=import&format=csv{query}");
    let answer = fixture.call("POST", &target, file).await;
    (answer.status, answer.json(), answer.refusal())
}

fn warnings(answer: &Value) -> Vec<&str> {
    let warnings = answer["warnings"].as_array().into_iter().flatten();
    warnings.filter_map(Value::as_str).collect()
}

/// The developer guide's page of the file's form. What becomes of a line that names a plan that there is not is a guess.
#[tokio::test]
async fn files_are_imported_whole() {
    let fixture = Fixture::new();
    let plan = play(
        &fixture,
        &[(
            "plan",
            "POST /usageplans",
            json!({"name": "gold"}),
            201,
            any(),
        )],
    )
    .await;
    let plan_id = plan["plan"]["id"].as_str().unwrap();
    let file = format!(
        "Name,key,description,Enabled,usageplanIds\n\
        first, abcdef1234abcdefghij,An imported key,TRUE,{plan_id}\n\
        second,abcdef1234abcdefghik,,false,\"{plan_id},nothing\"\n\
        again,abcdef1234abcdefghij,,,\n"
    );
    let (status, answer, text) = import(&fixture, "", &file).await;
    assert_eq!(status, 201, "{text}");
    assert_eq!(answer["ids"].as_array().unwrap().len(), 2);
    assert_eq!(
        warnings(&answer),
        [
            "line 3: Invalid Usage Plan ID specified",
            "line 4: another line has the same key"
        ]
    );
    let answers = Answers::from([
        ("plan".to_owned(), plan["plan"].clone()),
        ("it".to_owned(), answer),
    ]);
    let second =
        json!({"id": "*", "type": "API_KEY", "value": "abcdef1234abcdefghik", "name": "second"});
    let first =
        json!({"id": "*", "type": "API_KEY", "value": "abcdef1234abcdefghij", "name": "first"});
    play_after(&fixture, answers, &[
        ("in the plan", "GET /usageplans/{plan.id}/keys", NONE, 200, json!({"item": [second, first]})),
        ("of the plan", "GET /apikeys?name=first", NONE, 200, json!({"item": [{"name": "first", "enabled": true, "description": "An imported key", "...": true}]})),
    ])
    .await;
    // The guide: importing a key again writes it over.
    let (status, answer, text) =
        import(&fixture, "", "key,name\nabcdef1234abcdefghij,renamed").await;
    assert_eq!((status, warnings(&answer).len()), (201, 0), "{text}");
    play(
        &fixture,
        &[(
            "renamed",
            "GET /apikeys?name=renamed",
            NONE,
            200,
            json!({"item": [{"name": "renamed", "enabled": true, "...": true}]}),
        )],
    )
    .await;
}

#[tokio::test]
async fn files_that_are_refused_change_nothing() {
    let fixture = Fixture::new();
    for (query, file, text) in [
        ("", "\n", "Invalid API key file: the file is empty"),
        (
            "",
            "name\na",
            "Invalid API key file: the file has no column 'Key'",
        ),
        (
            "",
            "name,key\na,short",
            "line 2: API Key value should be at least 20 characters",
        ),
        (
            "",
            "name,key\na,0123456789abcdefghij\nb,",
            "Invalid API key file: line 3: 'Key' is empty",
        ),
        (
            "&failonwarnings=true",
            "name,key,usageplanids\na,0123456789abcdefghij,none",
            "Warnings found during import: line 2: Invalid Usage Plan ID specified",
        ),
    ] {
        let (status, _, refusal) = import(&fixture, query, file).await;
        assert_eq!(
            (status, refusal),
            (400, format!("BadRequestException: {text}")),
            "{file}"
        );
    }
    play(
        &fixture,
        &[(
            "none is kept",
            "GET /apikeys",
            NONE,
            200,
            json!({"item": []}),
        )],
    )
    .await;
}
