//! What was found out, as `tollgate prove --json` and Tollgate's own call show it.

use serde::{Deserialize, Serialize};

/// Every route of a stage, and whether it answers a caller who shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// The API's id.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// How many requests were run.
    pub requests: usize,
    /// In the order of their paths and methods.
    pub routes: Vec<Route>,
}

/// A method of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// `GET`, … or `ANY`.
    pub method: String,
    /// The resource's path.
    pub path: String,
    /// Whether it is one of the stage's canary.
    pub is_canary: bool,
    /// What stands before it, whether or not it keeps anybody out.
    pub guards: Vec<Guard>,
    /// What was found for the method, or for each that `ANY` stands for here.
    pub methods: Vec<Judged>,
}

/// Something that may keep callers out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Guard {
    /// The API's own address may not be used.
    EndpointDisabled,
    /// It is called from the networks of private endpoints only.
    PrivateEndpoint,
    /// The API has a resource policy.
    ResourcePolicy,
    /// The method asks for a signature.
    AwsIam,
    /// The method asks for a token of a user pool.
    CognitoUserPools,
    /// The method asks for an API key.
    ApiKey,
}

/// What was found for one method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The method.
    pub method: String,
    /// What was found.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Whether anonymous requests are let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "camelCase")]
pub enum Verdict {
    /// None is.
    Guarded {
        /// Why the first that was tried is not.
        because: String,
    },
    /// One is.
    Exposed {
        /// This one: it was run.
        request: Passing,
    },
    /// None was found that is, and there may be some.
    Undecided {
        /// Why that cannot be known.
        why: Vec<String>,
    },
}

/// An anonymous request that is let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passing {
    /// The method.
    pub method: String,
    /// The path below the stage.
    pub path: String,
    /// The fields that it needs, beside `Host`.
    pub headers: Vec<(String, String)>,
    /// The client's address.
    pub from: String,
    /// Whether that address matters: from some others the request would be refused.
    pub is_address_needed: bool,
    /// Whether it comes over TLS.
    pub is_secure: bool,
    /// The private endpoint that it comes through.
    pub through: Option<String>,
    /// When it is let in, if not now.
    pub at: Option<String>,
}

impl Guard {
    /// Whether nothing that is anonymous passes it, whatever else the request has.
    pub(super) fn is_absolute(self) -> bool {
        match self {
            Self::EndpointDisabled | Self::AwsIam | Self::CognitoUserPools | Self::ApiKey => true,
            Self::PrivateEndpoint | Self::ResourcePolicy => false,
        }
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::EndpointDisabled => "endpoint disabled",
            Self::PrivateEndpoint => "private endpoint",
            Self::ResourcePolicy => "resource policy",
            Self::AwsIam => "AWS_IAM",
            Self::CognitoUserPools => "Cognito user pool",
            Self::ApiKey => "API key",
        }
    }
}
