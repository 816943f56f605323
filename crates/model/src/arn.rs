//! Amazon Resource Names: how tags, policies and methods name a thing.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::fmt;
use std::str::FromStr;

/// `arn:partition:service:region:account:resource`; region and account may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The service's name in ARNs, such as `apigateway`, `execute-api`, `lambda`.
    pub service: String,
    /// Empty where the service is global.
    pub region: String,
    /// Empty where the resource is named without its owner, as in `arn:aws:apigateway:us-east-1::/restapis/…`.
    pub account: String,
    /// The rest, colons and slashes included.
    pub resource: String,
}

/// A text that is no ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ARN: it must read arn:partition:service:region:account:resource")]
pub struct NotAnArn;

impl Arn {
    /// The name under which API Gateway's control plane tags and authorises a REST API:
    /// `arn:aws:apigateway:{region}::/restapis/{id}`, followed by `rest` (empty, or a path that begins with a slash).
    pub fn of_rest_api(region: &str, id: &str, rest: &str) -> Self {
        Self {
            partition: partition_of(region).to_owned(),
            service: "apigateway".to_owned(),
            region: region.to_owned(),
            account: String::new(),
            resource: format!("/restapis/{id}{rest}"),
        }
    }
}

/// The partition a region belongs to, by the prefix of its name.
pub fn partition_of(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

impl FromStr for Arn {
    type Err = NotAnArn;

    fn from_str(text: &str) -> Result<Self, NotAnArn> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().map(str::to_owned).ok_or(NotAnArn);
        if next()? != "arn" {
            return Err(NotAnArn);
        }
        let arn = Self {
            partition: next()?,
            service: next()?,
            region: next()?,
            account: next()?,
            resource: next()?,
        };
        let named = !arn.partition.is_empty() && !arn.service.is_empty();
        (named && !arn.resource.is_empty())
            .then_some(arn)
            .ok_or(NotAnArn)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "arn:{}:{}:{}:{}:{}",
            self.partition, self.service, self.region, self.account, self.resource
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "arn:aws:apigateway:us-east-1::/restapis/abc/stages/dev",
            "arn:aws:lambda:eu-west-1:123456789012:function:hello:live",
            "arn:aws-cn:execute-api:cn-north-1:123456789012:api/*/GET/a:b",
        ] {
            let arn: Arn = text.parse().expect(text);
            assert_eq!(arn.to_string(), text);
        }
    }

    #[test]
    fn what_lacks_a_part_is_refused() {
        for text in [
            "",
            "arn",
            "arn:aws:s3",
            "arn:aws:s3:::",
            "arn::s3:::b",
            "nra:aws:s3:::b",
        ] {
            assert_eq!(text.parse::<Arn>(), Err(NotAnArn), "{text}");
        }
    }

    #[test]
    fn an_api_is_named_without_its_account() {
        let arn = Arn::of_rest_api("us-gov-west-1", "a1", "/stages/dev");
        assert_eq!(
            arn.to_string(),
            "arn:aws-us-gov:apigateway:us-gov-west-1::/restapis/a1/stages/dev"
        );
    }
}
