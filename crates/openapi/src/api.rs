//! What a document says of the API as a whole.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html>

use tollgate_wire::apigateway::{EndpointConfiguration, RestApi};

use crate::document::{Dialect, Node};
use crate::notes::Notes;
use crate::options::{Options, Variables};
use crate::origin::Subject;
use crate::schema::{API_ID_PLACEHOLDER, laid_out};

/// Extensions of HTTP APIs at the root of a document.
const HTTP_API_ONLY: [&str; 2] = [
    "x-amazon-apigateway-cors",
    "x-amazon-apigateway-importexport-version",
];

const ENDPOINT_EXTENSION: &str = "x-amazon-apigateway-endpoint-configuration";
/// Where the endpoint's configuration stands in Swagger; in OpenAPI 3 a server has it.
const ENDPOINT: &str = "/x-amazon-apigateway-endpoint-configuration";

/// Reads the API. Only what the document (or the call) says is set: the defaults of a new API, or the present values
/// of an old one, are the control plane's.
pub(crate) fn read(
    root: &Node<'_>,
    dialect: Dialect,
    options: &Options,
    notes: &mut Notes,
) -> RestApi {
    note_leftovers(root, notes);
    let info = notes.object_of(root, "info");
    let info_text =
        |name: &str, notes: &mut Notes| info.as_ref().and_then(|info| notes.text_of(info, name));
    let endpoint = endpoint_node(root, dialect, notes);
    if let Some(node) = &endpoint {
        notes.origins.note(node, || Subject::Api(ENDPOINT));
    }
    RestApi {
        name: info_text("title", notes),
        description: info_text("description", notes),
        version: info_text("version", notes),
        binary_media_types: notes.texts_of(root, "x-amazon-apigateway-binary-media-types"),
        minimum_compression_size: notes
            .integer_of(root, "x-amazon-apigateway-minimum-compression-size"),
        api_key_source: notes
            .text_of(root, "x-amazon-apigateway-api-key-source")
            .map(|source| source.to_ascii_uppercase()),
        policy: policy(root, &options.variables),
        disable_execute_api_endpoint: endpoint
            .as_ref()
            .and_then(|endpoint| notes.flag_of(endpoint, "disableExecuteApiEndpoint")),
        endpoint_configuration: endpoint_configuration(endpoint.as_ref(), options, notes),
        security_policy: notes.text_of(root, "x-amazon-apigateway-security-policy"),
        endpoint_access_mode: notes.text_of(root, "x-amazon-apigateway-endpoint-access-mode"),
        ..RestApi::default()
    }
}

fn note_leftovers(root: &Node<'_>, notes: &mut Notes) {
    for name in HTTP_API_ONLY {
        if let Some(extension) = root.get(name) {
            notes.ignore(&extension, "an extension of HTTP APIs");
        }
    }
}

/// A resource policy, as text.
fn policy(root: &Node<'_>, variables: &Variables) -> Option<String> {
    let policy = root.get("x-amazon-apigateway-policy")?;
    let text = policy.text().unwrap_or_else(|| laid_out(policy.value));
    Some(with_whole_arns(&text, variables))
}

/// The guide: a policy may name the API's own resources as `execute-api:/stage/GET/path`; stored is the whole ARN.
fn with_whole_arns(policy: &str, variables: &Variables) -> String {
    let Variables {
        account,
        partition,
        region,
    } = variables;
    let whole = format!("\"arn:{partition}:execute-api:{region}:{account}:{API_ID_PLACEHOLDER}/");
    policy.replace("\"execute-api:/", &whole)
}

/// `x-amazon-apigateway-endpoint-configuration`: at the root of Swagger, in a server object of OpenAPI 3.
fn endpoint_node<'d>(root: &Node<'d>, dialect: Dialect, notes: &mut Notes) -> Option<Node<'d>> {
    match dialect {
        Dialect::Swagger2 => notes.object_of(root, ENDPOINT_EXTENSION),
        Dialect::OpenApi3 => {
            let servers = notes.list_of(root, "servers")?;
            servers
                .iter()
                .find_map(|server| notes.object_of(server, ENDPOINT_EXTENSION))
        }
    }
}

fn endpoint_configuration(
    node: Option<&Node<'_>>,
    options: &Options,
    notes: &mut Notes,
) -> Option<EndpointConfiguration> {
    let types = (!options.endpoint_types.is_empty()).then(|| options.endpoint_types.clone());
    let vpc_endpoint_ids = node.and_then(|node| notes.texts_of(node, "vpcEndpointIds"));
    let ip_address_type = node.and_then(|node| notes.text_of(node, "ipAddressType"));
    let configuration = EndpointConfiguration {
        types,
        ip_address_type,
        vpc_endpoint_ids,
    };
    (configuration != EndpointConfiguration::default()).then_some(configuration)
}
