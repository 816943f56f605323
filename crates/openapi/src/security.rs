//! How a method is protected: `security` requirements resolved against the document's schemes, and
//! `x-amazon-apigateway-auth`. Requirements at the root apply to operations without their own: recorded, although the
//! guide says they are not used. A method names its authorizer by the name of the scheme until ids are given.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>

use tollgate_wire::apigateway::{Authorizer, Method};

use crate::authorizers;
use crate::document::{Dialect, Node};
use crate::notes::Notes;

/// The header whose apiKey scheme means API Gateway's own API keys.
const API_KEY_HEADER: &str = "x-api-key";

/// The schemes of a document, and what it requires where an operation does not say.
#[derive(Debug)]
pub(crate) struct Security<'d> {
    schemes: Option<Node<'d>>,
    default: Option<Vec<Node<'d>>>,
}

/// What one scheme asks of a method.
#[derive(Debug)]
enum Scheme {
    ApiKey,
    Iam,
    /// An authorizer of this type (a method's `authorizationType`).
    Authorizer(&'static str),
    /// Something API Gateway does not enforce for a REST API: OAuth flows, bearer tokens, other API keys.
    NotEnforced,
}

impl<'d> Security<'d> {
    pub(crate) fn read(root: &Node<'d>, dialect: Dialect, notes: &mut Notes) -> Self {
        let schemes = match dialect {
            Dialect::Swagger2 => notes.object_of(root, "securityDefinitions"),
            Dialect::OpenApi3 => notes
                .object_of(root, "components")
                .and_then(|parts| notes.object_of(&parts, "securitySchemes")),
        };
        Self {
            schemes,
            default: notes.list_of(root, "security"),
        }
    }

    /// The authorizers among the schemes.
    pub(crate) fn authorizers(&self, notes: &mut Notes) -> Vec<Authorizer> {
        let schemes = self.schemes.as_ref();
        schemes
            .map(|schemes| authorizers::read(schemes, notes))
            .unwrap_or_default()
    }

    /// Fills the members of a method that say who may call it.
    pub(crate) fn apply(&self, operation: &Node<'_>, method: &mut Method, notes: &mut Notes) {
        method.authorization_type = Some("NONE".to_owned());
        method.api_key_required = Some(false);
        let own = notes.list_of(operation, "security");
        if let Some(requirements) = own.as_ref() {
            self.require(requirements, operation, method, notes);
        } else if let Some(requirements) = self.default.as_ref() {
            self.require(requirements, operation, method, notes);
        }
        if let Some(auth) = notes.object_of(operation, "x-amazon-apigateway-auth") {
            apply_auth(&auth, method, notes);
        }
    }

    /// A list of requirements means "one of them"; API Gateway has one authorizer per method and takes the first.
    fn require(
        &self,
        requirements: &[Node<'_>],
        operation: &Node<'_>,
        method: &mut Method,
        notes: &mut Notes,
    ) {
        for requirement in requirements {
            for (name, scopes) in requirement.members() {
                self.require_scheme(name, &scopes, operation, method, notes);
            }
        }
    }

    fn require_scheme(
        &self,
        name: &str,
        scopes: &Node<'_>,
        operation: &Node<'_>,
        method: &mut Method,
        notes: &mut Notes,
    ) {
        let scheme = self.schemes.as_ref().and_then(|schemes| schemes.get(name));
        let Some(scheme) = scheme.and_then(|scheme| notes.object(scheme)) else {
            notes.problem(scopes.problem(format!("security scheme '{name}' is not defined")));
            return;
        };
        match kind(&scheme, notes) {
            Scheme::ApiKey => method.api_key_required = Some(true),
            Scheme::Iam => method.authorization_type = Some("AWS_IAM".to_owned()),
            Scheme::Authorizer(_) if method.authorizer_id.is_some() => {
                notes.ignore(scopes, format!("authorizer '{name}': a method has one authorizer, the first"));
            }
            Scheme::Authorizer(authorization) => {
                method.authorization_type = Some(authorization.to_owned());
                method.authorizer_id = Some(name.to_owned());
                let scopes: Vec<String> = scopes.items().filter_map(|scope| scope.text()).collect();
                method.authorization_scopes = (!scopes.is_empty()).then_some(scopes);
            }
            // AWS imports such a method open and says nothing; whoever wrote the scheme expects otherwise.
            Scheme::NotEnforced => notes.warn(scopes, format!(
                "Security scheme '{name}' at {} is not enforced: it is neither an 'x-api-key' header nor an authorizer",
                operation.pointer()
            )),
        }
    }
}

fn kind(scheme: &Node<'_>, notes: &mut Notes) -> Scheme {
    if let Some(authorizer) = notes.object_of(scheme, authorizers::EXTENSION) {
        let cognito = notes
            .text_of(&authorizer, "type")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("cognito_user_pools"));
        return Scheme::Authorizer(if cognito {
            "COGNITO_USER_POOLS"
        } else {
            "CUSTOM"
        });
    }
    let text = |name: &str| {
        scheme
            .get(name)
            .and_then(|member| member.text())
            .unwrap_or_default()
    };
    if text(authorizers::AUTH_TYPE).eq_ignore_ascii_case("awsSigv4") {
        return Scheme::Iam;
    }
    let api_key = text("type") == "apiKey"
        && text("in") == "header"
        && text("name").eq_ignore_ascii_case(API_KEY_HEADER);
    if api_key {
        Scheme::ApiKey
    } else {
        Scheme::NotEnforced
    }
}

/// `{"type": "AWS_IAM"}` or `{"type": "NONE"}`, in any case.
fn apply_auth(auth: &Node<'_>, method: &mut Method, notes: &mut Notes) {
    let kind = notes
        .text_of(auth, "type")
        .unwrap_or_default()
        .to_ascii_uppercase();
    match kind.as_str() {
        "NONE" | "AWS_IAM" => method.authorization_type = Some(kind),
        _ => {
            notes.problem(auth.problem(format!("expected the type NONE or AWS_IAM, not '{kind}'")))
        }
    }
}
