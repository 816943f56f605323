//! `$context`: its variables by name, and their values out of a [`Record`].
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html> and
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>

use std::borrow::Cow;

use crate::digits::{Short, push_ip, push_number, push_two, string};
use crate::identity::claim;
use crate::record::Record;
use crate::test_identity;

/// A `$context` variable that is known by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "AWS's names; the table below has them in full")]
pub enum Variable {
    AccessKey,
    AccountId,
    ApiId,
    ApiKey,
    ApiKeyId,
    AwsEndpointRequestId,
    Caller,
    CallerAccountId,
    CipherSuite,
    /// `authorizer.claims.` with the name of a claim.
    Claim(Box<str>),
    DeploymentId,
    DomainName,
    DomainPrefix,
    EndpointType,
    ErrorMessage,
    ErrorMessageString,
    ErrorResponseType,
    ErrorValidation,
    ExtendedRequestId,
    HttpMethod,
    IntegrationError,
    IntegrationLatency,
    IntegrationStatus,
    IsCanaryRequest,
    Path,
    Protocol,
    RequestId,
    RequestTime,
    RequestTimeEpoch,
    ResourceId,
    ResourcePath,
    ResponseLatency,
    ResponseLength,
    SourceIp,
    Stage,
    Status,
    TimeToAllHeaders,
    TlsVersion,
    TransferMode,
    User,
    UserAgent,
    UserArn,
    VpcId,
    VpceId,
    XrayTraceId,
    /// AWS's, and without a value until Tollgate does what it tells of (authorizers, domains, client certificates, WAF).
    Absent,
}

/// In AWS's spelling. Several names may mean the same.
#[rustfmt::skip]
const NAMES: &[(&str, Variable)] = &[
    ("accountId", Variable::AccountId),
    ("apiId", Variable::ApiId),
    ("awsEndpointRequestId", Variable::AwsEndpointRequestId),
    ("cipherSuite", Variable::CipherSuite),
    ("deploymentId", Variable::DeploymentId),
    ("domainName", Variable::DomainName),
    ("domainPrefix", Variable::DomainPrefix),
    ("endpointType", Variable::EndpointType),
    ("error.message", Variable::ErrorMessage),
    ("error.messageString", Variable::ErrorMessageString),
    ("error.responseType", Variable::ErrorResponseType),
    ("error.validationErrorString", Variable::ErrorValidation),
    ("extendedRequestId", Variable::ExtendedRequestId),
    ("httpMethod", Variable::HttpMethod),
    ("identity.accessKey", Variable::AccessKey),
    ("identity.accountId", Variable::CallerAccountId),
    ("identity.apiKey", Variable::ApiKey),
    ("identity.apiKeyId", Variable::ApiKeyId),
    ("identity.caller", Variable::Caller),
    ("identity.sourceIp", Variable::SourceIp),
    ("identity.user", Variable::User),
    ("identity.userAgent", Variable::UserAgent),
    ("identity.userArn", Variable::UserArn),
    ("identity.vpcId", Variable::VpcId),
    ("identity.vpceId", Variable::VpceId),
    ("integration.error", Variable::IntegrationError),
    // The guide: the service's own status, which is the backend's where no function is between.
    ("integration.integrationStatus", Variable::IntegrationStatus),
    ("integration.latency", Variable::IntegrationLatency),
    ("integration.requestId", Variable::AwsEndpointRequestId),
    ("integration.responseTransferMode", Variable::TransferMode),
    ("integration.status", Variable::IntegrationStatus),
    ("integration.timeToAllHeaders", Variable::TimeToAllHeaders),
    ("integrationErrorMessage", Variable::IntegrationError),
    ("integrationLatency", Variable::IntegrationLatency),
    ("integrationStatus", Variable::IntegrationStatus),
    ("isCanaryRequest", Variable::IsCanaryRequest),
    ("path", Variable::Path),
    ("protocol", Variable::Protocol),
    ("requestId", Variable::RequestId),
    ("requestTime", Variable::RequestTime),
    ("requestTimeEpoch", Variable::RequestTimeEpoch),
    ("resourceId", Variable::ResourceId),
    ("resourcePath", Variable::ResourcePath),
    ("responseLatency", Variable::ResponseLatency),
    ("responseLength", Variable::ResponseLength),
    ("stage", Variable::Stage),
    ("status", Variable::Status),
    ("tlsVersion", Variable::TlsVersion),
    ("xrayTraceId", Variable::XrayTraceId),
];

