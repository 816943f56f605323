//! Lists in pages. <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html>

use std::collections::BTreeSet;

use serde_json::json;

use crate::bad_input::served;
use crate::fixture::Fixture;
use crate::play::{Answers, any, fill, play_after, play_on_mock};

const AUTHORIZER: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations";

/// Follows positions to the end: the sizes of the pages, and what they hold by the member `name`.
async fn walk(fixture: &Fixture, list: &str, name: &str) -> (Vec<usize>, Vec<String>) {
    let (mut sizes, mut items, mut position) = (Vec::new(), Vec::new(), String::new());
    loop {
        let answer = fixture
            .call("GET", &format!("{list}?limit=2{position}"), "")
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let page = answer.json();
        let found = page["item"].as_array().expect("a list");
        sizes.push(found.len());
        items.extend(
            found
                .iter()
                .map(|item| item[name].as_str().expect("a text").to_owned()),
        );
        match page["position"].as_str() {
            Some(next) => position = format!("&position={next}"),
            None => return (sizes, items),
        }
    }
}

async fn five_of_each(fixture: &Fixture) -> Answers {
    let answers = play_on_mock(fixture, &[]).await;
    for n in 0..5 {
        fixture
            .call(
                "POST",
                "/restapis",
                &json!({"name": format!("a{n}")}).to_string(),
            )
            .await;
        for (line, body) in [
            (
                "/restapis/{api.id}/resources/{api.rootResourceId}",
                json!({"pathPart": format!("r{n}")}),
            ),
            (
                "/restapis/{api.id}/models",
                json!({"name": format!("M{n}"), "contentType": "application/json", "schema": "{}"}),
            ),
            (
                "/restapis/{api.id}/requestvalidators",
                json!({"name": format!("v{n}")}),
            ),
            ("/restapis/{api.id}/deployments", json!({})),
            (
                "/restapis/{api.id}/authorizers",
                json!({"name": format!("a{n}"), "type": "TOKEN", "identitySource": "method.request.header.A", "authorizerUri": AUTHORIZER}),
            ),
            (
                "/restapis/{api.id}/documentation/parts",
                json!({"location": {"type": "MODEL", "name": format!("M{n}")}, "properties": "{}"}),
            ),
            (
                "/restapis/{api.id}/documentation/versions",
                json!({"documentationVersion": format!("v{n}")}),
            ),
            ("/usageplans", json!({"name": format!("p{n}")})),
        ] {
            let answer = fixture
                .call("POST", &fill(line, &answers), &body.to_string())
                .await;
            assert_eq!(answer.status, 201, "{}", answer.text);
        }
    }
    keys_of_a_plan(fixture, answers).await
}

/// Five keys in a plan of their own.
async fn keys_of_a_plan(fixture: &Fixture, answers: Answers) -> Answers {
    let plan = json!({"name": "plan", "quota": {"limit": 1, "period": "DAY"}});
    let first = [("plan", "POST /usageplans", plan, 201, any())];
    let mut answers = play_after(fixture, answers, &first).await;
    let member = json!({"keyId": "{key.id}", "keyType": "API_KEY"});
    for _ in 0..5 {
        let steps = [
            ("key", "POST /apikeys", json!({}), 201, any()),
            (
                "in",
                "POST /usageplans/{plan.id}/keys",
                member.clone(),
                201,
                any(),
            ),
        ];
        answers = play_after(fixture, answers, &steps).await;
    }
    answers
}

