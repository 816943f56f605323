//! Proof of exposure: which routes of a stage answer a caller who shows nothing.
//!
//! For each method of each route anonymous requests are made and run on the engine, up to where an integration would be called. Where a
//! resource policy decides, there is a request for each kind that the policy can tell apart. One that is let in is the proof that the route is
//! exposed. That a route is guarded is said only where every kind was tried, or where something stands before it that no anonymous request
//! has; everything else is left undecided, with the reason.

mod kinds;
mod knock;
mod report;

use std::sync::Arc;

pub use report::{Exposure, Guard, Judged, Passing, Route, Verdict};

use crate::gateway::Settings;
use crate::plan::{Authorization, Method, Resource, StagePlan};
use kinds::Kinds;
use knock::{Knocker, Outcome};

/// Requests that are run for one method, and for all.
const REQUESTS_MAX: (usize, usize) = (4_096, 65_536);

/// From where a private API may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Networks {
    /// From those of the settings.
    Configured,
    /// From any endpoint that a policy may name: it is not known which will be configured.
    Any,
}

/// Looks at every route of a stage.
pub async fn prove(stage: Arc<StagePlan>, settings: &Settings, networks: Networks) -> Exposure {
    let mut prover = Prover {
        knocker: Knocker::new(stage.clone(), settings),
        settings,
        networks,
        left: REQUESTS_MAX.1,
    };
    let mut routes = Vec::new();
    for (plan, is_canary) in served(&stage) {
        for resource in &plan.deployment.resources {
            for method in resource.methods() {
                routes.push(prover.route(plan, is_canary, resource, method).await);
            }
        }
    }
    routes.sort_by(|one, other| {
        let order = |it: &Route| (it.path.clone(), it.method.clone(), it.is_canary);
        order(one).cmp(&order(other))
    });
    Exposure {
        api: stage.api.id.to_string(),
        stage: stage.name.to_string(),
        requests: REQUESTS_MAX.1 - prover.left,
        routes,
    }
}

/// The plans that requests meet, and whether each is the canary's.
fn served(stage: &StagePlan) -> impl Iterator<Item = (&StagePlan, bool)> {
    let canary = stage.canary.as_deref();
    let own = canary.is_none_or(|canary| !canary.takes(knock::LAST_DRAW));
    let other = canary.filter(|canary| canary.takes(0.0));
    let own = own.then_some((stage, false));
    own.into_iter()
        .chain(other.map(|canary| (&canary.plan, true)))
}

struct Prover<'p> {
    knocker: Knocker<'p>,
    settings: &'p Settings,
    networks: Networks,
    left: usize,
}

impl Prover<'_> {
    async fn route(
        &mut self,
        stage: &StagePlan,
        is_canary: bool,
        resource: &Resource,
        method: &Method,
    ) -> Route {
        let names = concrete(resource, method);
        let guards = guards(stage, method);
        let mut methods = Vec::with_capacity(names.len());
        for name in &names {
            let is_shut = guards.iter().any(|guard| guard.is_absolute());
            let kinds = Kinds::of(stage, self.settings, self.networks, resource, name);
            let verdict = self.judge(resource, name, is_canary, kinds, is_shut).await;
            methods.push(Judged {
                method: name.clone(),
                verdict,
            });
        }
        Route {
            method: method.name.to_string(),
            path: resource.path.to_string(),
            is_canary,
            guards,
            methods,
        }
    }

    /// Tries a request of each kind.
    async fn judge(
        &mut self,
        resource: &Resource,
        method: &str,
        is_canary: bool,
        mut kinds: Kinds,
        is_shut: bool,
    ) -> Verdict {
        let mut refusals = Refusals::default();
        let mut number = 0;
        while let Some(ask) = kinds.get(number, method) {
            if self.left == 0 || number >= REQUESTS_MAX.0 {
                let all = kinds.count();
                let doubt = format!("of {all} kinds of requests {number} were tried");
                kinds.doubts.push(doubt);
                break;
            }
            number += 1;
            self.left -= 1;
            match self.knocker.try_out(&ask, is_canary).await {
                Outcome::In { path } if path == resource.path => {
                    let request = ask.shown(self.knocker.now());
                    return Verdict::Exposed { request };
                }
                Outcome::Refused { path, reason } => refusals.note(resource, path, reason),
                Outcome::NoRequest(why) => kinds.doubts.push(why),
                // A path that a more specific resource takes.
                Outcome::In { .. } => {}
            }
        }
        decided(refusals.because(), kinds.doubts, is_shut)
    }
}

/// Why requests were not let in.
#[derive(Debug, Default)]
struct Refusals {
    /// At the route.
    here: Option<String>,
    /// Before any route was looked for.
    before: Option<String>,
    has_strayed: bool,
}

impl Refusals {
    fn note(&mut self, resource: &Resource, met: Option<Box<str>>, reason: String) {
        match met {
            Some(path) if path == resource.path => {
                self.here.get_or_insert(reason);
            }
            Some(_) => self.has_strayed = true,
            None => {
                self.before.get_or_insert(reason);
            }
        }
    }

    /// The first reason, if it is one for all: what strayed says nothing of the route.
    fn because(self) -> Option<String> {
        self.here.or(self.before.filter(|_| !self.has_strayed))
    }
}

/// What follows where no request was let in.
fn decided(because: Option<String>, mut doubts: Vec<String>, is_shut: bool) -> Verdict {
    let Some(because) = because else {
        doubts.push("no request was found that meets the route".to_owned());
        return Verdict::Undecided { why: doubts };
    };
    match doubts.is_empty() || is_shut {
        true => Verdict::Guarded { because },
        false => {
            doubts.dedup();
            Verdict::Undecided { why: doubts }
        }
    }
}

/// The methods that requests may have which meet this one.
fn concrete(resource: &Resource, method: &Method) -> Vec<String> {
    if &*method.name != "ANY" {
        return vec![method.name.to_string()];
    }
    let all = resource.request_methods().into_iter();
    let others = all.filter(|name| {
        let met = resource.method(name);
        met.is_some_and(|met| &*met.name == "ANY")
    });
    others.map(str::to_owned).collect()
}

/// What stands before a method.
fn guards(stage: &StagePlan, method: &Method) -> Vec<Guard> {
    let deployment = &stage.deployment;
    let authorization = match &method.authorization {
        Authorization::None => None,
        Authorization::Iam => Some(Guard::AwsIam),
        Authorization::UserPools(_) => Some(Guard::CognitoUserPools),
    };
    let all = [
        deployment
            .endpoint
            .is_disabled
            .then_some(Guard::EndpointDisabled),
        deployment
            .endpoint
            .is_private
            .then_some(Guard::PrivateEndpoint),
        deployment.policy.is_some().then_some(Guard::ResourcePolicy),
        authorization,
        method.api_key_required.then_some(Guard::ApiKey),
    ];
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
