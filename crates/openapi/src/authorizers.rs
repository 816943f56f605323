//! Security schemes with `x-amazon-apigateway-authorizer`: the authorizers of a document, also those that no operation
//! names (recorded).
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>

use tollgate_wire::apigateway::Authorizer;

use crate::document::Node;
use crate::notes::Notes;
use crate::origin::Subject;

/// The extension of a security scheme that says who decides.
pub(crate) const EXTENSION: &str = "x-amazon-apigateway-authorizer";
/// The extension of a security scheme that says what kind of scheme it is.
pub(crate) const AUTH_TYPE: &str = "x-amazon-apigateway-authtype";

/// Reads the authorizers among the security schemes. The provisional id of each is its name, which is the scheme's.
pub(crate) fn read(schemes: &Node<'_>, notes: &mut Notes) -> Vec<Authorizer> {
    let mut authorizers = Vec::new();
    for (name, scheme) in schemes.members() {
        let Some(scheme) = notes.object(scheme) else {
            continue;
        };
        if let Some(node) = notes.object_of(&scheme, EXTENSION) {
            authorizers.extend(one(name, &scheme, &node, notes));
        }
    }
    authorizers
}

fn one(name: &str, scheme: &Node<'_>, node: &Node<'_>, notes: &mut Notes) -> Option<Authorizer> {
    let subject = || Subject::Authorizer(name.to_owned());
    notes.origins.note(node, subject);
    let kind = notes
        .text_of(node, "type")
        .unwrap_or_default()
        .to_ascii_uppercase();
    let authorizer = Authorizer {
        id: Some(name.to_owned()),
        name: Some(name.to_owned()),
        provider_arns: notes.texts_of(node, "providerARNs"),
        auth_type: Some(auth_type(scheme, &kind)),
        authorizer_uri: notes.text_of(node, "authorizerUri"),
        authorizer_credentials: notes.text_of(node, "authorizerCredentials"),
        identity_source: notes
            .text_of(node, "identitySource")
            .or_else(|| source_of(scheme, &kind)),
        identity_validation_expression: notes.text_of(node, "identityValidationExpression"),
        authorizer_result_ttl_in_seconds: notes.integer_of(node, "authorizerResultTtlInSeconds"),
        type_: Some(kind),
        ..Authorizer::default()
    };
    match missing(&authorizer) {
        None => Some(authorizer),
        Some(reason) => {
            // The frame is a guess after those of methods; so are the reasons.
            let text = format!("Unable to create authorizer '{name}': {reason}");
            notes.problem(node.problem(text));
            None
        }
    }
}

/// What an authorizer of its type cannot be without.
fn missing(authorizer: &Authorizer) -> Option<String> {
    let providers = authorizer.provider_arns.as_ref();
    match authorizer.type_.as_deref().unwrap_or_default() {
        "TOKEN" | "REQUEST" if authorizer.authorizer_uri.is_none() => {
            Some("authorizerUri is required".to_owned())
        }
        "COGNITO_USER_POOLS" if providers.is_none_or(Vec::is_empty) => {
            Some("providerARNs are required".to_owned())
        }
        "TOKEN" | "REQUEST" | "COGNITO_USER_POOLS" => None,
        other => Some(format!(
            "the type must be one of token, request, cognito_user_pools, not '{other}'"
        )),
    }
}

/// Recorded: what the scheme says stays, whatever it is (`oauth2`).
fn auth_type(scheme: &Node<'_>, kind: &str) -> String {
    let said = scheme.get(AUTH_TYPE).and_then(|node| node.text());
    said.unwrap_or_else(|| default_auth_type(kind).to_owned())
}

/// The `authType` of an authorizer that says none.
pub(crate) fn default_auth_type(kind: &str) -> &'static str {
    match kind {
        "COGNITO_USER_POOLS" => "cognito_user_pools",
        _ => "custom",
    }
}

/// Recorded for tokens and user pools: the header that the scheme names.
fn source_of(scheme: &Node<'_>, kind: &str) -> Option<String> {
    if kind == "REQUEST" {
        return None;
    }
    let named = scheme.get("name").and_then(|name| name.text());
    // Guess: a scheme without a name (OAuth flows) means the header that bears tokens.
    let header = named.unwrap_or_else(|| "Authorization".to_owned());
    Some(format!("method.request.header.{header}"))
}
