//! Models: JSON schemas by name. <https://docs.aws.amazon.com/apigateway/latest/api/API_Model.html>

use tollgate_store::{Key, Kind};
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    CreateModel, CreateModelRequest, DeleteModel, DeleteModelRequest, GetModel, GetModelRequest,
    GetModelTemplate, GetModelTemplateRequest, GetModels, GetModelsRequest, Method, Model, Models,
    Resource, RestApi, Template, UpdateModel, UpdateModelRequest,
};

use super::{methods, model_schemas, resources, rest_apis};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{Member, REPLACE, Refusals, Row, Table};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateModel, _>(create);
    on.serve::<GetModel, _>(get);
    on.serve::<GetModelTemplate, _>(template);
    on.serve::<GetModels, _>(list);
    on.serve::<UpdateModel, _>(update);
    on.serve::<DeleteModel, _>(delete);
}

async fn create(on: Session, input: CreateModelRequest) -> Result<Model, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let name = input.name.unwrap_or_default();
    check_name(&name)?;
    let content_type = input.content_type.unwrap_or_default();
    check_schema(&content_type, input.schema.as_deref().unwrap_or_default())?;
    if on
        .find::<Model>(&api.key.child(Kind::Model, &name))
        .await?
        .is_some()
    {
        return Err(ApiError::conflict(
            "Model name already exists for this REST API",
        ));
    }
    let model = Model {
        name: Some(name),
        // Recorded: an empty description is none.
        description: input.description.filter(|text| !text.is_empty()),
        schema: input.schema,
        content_type: Some(content_type),
        ..Model::default()
    };
    let model = new(&on, &api.key, model);
    let mut change = Change::of(&api);
    change.add(&model);
    on.commit(change).await?;
    Ok(model.it)
}

async fn get(on: Session, input: GetModelRequest) -> Result<Model, ApiError> {
    let (api, model) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.model_name.as_deref(),
    )
    .await?;
    if input.flatten != Some(true) {
        return Ok(model.it);
    }
    let flat = flat(&on, &api, model.id()).await?;
    // A schema that is no JSON refers to nothing.
    let schema = flat.map_or(model.it.schema, |schema| Some(schema.to_string()));
    Ok(Model { schema, ..model.it })
}

/// Guess: the text on a model that there is no template of.
async fn template(on: Session, input: GetModelTemplateRequest) -> Result<Template, ApiError> {
    let (api, model) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.model_name.as_deref(),
    )
    .await?;
    let flat = flat(&on, &api, model.id()).await?;
    let value = flat.and_then(|schema| model_schemas::template(&schema));
    let none = || ApiError::bad_request("Tollgate cannot make a template of this model");
    Ok(Template {
        value: Some(value.ok_or_else(none)?),
    })
}

/// The schema of a model with all that it refers to.
async fn flat(
    on: &Session,
    api: &Stored<RestApi>,
    name: &str,
) -> Result<Option<serde_json::Value>, ApiError> {
    let models = on.children::<Model>(&api.key, Kind::Model).await?;
    let schemas = models.iter().filter_map(|model| {
        let schema = serde_json::from_str(model.it.schema.as_deref()?).ok()?;
        Some((model.id().to_owned(), schema))
    });
    Ok(model_schemas::flatten(name, &schemas.collect()))
}

async fn list(on: Session, input: GetModelsRequest) -> Result<Models, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let page = Page::of(
        format!("models/{}", api.id()),
        input.position.as_deref(),
        input.limit,
    )?;
    let models = on
        .children_on::<Model>(&page, &api.key, Kind::Model)
        .await?;
    let (models, position) = page.cut(models, |model| model.id());
    Ok(Models {
        position,
        items: Some(models.into_iter().map(|model| model.it).collect()),
    })
}

async fn update(on: Session, input: UpdateModelRequest) -> Result<Model, ApiError> {
    let (api, mut model) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.model_name.as_deref(),
    )
    .await?;
    model.it = PATCHES.apply(&model.it, input.patch_operations.as_deref())?;
    let mut change = Change::of(&api);
    change.put(&model);
    on.commit(change).await?;
    Ok(model.it)
}

async fn delete(on: Session, input: DeleteModelRequest) -> Result<(), ApiError> {
    let (api, model) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.model_name.as_deref(),
    )
    .await?;
    check_unreferenced(&on, &api, model.id()).await?;
    let mut change = Change::of(&api);
    change.delete(&model.key);
    on.commit(change).await?;
    Ok(())
}

/// Recorded.
pub(crate) static PATCHES: Table<Model> = Table {
    refusals: Refusals::Listed,
    rows: &[
        Row::new(
            "/description",
            REPLACE,
            Member::Text(|model| &mut model.description),
        ),
        Row::checked(
            "/schema",
            REPLACE,
            Member::Text(|model| &mut model.schema),
            |model, schema| check_schema(model.content_type.as_deref().unwrap_or_default(), schema),
        ),
    ],
};

