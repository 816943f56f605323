//! Where in a document a setting stands that the gateway does not honour. The gateway names settings by their path in the wire
//! shapes and what they belong to (`methodIntegration.connectionType of GET /pets`), and knows no documents.

use tollgate_openapi::{Fault, Subject};

use crate::runtime::Refusal;

/// The refusal as a fault of what it belongs to; of the whole document, where that is no part of one.
pub(super) fn fault(refusal: &Refusal) -> Fault {
    Fault {
        subject: subject(&refusal.member),
        text: format!(
            "Tollgate cannot honour {}: {}",
            refusal.member, refusal.reason
        ),
    }
}

fn subject(member: &str) -> Subject {
    let (setting, owner) = member.split_once(" of ").unwrap_or((member, ""));
    if let Some((method, path)) = owner.split_once(' ')
        && path.starts_with('/')
    {
        return of_method(setting, method, path);
    }
    let named = |start| owner.strip_prefix(start).map(str::to_owned);
    let part = named("model ").map(Subject::Model);
    let part = part.or_else(|| named("gateway response ").map(Subject::GatewayResponse));
    part.unwrap_or(Subject::Api(api_member(setting)))
}

fn of_method(setting: &str, method: &str, path: &str) -> Subject {
    let (path, method) = (path.to_owned(), method.to_owned());
    if method == "resource" {
        return Subject::Resource(path);
    }
    let Some(setting) = setting.strip_prefix("methodIntegration") else {
        return Subject::Method { path, method };
    };
    let response = setting.strip_prefix(".integrationResponses.");
    match response.and_then(|response| response.split_once('.')) {
        Some((status, _)) => Subject::IntegrationResponse {
            path,
            method,
            status: status.to_owned(),
        },
        None => Subject::Integration { path, method },
    }
}

/// Where OpenAPI has the members of an API.
fn api_member(setting: &str) -> &'static str {
    match setting.split('.').next().unwrap_or_default() {
        "policy" => "/x-amazon-apigateway-policy",
        "endpointConfiguration" => "/x-amazon-apigateway-endpoint-configuration",
        "minimumCompressionSize" => "/x-amazon-apigateway-minimum-compression-size",
        "binaryMediaTypes" => "/x-amazon-apigateway-binary-media-types",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_belong_to_parts_of_documents() {
        let (path, method) = (|| "/a of b".to_owned(), || "GET".to_owned());
        for (member, expected) in [
            (
                "apiKeyRequired of GET /a of b",
                Subject::Method {
                    path: path(),
                    method: method(),
                },
            ),
            (
                "methodIntegration.type of GET /a of b",
                Subject::Integration {
                    path: path(),
                    method: method(),
                },
            ),
            (
                "methodIntegration.integrationResponses.200.contentHandling of GET /a of b",
                Subject::IntegrationResponse {
                    path: path(),
                    method: method(),
                    status: "200".to_owned(),
                },
            ),
            ("path of resource /a of b", Subject::Resource(path())),
            ("x of model Pet", Subject::Model("Pet".to_owned())),
            (
                "x of gateway response THROTTLED",
                Subject::GatewayResponse("THROTTLED".to_owned()),
            ),
            (
                "policy of the API",
                Subject::Api("/x-amazon-apigateway-policy"),
            ),
            ("the deployment", Subject::Api("")),
        ] {
            assert_eq!(subject(member), expected, "{member}");
        }
    }
}
