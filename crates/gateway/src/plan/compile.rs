//! From a frozen definition to a plan.
//!
//! What AWS accepts at deployment and fails at run time (a template or schema that does not parse, a bad address, a pattern)
//! compiles to something that fails the request. Only what Tollgate cannot honour, or AWS would not have stored, is refused.

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_iam::Policy;
use tollgate_model::rest::{Definition, MethodOf};
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    Authorizer, GatewayResponse, Integration as Given, IntegrationResponse as GivenResponse,
    Method as GivenMethod, Resource as GivenResource,
};

use super::honour::{self, Places, Refusal};
use super::library::Library;
use super::uri::UriTemplate;
use super::user_pools::{self, UserPools};
use super::{
    ApiKind, Authorization, Backend, BinaryTypes, ContentHandling, DeploymentPlan, EndpointFacts,
    Integration, IntegrationKind, IntegrationResponse, Method, Model, Passthrough, Required,
    Resource, Templates,
};
use crate::cache::CacheKey;
use crate::headers::forbidden_in_mapping;
use crate::identity::IdentityProviders;
use crate::map::{
    Destination, ExpressionError, Place, RequestMapping, ResponseMapping, Source, header_name,
};
use crate::respond::GatewayResponses;
use crate::route::{Tree, variables};
use crate::validate::Models;

/// What an integration may take unless it says otherwise.
const TIMEOUT_MS: u64 = 29_000;

/// Compiles a definition. `hash` is the name of what was frozen.
pub(crate) fn compile(
    hash: [u8; 32],
    definition: &Definition,
    library: &Library,
    providers: &IdentityProviders,
) -> Result<DeploymentPlan, Vec<Refusal>> {
    let refused = honour::of_definition(definition);
    if !refused.is_empty() {
        return Err(refused);
    }
    let api_id = definition.api.id.as_deref().unwrap_or_default();
    let models = definition.models.iter();
    let models =
        models.filter_map(|model| Some((model.name.as_deref()?, model.schema.as_deref()?)));
    let mut compiler = Compiler {
        models: Models::new(api_id, models),
        definition,
        places: Places::of(definition),
        library,
        providers,
        integrations: 0,
        refused: Vec::new(),
    };
    let (routes, resources) = compiler.resources();
    let responses = compiler.gateway_responses();
    let policy = compiler.policy();
    match compiler.refused.is_empty() {
        false => Err(compiler.refused),
        true => Ok(DeploymentPlan {
            hash,
            kind: ApiKind::Rest,
            routes,
            resources,
            responses,
            integrations: compiler.integrations,
            endpoint: endpoint(definition),
            policy,
            binary: binary(definition),
            compression_bytes_min: definition
                .api
                .minimum_compression_size
                .and_then(|size| u64::try_from(size).ok()),
        }),
    }
}

fn binary(definition: &Definition) -> BinaryTypes {
    let types = definition.api.binary_media_types.iter().flatten();
    BinaryTypes::new(types.map(String::as_str))
}

fn endpoint(definition: &Definition) -> EndpointFacts {
    let configuration = definition.api.endpoint_configuration.as_ref();
    let types = configuration.and_then(|configuration| configuration.types.as_ref());
    let kind = types.and_then(|types| types.first());
    let kind = kind.map_or("EDGE", |kind| kind);
    EndpointFacts {
        kind: kind.into(),
        is_private: kind == PRIVATE,
        is_disabled: definition.api.disable_execute_api_endpoint.unwrap_or(false),
    }
}

/// The type of endpoint that only private networks reach.
const PRIVATE: &str = "PRIVATE";

struct Compiler<'d> {
    definition: &'d Definition,
    places: Places<'d>,
    library: &'d Library,
    providers: &'d IdentityProviders,
    models: Models,
    /// How many integrations there are so far; the next one's number.
    integrations: usize,
    refused: Vec<Refusal>,
}

