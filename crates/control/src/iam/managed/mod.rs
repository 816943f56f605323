//! AWS's own managed policies, as far as projects around an API Gateway name them: read only, the same in every account.
//! Documents, versions and dates are those of AWS's reference; a document lies beside this file under its policy's name.
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use std::sync::{Arc, OnceLock};

use tollgate_iam::{Kind, Policy};
use tollgate_model::arn::{Arn, partition_of};
use tollgate_wire::Timestamp;
use tollgate_wire::iam as wire;

use super::account::Uses;
use super::documents;
use crate::error::{ApiError, Exception};

/// A policy of AWS's, in its present version.
pub(crate) struct ManagedPolicy {
    name: &'static str,
    path: &'static str,
    version: u32,
    created_ms: u64,
    updated_ms: u64,
    pub(crate) document: &'static str,
    compiled: OnceLock<Arc<Policy>>,
}

macro_rules! policy {
    ($name:literal, $path:literal, $version:literal, $created:literal, $updated:literal) => {
        ManagedPolicy {
            name: $name,
            path: $path,
            version: $version,
            created_ms: $created,
            updated_ms: $updated,
            document: include_str!(concat!($name, ".json")),
            compiled: OnceLock::new(),
        }
    };
}

/// By name.
static POLICIES: [ManagedPolicy; 15] = [
    policy!(
        "APIGatewayServiceRolePolicy",
        "/aws-service-role/",
        9,
        1_508_520_190_000,
        1_626_128_680_000
    ),
    policy!("AWSDenyAll", "/", 2, 1_556_750_174_000, 1_702_917_725_000),
    policy!(
        "AWSLambdaBasicExecutionRole",
        "/service-role/",
        1,
        1_428_591_823_000,
        1_428_591_823_000
    ),
    policy!(
        "AWSLambdaRole",
        "/service-role/",
        1,
        1_423_248_088_000,
        1_423_248_088_000
    ),
    policy!(
        "AWSLambdaSQSQueueExecutionRole",
        "/service-role/",
        1,
        1_529_013_045_000,
        1_529_013_045_000
    ),
    policy!(
        "AWSLambdaVPCAccessExecutionRole",
        "/service-role/",
        3,
        1_455_232_526_000,
        1_704_494_306_000
    ),
    policy!(
        "AWSXRayDaemonWriteAccess",
        "/",
        2,
        1_535_497_233_000,
        1_707_861_510_000
    ),
    policy!(
        "AdministratorAccess",
        "/",
        1,
        1_423_247_986_000,
        1_423_247_986_000
    ),
    policy!(
        "AmazonAPIGatewayAdministrator",
        "/",
        1,
        1_436_463_285_000,
        1_436_463_285_000
    ),
    policy!(
        "AmazonAPIGatewayInvokeFullAccess",
        "/",
        2,
        1_436_463_372_000,
        1_545_157_510_000
    ),
    policy!(
        "AmazonAPIGatewayPushToCloudWatchLogs",
        "/service-role/",
        1,
        1_447_285_306_000,
        1_447_285_306_000
    ),
    policy!(
        "CloudWatchLogsFullAccess",
        "/",
        8,
        1_423_248_002_000,
        1_770_919_233_000
    ),
    policy!(
        "IAMFullAccess",
        "/",
        2,
        1_423_248_038_000,
        1_561_146_000_000
    ),
    policy!(
        "IAMReadOnlyAccess",
        "/",
        4,
        1_423_248_039_000,
        1_516_907_487_000
    ),
    policy!(
        "PowerUserAccess",
        "/",
        12,
        1_423_247_987_000,
        1_770_919_154_000
    ),
];

/// The account that owns them, as ARNs name it.
const OWNER: &str = "aws";

/// Every policy with its ARN in the partition of a region.
pub(crate) fn all(region: &str) -> impl Iterator<Item = (&'static ManagedPolicy, String)> {
    let partition = partition_of(region);
    POLICIES
        .iter()
        .map(move |policy| (policy, policy.arn(partition)))
}