/// The second text is widely seen with AWS, not recorded here.
fn check_name(name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(ApiError::bad_request("Model name must be non-empty"));
    }
    match name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Model name must be alphanumeric: {name}"
        ))),
    }
}

/// Recorded: an absent or empty schema is refused whatever the content type. That a JSON schema is JSON is AWS's rule;
/// the text is the start of the one that is widely seen.
fn check_schema(content_type: &str, schema: &str) -> Result<(), ApiError> {
    if schema.trim().is_empty() {
        return Err(ApiError::bad_request(
            "Model schema must have at least 1 property or array items defined",
        ));
    }
    if content_type != JSON {
        return Ok(());
    }
    let parsed = serde_json::from_str::<serde_json::Value>(schema);
    let invalid = |cause: &dyn std::fmt::Display| {
        ApiError::bad_request(
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]",
        )
        .because(cause)
    };
    match parsed {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err(invalid(&"a schema is an object")),
        Err(error) => Err(invalid(&error)),
    }
}

/// Recorded for method requests, down to the two slashes of a root's method; the text for responses is a guess after
/// it. Of several references, AWS named the deeper resource.
async fn check_unreferenced(
    on: &Session,
    api: &Stored<RestApi>,
    name: &str,
) -> Result<(), ApiError> {
    let methods = on.children::<Method>(&api.key, Kind::Method).await?;
    let referring = methods.iter().filter_map(|method| {
        let place = reference(&method.it, name)?;
        Some((methods::resource_of(method), method, place))
    });
    let mut deepest = None;
    for (resource_id, method, place) in referring {
        let key = api.key.child(Kind::Resource, resource_id);
        let resource = on.find::<Resource>(&key).await?;
        let path = resource.map_or_else(String::new, |it| resources::path(&it.it).to_owned());
        let method = method.it.http_method.as_deref().unwrap_or_default();
        deepest = deepest.max(Some((path, method, place)));
    }
    match deepest {
        Some((path, method, place)) => Err(ApiError::conflict(format!(
            "Cannot delete model '{name}', is referenced in method {place}: {path}/{method}"
        ))),
        None => Ok(()),
    }
}

fn reference(method: &Method, name: &str) -> Option<&'static str> {
    let names = |models: &Option<Map<Option<String>>>| {
        models
            .iter()
            .flat_map(Map::values)
            .flatten()
            .any(|model| model == name)
    };
    let mut responses = method.method_responses.iter().flat_map(Map::values);
    match () {
        () if names(&method.request_models) => Some("request"),
        () if responses.any(|response| names(&response.response_models)) => Some("response"),
        () => None,
    }
}

const JSON: &str = "application/json";
pub(super) const ID_LENGTH: usize = 6;

/// A model of the API under `api`, with an id.
pub(super) fn new(on: &Session, api: &Key, model: Model) -> Stored<Model> {
    let key = api.child(Kind::Model, model.name.as_deref().unwrap_or_default());
    let id = Some(on.draw_id(ID_LENGTH));
    on.create(key, Model { id, ..model })
}

/// Recorded: what CreateRestApi adds. The white space within is a guess.
pub(super) fn defaults() -> [Model; 2] {
    let model = |name: &str, schema: &str| Model {
        name: Some(name.to_owned()),
        description: Some(format!(
            "This is a default {} schema model",
            name.to_lowercase()
        )),
        schema: Some(schema.to_owned()),
        content_type: Some(JSON.to_owned()),
        ..Model::default()
    };
    [model("Empty", EMPTY_SCHEMA), model("Error", ERROR_SCHEMA)]
}

const EMPTY_SCHEMA: &str = r##"{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title" : "Empty Schema",
  "type" : "object"
}"##;

const ERROR_SCHEMA: &str = r##"{
  "$schema" : "http://json-schema.org/draft-04/schema#",
  "title" : "Error Schema",
  "type" : "object",
  "properties" : {
    "message" : { "type" : "string" }
  }
}"##;

/// Recorded: an unknown API is told as an unknown model.
async fn find(
    on: &Session,
    api_id: Option<&str>,
    name: Option<&str>,
) -> Result<(Stored<RestApi>, Stored<Model>), ApiError> {
    let name = name.unwrap_or_default();
    let unknown = || ApiError::not_found(format!("Invalid model name specified: {name}"));
    let api = rest_apis::try_find(on, api_id.unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let model = on
        .find(&api.key.child(Kind::Model, name))
        .await?
        .ok_or_else(unknown)?;
    Ok((api, model))
}
