//! What the request met: a stage, or why there was none.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::plan::{ApiFacts, StageSettings};
use crate::private::PrivateEndpoint;
use crate::recorder::kept::Ran;
use crate::table::Vacant;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileStage {
    account: String,
    region: String,
    api_id: String,
    name: String,
    deployment_id: String,
    variables: Vec<(String, String)>,
    is_canary: Option<bool>,
}

impl FileStage {
    pub(super) fn of(ran: &Ran) -> Self {
        Self {
            account: ran.api.account.to_string(),
            region: ran.api.region.to_string(),
            api_id: ran.api.id.to_string(),
            name: ran.settings.name.clone(),
            deployment_id: ran.settings.deployment_id.clone(),
            variables: ran.settings.variables.clone(),
            is_canary: ran.is_canary,
        }
    }

    /// The name of what was frozen is not needed where the definition itself is at hand.
    pub(super) fn ran(self) -> Ran {
        Ran {
            api: Arc::new(ApiFacts {
                id: self.api_id.into(),
                account: self.account.into(),
                region: self.region.into(),
            }),
            settings: Arc::new(StageSettings {
                name: self.name,
                deployment_id: self.deployment_id,
                variables: self.variables,
                ..StageSettings::default()
            }),
            hash: [0; 32],
            is_canary: self.is_canary,
        }
    }
}

/// What a request to a private API came through.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FilePrivateEndpoint {
    id: String,
    vpc: String,
}

impl FilePrivateEndpoint {
    pub(super) fn of(endpoint: &PrivateEndpoint) -> Self {
        Self {
            id: endpoint.id.to_string(),
            vpc: endpoint.vpc.to_string(),
        }
    }

    pub(super) fn endpoint(self) -> Arc<PrivateEndpoint> {
        Arc::new(PrivateEndpoint {
            id: self.id.into(),
            vpc: self.vpc.into(),
            networks: Vec::new(),
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum FileVacant {
    NoApi,
    NoStage,
    Disabled,
    Broken(String),
}

impl FileVacant {
    pub(super) fn of(vacant: &Vacant) -> Self {
        match vacant {
            Vacant::Api => Self::NoApi,
            Vacant::Stage => Self::NoStage,
            Vacant::Disabled => Self::Disabled,
            Vacant::Broken(reason) => Self::Broken(reason.clone()),
        }
    }

    pub(super) fn vacant(self) -> Vacant {
        match self {
            Self::NoApi => Vacant::Api,
            Self::NoStage => Vacant::Stage,
            Self::Disabled => Vacant::Disabled,
            Self::Broken(reason) => Vacant::Broken(reason),
        }
    }
}
