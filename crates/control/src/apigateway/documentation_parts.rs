//! Documentation parts: what is written about an API and its parts, each under the place that it is about.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationPart.html>

use std::collections::BTreeMap;

use serde_json::Value;
use tollgate_openapi::{ImportError, Options, import_documentation};
use tollgate_store::Kind;
use tollgate_wire::apigateway::{
    CreateDocumentationPart, CreateDocumentationPartRequest, DeleteDocumentationPart,
    DeleteDocumentationPartRequest, DocumentationPart, DocumentationPartIds,
    DocumentationPartLocation, DocumentationParts, GetDocumentationPart,
    GetDocumentationPartRequest, GetDocumentationParts, GetDocumentationPartsRequest,
    ImportDocumentationParts, ImportDocumentationPartsRequest, RestApi, UpdateDocumentationPart,
    UpdateDocumentationPartRequest,
};
use tollgate_wire::json;

use super::import::{Source, of_documentation_part};
use super::rest_apis;
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{Member, REPLACE, Refusals, Row, Table};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateDocumentationPart, _>(create);
    on.serve::<GetDocumentationPart, _>(get);
    on.serve::<GetDocumentationParts, _>(list);
    on.serve::<UpdateDocumentationPart, _>(update);
    on.serve::<DeleteDocumentationPart, _>(delete);
    on.serve::<ImportDocumentationParts, _>(import);
}

async fn create(
    on: Session,
    input: CreateDocumentationPartRequest,
) -> Result<DocumentationPart, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let location = without_blanks(input.location.unwrap_or_default());
    check_location(&location)?;
    check_properties(input.properties.as_deref().unwrap_or_default())?;
    let parts = of_api(&on, &api).await?;
    if parts.iter().any(|part| place(&part.it) == Some(&location)) {
        return Err(ApiError::conflict(format!(
            "Documentation part already exists for the specified location: {}",
            told(&location)
        )));
    }
    let part = DocumentationPart {
        location: Some(location),
        properties: input.properties,
        ..DocumentationPart::default()
    };
    let part = new(&on, &api, part);
    let mut change = Change::of(&api);
    change.add(&part);
    on.commit(change).await?;
    Ok(part.it)
}

async fn get(
    on: Session,
    input: GetDocumentationPartRequest,
) -> Result<DocumentationPart, ApiError> {
    let ids = [&input.rest_api_id, &input.documentation_part_id];
    Ok(find(&on, ids).await?.1.it)
}

async fn list(
    on: Session,
    input: GetDocumentationPartsRequest,
) -> Result<DocumentationParts, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let list = format!("documentation/{}", api.id());
    let page = Page::of(list, input.position.as_deref(), input.limit)?;
    let mut parts = of_api(&on, &api).await?;
    parts.retain(|part| is_asked_for(&part.it, &input));
    let (parts, position) = page.cut(parts, |part| part.id());
    Ok(DocumentationParts {
        position,
        items: Some(parts.into_iter().map(|part| part.it).collect()),
    })
}

async fn update(
    on: Session,
    input: UpdateDocumentationPartRequest,
) -> Result<DocumentationPart, ApiError> {
    let ids = [&input.rest_api_id, &input.documentation_part_id];
    let (api, mut part) = find(&on, ids).await?;
    part.it = PATCHES.apply(&part.it, input.patch_operations.as_deref())?;
    let mut change = Change::of(&api);
    change.put(&part);
    on.commit(change).await?;
    Ok(part.it)
}

async fn delete(on: Session, input: DeleteDocumentationPartRequest) -> Result<(), ApiError> {
    let ids = [&input.rest_api_id, &input.documentation_part_id];
    let (api, part) = find(&on, ids).await?;
    let mut change = Change::of(&api);
    change.delete(&part.key);
    on.commit(change).await?;
    Ok(())
}

