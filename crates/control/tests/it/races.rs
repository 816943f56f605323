//! Many callers at once: each change is made whole or not at all, and none that was acknowledged is lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use tollgate_store::{Kind, all_of_kind};

use crate::fixture::Fixture;
use crate::play::{NONE, any, fill, play, play_on_mock};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_of_one_api_all_come_through() {
    let fixture = Arc::new(Fixture::new());
    let answers = play(
        &fixture,
        &[("api", "POST /restapis", json!({"name": "a"}), 201, any())],
    )
    .await;
    let target = fill(
        "/restapis/{api.id}/resources/{api.rootResourceId}",
        &answers,
    );
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let (fixture, target) = (fixture.clone(), target.clone());
            tokio::spawn(async move {
                fixture
                    .call(
                        "POST",
                        &target,
                        &json!({"pathPart": format!("r{n}")}).to_string(),
                    )
                    .await
            })
        })
        .collect();
    for task in tasks {
        let answer = task.await.expect("a task");
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
    let all = fixture
        .call(
            "GET",
            &fill("/restapis/{api.id}/resources?limit=500", &answers),
            "",
        )
        .await
        .json();
    assert_eq!(all["item"].as_array().map(Vec::len), Some(41));
}

/// Of two that want the same, one has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_gets_a_name() {
    let fixture = Arc::new(Fixture::new());
    let answers = play(
        &fixture,
        &[("api", "POST /restapis", json!({"name": "a"}), 201, any())],
    )
    .await;
    let target = fill(
        "/restapis/{api.id}/resources/{api.rootResourceId}",
        &answers,
    );
    let fixed = json!({"name": "b", "tags": {"tollgate:id": "fixed"}}).to_string();
    let mut statuses = (Vec::new(), Vec::new());
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (fixture, target, fixed) = (fixture.clone(), target.clone(), fixed.clone());
            tokio::spawn(async move {
                let resource = fixture
                    .call("POST", &target, r#"{"pathPart":"same"}"#)
                    .await;
                (
                    resource.status,
                    fixture.call("POST", "/restapis", &fixed).await.status,
                )
            })
        })
        .collect();
    for task in tasks {
        let (resource, api) = task.await.expect("a task");
        statuses.0.push(resource);
        statuses.1.push(api);
    }
    for statuses in [&mut statuses.0, &mut statuses.1] {
        statuses.sort_unstable();
        assert_eq!(statuses[0], 201);
        assert!(
            statuses[1..].iter().all(|status| *status == 409),
            "{statuses:?}"
        );
    }
}

/// Nothing is written below an API that is being deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_outlives_its_api() {
    let fixture = Arc::new(Fixture::new());
    for _ in 0..5 {
        let answers = play_on_mock(&fixture, &[]).await;
        let create = fill(
            "/restapis/{api.id}/resources/{api.rootResourceId}",
            &answers,
        );
        let delete = fill("/restapis/{api.id}", &answers);
        let writers: Vec<_> = (0..8)
            .map(|n| {
                let (fixture, create) = (fixture.clone(), create.clone());
                tokio::spawn(async move {
                    fixture
                        .call(
                            "POST",
                            &create,
                            &json!({"pathPart": format!("r{n}")}).to_string(),
                        )
                        .await
                        .status
                })
            })
            .collect();
        let deleted = fixture.call("DELETE", &delete, "").await;
        assert_eq!(deleted.status, 202, "{}", deleted.text);
        for writer in writers {
            let status = writer.await.expect("a task");
            assert!([201, 404].contains(&status), "{status}");
        }
        let gone = [("gone", "GET /restapis/{api.id}/resources", NONE, 404, any())];
        crate::play::play_after(&fixture, answers, &gone).await;
    }
    for &kind in Kind::ALL {
        let left = all_of_kind(&*fixture.store, kind).await.expect("a store");
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Two control planes over one store that draw the same ids: nothing is written over what has an id already.
#[tokio::test]
async fn ids_drawn_twice_are_drawn_again() {
    let fixture = Fixture::new();
    let answers = play_on_mock(&fixture, &[]).await;
    let resources = fill(
        "/restapis/{api.id}/resources/{api.rootResourceId}",
        &answers,
    );
    for (target, body) in [
        (resources, json!({"pathPart": "a"})),
        (
            fill("/restapis/{api.id}/requestvalidators", &answers),
            json!({}),
        ),
        (fill("/restapis/{api.id}/deployments", &answers), json!({})),
        ("/restapis".to_owned(), json!({"name": "b"})),
    ] {
        let mut ids = BTreeSet::new();
        for part in ["a", "b", "c"] {
            let body = crate::play::with(body.clone(), json!({"pathPart": part})).to_string();
            let answer = fixture.seeded(42).call("POST", &target, &body).await;
            assert_eq!(answer.status, 201, "{target}: {}", answer.text);
            ids.insert(answer.json()["id"].to_string());
        }
        assert_eq!(ids.len(), 3, "{target}: {ids:?}");
    }
}
