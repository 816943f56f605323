//! A definition as it would be deployed, and which of its routes would answer a caller who shows nothing.

use std::sync::Arc;

use serde_json::Value;
use tollgate_gateway::exposure::{self, Exposure, Networks};
use tollgate_gateway::plan::{ApiFacts, Plans};
use tollgate_gateway::{IdentityProviders, Settings};
use tollgate_model::clock::Clock;
use tollgate_openapi::{Options, import};
use tollgate_telemetry::Counters;
use tollgate_wire::apigateway::Stage;

/// Where a definition is taken to be deployed. A resource policy names APIs and stages, so it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployed {
    /// The region.
    pub region: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The API's id.
    pub api: Option<String>,
    /// The stage's name.
    pub stage: Option<String>,
    /// Whether its endpoint is a private one, which a definition does not say.
    pub is_private: bool,
}

/// Why it cannot be known what a definition exposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unproven(pub Vec<String>);

/// Imports a document, compiles it and looks at every route. What is not given of `deployed` is what the policy names, if that is one thing.
///
/// # Errors
/// What of it would not be deployed, or what the policy leaves open.
pub fn prove(document: &[u8], deployed: &Deployed, clock: Clock) -> Result<Exposure, Unproven> {
    let imported = import(document, &deployed.options());
    let mut imported = imported.map_err(|error| Unproven(vec![error.detail()]))?;
    let policy = imported.definition.api.policy.clone().unwrap_or_default();
    let place = Place::of(deployed, &policy)?;
    imported.bind(&place.facts.id, |part| part.name().to_owned());
    let stage = Stage {
        stage_name: Some(place.stage),
        ..Stage::default()
    };
    let plans = Plans::new(Counters::new(1))
        .with_private_endpoints()
        .with_identity_providers(IdentityProviders::any());
    let plan = plans.plan(Arc::new(place.facts), &imported.definition, &stage);
    let plan = plan.map_err(|refused| {
        let refused = refused.into_iter();
        Unproven(
            refused
                .map(|it| format!("{}: {}", it.member, it.reason))
                .collect(),
        )
    })?;
    let settings = Settings {
        clock,
        ..Settings::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Unproven(vec![error.to_string()]))?;
    Ok(runtime.block_on(exposure::prove(Arc::new(plan), &settings, Networks::Any)))
}

impl Deployed {
    /// How the document is imported.
    fn options(&self) -> Options {
        let mut options = Options::default();
        if self.is_private {
            options.endpoint_types = vec!["PRIVATE".to_owned()];
        }
        let variables = &mut options.variables;
        if let Some(region) = &self.region {
            variables.region.clone_from(region);
        }
        if let Some(account) = &self.account {
            variables.account.clone_from(account);
        }
        options
    }
}

struct Place {
    facts: ApiFacts,
    stage: String,
}

impl Place {
    fn of(deployed: &Deployed, policy: &str) -> Result<Self, Unproven> {
        let named = Named::of(policy);
        let mut open = Vec::new();
        let mut choose = |what: &str, given: &Option<String>, named: &[String], usual: &str| {
            if given.is_none() && named.len() > 1 {
                let all = named.join(", ");
                open.push(format!(
                    "the policy names several {what} ({all}): --arn says which is meant"
                ));
            }
            let chosen = given.clone().or_else(|| named.first().cloned());
            chosen.unwrap_or_else(|| usual.to_owned())
        };
        let region = choose("regions", &deployed.region, &named.regions, "us-east-1");
        let account = choose(
            "accounts",
            &deployed.account,
            &named.accounts,
            "000000000000",
        );
        let api = choose("APIs", &deployed.api, &named.apis, "prove");
        let stage = choose("stages", &deployed.stage, &named.stages, "prove");
        match open.is_empty() {
            true => Ok(Self {
                facts: ApiFacts {
                    id: api.into(),
                    account: account.into(),
                    region: region.into(),
                },
                stage,
            }),
            false => Err(Unproven(open)),
        }
    }
}

/// What the ARNs of a policy name without wildcards.
#[derive(Debug, Default)]
struct Named {
    regions: Vec<String>,
    accounts: Vec<String>,
    apis: Vec<String>,
    stages: Vec<String>,
}

impl Named {
    fn of(policy: &str) -> Self {
        let mut named = Self::default();
        if let Ok(policy) = serde_json::from_str::<Value>(policy) {
            let statements = policy.get("Statement");
            let statements = statements.map(|it| match it {
                Value::Array(statements) => statements.as_slice(),
                one => std::slice::from_ref(one),
            });
            for statement in statements.into_iter().flatten() {
                for member in ["Resource", "NotResource"] {
                    named.resources(statement.get(member));
                }
            }
        }
        named
    }

    fn resources(&mut self, resources: Option<&Value>) {
        match resources {
            Some(Value::String(arn)) => self.arn(arn),
            Some(Value::Array(arns)) => {
                arns.iter()
                    .filter_map(Value::as_str)
                    .for_each(|arn| self.arn(arn));
            }
            _ => {}
        }
    }

    fn arn(&mut self, arn: &str) {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, _, region, account, path] = *parts.as_slice() else {
            return;
        };
        let mut path = path.split('/');
        note(&mut self.regions, Some(region));
        note(&mut self.accounts, Some(account));
        note(&mut self.apis, path.next());
        note(&mut self.stages, path.next());
    }
}

fn note(all: &mut Vec<String>, named: Option<&str>) {
    let plain = named.filter(|it| !it.is_empty() && !it.contains(['*', '?', '$', '{']));
    if let Some(plain) = plain.filter(|it| !all.iter().any(|known| known == it)) {
        all.push(plain.to_owned());
    }
}
