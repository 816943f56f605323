//! A canary release: a part of a stage's requests meets another deployment and other variables.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html>

use std::sync::Arc;

use tollgate_wire::apigateway::CanarySettings;

use super::stage::StageError;
use super::{DeploymentPlan, StagePlan, StageSettings};

/// A stage's canary.
#[derive(Debug)]
pub struct Canary {
    /// How much of 100 requests it gets.
    percent: f64,
    /// What serves them: a stage of the same name, log and counters.
    pub plan: StagePlan,
}

impl Canary {
    /// The canary of `base`, with its own deployment. Its overrides are laid over the stage's variables.
    pub(crate) fn new(
        base: &StagePlan,
        deployment: Arc<DeploymentPlan>,
        settings: &StageSettings,
        given: &CanarySettings,
    ) -> Result<Self, StageError> {
        let mut settings = settings.clone();
        settings.deployment_id = given.deployment_id.clone().unwrap_or_default();
        for (name, value) in given.stage_variable_overrides.iter().flatten() {
            settings.variables.retain(|(known, _)| known != name);
            let value = value.clone().unwrap_or_default();
            settings.variables.push((name.clone(), value));
        }
        let plan = StagePlan::new(base.api.clone(), deployment, &settings, base.meter.clone())?;
        Ok(Self {
            percent: given.percent_traffic.unwrap_or(0.0),
            plan: StagePlan {
                is_canary: Some(true),
                ..plan
            },
        })
    }

    /// Whether it gets the request whose draw is this number of 0 to 100, 100 excluded.
    pub(crate) fn takes(&self, draw: f64) -> bool {
        draw < self.percent
    }
}
