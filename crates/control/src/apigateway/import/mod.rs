//! Definitions in OpenAPI become REST APIs: a new one, or an old one written anew. Each is one commit, so that nobody
//! ever sees half of a definition. <https://docs.aws.amazon.com/apigateway/latest/api/API_ImportRestApi.html>

mod check;
mod honour;
mod ids;
mod merge;
mod source;

use std::sync::Arc;

use bytes::Bytes;
use tollgate_model::arn::partition_of;
use tollgate_model::rest::Definition;
use tollgate_openapi::{Imported, Options, Variables};
use tollgate_store::{Key, Kind};
use tollgate_wire::apigateway::{
    ImportRestApi, ImportRestApiRequest, PutRestApi, PutRestApiRequest, RestApi, Stage,
};
use tollgate_wire::{Map, json};
use tracing::info;

use self::ids::Ids;
use self::source::{ApiFault, refused};
use super::{deployments, gateway_responses, methods, rest_apis, stages};
use crate::authorize::roles_passed::check_document;
use crate::error::ApiError;
use crate::operations::Operations;
use crate::session::{Change, Session, Stored};

pub(super) use self::check::of_documentation_part;
pub(super) use self::source::Source;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<ImportRestApi, _>(import);
    on.serve::<PutRestApi, _>(put);
}

async fn import(on: Session, input: ImportRestApiRequest) -> Result<RestApi, ApiError> {
    let options = options(&on, input.parameters, input.fail_on_warnings)?;
    let source = Source::new(input.body, options);
    let imported = read(&on, &source).await?;
    check_document(&on, &imported.definition, None).await?;
    let id = on.draw_id(rest_apis::API_ID_LENGTH);
    let arrival = Arrival::new(&on, &source, &id, imported).await?;
    let mut change = Change::create(&arrival.api);
    arrival.write(&on, &mut change);
    on.commit(change).await?;
    Ok(rest_apis::viewed(RestApi {
        warnings: arrival.warnings(),
        ..arrival.api.it
    }))
}

/// Recorded: an unreadable body is told before an unknown API.
async fn put(on: Session, input: PutRestApiRequest) -> Result<RestApi, ApiError> {
    let options = options(&on, input.parameters, input.fail_on_warnings)?;
    let is_type_given = !options.endpoint_types.is_empty();
    let source = Source::new(input.body, options);
    let imported = read(&on, &source).await?;
    check_document(&on, &imported.definition, input.rest_api_id.as_deref()).await?;
    let mode = Mode::of(input.mode.as_deref())?;
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let over = Over {
        mode,
        is_type_given,
    };
    let arrival = Arrival::over(&on, &source, api, imported, over).await?;
    let mut change = Change::of(&arrival.api);
    if mode == Mode::Overwrite {
        arrival.clear(&mut change);
    }
    arrival.write(&on, &mut change);
    on.commit(change).await?;
    let warnings = arrival.warnings();
    Ok(RestApi {
        warnings,
        ..rest_apis::shown(arrival.api)
    })
}

/// What becomes of what an API has and a definition does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// It stays.
    Merge,
    /// It goes.
    Overwrite,
}

impl Mode {
    fn of(name: Option<&str>) -> Result<Self, ApiError> {
        match name {
            None | Some("merge") => Ok(Self::Merge),
            Some("overwrite") => Ok(Self::Overwrite),
            // The model's check of the enumeration comes before.
            Some(other) => Err(ApiError::bad_request(format!("Invalid mode: {other}"))),
        }
    }
}

/// How a definition goes over an API.
#[derive(Clone, Copy)]
struct Over {
    mode: Mode,
    /// Whether the call names a type of endpoint.
    is_type_given: bool,
}

/// What became of a definition that was imported and deployed at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// The REST API.
    pub api_id: String,
    /// Its new deployment.
    pub deployment_id: String,
    /// What AWS's import would warn of.
    pub warnings: Vec<String>,
}

