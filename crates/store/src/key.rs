//! How an entity is named.

use std::fmt;

/// The name of an entity. Account and region are part of every key, so that no query can forget them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The AWS account that owns the entity.
    pub account: Box<str>,
    /// The AWS region that it lives in.
    pub region: Box<str>,
    /// What it is.
    pub kind: Kind,
    /// The id of what it belongs to, an API's for all its parts; empty for what stands by itself.
    pub parent: Box<str>,
    /// Its id under its parent: AWS's id or name, and `{resource_id}/{METHOD}` for a method.
    pub id: Box<str>,
}

impl Key {
    /// The key of an entity that has no parent.
    pub fn top(account: &str, region: &str, kind: Kind, id: &str) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            kind,
            parent: "".into(),
            id: id.into(),
        }
    }

    /// The key of an entity of `kind` that belongs to the entity under this key.
    pub fn child(&self, kind: Kind, id: &str) -> Self {
        Self {
            account: self.account.clone(),
            region: self.region.clone(),
            kind,
            parent: self.id.clone(),
            id: id.into(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            account,
            region,
            kind,
            parent,
            id,
        } = self;
        write!(formatter, "{account}:{region}:{kind}:{parent}/{id}")
    }
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident = $text:literal,)*) => {
        /// The kinds of entities. Their texts are stored: they never change, and a new one raises the format version
        /// of the store, so that an older Tollgate refuses what it would not understand.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$meta])* $name,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stored name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The kind with this stored name.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    /// A REST API; no parent. Its id is unique in the whole store, because host names carry neither account nor
    /// region.
    RestApi = "rest_api",
    /// A resource (a node of the path tree) of a REST API.
    Resource = "resource",
    /// A method of a resource with its integration and responses; parent is the API, the id
    /// `{resource_id}/{METHOD}`.
    Method = "method",
    /// A model of a REST API, by name.
    Model = "model",
    /// A request validator of a REST API.
    RequestValidator = "request_validator",
    /// A customised gateway response of a REST API, by response type.
    GatewayResponse = "gateway_response",
    /// An authorizer of a REST API.
    Authorizer = "authorizer",
    /// A documentation part of a REST API.
    DocumentationPart = "documentation_part",
    /// A documentation version of a REST API, by its version.
    DocumentationVersion = "documentation_version",
    /// A deployment of a REST API: a list of contents.
    Deployment = "deployment",
    /// A stage of a REST API, by name.
    Stage = "stage",
    /// Which deployments a stage of a REST API served, by the stage's name; it outlives the stage.
    StageHistory = "stage_history",
    /// An account's settings in a region; no parent, and one id.
    Account = "account",
    /// An access key of an account's root; the id is the access key id.
    RootKey = "root_key",
    /// An API key of an account and region; no parent. The ids of younger keys come before those of older ones.
    ApiKey = "api_key",
    /// Which API key has a value; no parent, the id is the digest of the value.
    ApiKeyValue = "api_key_value",
    /// A usage plan of an account and region; no parent.
    UsagePlan = "usage_plan",
    /// An API key in a usage plan: parent is the plan, the id the key's.
    UsagePlanKey = "usage_plan_key",
    /// The same, found the other way round: parent is the key, the id the plan's.
    ApiKeyPlan = "api_key_plan",
    /// Something sealed by the program; the store sees only its ciphertext.
    Secret = "secret",
    /// What IAM knows of an account as a whole; no parent, and one id. Every change of the kinds below writes it again.
    IamAccount = "iam_account",
    /// An IAM user with its policies, by its name in lower case; no parent.
    IamUser = "iam_user",
    /// An IAM group with its policies, by its name in lower case; no parent.
    IamGroup = "iam_group",
    /// An IAM role with its policies, by its name in lower case; no parent.
    IamRole = "iam_role",
    /// A customer's managed policy with its versions, by its name in lower case; no parent.
    IamPolicy = "iam_policy",
    /// An access key of an IAM user; parent is the user, the id is the access key id.
    AccessKey = "access_key",
}

impl Kind {
    /// Whether ids of this kind may exist only once in the whole store, across accounts and regions.
    pub fn is_unique_everywhere(self) -> bool {
        matches!(self, Self::RestApi)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_own_text() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::from_text(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::from_text("route"), None);
    }
}
