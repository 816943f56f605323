//! Which extensions an export has, and those at the root of the document.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetExport.html>

use serde_json::{Map, Value, json};

use tollgate_wire::apigateway::EndpointConfiguration;

use super::{Documentation, Export, Format, put, put_some, put_text, put_texts};
use crate::documentation;

pub(super) const ENDPOINT: &str = "x-amazon-apigateway-endpoint-configuration";

/// What GetExport's parameter `extensions` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// The integrations of methods.
    pub integrations: bool,
    /// The authorizers behind security schemes.
    pub authorizers: bool,
    /// The documentation parts.
    pub documentation: bool,
    /// The request validators, and which methods use them.
    pub validators: bool,
    /// The customised gateway responses.
    pub gateway_responses: bool,
    /// What else an import reads at the root: policy, binary media types and so on.
    pub settings: bool,
}

impl Extensions {
    /// Reads the list of names; the error is the name that is none of AWS's, or none that Tollgate writes.
    ///
    /// `apigateway` is everything but the documentation: recorded, it leaves out that of an import.
    ///
    /// # Errors
    /// A name that is not known.
    pub fn parse(names: &str) -> Result<Self, &str> {
        let mut extensions = Self::default();
        for name in names.split(',').map(str::trim) {
            match name {
                "integrations" => extensions.integrations = true,
                "authorizers" => extensions.authorizers = true,
                "documentation" => extensions.documentation = true,
                "validators" => extensions.validators = true,
                "gatewayresponses" => extensions.gateway_responses = true,
                "apigateway" => {
                    extensions = Self {
                        documentation: extensions.documentation,
                        ..ALL
                    }
                }
                "" => {}
                unknown => return Err(unknown),
            }
        }
        Ok(extensions)
    }
}

/// Everything that there is.
const ALL: Extensions = Extensions {
    integrations: true,
    authorizers: true,
    documentation: true,
    validators: true,
    gateway_responses: true,
    settings: true,
};

/// Adds the extensions at the root of a document.
pub(super) fn add(of: &Export<'_>, document: &mut Map<String, Value>) {
    if of.extensions.documentation
        && let Some(written) = &of.documentation
    {
        let written = documentation_of(written);
        document.insert(documentation::EXTENSION.to_owned(), written);
    }
    if of.extensions.gateway_responses {
        let name = "x-amazon-apigateway-gateway-responses";
        put_some(document, name, gateway_responses(of));
    }
    if of.extensions.settings {
        add_settings(of, document);
    }
    if of.extensions.validators {
        let name = "x-amazon-apigateway-request-validators";
        put_some(document, name, validators(of));
    }
}

/// Recorded: what is as it is by default is not said.
fn add_settings(of: &Export<'_>, document: &mut Map<String, Value>) {
    let api = &of.definition.api;
    if of.format == Format::Swagger2 {
        put_some(document, ENDPOINT, endpoint(of).unwrap_or_default());
    }
    let key_source = api.api_key_source.as_ref();
    let key_source = key_source.filter(|source| *source != "HEADER");
    put_text(document, "x-amazon-apigateway-api-key-source", key_source);
    let api_id = api.id.as_deref().unwrap_or_default();
    let policy = api.policy.as_deref().map(parsed);
    let policy = policy.map(|policy| of_whichever_api(policy, api_id));
    put(document, "x-amazon-apigateway-policy", policy);
    let binary = api.binary_media_types.as_ref();
    let binary = binary.filter(|types| !types.is_empty());
    let binary = binary.map(|types| json!(types));
    put(document, "x-amazon-apigateway-binary-media-types", binary);
    let size = api.minimum_compression_size.map(|size| json!(size));
    put(
        document,
        "x-amazon-apigateway-minimum-compression-size",
        size,
    );
    let (security, access) = (&api.security_policy, &api.endpoint_access_mode);
    put_text(
        document,
        "x-amazon-apigateway-security-policy",
        security.as_ref(),
    );
    put_text(
        document,
        "x-amazon-apigateway-endpoint-access-mode",
        access.as_ref(),
    );
}

/// ARNs of the API's own resources as `execute-api:/…`, which an import makes whole again. Guess: so that a policy means
/// the API that it comes to, and not for ever the one that it came from. Depth is bounded by the JSON reader's.
fn of_whichever_api(policy: Value, api_id: &str) -> Value {
    let within = |value| of_whichever_api(value, api_id);
    match policy {
        Value::String(text) => match own_resource(&text, api_id) {
            Some(path) => json!(format!("execute-api:/{path}")),
            None => Value::String(text),
        },
        Value::Array(items) => Value::Array(items.into_iter().map(within).collect()),
        Value::Object(members) => {
            let members = members.into_iter();
            Value::Object(members.map(|(name, value)| (name, within(value))).collect())
        }
        scalar @ (Value::Null | Value::Bool(_) | Value::Number(_)) => scalar,
    }
}