/// An operation, its list, the member that tells items apart, and how many there are.
type List = (&'static str, &'static str, &'static str, usize);

/// Every list that comes in pages, with what `five_of_each` makes.
const LISTS: [List; 15] = [
    ("GetRestApis", "/restapis", "id", 6),
    ("GetApiKeys", "/apikeys", "id", 5),
    ("GetUsagePlans", "/usageplans", "id", 6),
    ("GetUsagePlanKeys", "/usageplans/{plan.id}/keys", "id", 5),
    // Its items have no list.
    ("GetUsage", "/usageplans/{plan.id}/usage", "", 0),
    ("GetResources", "/restapis/{api.id}/resources", "id", 7),
    ("GetModels", "/restapis/{api.id}/models", "name", 7),
    (
        "GetRequestValidators",
        "/restapis/{api.id}/requestvalidators",
        "id",
        5,
    ),
    ("GetDeployments", "/restapis/{api.id}/deployments", "id", 5),
    (
        "GetGatewayResponses",
        "/restapis/{api.id}/gatewayresponses",
        "responseType",
        21,
    ),
    ("GetAuthorizers", "/restapis/{api.id}/authorizers", "id", 5),
    (
        "GetDocumentationParts",
        "/restapis/{api.id}/documentation/parts",
        "id",
        5,
    ),
    (
        "GetDocumentationVersions",
        "/restapis/{api.id}/documentation/versions",
        "version",
        5,
    ),
    ("GetSdkTypes", "/sdktypes", "id", 6),
    (
        "GetTags",
        "/tags/arn:aws:apigateway:us-east-1::%2Frestapis%2F{api.id}",
        "",
        0,
    ),
];

/// All but tags, of which the API reference says that their pages are not supported, and all come at once; and but usage, which is a
/// map by key.
fn in_pages() -> impl Iterator<Item = List> {
    let others = ["GetTags", "GetUsage"];
    LISTS
        .into_iter()
        .filter(move |(name, ..)| !others.contains(name))
}

/// Another operation that takes a position belongs into the table.
#[tokio::test]
async fn the_table_has_every_list() {
    let operations = served().await.into_iter();
    let lists = operations.filter(|operation| {
        let mut members = operation.input.members.iter();
        members.any(|member| member.name == "position")
    });
    let found: BTreeSet<_> = lists.map(|operation| operation.name).collect();
    assert_eq!(found, LISTS.iter().map(|(name, ..)| *name).collect());
}

#[tokio::test]
async fn every_list_gives_each_item_once() {
    let fixture = Fixture::new();
    let answers = five_of_each(&fixture).await;
    for (_, list, name, count) in in_pages() {
        let (sizes, items) = walk(&fixture, &fill(list, &answers), name).await;
        assert_eq!(items.len(), count, "{list}");
        assert_eq!(items.iter().collect::<BTreeSet<_>>().len(), count, "{list}");
        assert!(
            sizes.iter().rev().skip(1).all(|size| *size == 2),
            "{list}: {sizes:?}"
        );
    }
}

/// Guess: limits outside 1 to 500 are cut to them. What is no number is refused, and so are positions that were made up or
/// are of another list.
#[tokio::test]
async fn every_list_takes_limits_and_refuses_what_is_none() {
    let fixture = Fixture::new();
    let answers = five_of_each(&fixture).await;
    let mut another = "made-up".to_owned();
    for (_, list, _, count) in in_pages() {
        let list = fill(list, &answers);
        let page = async |query: &str| fixture.call("GET", &format!("{list}?{query}"), "").await;
        for (query, expected) in [
            ("limit=0", 1),
            ("limit=-1", 1),
            ("limit=3", 3),
            ("limit=500", count),
            ("limit=2147483647", count),
            ("position=", 0),
        ] {
            let answer = page(query).await;
            let items = answer.json()["item"].as_array().map_or(0, Vec::len);
            assert_eq!(items, expected, "{list}?{query}: {}", answer.text);
        }
        for position in ["", "made-up", &another] {
            let answer = page(&format!("position={position}")).await;
            let refusal = "BadRequestException: Invalid position parameter specified";
            assert_eq!(answer.refusal(), refusal, "{list}?position={position}");
        }
        for limit in ["many", "1.5", "99999999999999999999"] {
            let answer = page(&format!("limit={limit}")).await;
            assert_eq!(answer.status, 400, "{list}?limit={limit}: {}", answer.text);
        }
        let first = page("limit=1").await.json();
        another = first["position"].as_str().expect("more follow").to_owned();
    }
}

/// What is deleted or created meanwhile neither repeats nor hides an item.
#[tokio::test]
async fn a_position_is_no_offset() {
    let fixture = Fixture::new();
    let answers = five_of_each(&fixture).await;
    let list = fill("/restapis/{api.id}/models", &answers);
    let first = fixture
        .call("GET", &format!("{list}?limit=3"), "")
        .await
        .json();
    let position = first["position"].as_str().expect("more follow");
    fixture.call("DELETE", &format!("{list}/Empty"), "").await;
    let rest = fixture
        .call("GET", &format!("{list}?position={position}"), "")
        .await
        .json();
    let names: Vec<_> = rest["item"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["M1", "M2", "M3", "M4"]);
}

/// Guess: AWS's texts are not recorded.
#[tokio::test]
async fn positions_are_opaque_and_of_their_list() {
    let fixture = Fixture::new();
    let answers = five_of_each(&fixture).await;
    let models = fill("/restapis/{api.id}/models", &answers);
    let page = fixture
        .call("GET", &format!("{models}?limit=1"), "")
        .await
        .json();
    let position = page["position"].as_str().expect("more follow");
    for target in [
        format!("/restapis?position={position}"),
        fill("/restapis/{api.id}/deployments?position=", &answers) + position,
        format!("{models}?position=made-up"),
        format!("{models}?position={}", "a".repeat(5000)),
    ] {
        let answer = fixture.call("GET", &target, "").await;
        assert_eq!(
            answer.refusal(),
            "BadRequestException: Invalid position parameter specified",
            "{target}"
        );
    }
    let answer = fixture
        .call("GET", &format!("{models}?limit=many"), "")
        .await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}

#[tokio::test]
async fn twenty_five_come_without_a_limit() {
    let fixture = Fixture::new();
    for n in 0..30 {
        fixture
            .call(
                "POST",
                "/restapis",
                &json!({"name": format!("a{n}")}).to_string(),
            )
            .await;
    }
    let page = fixture.call("GET", "/restapis", "").await.json();
    assert_eq!(page["item"].as_array().map(Vec::len), Some(25));
    let page = fixture.call("GET", "/restapis?limit=500", "").await.json();
    assert_eq!(page["item"].as_array().map(Vec::len), Some(30));
}

/// Usage comes key by key, in the order of their ids.
#[tokio::test]
async fn usage_in_pages() {
    let fixture = Fixture::new();
    let answers = five_of_each(&fixture).await;
    let list = fill(
        "/usageplans/{plan.id}/usage?startDate=2026-01-01&endDate=2026-01-01&limit=2",
        &answers,
    );
    let (mut keys, mut position) = (Vec::new(), String::new());
    loop {
        let page = fixture
            .call("GET", &format!("{list}{position}"), "")
            .await
            .json();
        let values = page["values"].as_object().expect("a map");
        assert!(values.len() <= 2);
        keys.extend(values.keys().cloned());
        match page["position"].as_str() {
            Some(next) => position = format!("&position={next}"),
            None => break,
        }
    }
    assert_eq!(keys.len(), 5);
    assert!(keys.is_sorted());
}
