//! Stages that are compiled when they are first called.

use std::net::SocketAddr;
use std::sync::Arc;

use tollgate_gateway::plan::Plans;
use tollgate_gateway::{Core, Gateway, Loader, Settings, Telemetry};
use tollgate_http::{Client, ClientConfig, ServerConfig, serve};
use tollgate_model::random::Random;
use tollgate_model::rest::{Definition, MethodOf};
use tollgate_store::{Commit, Kind, Options, Sqlite, Store};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::{Resource, RestApi};
use tollgate_wire::json;

use crate::load::text;
use crate::{client, load};

/// An API whose root answers with `answer`, or, where its integration's type is another than MOCK, cannot be served.
fn definition(api: &str, kind: &str, answer: &str) -> Definition {
    let method = serde_json::json!({
        "httpMethod": "GET",
        "authorizationType": "NONE",
        "methodResponses": {"200": {"statusCode": "200"}},
        "methodIntegration": {
            "type": kind,
            "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
            "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": answer}}},
        },
    });
    Definition {
        api: RestApi {
            id: text(api),
            ..RestApi::default()
        },
        resources: vec![Resource {
            id: text("root"),
            path: text("/"),
            ..Resource::default()
        }],
        methods: vec![MethodOf {
            resource_id: "root".to_owned(),
            method: json::from_slice(method.to_string().as_bytes()).unwrap(),
        }],
        ..Definition::default()
    }
}

/// A deployment, and the stage `dev` that serves it.
fn deploy(api: &str, deployment: &str, definition: &Definition) -> Commit {
    let mut commit = load::deploy(api, deployment, definition);
    commit.puts.push(load::stage(api, "dev", deployment));
    commit
}

struct World {
    store: Arc<dyn Store>,
    gateway: Arc<Gateway>,
    address: SocketAddr,
    _running: tollgate_http::Running,
    _folder: tempfile::TempDir,
}

/// A gateway over a store with these APIs, all of them cold.
async fn world(commits: impl IntoIterator<Item = Commit>) -> World {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(Sqlite::open(folder.path(), Options::default()).unwrap());
    for commit in commits {
        store.commit(commit).await.unwrap();
    }
    let gateway = Arc::new(Gateway::new(Settings::default()));
    let counters = Counters::new(2);
    let plans = Arc::new(Plans::new(counters.clone()));
    let loader = Loader::load_with(store.clone(), gateway.clone(), plans, 0)
        .await
        .unwrap();
    tokio::spawn(loader.follow());
    let (shared, config) = (
        gateway.clone(),
        ServerConfig {
            cores: 2,
            ..ServerConfig::new("127.0.0.1:0".parse().unwrap())
        },
    );
    let running = serve(config, move |number| {
        let meter = counters.core(number).unwrap();
        let report = Box::new(Telemetry::new(&counters, meter, None));
        Core::new(
            shared.clone(),
            Client::new(ClientConfig::default()),
            Random::seeded(1),
            report,
        )
    })
    .unwrap();
    World {
        store,
        gateway,
        address: running.address(),
        _running: running,
        _folder: folder,
    }
}

impl World {
    async fn get(&self, api: &str) -> (u16, String) {
        let (address, api) = (self.address, api.to_owned());
        let asked = tokio::task::spawn_blocking(move || {
            let request = format!(
                "GET /dev HTTP/1.1\r\nHost: {api}.execute-api.localhost\r\nConnection: close\r\n\r\n"
            );
            client::exchange(address, request.as_bytes())
        });
        let answer = asked.await.unwrap();
        (answer.status, answer.text())
    }

    /// How many stages of an API are compiled.
    fn warm(&self, api: &str) -> usize {
        self.gateway
            .table()
            .api(api)
            .map_or(0, |api| api.stages.len())
    }
}

#[tokio::test]
async fn a_stage_is_compiled_when_it_is_first_called_and_no_other() {
    let world = world((0..50).map(|number| {
        let id = format!("api{number}");
        deploy(
            &id,
            "dep1",
            &definition(&id, "MOCK", &format!("\"{number}\"")),
        )
    }))
    .await;
    assert_eq!(
        (0..50)
            .map(|number| world.warm(&format!("api{number}")))
            .sum::<usize>(),
        0
    );
    assert_eq!(world.get("api7").await, (200, "\"7\"".to_owned()));
    assert_eq!(
        world.get("API8").await,
        (200, "\"8\"".to_owned()),
        "hosts may be written in capitals"
    );
    let warm = (0..50).filter(|number| world.warm(&format!("api{number}")) == 1);
    assert_eq!(warm.collect::<Vec<_>>(), [7, 8]);
    assert_eq!(world.get("api7").await, (200, "\"7\"".to_owned()));
    assert_eq!(world.get("none").await.0, 403);
}

#[tokio::test]
async fn all_that_wait_for_a_stage_are_answered() {
    let world =
        Arc::new(world([deploy("api", "dep1", &definition("api", "MOCK", "\"one\""))]).await);
    let asked: Vec<_> = (0..32)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.get("api").await })
        })
        .collect();
    for one in asked {
        assert_eq!(one.await.unwrap(), (200, "\"one\"".to_owned()));
    }
    assert_eq!(world.warm("api"), 1);
}

#[tokio::test]
async fn what_cannot_be_compiled_is_refused_and_told() {
    let world = world([deploy("api", "dep1", &definition("api", "AWS_PROXY", ""))]).await;
    assert_eq!(world.get("api").await.0, 403);
    let table = world.gateway.table();
    let api = table.api("api").unwrap();
    assert!(
        api.broken[0]
            .reason
            .contains("functions are not served yet"),
        "{}",
        api.broken[0].reason
    );
    assert!(api.cold.is_empty());
}

#[tokio::test]
async fn changes_of_cold_stages_are_followed() {
    let world = world([
        deploy(
            "changed",
            "dep1",
            &definition("changed", "MOCK", "\"before\""),
        ),
        deploy("gone", "dep1", &definition("gone", "MOCK", "\"there\"")),
    ])
    .await;
    let change = deploy(
        "changed",
        "dep2",
        &definition("changed", "MOCK", "\"after\""),
    );
    world.store.commit(change).await.unwrap();
    let key = load::key("gone", Kind::Stage, "dev");
    let gone = Commit {
        deletes: vec![tollgate_store::Delete::One(key)],
        ..Commit::default()
    };
    let rev = world.store.commit(gone).await.unwrap();
    world.gateway.applied(rev).await;
    assert_eq!(world.get("changed").await, (200, "\"after\"".to_owned()));
    assert_eq!(world.get("gone").await.0, 403);
    assert!(world.gateway.table().api("gone").is_none());
}