/// Known by their first part, and without a value yet.
const ABSENT: [&str; 12] = [
    "authenticate",
    "authorize",
    "authorizer",
    "customDomain",
    "identity",
    "integration",
    "operationName",
    "requestOverride",
    "responseOverride",
    "waf",
    "wafResponseCode",
    "webaclArn",
];

/// What the token of a caller claims.
const CLAIMS: &str = "authorizer.claims.";

impl Variable {
    /// The variable behind `$context.`; nothing if AWS has none of that name.
    pub fn parse(name: &str) -> Option<Self> {
        if let Some((_, variable)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Some(variable.clone());
        }
        if let Some(claim) = name.strip_prefix(CLAIMS).filter(|claim| !claim.is_empty()) {
            return Some(Self::Claim(claim.into()));
        }
        let first = name.split_once('.').map_or(name, |(first, _)| first);
        ABSENT.contains(&first).then_some(Self::Absent)
    }

    /// Whether AWS knows it in access logs only, and not in templates and mappings.
    pub(crate) fn is_of_logs_only(&self) -> bool {
        matches!(
            self,
            Self::CipherSuite
                | Self::EndpointType
                | Self::IntegrationError
                | Self::IntegrationLatency
                | Self::IntegrationStatus
                | Self::ResponseLatency
                | Self::ResponseLength
                | Self::Status
                | Self::TimeToAllHeaders
                | Self::TlsVersion
                | Self::TransferMode
                | Self::XrayTraceId
        )
    }