impl Compiler<'_> {
    fn refuse(&mut self, member: String, reason: impl ToString) {
        self.refused.push(Refusal {
            member,
            reason: reason.to_string(),
        });
    }

    /// Resources without methods answer nothing, so they are no part of the plan.
    fn resources(&mut self) -> (Tree, Vec<Resource>) {
        let mut methods: HashMap<&str, Vec<&MethodOf>> = HashMap::new();
        for it in &self.definition.methods {
            methods.entry(&it.resource_id).or_default().push(it);
        }
        let mut resources = Vec::with_capacity(methods.len());
        for given in &self.definition.resources {
            let own = methods.remove(given.id.as_deref().unwrap_or_default());
            resources.extend(own.map(|own| self.resource(given, &own)));
        }
        (self.routes(&resources), resources)
    }

    fn resource(&mut self, given: &GivenResource, methods: &[&MethodOf]) -> Resource {
        let path = given.path.as_deref().unwrap_or_default();
        Resource {
            id: given.id.as_deref().unwrap_or_default().into(),
            path: path.into(),
            variables: variables(path),
            methods: methods.iter().map(|it| self.method(it)).collect(),
        }
    }

    fn routes(&mut self, resources: &[Resource]) -> Tree {
        let mut routes = Tree::default();
        let mut ordered: Vec<_> = resources.iter().enumerate().collect();
        // The tree keeps siblings in order, so that each is but appended.
        ordered.sort_by(|(_, one), (_, other)| one.path.cmp(&other.path));
        for (number, resource) in ordered {
            if let Err(error) = routes.insert(&resource.path, number) {
                self.refuse(format!("path of resource {}", resource.path), error);
            }
        }
        routes
    }

    fn method(&mut self, it: &MethodOf) -> Method {
        let given = &it.method;
        let (validate_parameters, validate_body) = self.validated(given);
        let name = given.http_method.as_deref().unwrap_or_default();
        let place = self.places.of_method(&it.resource_id, Some(name));
        let integration = self.integration(given.method_integration.as_ref(), &place);
        let models = if validate_body {
            self.models(given)
        } else {
            Vec::new()
        };
        Method {
            name: name.into(),
            api_key_required: given.api_key_required.unwrap_or(false),
            authorization: self.authorization(given, &place),
            required: if validate_parameters {
                required(given)
            } else {
                Vec::new()
            },
            statuses: statuses(given),
            reads_body: !models.is_empty() || integration.reads_body(),
            models,
            integration,
        }
    }

    /// The table of what is honoured lets no other type pass; if it did, nobody would be let in without a signature.
    fn authorization(&mut self, given: &GivenMethod, place: &str) -> Authorization {
        match given.authorization_type.as_deref() {
            None | Some("NONE") => Authorization::None,
            Some(user_pools::TYPE) => match self.user_pools(given) {
                Ok(pools) => Authorization::UserPools(Box::new(pools)),
                Err((member, reason)) => {
                    self.refuse(format!("{member} of {place}"), reason);
                    Authorization::Iam
                }
            },
            Some(_) => Authorization::Iam,
        }
    }

    /// What cannot be honoured of the authorizer that the method names, and why.
    fn user_pools(&self, given: &GivenMethod) -> Result<UserPools, (String, String)> {
        let is_named = |it: &&Authorizer| it.id.is_some() && it.id == given.authorizer_id;
        let authorizer = self.definition.authorizers.iter().find(is_named);
        let is_of_pools = |it: &&Authorizer| it.type_.as_deref() == Some(user_pools::TYPE);
        let authorizer = authorizer.filter(is_of_pools).ok_or_else(|| {
            let reason = "the API has no such authorizer of user pools";
            ("authorizerId".to_owned(), reason.to_owned())
        })?;
        let pools = UserPools::compile(given, authorizer, self.providers);
        pools.map_err(|(member, reason)| {
            let name = authorizer.name.as_deref().unwrap_or_default();
            (format!("{member} of authorizer {name}"), reason)
        })
    }

    /// Without a validator nothing is checked, whatever the method says is required.
    fn validated(&self, given: &GivenMethod) -> (bool, bool) {
        let id = given.request_validator_id.as_deref();
        let mut validators = self.definition.validators.iter();
        let validator =
            id.and_then(|id| validators.find(|validator| validator.id.as_deref() == Some(id)));
        validator.map_or((false, false), |validator| {
            let parameters = validator.validate_request_parameters.unwrap_or(false);
            (parameters, validator.validate_request_body.unwrap_or(false))
        })
    }

    fn models(&self, given: &GivenMethod) -> Vec<Model> {
        let named = texts(given.request_models.as_ref());
        let models = named.map(|(media_type, name)| Model {
            media_type: media_type.into(),
            name: name.into(),
            schema: self.library.schema(&self.models, name),
        });
        models.collect()
    }

    fn integration(&mut self, given: Option<&Given>, place: &str) -> Integration {
        let number = self.integrations;
        self.integrations += 1;
        let blank = Given::default();
        let given = given.unwrap_or(&blank);
        let kind = kind(given);
        let is_mock = matches!(kind, IntegrationKind::Mock);
        let is_proxy = matches!(kind, IntegrationKind::HttpProxy(_));
        let mapping = self.request_mapping(given, is_mock, place);
        let responses = match is_proxy {
            true => Vec::new(),
            false => self.responses(given, place),
        };
        Integration {
            number,
            cache: self.cache_key(given, &mapping, &responses, is_proxy, place),
            mapping,
            // A proxy integration has no templates, and its answers are not mapped.
            templates: if is_proxy {
                Templates::default()
            } else {
                self.request_templates(given)
            },
            content_handling: ContentHandling::parse(given.content_handling.as_deref()),
            responses,
            timeout_ms: given
                .timeout_in_millis
                .and_then(|ms| u64::try_from(ms).ok())
                .unwrap_or(TIMEOUT_MS),
            kind,
        }
    }

    fn cache_key(
        &mut self,
        given: &Given,
        mapping: &RequestMapping,
        responses: &[IntegrationResponse],
        is_proxy: bool,
        place: &str,
    ) -> CacheKey {
        let parameters = given.cache_key_parameters.iter().flatten();
        let namespace = given.cache_namespace.as_deref();
        let parameters = parameters.map(String::as_str);
        let key = CacheKey::compile(namespace, parameters, mapping, is_proxy);
        let key = key.unwrap_or_else(|error| {
            let member = format!("methodIntegration.cacheKeyParameters of {place}");
            self.refuse(member, error);
            CacheKey::default()
        });
        let types = self.definition.api.binary_media_types.iter().flatten();
        let is_streamed = given.response_transfer_mode.as_deref() == Some("STREAM");
        key.with(responses, types.count() > 0, is_streamed)
    }

    fn request_templates(&self, given: &Given) -> Templates {
        Templates {
            by_type: self.scripts(given.request_templates.as_ref()),
            passthrough: match given.passthrough_behavior.as_deref() {
                Some("NEVER") => Passthrough::Never,
                Some("WHEN_NO_TEMPLATES") => Passthrough::WhenNoTemplates,
                _ => Passthrough::WhenNoMatch,
            },
        }
    }

    fn scripts(&self, given: Option<&Map<Option<String>>>) -> Vec<(Box<str>, super::Script)> {
        let entries = given.into_iter().flatten();
        entries
            .map(|(media_type, text)| {
                (
                    Box::from(&**media_type),
                    self.library.script(text.as_deref()),
                )
            })
            .collect()
    }

    fn request_mapping(&mut self, given: &Given, is_mock: bool, place: &str) -> RequestMapping {
        let mut mapping = RequestMapping::default();
        for (destination, source) in texts(given.request_parameters.as_ref()) {
            match request_entry(destination, source) {
                // Nothing is sent to a mock, so nothing can be in the way there (a guess).
                Ok((destination, _)) if !is_mock && destination.is_forbidden() => {
                    mapping.forbidden = Some(destination.name)
                }
                Ok(entry) => mapping.entries.push(entry),
                Err(error) => self.refuse(
                    format!("methodIntegration.requestParameters.{destination} of {place}"),
                    error,
                ),
            }
        }
        mapping
    }

    /// In ascending order of their statuses: where several patterns match, the lowest answers (recorded).
    fn responses(&mut self, given: &Given, place: &str) -> Vec<IntegrationResponse> {
        let mut responses = Vec::new();
        for (key, given) in given.integration_responses.iter().flatten() {
            let status = given.status_code.as_deref().unwrap_or(key);
            match status.parse() {
                Ok(status) => responses.push(self.response(status, given, place)),
                Err(_) => self.refuse(
                    format!("methodIntegration.integrationResponses.{status} of {place}"),
                    "not a status",
                ),
            }
        }
        responses.sort_by_key(|response: &IntegrationResponse| response.status);
        responses
    }

    fn response(&mut self, status: u16, given: &GivenResponse, place: &str) -> IntegrationResponse {
        let mut mapping = ResponseMapping::default();
        for (destination, source) in texts(given.response_parameters.as_ref()) {
            match response_entry(destination, source) {
                Ok(entry) => mapping.entries.push(entry),
                Err(error) => self.refuse(
                    format!("methodIntegration.integrationResponses.{status}.responseParameters.{destination} of {place}"),
                    error,
                ),
            }
        }
        IntegrationResponse {
            status,
            pattern: self.library.selection(given.selection_pattern.as_deref()),
            selection: given
                .selection_pattern
                .as_deref()
                .unwrap_or_default()
                .into(),
            mapping,
            templates: Templates {
                by_type: self.scripts(given.response_templates.as_ref()),
                passthrough: Passthrough::default(),
            },
            content_handling: ContentHandling::parse(given.content_handling.as_deref()),
        }
    }

    fn policy(&mut self) -> Option<Arc<Policy>> {
        let policy = honour::of_policy(&self.definition.api);
        policy.map_err(|refusal| self.refused.push(refusal)).ok()?
    }

    fn gateway_responses(&mut self) -> GatewayResponses {
        let mut responses = GatewayResponses::default();
        for given in &self.definition.gateway_responses {
            if let Err(error) = add(&mut responses, given) {
                let name = given.response_type.as_deref().unwrap_or_default();
                self.refuse(format!("gateway response {name}"), error);
            }
        }
        responses
    }
}