/// Recorded: what is no definition is told before an unknown API.
async fn import(
    on: Session,
    input: ImportDocumentationPartsRequest,
) -> Result<DocumentationPartIds, ApiError> {
    let options = Options {
        fail_on_warnings: input.fail_on_warnings.unwrap_or(false),
        ..Options::default()
    };
    let (named, warnings) = read(&on, &Source::new(input.body, options)).await?;
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let present = of_api(&on, &api).await?;
    let mut change = Change::of(&api);
    if input.mode.as_deref() == Some("overwrite") {
        change.delete_children(&api.key, Kind::DocumentationPart);
    }
    let is_merged = input.mode.as_deref() != Some("overwrite");
    let mut by_place: BTreeMap<String, Stored<DocumentationPart>> = present
        .into_iter()
        .map(|part| (place_key(&part.it), part))
        .collect();
    let mut ids = Vec::new();
    for part in named {
        let at = place_key(&part);
        let stored = match by_place.remove(&at) {
            Some(present) => over(present, part, is_merged),
            None => new(&on, &api, part),
        };
        change.put(&stored);
        ids.push(stored.id().to_owned());
        by_place.insert(at, stored);
    }
    ids.sort_unstable();
    ids.dedup();
    on.commit(change).await?;
    Ok(DocumentationPartIds {
        ids: Some(ids),
        warnings: (!warnings.is_empty()).then_some(warnings),
    })
}

/// Recorded.
pub(crate) static PATCHES: Table<DocumentationPart> = Table {
    refusals: Refusals::Listed,
    rows: &[Row::checked(
        "/properties",
        REPLACE,
        Member::Text(|part| &mut part.properties),
        |_, properties| check_properties(properties),
    )],
};

/// The definition's parts, with what reading them warns of.
async fn read(
    on: &Session,
    source: &Source,
) -> Result<(Vec<DocumentationPart>, Vec<String>), ApiError> {
    let (parts, warnings) = source
        .read(on, import_documentation)
        .await?
        .map_err(|error| refused(&error))?;
    let faults: Vec<_> = parts.iter().filter_map(of_documentation_part).collect();
    match faults.is_empty() {
        true => Ok((parts, warnings)),
        false => Err(source.first(on, faults).await),
    }
}

/// Recorded for what is no definition at all. Guess: warnings that refuse are told as those of other imports.
fn refused(error: &ImportError) -> ApiError {
    let message = match error {
        ImportError::Warnings(_) => error.message(),
        ImportError::Unreadable(_) | ImportError::Problems(_) | ImportError::Parameter(_) => {
            "Unable to build importer with provided input.".to_owned()
        }
    };
    ApiError::bad_request(message).because(error.detail())
}

/// What is there already keeps its id. The guide: a merge keeps the properties that the new part does not have.
fn over(
    present: Stored<DocumentationPart>,
    new: DocumentationPart,
    is_merged: bool,
) -> Stored<DocumentationPart> {
    let object = |text: &Option<String>| match text.as_deref().map(serde_json::from_str) {
        Some(Ok(Value::Object(members))) => members,
        _ => serde_json::Map::new(),
    };
    let properties = match is_merged {
        true => {
            let mut members = object(&present.it.properties);
            members.extend(object(&new.properties));
            Some(Value::Object(members).to_string())
        }
        false => new.properties,
    };
    let it = DocumentationPart {
        id: present.it.id,
        location: new.location,
        properties,
    };
    Stored {
        key: present.key,
        rev: present.rev,
        created_ms: present.created_ms,
        tags: present.tags,
        contents: present.contents,
        it,
    }
}

/// Guess: a part without content is one whose properties are an empty object.
fn is_asked_for(part: &DocumentationPart, by: &GetDocumentationPartsRequest) -> bool {
    let at = part.location.clone().unwrap_or_default();
    let is_empty = match part
        .properties
        .as_deref()
        .map(serde_json::from_str::<Value>)
    {
        Some(Ok(Value::Object(members))) => members.is_empty(),
        _ => true,
    };
    let is_status = match by.location_status.as_deref() {
        Some("UNDOCUMENTED") => is_empty,
        Some("DOCUMENTED") => !is_empty,
        _ => true,
    };
    let is_same = |asked: &Option<String>, has: &Option<String>| asked.is_none() || asked == has;
    is_status
        && is_same(&by.type_, &at.type_)
        && is_same(&by.name_query, &at.name)
        && is_same(&by.path, &at.path)
}

/// Terraform's provider sends every member, those that it has no value for as empty texts: an empty one is none.
fn without_blanks(location: DocumentationPartLocation) -> DocumentationPartLocation {
    let given = |member: Option<String>| member.filter(|text| !text.is_empty());
    DocumentationPartLocation {
        type_: given(location.type_),
        path: given(location.path),
        method: given(location.method),
        status_code: given(location.status_code),
        name: given(location.name),
    }
}

