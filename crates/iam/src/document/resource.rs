//! What IAM asks of the ARNs that statements name.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use crate::malformed::Rule;

const PARTITIONS: &[&str] = &[
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
];

/// The kinds of things that IAM's own ARNs name.
const IAM_KINDS: &[&str] = &[
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// The rule that `text` breaks, with AWS's text for it.
pub(crate) fn broken_rule(text: &str) -> Option<Rule> {
    if text == "*" {
        return None;
    }
    let Some((_, rest)) = text.split_once(':') else {
        return told(format!("Resource {text} must be in ARN format or \"*\"."));
    };
    let (partition, rest) = match rest.split_once(':') {
        Some((partition, rest)) => (partition, Some(rest)),
        None => (rest, None),
    };
    if partition != "*" && !PARTITIONS.contains(&partition) {
        return told(wrong_partition(partition, rest.unwrap_or_default()));
    }
    let Some(rest) = rest else {
        let vendor = "Resource vendor must be fully qualified and cannot contain regexes.";
        return told(vendor.to_owned());
    };
    let mut parts = rest.splitn(4, ':');
    let service = parts.next().unwrap_or_default();
    let region = parts.next();
    let resource = parts.nth(1).unwrap_or_default();
    if !text.starts_with("arn:") || service.is_empty() {
        return Some(Rule::Legacy);
    }
    if text.matches(':').count() < 5 && text.contains("::") {
        return Some(Rule::Legacy);
    }
    broken_rule_of_service(text, service, region, resource)
}

fn broken_rule_of_service(
    text: &str,
    service: &str,
    region: Option<&str>,
    resource: &str,
) -> Option<Rule> {
    let has_region = region != Some("");
    match service {
        "iam" if has_region => told(format!(
            "IAM resource {text} cannot contain region information."
        )),
        "iam" if !IAM_KINDS.iter().any(|kind| resource.starts_with(kind)) && resource != "*" => {
            told(format!(
                "IAM resource path must either be \"*\" or start with {}.",
                IAM_KINDS.join(", ")
            ))
        }
        "s3" if has_region && !resource.starts_with("accesspoint/") => told(format!(
            "Resource {text} can not contain region information."
        )),
        _ => None,
    }
}

fn told(text: String) -> Option<Rule> {
    Some(Rule::Resource(text))
}

/// The text shows the ARN as IAM completed it.
fn wrong_partition(partition: &str, rest: &str) -> String {
    let mut parts = rest.splitn(4, ':');
    let first = parts.next().unwrap_or_default();
    let (region, account, resource) = (parts.next(), parts.next(), parts.next());
    let service = if first.is_empty() && region.is_none() {
        "*"
    } else {
        first
    };
    let star = |part: Option<&str>| part.unwrap_or("*").to_owned();
    format!(
        "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{service}:{}:{}:{}\".",
        star(region),
        star(account),
        star(resource)
    )
}
