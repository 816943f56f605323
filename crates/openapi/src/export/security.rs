//! Who may call a method: security schemes, and the requirements of operations.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use tollgate_wire::apigateway::{Authorizer, Method};

use super::{Export, put, put_text};
use crate::authorizers::{AUTH_TYPE, EXTENSION, default_auth_type};

/// Where a header of a caller stands in identity sources.
const HEADER: &str = "method.request.header.";

/// The schemes of a document.
pub(super) struct Schemes<'e> {
    authorizers: HashMap<&'e str, &'e Authorizer>,
    api_key: String,
    signature: String,
}

impl<'e> Schemes<'e> {
    pub(super) fn of(of: &Export<'e>) -> Self {
        let authorizers = of.definition.authorizers.iter();
        let authorizers: HashMap<&str, &Authorizer> = authorizers
            .map(|it| (it.id.as_deref().unwrap_or_default(), it))
            .collect();
        Self {
            api_key: free("api_key", &authorizers),
            signature: free("sigv4", &authorizers),
            authorizers,
        }
    }

    /// All authorizers, and the two other schemes where a method asks for them.
    pub(super) fn shown(&self, of: &Export<'_>) -> Map<String, Value> {
        let mut shown = Map::new();
        for authorizer in &of.definition.authorizers {
            let name = authorizer.name.clone().unwrap_or_default();
            shown.insert(name, scheme_of(authorizer, of.extensions.authorizers));
        }
        let methods = || of.definition.methods.iter().map(|it| &it.method);
        if methods().any(|method| method.api_key_required == Some(true)) {
            shown.insert(self.api_key.clone(), scheme("x-api-key"));
        }
        if methods().any(is_signed) {
            let mut signature = scheme("Authorization");
            if of.extensions.authorizers {
                signature[AUTH_TYPE] = json!("awsSigv4");
            }
            shown.insert(self.signature.clone(), signature);
        }
        shown
    }

    /// The requirements of one operation, if it has any. Guess: each is one of its own, as exports that people show
    /// have them, although all of them hold.
    pub(super) fn required(&self, method: &Method) -> Option<Value> {
        let mut required = Vec::new();
        if is_signed(method) {
            required.push(json!({&self.signature: []}));
        }
        let id = method.authorizer_id.as_deref().unwrap_or_default();
        if let Some(authorizer) = self.authorizers.get(id) {
            let name = authorizer.name.as_deref().unwrap_or_default();
            let scopes = method.authorization_scopes.clone().unwrap_or_default();
            required.push(json!({name: scopes}));
        }
        if method.api_key_required == Some(true) {
            required.push(json!({&self.api_key: []}));
        }
        (!required.is_empty()).then(|| Value::Array(required))
    }
}

fn is_signed(method: &Method) -> bool {
    method.authorization_type.as_deref() == Some("AWS_IAM")
}

/// A name that no authorizer has.
fn free(wanted: &str, authorizers: &HashMap<&str, &Authorizer>) -> String {
    let mut name = wanted.to_owned();
    while authorizers
        .values()
        .any(|it| it.name.as_deref() == Some(name.as_str()))
    {
        name.push('_');
    }
    name
}

fn scheme(header: &str) -> Value {
    json!({"type": "apiKey", "name": header, "in": "header"})
}

/// Guess: without the extension the scheme stands all the same, so that nobody takes the operation for open.
fn scheme_of(authorizer: &Authorizer, is_extended: bool) -> Value {
    let header = header_of(authorizer);
    let mut shown = scheme(header.unwrap_or("Unused"));
    if is_extended {
        let kind = authorizer.type_.as_deref().unwrap_or_default();
        let auth_type = authorizer.auth_type.as_deref();
        shown[AUTH_TYPE] = json!(auth_type.unwrap_or_else(|| default_auth_type(kind)));
        shown[EXTENSION] = Value::Object(extension(authorizer, header.is_some()));
    }
    shown
}

/// The one header that bears the caller's identity.
fn header_of(authorizer: &Authorizer) -> Option<&str> {
    if authorizer.type_.as_deref() == Some("REQUEST") {
        return None;
    }
    let source = authorizer.identity_source.as_deref()?;
    let header = source.strip_prefix(HEADER)?;
    (!header.contains(',')).then_some(header)
}

fn extension(authorizer: &Authorizer, is_header_said: bool) -> Map<String, Value> {
    let mut shown = Map::new();
    let kind = authorizer.type_.as_deref().unwrap_or_default();
    shown.insert("type".to_owned(), json!(kind.to_ascii_lowercase()));
    let providers = authorizer.provider_arns.as_ref();
    put(&mut shown, "providerARNs", providers.map(|it| json!(it)));
    put_text(
        &mut shown,
        "authorizerUri",
        authorizer.authorizer_uri.as_ref(),
    );
    let credentials = authorizer.authorizer_credentials.as_ref();
    put_text(&mut shown, "authorizerCredentials", credentials);
    let source = authorizer.identity_source.as_ref();
    let source = source.filter(|_| !is_header_said);
    put_text(&mut shown, "identitySource", source);
    let expression = authorizer.identity_validation_expression.as_ref();
    put_text(&mut shown, "identityValidationExpression", expression);
    let ttl = authorizer.authorizer_result_ttl_in_seconds;
    put(
        &mut shown,
        "authorizerResultTtlInSeconds",
        ttl.map(|ttl| json!(ttl)),
    );
    shown
}