/// The API reference says which members are valid for which type. Guess: the texts are not recorded.
pub(super) fn check_location(location: &DocumentationPartLocation) -> Result<(), ApiError> {
    let kind = location.type_.as_deref().unwrap_or_default();
    let (takes_path, takes_method, takes_status, takes_name) = members_of(kind);
    let given = [
        ("path", takes_path, location.path.is_some()),
        ("method", takes_method, location.method.is_some()),
        ("statusCode", takes_status, location.status_code.is_some()),
        ("name", takes_name, location.name.is_some()),
    ];
    if let Some((member, ..)) = given.iter().find(|(_, takes, is)| *is && !takes) {
        return Err(ApiError::bad_request(format!(
            "Invalid documentation part location: {member} is not valid for type {kind}"
        )));
    }
    match takes_name && location.name.as_deref().unwrap_or_default().is_empty() {
        true => Err(ApiError::bad_request(format!(
            "Invalid documentation part location: name is required for type {kind}"
        ))),
        false => Ok(()),
    }
}

/// Whether a type takes path, method, status code and name.
fn members_of(kind: &str) -> (bool, bool, bool, bool) {
    match kind {
        "API" => (false, false, false, false),
        "AUTHORIZER" | "MODEL" => (false, false, false, true),
        "RESOURCE" => (true, false, false, false),
        "METHOD" | "REQUEST_BODY" => (true, true, false, false),
        "PATH_PARAMETER" | "QUERY_PARAMETER" | "REQUEST_HEADER" => (true, true, false, true),
        "RESPONSE" | "RESPONSE_BODY" => (true, true, true, false),
        "RESPONSE_HEADER" => (true, true, true, true),
        // The model's list of types has no other; an import may name one.
        _ => (true, true, true, false),
    }
}

/// The API reference: a JSON object in a text. Guess: the text is not recorded.
fn check_properties(properties: &str) -> Result<(), ApiError> {
    match serde_json::from_str::<Value>(properties) {
        Ok(Value::Object(_)) => Ok(()),
        _ => Err(ApiError::bad_request(
            "Documentation part properties must be a JSON object",
        )),
    }
}

fn place(part: &DocumentationPart) -> Option<&DocumentationPartLocation> {
    part.location.as_ref()
}

fn place_key(part: &DocumentationPart) -> String {
    let location = part.location.clone().unwrap_or_default();
    String::from_utf8_lossy(&json::to_vec(&location)).into_owned()
}

/// `type 'METHOD', path '/pets'`
fn told(location: &DocumentationPartLocation) -> String {
    let members = [
        ("type", &location.type_),
        ("path", &location.path),
        ("method", &location.method),
        ("statusCode", &location.status_code),
        ("name", &location.name),
    ];
    let given = members
        .iter()
        .filter_map(|(name, value)| Some(format!("{name} '{}'", value.as_deref()?)));
    given.collect::<Vec<_>>().join(", ")
}

pub(super) const ID_LENGTH: usize = 6;

/// A part of `api`'s documentation, with an id.
pub(super) fn new(
    on: &Session,
    api: &Stored<RestApi>,
    part: DocumentationPart,
) -> Stored<DocumentationPart> {
    let key = api
        .key
        .child(Kind::DocumentationPart, &on.draw_id(ID_LENGTH));
    let id = Some(key.id.to_string());
    on.create(key, DocumentationPart { id, ..part })
}

/// All of an API.
pub(super) async fn of_api(
    on: &Session,
    api: &Stored<RestApi>,
) -> Result<Vec<Stored<DocumentationPart>>, ApiError> {
    on.children(&api.key, Kind::DocumentationPart).await
}

/// Recorded: an unknown API is told as an unknown part.
async fn find(
    on: &Session,
    [api_id, id]: [&Option<String>; 2],
) -> Result<(Stored<RestApi>, Stored<DocumentationPart>), ApiError> {
    let unknown = || ApiError::not_found("Invalid Documentation part identifier specified");
    let api = rest_apis::try_find(on, api_id.as_deref().unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let id = id.as_deref().unwrap_or_default();
    let key = api.key.child(Kind::DocumentationPart, id);
    let part = on.find(&key).await?.ok_or_else(unknown)?;
    Ok((api, part))
}