/// Creates the API with the id `id`, or writes it anew, and deploys it to `stage`: all in one commit.
pub(crate) async fn deploy(
    on: Session,
    id: String,
    body: Bytes,
    stage: String,
) -> Result<Deployed, ApiError> {
    let source = Source::new(Some(body), options(&on, None, None)?);
    let imported = read(&on, &source).await?;
    let (arrival, mut change) = match rest_apis::try_find(&on, &id).await? {
        Some(api) => {
            let over = Over {
                mode: Mode::Overwrite,
                is_type_given: false,
            };
            let arrival = Arrival::over(&on, &source, api, imported, over).await?;
            let mut change = Change::of(&arrival.api);
            arrival.clear(&mut change);
            (arrival, change)
        }
        None => {
            rest_apis::check_free(&on, &id).await?;
            let arrival = Arrival::new(&on, &source, &id, imported).await?;
            let change = Change::create(&arrival.api);
            (arrival, change)
        }
    };
    arrival.write(&on, &mut change);

    let key = &arrival.api.key;
    let deployment = deployments::freeze(&on, key, &arrival.definition, None);
    let deployment_id = deployment.stored.id().to_owned();
    let stage = deployments::moved(&on, key, &stage, &deployment_id).await?;
    let definition = Arc::new(arrival.definition.clone());
    let prepared = stages::try_prepare(&on, key, &deployment_id, definition, &stage.it).await;
    if let Err(refusals) = prepared {
        return Err(source.not_honoured(&on, &refusals).await);
    }
    deployment.put(&mut change);
    change.put::<Stage>(&stage);
    on.commit_served(change).await?;
    Ok(Deployed {
        api_id: id,
        deployment_id,
        warnings: arrival.definition_warnings,
    })
}

/// A definition with its ids, about to be written.
struct Arrival {
    api: Stored<RestApi>,
    definition: Definition,
    definition_warnings: Vec<String>,
}

impl Arrival {
    /// Of an API that is not there yet.
    async fn new(
        on: &Session,
        source: &Source,
        id: &str,
        imported: Imported,
    ) -> Result<Self, ApiError> {
        let blank = RestApi {
            created_date: Some(on.now()),
            ..RestApi::default()
        };
        let api = on.create(on.key(Kind::RestApi, id), blank);
        let over = api_over(&api.it, imported.definition.api.clone(), true);
        let over = match over {
            Ok(over) => over,
            Err(fault) => return Err(source.refusal(on, fault).await),
        };
        Ok(Self::of(on, api, imported, over, Ids::default()))
    }

    /// Of an API that is there: what the definition names again keeps its id.
    async fn over(
        on: &Session,
        source: &Source,
        api: Stored<RestApi>,
        imported: Imported,
        over: Over,
    ) -> Result<Self, ApiError> {
        let ids = Ids::of_present(on, &api.key).await?;
        let said = imported.definition.api.clone();
        let over = match over.mode {
            Mode::Merge => {
                let faults = merge::faults(&ids, &imported.definition.resources);
                source.refuse(on, faults).await?;
                merge::api(&api.it, said, over.is_type_given)
            }
            Mode::Overwrite => api_over(&api.it, said, over.is_type_given),
        };
        let over = match over {
            Ok(over) => over,
            Err(fault) => return Err(source.refusal(on, fault).await),
        };
        Ok(Self::of(on, api, imported, over, ids))
    }

    fn of(
        on: &Session,
        mut api: Stored<RestApi>,
        mut imported: Imported,
        over: RestApi,
        mut ids: Ids,
    ) -> Self {
        tell(api.id(), &imported);
        let draw = |length| on.draw_id(length);
        imported.definition.api = over;
        imported.bind(api.id(), |provisional| ids.assign(draw, provisional));
        let definition = &mut imported.definition;
        api.it = definition.api.clone();
        for response in &mut definition.gateway_responses {
            *response = gateway_responses::customised(std::mem::take(response));
        }
        Self {
            api,
            definition: imported.definition,
            definition_warnings: imported.warnings,
        }
    }

    /// Removes what the API had. Its deployments and stages stay.
    fn clear(&self, change: &mut Change) {
        for kind in [
            Kind::Resource,
            Kind::Method,
            Kind::Model,
            Kind::RequestValidator,
            Kind::GatewayResponse,
            Kind::Authorizer,
            Kind::DocumentationPart,
        ] {
            change.delete_children(&self.api.key, kind);
        }
    }