fn add(
    responses: &mut GatewayResponses,
    given: &GatewayResponse,
) -> Result<(), crate::respond::ResponseError> {
    responses.add(
        given.response_type.as_deref().unwrap_or_default(),
        given.status_code.as_deref(),
        texts(given.response_parameters.as_ref()),
        texts(given.response_templates.as_ref()),
    )
}

/// The entries that have a value.
fn texts(map: Option<&Map<Option<String>>>) -> impl Iterator<Item = (&str, &str)> {
    let entries = map.into_iter().flatten();
    entries.filter_map(|(name, value)| Some((&**name, value.as_deref()?)))
}

fn kind(given: &Given) -> IntegrationKind {
    let backend = || Backend {
        method: given
            .http_method
            .as_deref()
            .filter(|method| *method != "ANY")
            .map(Box::from),
        uri: UriTemplate::parse(given.uri.as_deref().unwrap_or_default()),
        verify_issuer: !given
            .tls_config
            .as_ref()
            .and_then(|tls| tls.insecure_skip_verification)
            .unwrap_or(false),
    };
    match given.type_.as_deref() {
        Some("HTTP") => IntegrationKind::Http(backend()),
        Some("HTTP_PROXY") => IntegrationKind::HttpProxy(backend()),
        // The table of what is honoured lets nothing else pass.
        _ => IntegrationKind::Mock,
    }
}