    /// Its value now, if it has one.
    pub fn value<'r>(&self, record: &'r Record) -> Option<Cow<'r, str>> {
        let of_test = match record.is_test {
            true => test_identity::value(self, record),
            false => None,
        };
        of_test
            .or_else(|| self.of_request(record))
            .or_else(|| self.of_signer(record))
            .or_else(|| self.of_plan(record).map(Cow::Borrowed))
            .or_else(|| self.of_caller(record))
            .or_else(|| self.of_outcome(record))
            .or_else(|| self.made(record).map(|text| Cow::Owned(string(text))))
    }

    /// A value that is made when it is asked for: digits and marks, nothing of the client's, so that it may stand anywhere.
    pub(crate) fn made(&self, record: &Record) -> Option<Short> {
        let integration = record.integration.as_ref();
        let number = match self {
            Self::SourceIp => {
                let mut text = Short::new();
                push_ip(&mut text, record.peer.ip());
                return Some(text);
            }
            Self::RequestTime => return Some(common_log_time(record.arrival.now_ms)),
            Self::RequestTimeEpoch => record.arrival.now_ms,
            // A call's latency ends with the last header of its answer; that it begins with the connection is a guess.
            Self::IntegrationLatency | Self::TimeToAllHeaders => integration?.latency_ms,
            Self::IntegrationStatus => integration?.status?.into(),
            Self::ResponseLatency => record.latency_ms()?,
            Self::ResponseLength => record.end?.body_bytes,
            Self::Status if record.status != 0 => record.status.into(),
            _ => return None,
        };
        let mut text = Short::new();
        push_number(&mut text, number);
        Some(text)
    }

    fn of_request<'r>(&self, record: &'r Record) -> Option<Cow<'r, str>> {
        let text = match self {
            Self::CipherSuite => record.tls?.cipher_suite,
            Self::ExtendedRequestId => record.arrival.extended_request_id(),
            Self::HttpMethod => record.method(),
            Self::Path => record.shown_path(),
            Self::Protocol => "HTTP/1.1",
            Self::RequestId => record.arrival.request_id(),
            Self::TlsVersion => record.tls?.version,
            Self::VpcId => &record.private_endpoint.as_ref()?.vpc,
            Self::VpceId => &record.private_endpoint.as_ref()?.id,
            Self::DomainName => without_port(record.head().host()?),
            Self::DomainPrefix => without_port(record.head().host()?).split('.').next()?,
            Self::UserAgent => {
                return Some(String::from_utf8_lossy(record.headers().get("User-Agent")?));
            }
            Self::Claim(name) => return claim::text(record, name),
            Self::XrayTraceId => {
                return Some(Cow::Owned(crate::map::trace_id::root(record)));
            }
            _ => return None,
        };
        Some(Cow::Borrowed(text))
    }

    /// Who signed the request. The caller and the user are the same for whoever calls himself.
    fn of_signer<'r>(&self, record: &'r Record) -> Option<Cow<'r, str>> {
        let signed = record.signed()?;
        match self {
            Self::AccessKey => Some(Cow::Borrowed(&*signed.access_key)),
            Self::CallerAccountId => Some(Cow::Borrowed(signed.caller.account())),
            Self::Caller | Self::User => Some(Cow::Owned(signed.caller.user_id())),
            Self::UserArn => Some(Cow::Owned(signed.caller.arn())),
            _ => None,
        }
    }

    fn of_plan<'r>(&self, record: &'r Record) -> Option<&'r str> {
        match self {
            Self::AccountId => Some(&record.stage()?.api.account),
            Self::ApiId => Some(&record.stage()?.api.id),
            Self::DeploymentId => Some(&record.stage()?.deployment_id),
            Self::EndpointType => Some(&record.stage()?.deployment.endpoint.kind),
            Self::IsCanaryRequest => Some(match record.stage()?.is_canary? {
                true => "true",
                false => "false",
            }),
            Self::Stage => Some(&record.stage()?.name),
            Self::ResourceId => Some(&record.resource()?.id),
            Self::ResourcePath => Some(&record.resource()?.path),
            Self::TransferMode => record.integration.as_ref().map(|_| "BUFFERED"),
            _ => None,
        }
    }

    fn of_caller<'r>(&self, record: &'r Record) -> Option<Cow<'r, str>> {
        match self {
            Self::ApiKey => record.key_value().map(String::from_utf8_lossy),
            Self::ApiKeyId => record.key_id().map(Cow::Borrowed),
            _ => None,
        }
    }

    fn of_outcome<'r>(&self, record: &'r Record) -> Option<Cow<'r, str>> {
        let integration = record.integration.as_ref();
        let error = record.error.as_ref();
        match self {
            Self::AwsEndpointRequestId => integration?.request_id.as_deref().map(Cow::Borrowed),
            Self::IntegrationError => integration?.error.as_deref().map(Cow::Borrowed),
            Self::ErrorMessage => Some(Cow::Borrowed(&error?.message)),
            Self::ErrorMessageString => Some(Cow::Owned(quoted(&error?.message))),
            Self::ErrorResponseType => error?.response_type.map(|kind| Cow::Borrowed(kind.name())),
            Self::ErrorValidation => error?.validation.as_deref().map(Cow::Borrowed),
            _ => None,
        }
    }
}

/// The text as JSON, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The name in a `Host` header.
pub(crate) fn without_port(host: &str) -> &str {
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(name, _)| name)
}