/// The policy of an ARN.
pub(crate) fn find(arn: &str) -> Option<&'static ManagedPolicy> {
    let parsed: Arn = arn.parse().ok()?;
    let mut policies = POLICIES.iter();
    policies.find(|policy| policy.arn(&parsed.partition) == arn)
}

/// Refuses to change what is AWS's. Guess: the text is ours.
pub(super) fn check_own(arn: &str) -> Result<(), ApiError> {
    let is_aws = arn
        .parse()
        .is_ok_and(|arn: Arn| arn.service == "iam" && arn.account == OWNER);
    match is_aws {
        true => Err(ApiError::new(
            Exception::AccessDenied,
            format!("Policy {arn} is managed by AWS and cannot be changed."),
        )),
        false => Ok(()),
    }
}

/// The policy as answers carry it.
pub(super) fn shown(policy: &ManagedPolicy, arn: &str, uses: Uses) -> wire::Policy {
    wire::Policy {
        policy_name: Some(policy.name.to_owned()),
        policy_id: Some(policy.id()),
        arn: Some(arn.to_owned()),
        path: Some(policy.path.to_owned()),
        default_version_id: Some(format!("v{}", policy.version)),
        attachment_count: Some(uses.attachments as i32),
        permissions_boundary_usage_count: Some(uses.boundaries as i32),
        is_attachable: Some(true),
        description: None,
        create_date: Some(Timestamp::from_ms(policy.created_ms)),
        update_date: Some(Timestamp::from_ms(policy.updated_ms)),
        tags: None,
    }
}

/// Its present version, the only one that is told.
pub(super) fn version(policy: &ManagedPolicy) -> wire::PolicyVersion {
    wire::PolicyVersion {
        document: Some(documents::encoded(policy.document)),
        version_id: Some(format!("v{}", policy.version)),
        is_default_version: Some(true),
        create_date: Some(Timestamp::from_ms(policy.updated_ms)),
    }
}

/// The name of a policy in its ARN.
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

/// The path of a policy in its ARN, with the slashes around it.
pub(super) fn path_of(arn: &str) -> &str {
    let Some(start) = arn.find('/') else {
        return "/";
    };
    let end = arn.rfind('/').unwrap_or(start);
    &arn[start..=end]
}

impl ManagedPolicy {
    /// Compiled once for everybody.
    pub(crate) fn compiled(&self) -> Arc<Policy> {
        let compile = || {
            let policy = Policy::parse(self.document, Kind::Identity);
            let policy = policy.expect("a test reads every document");
            Arc::new(policy.named(self.arn("aws")))
        };
        self.compiled.get_or_init(compile).clone()
    }

    fn arn(&self, partition: &str) -> String {
        let Self { path, name, .. } = self;
        format!("arn:{partition}:iam::{OWNER}:policy{path}{name}")
    }

    /// Guess: AWS's own ids are in no reference. This one is made of the name, so that it stays.
    fn id(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut id = "ANPA".to_owned();
        for byte in self.name.bytes().cycle().take(17 * 8) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        for _ in 0..17 {
            hash = hash.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            id.push(char::from(ALPHABET[(hash >> 59) as usize]));
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_found_and_is_json() {
        for (policy, arn) in all("us-gov-west-1") {
            assert!(arn.starts_with("arn:aws-us-gov:iam::aws:policy/"), "{arn}");
            assert!(find(&arn).is_some_and(|found| found.name == policy.name));
            assert!(documents::check_identity(policy.document).is_ok(), "{arn}");
            assert_eq!(policy.id().len(), 21);
        }
        assert!(find("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none());
    }

    #[test]
    fn paths_are_between_slashes() {
        for (arn, path, name) in [
            ("arn:aws:iam::aws:policy/a", "/", "a"),
            ("arn:aws:iam::1:policy/x/y/a", "/x/y/", "a"),
        ] {
            assert_eq!((path_of(arn), name_of(arn)), (path, name));
        }
    }
}