/// What follows the API's id in the ARN of a resource of it.
fn own_resource<'t>(text: &'t str, api_id: &str) -> Option<&'t str> {
    let mut parts = text.splitn(6, ':');
    let is_arn = parts.next() == Some("arn") && parts.nth(1) == Some("execute-api");
    let resource = parts.nth(2).filter(|_| is_arn)?;
    resource.strip_prefix(api_id)?.strip_prefix('/')
}

/// What the text of a policy, or of properties, says, or the text where it is no JSON.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

/// What of an endpoint an import reads; its type is never exported (the guide).
pub(super) fn endpoint(of: &Export<'_>) -> Option<Map<String, Value>> {
    if !of.extensions.settings {
        return None;
    }
    let api = &of.definition.api;
    let mut endpoint = Map::new();
    let is_disabled = api.disable_execute_api_endpoint.filter(|it| *it);
    put(
        &mut endpoint,
        "disableExecuteApiEndpoint",
        is_disabled.map(|it| json!(it)),
    );
    let configuration = api.endpoint_configuration.as_ref();
    let address = configuration.and_then(|it| it.ip_address_type.as_ref());
    let address = address.filter(|address| *address != default_address(configuration));
    put_text(&mut endpoint, "ipAddressType", address);
    let ids = configuration.and_then(|it| it.vpc_endpoint_ids.as_ref());
    let ids = ids.filter(|ids| !ids.is_empty());
    put(&mut endpoint, "vpcEndpointIds", ids.map(|ids| json!(ids)));
    Some(endpoint)
}

/// Private endpoints have both address families, all others one (recorded).
fn default_address(configuration: Option<&EndpointConfiguration>) -> &'static str {
    let mut types = configuration
        .iter()
        .filter_map(|it| it.types.as_ref())
        .flatten();
    match types.any(|kind| kind == "PRIVATE") {
        true => "dualstack",
        false => "ipv4",
    }
}

fn gateway_responses(of: &Export<'_>) -> Map<String, Value> {
    let responses = of.definition.gateway_responses.iter();
    let responses = responses.map(|it| {
        let mut response = Map::new();
        put_text(&mut response, "statusCode", it.status_code.as_ref());
        let parameters = it.response_parameters.as_ref();
        put_texts(&mut response, "responseParameters", parameters);
        let templates = it.response_templates.as_ref();
        put_texts(&mut response, "responseTemplates", templates);
        let name = it.response_type.clone().unwrap_or_default();
        (name, Value::Object(response))
    });
    responses.collect()
}

fn validators(of: &Export<'_>) -> Map<String, Value> {
    let validators = of.definition.validators.iter();
    let validators = validators.map(|it| {
        let validator = json!({
            "validateRequestParameters": it.validate_request_parameters.unwrap_or(false),
            "validateRequestBody": it.validate_request_body.unwrap_or(false),
        });
        (it.name.clone().unwrap_or_default(), validator)
    });
    validators.collect()
}

fn documentation_of(written: &Documentation<'_>) -> Value {
    let parts = written.parts.iter().map(|part| {
        let location = part.location.clone().unwrap_or_default();
        let location = tollgate_wire::json::to_vec(&location);
        let location: Value = serde_json::from_slice(&location).unwrap_or_default();
        let properties = part.properties.as_deref().unwrap_or_default();
        json!({"location": location, "properties": parsed(properties)})
    });
    json!({"version": written.version, "documentationParts": parts.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_order() {
        let all_but = |documentation| Extensions {
            documentation,
            ..ALL
        };
        let cases = [
            ("", Ok(Extensions::default())),
            ("apigateway", Ok(all_but(false))),
            ("documentation, apigateway", Ok(all_but(true))),
            ("apigateway,documentation", Ok(all_but(true))),
            ("integrations,postman", Err("postman")),
        ];
        for (names, expected) in cases {
            assert_eq!(Extensions::parse(names), expected, "{names}");
        }
    }

    #[test]
    fn a_policy_names_whichever_api_it_comes_to() {
        let cases = [
            (
                "arn:aws:execute-api:us-east-1:000000000000:api/dev/GET/a:b",
                "execute-api:/dev/GET/a:b",
            ),
            (
                "arn:aws:execute-api:us-east-1:000000000000:api",
                "arn:aws:execute-api:us-east-1:000000000000:api",
            ),
            (
                "arn:aws:execute-api:us-east-1:000000000000:apis/*",
                "arn:aws:execute-api:us-east-1:000000000000:apis/*",
            ),
            (
                "arn:aws:iam::000000000000:api/root",
                "arn:aws:iam::000000000000:api/root",
            ),
            ("*", "*"),
        ];
        for (stored, shown) in cases {
            assert_eq!(of_whichever_api(json!([stored]), "api"), json!([shown]));
        }
    }
}
