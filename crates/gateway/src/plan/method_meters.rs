//! `metricsEnabled`: counters of single methods, beside the stage's own.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_telemetry::StageMeter;

use super::{ANY_STANDS_FOR, DeploymentPlan, MethodSettings, Resource};

/// The counters of the methods that have some.
#[derive(Debug, Default)]
pub struct MethodMeters {
    /// By the resource's path.
    of: HashMap<Box<str>, Vec<Counted>>,
}

/// The method that a request has, and its counters.
type Counted = (Box<str>, Arc<StageMeter>);

impl MethodMeters {
    /// Those that a stage's settings ask for. Guess: what ANY stands for is counted by the request's method.
    pub(super) fn new(
        deployment: &DeploymentPlan,
        settings: &MethodSettings,
        stage: &StageMeter,
    ) -> Self {
        let of_resource = |resource: &Resource| {
            let names = resource.request_methods().into_iter();
            let metered = names.filter(|name| settings.is_metered(&resource.path, name));
            let meters: Vec<_> = metered
                .map(|name| (Box::from(name), stage.method(&resource.path, name)))
                .collect();
            (!meters.is_empty()).then(|| (resource.path.clone(), meters))
        };
        let resources = deployment.resources.iter();
        Self {
            of: resources.filter_map(of_resource).collect(),
        }
    }

    /// That of a request.
    pub(crate) fn find(&self, path: &str, method: &str) -> Option<&StageMeter> {
        if self.of.is_empty() {
            return None;
        }
        let mut meters = self.of.get(path)?.iter();
        meters
            .find(|(name, _)| **name == *method)
            .map(|(_, meter)| &**meter)
    }
}

impl Resource {
    /// The methods that requests of this resource may have.
    pub(crate) fn request_methods(&self) -> Vec<&str> {
        let own = self.methods.iter().map(|method| &*method.name);
        let mut names: Vec<_> = own.filter(|name| *name != "ANY").collect();
        if names.len() < self.methods.len() {
            let others = ANY_STANDS_FOR.into_iter();
            let others: Vec<_> = others.filter(|name| !names.contains(name)).collect();
            names.extend(others);
        }
        names
    }
}
