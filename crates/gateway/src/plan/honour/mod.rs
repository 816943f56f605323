//! What Tollgate does with every setting that a plan could read: the one table.
//!
//! A setting is honoured, or it changes nothing here, or it is refused before a stage serves it: it is never ignored. A test
//! walks the shapes of the service's model and fails on a member that is not in the table; one that a newer store holds
//! and this table does not know is refused.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use tollgate_iam::{Kind, Policy};
use tollgate_model::rest::Definition;
use tollgate_wire::apigateway::{RestApi, Stage};
use tollgate_wire::{Shape, json};

/// A setting that Tollgate does not honour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The member and what it belongs to, e.g. `methodIntegration.connectionType of GET /pets`.
    pub member: String,
    /// Why it is refused.
    pub reason: String,
}

/// What becomes of a member.
#[derive(Clone, Copy, Debug)]
pub enum Standing {
    /// It acts as in AWS.
    Honoured,
    /// It changes nothing that a client or a backend could see, because of what is said.
    WithoutEffect(&'static str),
    /// Whatever it says, it cannot be honoured.
    Refused(&'static str),
    /// It is refused unless it says what happens anyway.
    RefusedUnless(Allowed, &'static str),
    /// An object of another shape.
    Within(&'static str),
    /// A map or list of objects of another shape.
    Each(&'static str),
}

/// Values of a refused member that ask for nothing.
#[derive(Clone, Copy, Debug)]
pub enum Allowed {
    /// One of these texts.
    Texts(&'static [&'static str]),
    /// A list of these texts only; the empty list too.
    ListOf(&'static [&'static str]),
    /// `false`
    False,
}

/// A shape's members in the order of the model's documentation.
type Members = &'static [(&'static str, Standing)];

use Allowed::{False, ListOf, Texts};
use Standing::{Each, Honoured, Refused, RefusedUnless, Within, WithoutEffect};

const SHOWN: Standing = WithoutEffect("it is shown by the control plane only");
const OF_FUNCTIONS: Standing =
    WithoutEffect("it acts with functions only, and authorizationType refuses those");

const KEY_SOURCE: &str =
    "methods require API keys, and authorizers, which would give them, do not run yet";

const CONVERSIONS: Standing = RefusedUnless(
    Texts(&["", "CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]),
    "AWS has no such conversion",
);

/// Every shape that a plan is made of.
#[rustfmt::skip]
pub static TABLE: &[(&str, Members)] = &[
    ("RestApi", &[
        ("id", Honoured),
        ("name", SHOWN),
        ("description", SHOWN),
        ("createdDate", SHOWN),
        ("version", SHOWN),
        ("warnings", SHOWN),
        ("binaryMediaTypes", Honoured),
        ("minimumCompressionSize", Honoured),
        // Where a method asks for a key, `of_definition` refuses AUTHORIZER.
        ("apiKeySource", Honoured),
        ("endpointConfiguration", Within("EndpointConfiguration")),
        ("policy", Honoured),
        ("tags", SHOWN),
        ("disableExecuteApiEndpoint", Honoured),
        ("rootResourceId", SHOWN),
        ("securityPolicy", RefusedUnless(Texts(&["", "TLS_1_0"]), "TLS policies of listeners are not served yet")),
        ("endpointAccessMode", RefusedUnless(Texts(&["", "BASIC"]), "strict endpoint access is not served yet")),
        ("apiStatus", SHOWN),
        ("apiStatusMessage", SHOWN),
    ]),
    ("EndpointConfiguration", &[
        ("types", RefusedUnless(ListOf(&["REGIONAL", "EDGE", "PRIVATE"]), "AWS has no such endpoint")),
        ("ipAddressType", WithoutEffect("the listening address decides")),
        ("vpcEndpointIds", WithoutEffect("AWS makes names in DNS of it; through which endpoint a request comes is configured, and the policy weighs it")),
    ]),
    ("Resource", &[
        ("id", Honoured),
        ("parentId", WithoutEffect("the path says it")),
        ("pathPart", WithoutEffect("the path says it")),
        ("path", Honoured),
        ("resourceMethods", WithoutEffect("the definition holds its methods beside its resources")),
    ]),
    ("Method", &[
        ("httpMethod", Honoured),
        ("authorizationType", RefusedUnless(Texts(&["NONE", "AWS_IAM", "COGNITO_USER_POOLS"]), "authorizers that are functions are not asked yet")),
        ("authorizerId", Honoured),
        ("apiKeyRequired", Honoured),
        ("requestValidatorId", Honoured),
        ("operationName", SHOWN),
        ("requestParameters", Honoured),
        ("requestModels", Honoured),
        ("methodResponses", Each("MethodResponse")),
        ("methodIntegration", Within("Integration")),
        ("authorizationScopes", Honoured),
    ]),
    ("Authorizer", &[
        ("id", Honoured),
        ("name", SHOWN),
        ("type", Honoured),
        ("providerARNs", Honoured),
        ("authType", SHOWN),
        ("authorizerUri", OF_FUNCTIONS),
        ("authorizerCredentials", OF_FUNCTIONS),
        ("identitySource", Honoured),
        ("identityValidationExpression", Honoured),
        ("authorizerResultTtlInSeconds", OF_FUNCTIONS),
        ("jwtConfiguration", Refused("authorizers of type JWT are not served yet")),
    ]),
    ("MethodResponse", &[
        ("statusCode", Honoured),
        ("responseParameters", WithoutEffect("it declares what integration responses may map")),
        ("responseModels", WithoutEffect("AWS checks no answer against a model")),
    ]),
    ("Integration", &[
        ("type", RefusedUnless(Texts(&["MOCK", "HTTP", "HTTP_PROXY"]), "integrations with AWS services and functions are not served yet")),
        ("httpMethod", Honoured),
        ("uri", Honoured),
        ("connectionType", RefusedUnless(Texts(&["", "INTERNET"]), "VPC links are not served yet")),
        ("connectionId", WithoutEffect("it acts with a VPC link only, and connectionType refuses those")),
        ("credentials", WithoutEffect("it acts with integrations of AWS services only, and type refuses those")),
        ("requestParameters", Honoured),
        ("requestTemplates", Honoured),
        ("passthroughBehavior", Honoured),
        ("contentHandling", CONVERSIONS),
        ("timeoutInMillis", Honoured),
        ("cacheNamespace", Honoured),
        ("cacheKeyParameters", Honoured),
        ("integrationResponses", Each("IntegrationResponse")),
        ("tlsConfig", Within("TlsConfig")),
        ("responseTransferMode", RefusedUnless(Texts(&["", "BUFFERED"]), "response streaming is not served yet")),
        ("integrationTarget", RefusedUnless(Texts(&[""]), "VPC links are not served yet")),
    ]),
    ("TlsConfig", &[
        ("insecureSkipVerification", Honoured),
    ]),
    ("IntegrationResponse", &[
        ("statusCode", Honoured),
        ("selectionPattern", Honoured),
        ("responseParameters", Honoured),
        ("responseTemplates", Honoured),
        ("contentHandling", CONVERSIONS),
    ]),
    ("Model", &[
        ("id", SHOWN),
        ("name", Honoured),
        ("description", SHOWN),
        ("schema", Honoured),
        ("contentType", WithoutEffect("the method says for which content type a model is")),
    ]),
    ("RequestValidator", &[
        ("id", Honoured),
        ("name", SHOWN),
        ("validateRequestBody", Honoured),
        ("validateRequestParameters", Honoured),
    ]),
    ("GatewayResponse", &[
        ("responseType", Honoured),
        ("statusCode", Honoured),
        ("responseParameters", Honoured),
        ("responseTemplates", Honoured),
        ("defaultResponse", SHOWN),
    ]),
    ("Stage", &[
        ("deploymentId", Honoured),
        ("clientCertificateId", RefusedUnless(Texts(&[""]), "client certificates towards backends are not served yet")),
        ("stageName", Honoured),
        ("description", SHOWN),
        ("cacheClusterEnabled", Honoured),
        ("cacheClusterSize", Honoured),
        ("cacheClusterStatus", SHOWN),
        ("methodSettings", Each("MethodSetting")),
        ("variables", Honoured),
        ("documentationVersion", SHOWN),
        ("accessLogSettings", Within("AccessLogSettings")),
        ("canarySettings", Within("CanarySettings")),
        ("tracingEnabled", WithoutEffect("the execution log tells the trace's id; no trace leaves Tollgate yet, and clients and backends get the same headers either way")),
        ("webAclArn", RefusedUnless(Texts(&[""]), "web ACLs are not served")),
        ("tags", SHOWN),
        ("createdDate", SHOWN),
        ("lastUpdatedDate", SHOWN),
    ]),
    ("CanarySettings", &[
        ("percentTraffic", Honoured),
        ("deploymentId", Honoured),
        ("stageVariableOverrides", Honoured),
        ("useStageCache", Honoured),
    ]),
    ("AccessLogSettings", &[
        ("format", Honoured),
        ("destinationArn", Honoured),
    ]),
    ("MethodSetting", &[
        ("metricsEnabled", Honoured),
        ("loggingLevel", Honoured),
        ("dataTraceEnabled", Honoured),
        ("throttlingBurstLimit", Honoured),
        ("throttlingRateLimit", Honoured),
        ("cachingEnabled", Honoured),
        ("cacheTtlInSeconds", Honoured),
        ("cacheDataEncrypted", Honoured),
        ("requireAuthorizationForCacheControl", Honoured),
        ("unauthorizedCacheControlHeaderStrategy", Honoured),
    ]),
];

/// What of a definition cannot be honoured.
pub fn of_definition(definition: &Definition) -> Vec<Refusal> {
    let mut found = Vec::new();
    inspect(&definition.api, "the API", &mut found);
    found.extend(of_policy(&definition.api).err());
    found.extend(without_policy(&definition.api));
    found.extend(key_source(definition));
    for resource in &definition.resources {
        let path = resource.path.as_deref().unwrap_or_default();
        inspect(resource, &format!("resource {path}"), &mut found);
    }
    let places = Places::of(definition);
    for it in &definition.methods {
        let place = places.of_method(&it.resource_id, it.method.http_method.as_deref());
        inspect(&it.method, &place, &mut found);
    }
    for authorizer in &definition.authorizers {
        let place = format!("authorizer {}", name_of(&authorizer.name));
        inspect(authorizer, &place, &mut found);
    }
    for model in &definition.models {
        inspect(
            model,
            &format!("model {}", name_of(&model.name)),
            &mut found,
        );
    }
    for validator in &definition.validators {
        inspect(
            validator,
            &format!("request validator {}", name_of(&validator.name)),
            &mut found,
        );
    }
    for response in &definition.gateway_responses {
        inspect(
            response,
            &format!("gateway response {}", name_of(&response.response_type)),
            &mut found,
        );
    }
    found
}

/// AWS refuses to deploy a private API without a policy, because nobody could call it.
fn without_policy(api: &RestApi) -> Option<Refusal> {
    let types = api.endpoint_configuration.as_ref()?.types.as_ref()?;
    let has_policy = api.policy.as_ref().is_some_and(|it| !it.is_empty());
    let is_private = types.iter().any(|kind| kind == "PRIVATE");
    (is_private && !has_policy).then(|| Refusal {
        member: "policy of the API".to_owned(),
        reason: "a private API has one".to_owned(),
    })
}

/// The resource policy of an API, compiled; nothing where it has none. One that is none opens nothing: it is refused.
pub(super) fn of_policy(api: &RestApi) -> Result<Option<Arc<Policy>>, Refusal> {
    let text = api.policy.as_deref().unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    let policy = Policy::parse(text, Kind::Resource).map_err(|error| Refusal {
        member: "policy of the API".to_owned(),
        reason: error.to_string(),
    });
    policy.map(Arc::new).map(Some)
}

/// A key that an authorizer would give, while none runs.
fn key_source(definition: &Definition) -> Option<Refusal> {
    let source = definition.api.api_key_source.as_deref()?;
    let mut methods = definition.methods.iter();
    let is_asked = methods.any(|it| it.method.api_key_required == Some(true));
    (is_asked && source != "HEADER").then(|| Refusal {
        member: "apiKeySource of the API".to_owned(),
        reason: KEY_SOURCE.to_owned(),
    })
}

/// What of a stage cannot be honoured.
pub fn of_stage(stage: &Stage) -> Vec<Refusal> {
    let mut found = Vec::new();
    let place = match stage.stage_name.as_deref() {
        Some(name) => format!("stage {name}"),
        None => "the stage".to_owned(),
    };
    inspect(stage, &place, &mut found);
    found
}

/// The paths of a definition's resources by their ids, to say where something stands.
pub(super) struct Places<'d>(HashMap<&'d str, &'d str>);

impl<'d> Places<'d> {
    pub(super) fn of(definition: &'d Definition) -> Self {
        let resources = definition.resources.iter();
        Self(
            resources
                .filter_map(|resource| Some((resource.id.as_deref()?, resource.path.as_deref()?)))
                .collect(),
        )
    }

    /// `GET /pets`
    pub(super) fn of_method(&self, resource_id: &str, method: Option<&str>) -> String {
        let path = self.0.get(resource_id).copied().unwrap_or(resource_id);
        format!("{} {path}", method.unwrap_or_default())
    }
}

fn name_of(name: &Option<String>) -> &str {
    name.as_deref().unwrap_or_default()
}

fn inspect<T: Shape>(it: &T, place: &str, found: &mut Vec<Refusal>) {
    let value = serde_json::from_slice(&json::to_vec(it)).unwrap_or(Value::Null);
    let mut inspection = Inspection { place, found };
    inspection.object(T::SCHEMA.name, &value, "");
}

struct Inspection<'f> {
    place: &'f str,
    found: &'f mut Vec<Refusal>,
}

impl Inspection<'_> {
    fn object(&mut self, shape: &str, value: &Value, path: &str) {
        let members = TABLE
            .iter()
            .find(|(name, _)| *name == shape)
            .map_or(&[][..], |(_, members)| members);
        for (name, value) in value
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
        {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            match members.iter().find(|(known, _)| known == name) {
                Some((_, standing)) => self.member(*standing, value, &path),
                None => self.refuse(&path, "this version of Tollgate does not know the setting"),
            }
        }
    }

    fn member(&mut self, standing: Standing, value: &Value, path: &str) {
        match standing {
            Honoured | WithoutEffect(_) => {}
            Refused(reason) => self.refuse(path, reason),
            RefusedUnless(allowed, reason) => {
                if !allowed.takes(value) {
                    self.refuse(path, reason);
                }
            }
            Within(shape) => self.object(shape, value, path),
            Each(shape) => self.each(shape, value, path),
        }
    }

    fn each(&mut self, shape: &str, value: &Value, path: &str) {
        for (key, value) in value.as_object().into_iter().flatten() {
            self.object(shape, value, &format!("{path}.{key}"));
        }
    }

    fn refuse(&mut self, path: &str, reason: &str) {
        self.found.push(Refusal {
            member: format!("{path} of {}", self.place),
            reason: reason.to_owned(),
        });
    }
}

impl Allowed {
    fn takes(self, value: &Value) -> bool {
        match self {
            Texts(texts) => value.as_str().is_some_and(|text| texts.contains(&text)),
            ListOf(texts) => value.as_array().is_some_and(|items| {
                items
                    .iter()
                    .all(|item| item.as_str().is_some_and(|text| texts.contains(&text)))
            }),
            False => *value == Value::Bool(false),
        }
    }
}

#[cfg(test)]
mod tests;