/// `$context.requestTime`: `22/Nov/2026:06:25:56 +0000`.
fn common_log_time(now_ms: u64) -> Short {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
    let Ok(moment) = time::OffsetDateTime::from_unix_timestamp(seconds) else {
        return Short::new();
    };
    let (hour, minute, second) = moment.to_hms();
    let mut text = Short::new();
    push_two(&mut text, moment.day());
    text.push(b'/');
    text.extend_from_slice(MONTHS[usize::from(u8::from(moment.month()) - 1)].as_bytes());
    text.push(b'/');
    push_number(&mut text, moment.year());
    for part in [hour, minute, second] {
        text.push(b':');
        push_two(&mut text, part);
    }
    text.extend_from_slice(b" +0000");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_awss_spelling() {
        assert_eq!(
            Variable::parse("identity.sourceIp"),
            Some(Variable::SourceIp)
        );
        assert_eq!(
            Variable::parse("identity.cognitoIdentityId"),
            Some(Variable::Absent)
        );
        assert_eq!(Variable::parse("authorizer.claims"), Some(Variable::Absent));
        assert_eq!(Variable::parse("Status"), None);
        assert_eq!(Variable::parse("identityx"), None);
    }

    /// Every name of the guide's page on access logs (of REST APIs), and whether it has a value where the request has it.
    #[test]
    fn every_variable_of_access_logs_is_known() {
        const VALUED: &str = "accountId apiId authorizer.claims.property awsEndpointRequestId cipherSuite deploymentId domainName domainPrefix endpointType \
            error.message error.messageString error.responseType error.validationErrorString extendedRequestId httpMethod \
            identity.accountId identity.apiKey identity.apiKeyId identity.caller identity.sourceIp identity.user identity.userAgent \
            identity.userArn identity.vpcId identity.vpceId integration.error integration.integrationStatus integration.latency integration.requestId \
            integration.responseTransferMode integration.status integration.timeToAllHeaders integrationErrorMessage \
            integrationLatency integrationStatus isCanaryRequest path protocol requestId requestTime requestTimeEpoch resourceId \
            resourcePath responseLatency responseLength stage status tlsVersion xrayTraceId";
        // What they wait for: authorizers and signatures, domains and client certificates, private APIs, streamed answers, overrides that are
        // kept after their templates ran, web ACLs.
        const WAITING: &str = "authorize.error authorize.latency authorize.status authorizer.error \
            authorizer.integrationLatency authorizer.integrationStatus authorizer.latency authorizer.principalId \
            authorizer.property authorizer.requestId authorizer.status authenticate.error authenticate.latency authenticate.status \
            customDomain.basePathMatched customDomain.routingRuleIdMatched identity.cognitoAuthenticationProvider \
            identity.cognitoAuthenticationType identity.cognitoIdentityId identity.cognitoIdentityPoolId identity.principalOrgId \
            identity.clientCert.clientCertPem identity.clientCert.subjectDN identity.clientCert.issuerDN \
            identity.clientCert.serialNumber identity.clientCert.validity.notBefore identity.clientCert.validity.notAfter \
            integration.timeToFirstContent requestOverride.header.header_name \
            requestOverride.path.path_name requestOverride.querystring.querystring_name responseOverride.header.header_name \
            responseOverride.status waf.error waf.latency waf.status wafResponseCode webaclArn";
        for name in VALUED.split_whitespace() {
            let known = Variable::parse(name);
            assert!(known.is_some_and(|it| it != Variable::Absent), "{name}");
        }
        for name in WAITING.split_whitespace() {
            assert_eq!(Variable::parse(name), Some(Variable::Absent), "{name}");
        }
    }

    #[test]
    fn times_are_in_the_common_log_format() {
        let shown = |now_ms| string(common_log_time(now_ms));
        assert_eq!(shown(1_795_328_756_123), "22/Nov/2026:06:25:56 +0000");
        assert_eq!(shown(0), "01/Jan/1970:00:00:00 +0000");
        assert_eq!(shown(u64::MAX), "");
    }

    #[test]
    fn messages_are_quoted_as_json() {
        assert_eq!(quoted("a \"b\"\n"), r#""a \"b\"\n""#);
    }
}
