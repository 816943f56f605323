//! The API keys and usage plans of a spec's sections: read, stored, and loaded as those of the control plane are.

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_gateway::plan::Plans;
use tollgate_gateway::{Gateway, Loader};
use tollgate_model::api_key::StoredApiKey;
use tollgate_store::{Commit, Key, Kind, Options, Put, Sqlite, Store};
use tollgate_telemetry::Counters;
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    ApiKey, ApiStage, QuotaSettings, ThrottleSettings, UsagePlan, UsagePlanKey,
};
use tollgate_wire::json;

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const REGION: &str = "us-east-1";

/// Keys and plans on their way into a store.
#[derive(Default)]
pub(crate) struct Keys {
    commit: Commit,
}

impl Keys {
    /// Adds those of the section whose API this is. Lines are
    /// `plan NAME: throttle 1/2; quota 3/DAY; GET /pets 1/1; elsewhere` and `key NAME = VALUE [disabled]: plan, plan`.
    pub(crate) fn add(&mut self, gateway: &Gateway, api: &str, stage: &str, text: &str) {
        for line in text.lines() {
            let (head, rest) = line
                .split_once(':')
                .expect("`plan name: …` or `key name: …`");
            match head.split_once(' ') {
                Some(("plan", name)) => self.plan(api, stage, name, rest),
                Some(("key", named)) => self.key(gateway, api, named, rest),
                _ => panic!("{line:?} is neither plan nor key"),
            }
        }
    }

    fn plan(&mut self, api: &str, stage: &str, name: &str, rest: &str) {
        let mut own = ApiStage {
            api_id: Some(api.to_owned()),
            stage: Some(stage.to_owned()),
            throttle: None,
        };
        let mut plan = UsagePlan::default();
        for part in rest
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part.split_once(' ') {
                Some(("throttle", limits)) => plan.throttle = Some(throttle(limits)),
                Some(("quota", quota)) => plan.quota = Some(self::quota(quota)),
                None if part == "elsewhere" => own.stage = Some("elsewhere".to_owned()),
                Some((method, rest)) => {
                    let (path, limits) = rest.split_once(' ').expect("a path and limits");
                    let methods: &mut Map<ThrottleSettings> = own.throttle.get_or_insert_default();
                    methods.insert(format!("{path}/{method}"), throttle(limits));
                }
                None => panic!("{part:?} is nothing of a plan"),
            }
        }
        plan.api_stages = Some(vec![own]);
        let key = Key::top(ACCOUNT, REGION, Kind::UsagePlan, &format!("{api}-{name}"));
        self.put(key, json::to_vec(&plan));
    }

    fn key(&mut self, gateway: &Gateway, api: &str, named: &str, plans: &str) {
        let (name, value) = named.split_once(" = ").expect("a name and a value");
        let (value, is_enabled) = match value.strip_suffix(" disabled") {
            Some(value) => (value, false),
            None => (value, true),
        };
        let digester = &gateway.settings().digester;
        let digest = digester.of(ACCOUNT, REGION, value.as_bytes());
        let stored = StoredApiKey {
            key: ApiKey {
                enabled: Some(is_enabled),
                ..ApiKey::default()
            },
            sealed_value: Vec::new(),
            digest: digest.expect("no value is too long"),
        };
        let key = Key::top(ACCOUNT, REGION, Kind::ApiKey, &format!("{api}-{name}"));
        for plan in plans.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let member = key.child(Kind::ApiKeyPlan, &format!("{api}-{plan}"));
            self.put(member, json::to_vec(&UsagePlanKey::default()));
        }
        self.put(key, stored.to_json());
    }

    fn put(&mut self, key: Key, body: Vec<u8>) {
        self.commit.puts.push(Put {
            key,
            format: 1,
            created_ms: 0,
            tags: BTreeMap::new(),
            body,
            contents: Vec::new(),
        });
    }

    /// Has the gateway know them.
    pub(crate) fn load(self, gateway: &Arc<Gateway>) {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            let store = Sqlite::open(folder.path(), Options::default()).expect("a store");
            let store: Arc<dyn Store> = Arc::new(store);
            store.commit(self.commit).await.expect("a commit");
            let plans = Arc::new(Plans::new(Counters::new(1)));
            let loader = Loader::load(store, gateway.clone(), plans).await;
            drop(loader.expect("it can be read"));
        });
    }
}

/// `rate/burst`
pub(crate) fn throttle(limits: &str) -> ThrottleSettings {
    let (rate, burst) = limits.split_once('/').expect("a rate and a burst");
    ThrottleSettings {
        rate_limit: Some(rate.parse().expect("a rate")),
        burst_limit: Some(burst.parse().expect("a burst")),
    }
}

fn quota(text: &str) -> QuotaSettings {
    let (limit, period) = text.split_once('/').expect("a limit and a period");
    QuotaSettings {
        limit: Some(limit.parse().expect("a limit")),
        offset: None,
        period: Some(period.to_owned()),
    }
}
