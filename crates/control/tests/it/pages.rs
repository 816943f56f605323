//! Lists in pages. <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html>

use std::collections::BTreeSet;

use serde_json::json;

use crate::fixture::Fixture;
use crate::play::{Answers, fill, play_on_mock};

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
        ] {
            let answer = fixture
                .call("POST", &fill(line, &answers), &body.to_string())
                .await;
            assert_eq!(answer.status, 201, "{}", answer.text);
        }
    }
    answers
}

#[tokio::test]
async fn every_list_gives_each_item_once() {
    let fixture = Fixture::new();
    let answers = five_of_each(&fixture).await;
    for (list, name, count) in [
        ("/restapis", "id", 6),
        ("/restapis/{api.id}/resources", "id", 7),
        ("/restapis/{api.id}/models", "name", 7),
        ("/restapis/{api.id}/requestvalidators", "id", 5),
        ("/restapis/{api.id}/deployments", "id", 5),
        ("/restapis/{api.id}/gatewayresponses", "responseType", 21),
    ] {
        let (sizes, items) = walk(&fixture, &fill(list, &answers), name).await;
        assert_eq!(items.len(), count, "{list}");
        assert_eq!(items.iter().collect::<BTreeSet<_>>().len(), count, "{list}");
        assert!(
            sizes.iter().rev().skip(1).all(|size| *size == 2),
            "{list}: {sizes:?}"
        );
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
