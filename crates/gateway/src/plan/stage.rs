//! A stage: a deployment with the stage's own settings.

use std::sync::Arc;

use tollgate_telemetry::StageMeter;
use tollgate_wire::apigateway::Stage;

use super::uri::target;
use super::{
    Backend, DeploymentPlan, IntegrationKind, MethodMeters, MethodSettings, StagePlan, Target,
};
use crate::access_log::{AccessLog, Format, FormatError};
use crate::throttle::StageBuckets;

/// What a stage's requests know of their API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiFacts {
    /// The API's id.
    pub id: Box<str>,
    /// The account it belongs to.
    pub account: Box<str>,
    /// The region it belongs to.
    pub region: Box<str>,
}

/// The settings of a stage that do not come with its deployment.
#[derive(Clone, Debug, Default)]
pub struct StageSettings {
    /// The stage's name.
    pub name: String,
    /// The id of the deployment that it serves.
    pub deployment_id: String,
    /// `stageVariables`
    pub variables: Vec<(String, String)>,
    /// The access log's format, if it has one.
    pub access_log_format: Option<String>,
    /// Where its access log goes: `destinationArn`.
    pub access_log_destination: String,
    /// What its methods log and count.
    pub method_settings: Arc<MethodSettings>,
    /// `tracingEnabled`
    pub is_traced: bool,
}

/// A stage that cannot be served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    /// Its access log's format.
    #[error(transparent)]
    AccessLog(#[from] FormatError),
}

impl StageSettings {
    /// Those of a stage as the control plane keeps it.
    pub(crate) fn of(stage: &Stage) -> Self {
        let variables = stage.variables.iter().flatten();
        let access_log = stage.access_log_settings.as_ref();
        Self {
            name: stage.stage_name.clone().unwrap_or_default(),
            deployment_id: stage.deployment_id.clone().unwrap_or_default(),
            variables: variables
                .map(|(name, value)| (name.clone(), value.clone().unwrap_or_default()))
                .collect(),
            access_log_format: access_log.and_then(|settings| settings.format.clone()),
            access_log_destination: access_log
                .and_then(|settings| settings.destination_arn.clone())
                .unwrap_or_default(),
            method_settings: Arc::new(MethodSettings::of(stage)),
            is_traced: stage.tracing_enabled.unwrap_or(false),
        }
    }
}

impl StagePlan {
    /// Puts a deployment on a stage: fills its variables into the addresses of backends, once.
    pub fn new(
        api: Arc<ApiFacts>,
        deployment: Arc<DeploymentPlan>,
        settings: &StageSettings,
        meter: Arc<StageMeter>,
    ) -> Result<Self, StageError> {
        let variables: Vec<_> = settings
            .variables
            .iter()
            .map(|(name, value)| (Box::from(&**name), Box::from(&**value)))
            .collect();
        let access_log = settings
            .access_log_format
            .as_deref()
            .map(Format::compile)
            .transpose()?
            .map(|format| AccessLog {
                destination: Box::from(&*settings.access_log_destination),
                format,
            });
        let targets = targets(&deployment, &variables);
        let method_meters = MethodMeters::new(&deployment, &settings.method_settings, &meter);
        Ok(Self {
            api,
            name: Box::from(&*settings.name),
            deployment_id: Box::from(&*settings.deployment_id),
            deployment,
            settings: Arc::new(settings.clone()),
            variables,
            access_log,
            execution_log: Vec::new(),
            is_traced: settings.is_traced,
            meter,
            method_meters,
            targets,
            method_settings: settings.method_settings.clone(),
            buckets: StageBuckets::default(),
            account: None,
            cache: None,
            canary: None,
            is_canary: None,
        })
    }
}

fn targets(deployment: &DeploymentPlan, variables: &[(Box<str>, Box<str>)]) -> Vec<Target> {
    let mut targets: Vec<_> = std::iter::repeat_with(|| Target::None)
        .take(deployment.integrations)
        .collect();
    let methods = deployment
        .resources
        .iter()
        .flat_map(|resource| &resource.methods);
    for integration in methods.map(|method| &method.integration) {
        if let IntegrationKind::Http(backend) | IntegrationKind::HttpProxy(backend) =
            &integration.kind
        {
            targets[integration.number] = of_backend(backend, variables);
        }
    }
    targets
}

fn of_backend(backend: &Backend, variables: &[(Box<str>, Box<str>)]) -> Target {
    target(&backend.uri, backend.verify_issuer, variables)
}