fn request_entry(
    destination: &str,
    source: &str,
) -> Result<(Destination, Source), ExpressionError> {
    Ok((
        Destination::parse(destination)?,
        Source::of_request(source)?,
    ))
}

fn response_entry(destination: &str, source: &str) -> Result<(Box<str>, Source), ExpressionError> {
    let name = header_name(destination, "method.response.header.")?;
    Ok((name.into(), Source::of_response(source)?))
}

impl Destination {
    fn is_forbidden(&self) -> bool {
        self.place == Place::Header && forbidden_in_mapping(&self.name)
    }
}

/// In the order of their full names: headers, path, query; recorded.
fn required(given: &GivenMethod) -> Vec<Required> {
    let parameters = given.request_parameters.iter().flatten();
    let mut names: Vec<_> = parameters
        .filter(|(_, required)| **required)
        .map(|(name, _)| &**name)
        .collect();
    names.sort_unstable();
    names.into_iter().filter_map(Required::parse).collect()
}

impl Required {
    /// Reads `method.request.header.Accept`.
    fn parse(text: &str) -> Option<Self> {
        let (place, name) = text.strip_prefix("method.request.")?.split_once('.')?;
        let place = place.strip_prefix("multivalue").unwrap_or(place);
        Some(Self {
            place: Place::parse(place)?,
            name: name.into(),
        })
    }
}

fn statuses(given: &GivenMethod) -> Vec<u16> {
    let responses = given.method_responses.iter().flatten();
    let statuses = responses
        .filter_map(|(key, response)| response.status_code.as_deref().unwrap_or(key).parse().ok());
    statuses.collect()
}

impl Integration {
    /// Whether any of its steps needs the body whole. What goes through a proxy integration is passed on as it arrives.
    fn reads_body(&self) -> bool {
        match self.kind {
            IntegrationKind::Mock | IntegrationKind::Http(_) => true,
            IntegrationKind::HttpProxy(_) => {
                let mut sources = self.mapping.entries.iter();
                self.content_handling.is_some() || sources.any(|(_, source)| source.reads_body())
            }
        }
    }
}