    /// Writes every part as it is in the definition; the API itself is in the change already.
    fn write(&self, on: &Session, change: &mut Change) {
        let (definition, api) = (&self.definition, &self.api.key);
        let child = |kind, id: &Option<String>| api.child(kind, id.as_deref().unwrap_or_default());
        let mut put = |key: Key, body| change.put_body(&on.create(key, ()), body);
        for it in &definition.resources {
            put(child(Kind::Resource, &it.id), json::to_vec(it));
        }
        for it in &definition.methods {
            let name = it.method.http_method.as_deref().unwrap_or_default();
            let key = methods::key_of(&self.api, &it.resource_id, name);
            put(key, json::to_vec(&it.method));
        }
        for it in &definition.models {
            put(child(Kind::Model, &it.name), json::to_vec(it));
        }
        for it in &definition.validators {
            put(child(Kind::RequestValidator, &it.id), json::to_vec(it));
        }
        for it in &definition.gateway_responses {
            let key = child(Kind::GatewayResponse, &it.response_type);
            put(key, json::to_vec(it));
        }
        for it in &definition.authorizers {
            put(child(Kind::Authorizer, &it.id), json::to_vec(it));
        }
        for it in &definition.documentation_parts {
            put(child(Kind::DocumentationPart, &it.id), json::to_vec(it));
        }
    }

    fn warnings(&self) -> Option<Vec<String>> {
        (!self.definition_warnings.is_empty()).then(|| self.definition_warnings.clone())
    }
}

/// As [`Subject::Api`](tollgate_openapi::Subject::Api) has it.
const ENDPOINT: &str = "/x-amazon-apigateway-endpoint-configuration";

/// The API's own members. The guide: a definition written over an API leaves its endpoint as it is, unless the call
/// names a type; all else that it does not say is gone.
fn api_over(present: &RestApi, said: RestApi, is_type_given: bool) -> Result<RestApi, ApiFault> {
    rest_apis::check_name(said.name.as_deref().unwrap_or_default())
        .map_err(ApiFault::of("/info/title"))?;
    rest_apis::check_compression_size(said.minimum_compression_size).map_err(ApiFault::of(
        "/x-amazon-apigateway-minimum-compression-size",
    ))?;
    let key_source = said.api_key_source.unwrap_or_else(|| "HEADER".to_owned());
    rest_apis::check_api_key_source(&key_source)
        .map_err(ApiFault::of("/x-amazon-apigateway-api-key-source"))?;
    let endpoint = match (&present.endpoint_configuration, is_type_given) {
        (Some(endpoint), false) => Some(endpoint.clone()),
        _ => said.endpoint_configuration,
    };
    let is_disabled = said
        .disable_execute_api_endpoint
        .or(present.disable_execute_api_endpoint);
    let endpoint = rest_apis::endpoint_of(endpoint).map_err(ApiFault::of(ENDPOINT))?;
    Ok(RestApi {
        created_date: present.created_date,
        description: said.description.filter(|text| !text.is_empty()),
        binary_media_types: said.binary_media_types.filter(|types| !types.is_empty()),
        api_key_source: Some(key_source),
        disable_execute_api_endpoint: Some(is_disabled.unwrap_or(false)),
        endpoint_configuration: Some(endpoint),
        ..said
    })
}

fn options(
    on: &Session,
    parameters: Option<Map<Option<String>>>,
    fail_on_warnings: Option<bool>,
) -> Result<Options, ApiError> {
    let mut options = Options {
        fail_on_warnings: fail_on_warnings.unwrap_or(false),
        variables: Variables {
            account: on.caller.account.to_string(),
            partition: partition_of(&on.caller.region).to_owned(),
            region: on.caller.region.to_string(),
        },
        ..Options::default()
    };
    let parameters = parameters.unwrap_or_default();
    let entries = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or_default()));
    options.take_parameters(entries).map_err(refused)?;
    Ok(options)
}

/// What a document says, once it is known to hold what the operations that it stands for would take.
async fn read(on: &Session, source: &Source) -> Result<Imported, ApiError> {
    let imported = source.imported(on).await?;
    let faults = check::faults(on, &imported.definition);
    source.refuse(on, faults).await?;
    Ok(imported)
}

/// Tells the operator what was left out.
fn tell(api_id: &str, imported: &Imported) {
    for left in imported.unsupported.iter().take(UNSUPPORTED_TOLD_MAX) {
        let (pointer, what) = (left.pointer.as_str(), left.what.as_str());
        info!(api_id, pointer, what, "left out of the import");
    }
}

const UNSUPPORTED_TOLD_MAX: usize = 50;
