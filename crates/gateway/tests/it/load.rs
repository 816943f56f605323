//! From the store to what is served, and on through changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_gateway::plan::Plans;
use tollgate_gateway::{Gateway, Loader, Settings};
use tollgate_model::rest::{Definition, MethodOf, StoredDeployment};
use tollgate_store::{Commit, Content, Delete, Key, Kind, Options, Put, Sqlite, Store};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::{CanarySettings, Integration, Method, Resource, RestApi, Stage};
use tollgate_wire::json;

const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";

struct World {
    store: Arc<dyn Store>,
    gateway: Arc<Gateway>,
    plans: Arc<Plans>,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(folder.path(), Options::default()).expect("a store");
        Self {
            store: Arc::new(store),
            gateway: Arc::new(Gateway::new(Settings::default())),
            plans: Arc::new(Plans::new(Counters::new(1))),
            _folder: folder,
        }
    }

    async fn loader(&self) -> Loader {
        Loader::load(self.store.clone(), self.gateway.clone(), self.plans.clone())
            .await
            .expect("a readable store")
    }

    async fn commit(&self, commit: Commit) -> u64 {
        self.store.commit(commit).await.expect("committed")
    }

    /// `dev=dep1 prod=dep2`, with what cannot be served in brackets.
    fn served(&self, api: &str) -> String {
        let table = self.gateway.table();
        let Some(api) = table.api(api) else {
            return "nothing".to_owned();
        };
        let served = api.stages.iter().map(|stage| match &stage.canary {
            Some(canary) => {
                let own = &stage.deployment_id;
                format!("{}={own}+{}", stage.name, canary.plan.deployment_id)
            }
            None => format!("{}={}", stage.name, stage.deployment_id),
        });
        let broken = api
            .broken
            .iter()
            .map(|broken| format!("[{}: {}]", broken.stage, broken.reason));
        served.chain(broken).collect::<Vec<_>>().join(" ")
    }
}

pub(crate) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// An API with one method, whose integration is of this type.
fn definition(api: &str, kind: &str, uri: &str) -> Definition {
    let integration = Integration {
        type_: text(kind),
        uri: text(uri),
        ..Integration::default()
    };
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
            method: Method {
                http_method: text("GET"),
                authorization_type: text("NONE"),
                method_integration: Some(integration),
                ..Method::default()
            },
        }],
        ..Definition::default()
    }
}

pub(crate) fn key(api: &str, kind: Kind, id: &str) -> Key {
    Key::top(ACCOUNT, REGION, Kind::RestApi, api).child(kind, id)
}

fn put(key: Key, body: Vec<u8>) -> Put {
    Put {
        key,
        format: 1,
        created_ms: 0,
        tags: BTreeMap::new(),
        body,
        contents: Vec::new(),
    }
}

pub(crate) fn deploy(api: &str, id: &str, definition: &Definition) -> Commit {
    let (manifest, contents) = definition.freeze();
    let contents: Vec<_> = contents
        .into_iter()
        .map(|(_, bytes)| Content::new(bytes))
        .collect();
    let stored = StoredDeployment {
        description: None,
        manifest,
    };
    Commit {
        puts: vec![Put {
            contents: contents.iter().map(Content::hash).collect(),
            ..put(key(api, Kind::Deployment, id), stored.to_json())
        }],
        contents,
        ..Commit::default()
    }
}

pub(crate) fn stage(api: &str, name: &str, deployment: &str) -> Put {
    let stage = Stage {
        stage_name: text(name),
        deployment_id: text(deployment),
        ..Stage::default()
    };
    put(key(api, Kind::Stage, name), json::to_vec(&stage))
}

fn staged(api: &str, name: &str, deployment: &str) -> Commit {
    Commit {
        puts: vec![stage(api, name, deployment)],
        ..Commit::default()
    }
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(test);
}

#[test]
fn what_is_stored_is_served_at_the_start_and_followed() {
    run(async {
        let world = World::new();
        world
            .commit(deploy("a", "dep1", &definition("a", "MOCK", "")))
            .await;
        world.commit(staged("a", "dev", "dep1")).await;
        let mut loader = world.loader().await;
        assert_eq!(world.served("a"), "dev=dep1");

        world
            .commit(deploy(
                "a",
                "dep2",
                &definition("a", "HTTP", "http://localhost/"),
            ))
            .await;
        let rev = world.commit(staged("a", "prod", "dep2")).await;
        loader.catch_up().await.expect("readable");
        assert_eq!(world.served("a"), "dev=dep1 prod=dep2");
        world.gateway.applied(rev).await;

        world.commit(staged("a", "dev", "dep2")).await;
        loader.catch_up().await.expect("readable");
        assert_eq!(world.served("a"), "dev=dep2 prod=dep2");

        let gone = Commit {
            deletes: vec![Delete::children_of(
                &Key::top(ACCOUNT, REGION, Kind::RestApi, "a"),
                Kind::Stage,
            )],
            ..Commit::default()
        };
        world.commit(gone).await;
        loader.catch_up().await.expect("readable");
        assert_eq!(world.served("a"), "nothing");
    });
}

#[test]
fn revisions_that_change_nothing_are_told_as_served() {
    run(async {
        let world = World::new();
        let mut loader = world.loader().await;
        let before = world.gateway.table();
        let rev = world
            .commit(deploy("a", "dep1", &definition("a", "MOCK", "")))
            .await;
        loader.catch_up().await.expect("readable");
        world.gateway.applied(rev).await;
        assert!(
            Arc::ptr_eq(&before, &world.gateway.table()),
            "nothing that is served has changed"
        );
    });
}

#[test]
fn equal_deployments_share_a_plan_and_templates_are_shared_by_all() {
    run(async {
        let world = World::new();
        for (id, deployment) in [("a", "dep1"), ("a", "dep2")] {
            world
                .commit(deploy(id, deployment, &definition(id, "MOCK", "")))
                .await;
        }
        world.commit(staged("a", "dev", "dep1")).await;
        world.commit(staged("a", "prod", "dep2")).await;
        let _loader = world.loader().await;
        let table = world.gateway.table();
        let stages = &table.api("a").expect("served").stages;
        assert!(Arc::ptr_eq(&stages[0].deployment, &stages[1].deployment));
        assert_eq!(world.served("a"), "dev=dep1 prod=dep2");
    });
}

#[test]
fn a_stage_that_cannot_be_served_keeps_its_old_plan_and_others_are_not_touched() {
    run(async {
        let world = World::new();
        world
            .commit(deploy("a", "dep1", &definition("a", "MOCK", "")))
            .await;
        world
            .commit(deploy("a", "dep2", &definition("a", "AWS_PROXY", "")))
            .await;
        world.commit(staged("a", "dev", "dep1")).await;
        world.commit(staged("a", "late", "dep2")).await;
        let mut loader = world.loader().await;
        let refused = "tollgate cannot honour methodIntegration.type of GET /: integrations with AWS services and functions are not served yet";
        assert_eq!(world.served("a"), format!("dev=dep1 [late: {refused}]"));

        world.commit(staged("a", "dev", "dep2")).await;
        world.commit(staged("a", "lost", "dep9")).await;
        loader.catch_up().await.expect("readable");
        assert_eq!(
            world.served("a"),
            format!("dev=dep1 [late: {refused}] [lost: its deployment `dep9` is not stored]")
        );

        world.commit(staged("a", "late", "dep1")).await;
        loader.catch_up().await.expect("readable");
        assert_eq!(
            world.served("a"),
            "dev=dep1 late=dep1 [lost: its deployment `dep9` is not stored]"
        );
    });
}

#[test]
fn the_loader_follows_until_the_store_is_closed() {
    run(async {
        let world = World::new();
        let loader = world.loader().await;
        let gateway = world.gateway.clone();
        let commits = async {
            world
                .commit(deploy("a", "dep1", &definition("a", "MOCK", "")))
                .await;
            let rev = world.commit(staged("a", "dev", "dep1")).await;
            gateway.applied(rev).await;
            assert_eq!(world.served("a"), "dev=dep1");
        };
        tokio::select! {
            () = loader.follow() => panic!("the store is open"),
            () = commits => {}
        }
    });
}

#[tokio::test]
async fn a_canary_has_its_own_deployment() {
    let world = World::new();
    for (id, uri) in [
        ("dep1", "http://one.example/"),
        ("dep2", "http://two.example/"),
    ] {
        let deployment = deploy("api", id, &definition("api", "HTTP_PROXY", uri));
        world.commit(deployment).await;
    }
    let with_canary = |deployment: &str| {
        let stage = Stage {
            stage_name: text("dev"),
            deployment_id: text("dep1"),
            canary_settings: Some(CanarySettings {
                deployment_id: text(deployment),
                percent_traffic: Some(10.0),
                ..CanarySettings::default()
            }),
            ..Stage::default()
        };
        Commit {
            puts: vec![put(key("api", Kind::Stage, "dev"), json::to_vec(&stage))],
            ..Commit::default()
        }
    };
    world.commit(with_canary("dep2")).await;
    let mut loader = world.loader().await;
    assert_eq!(world.served("api"), "dev=dep1+dep2");
    {
        let table = world.gateway.table();
        let stage = &table.api("api").expect("served").stages[0];
        let canary = stage.canary.as_ref().expect("a canary");
        assert!(!Arc::ptr_eq(&stage.deployment, &canary.plan.deployment));
        assert!(Arc::ptr_eq(&stage.meter, &canary.plan.meter));
        assert_eq!(
            (stage.is_canary, canary.plan.is_canary),
            (Some(false), Some(true))
        );
    }
    world.commit(with_canary("dep1")).await;
    loader.catch_up().await.expect("caught up");
    assert_eq!(world.served("api"), "dev=dep1+dep1");
    let promoted = Commit {
        puts: vec![stage("api", "dev", "dep2")],
        ..Commit::default()
    };
    world.commit(promoted).await;
    loader.catch_up().await.expect("caught up");
    assert_eq!(world.served("api"), "dev=dep2");
}
