//! Documentation versions: an API's documentation as it was when the version was made.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DocumentationVersion.html>

use tollgate_store::{Content, Kind};
use tollgate_wire::apigateway::{
    CreateDocumentationVersion, CreateDocumentationVersionRequest, DeleteDocumentationVersion,
    DeleteDocumentationVersionRequest, DocumentationParts, DocumentationVersion,
    DocumentationVersions, GetDocumentationVersion, GetDocumentationVersionRequest,
    GetDocumentationVersions, GetDocumentationVersionsRequest, RestApi, Stage,
    UpdateDocumentationVersion, UpdateDocumentationVersionRequest,
};
use tollgate_wire::json;

use super::{documentation_parts, rest_apis, stages};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{Member, REPLACE, Refusals, Row, Table};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateDocumentationVersion, _>(create);
    on.serve::<GetDocumentationVersion, _>(get);
    on.serve::<GetDocumentationVersions, _>(list);
    on.serve::<UpdateDocumentationVersion, _>(update);
    on.serve::<DeleteDocumentationVersion, _>(delete);
}

/// The parts are kept as a content of the version, as they are now.
async fn create(
    on: Session,
    input: CreateDocumentationVersionRequest,
) -> Result<DocumentationVersion, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let name = input.documentation_version.unwrap_or_default();
    check_name(&name)?;
    let key = api.key.child(Kind::DocumentationVersion, &name);
    if exists(&on, &api, &name).await? {
        // Guess, after the text on models.
        return Err(ApiError::conflict(
            "Documentation version already exists for this REST API",
        ));
    }
    let parts = documentation_parts::of_api(&on, &api).await?;
    let parts = DocumentationParts {
        items: Some(parts.into_iter().map(|part| part.it).collect()),
        ..DocumentationParts::default()
    };
    let content = Content::new(json::to_vec(&parts));
    let version = DocumentationVersion {
        version: Some(name.clone()),
        created_date: Some(on.now()),
        description: input.description.filter(|text| !text.is_empty()),
    };
    let mut version = on.create(key, version);
    version.contents = vec![content.hash()];
    let mut change = Change::of(&api);
    change.add(&version);
    change.contents([content]);
    if let Some(stage_name) = input.stage_name.filter(|name| !name.is_empty()) {
        let (_, mut stage) =
            stages::find(&on, input.rest_api_id.as_deref(), Some(&stage_name)).await?;
        stage.it.documentation_version = Some(name);
        stage.it.last_updated_date = Some(on.now());
        change.put::<Stage>(&stage);
    }
    on.commit(change).await?;
    Ok(version.it)
}

async fn get(
    on: Session,
    input: GetDocumentationVersionRequest,
) -> Result<DocumentationVersion, ApiError> {
    let names = [&input.rest_api_id, &input.documentation_version];
    Ok(find(&on, names).await?.1.it)
}

async fn list(
    on: Session,
    input: GetDocumentationVersionsRequest,
) -> Result<DocumentationVersions, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let list = format!("documentationversions/{}", api.id());
    let page = Page::of(list, input.position.as_deref(), input.limit)?;
    let versions = on
        .children_on::<DocumentationVersion>(&page, &api.key, Kind::DocumentationVersion)
        .await?;
    let (versions, position) = page.cut(versions, |it| it.id());
    Ok(DocumentationVersions {
        position,
        items: Some(versions.into_iter().map(|it| it.it).collect()),
    })
}

async fn update(
    on: Session,
    input: UpdateDocumentationVersionRequest,
) -> Result<DocumentationVersion, ApiError> {
    let names = [&input.rest_api_id, &input.documentation_version];
    let (api, mut version) = find(&on, names).await?;
    version.it = PATCHES.apply(&version.it, input.patch_operations.as_deref())?;
    let mut change = Change::of(&api);
    change.put(&version);
    on.commit(change).await?;
    Ok(version.it)
}

/// Guess: a version that a stage shows stays, as a deployment does.
async fn delete(on: Session, input: DeleteDocumentationVersionRequest) -> Result<(), ApiError> {
    let names = [&input.rest_api_id, &input.documentation_version];
    let (api, version) = find(&on, names).await?;
    let stages = stages::of_api(&on, &api.key).await?;
    let shows_it =
        |stage: &Stored<Stage>| stage.it.documentation_version.as_deref() == Some(version.id());
    if stages.iter().any(shows_it) {
        return Err(ApiError::bad_request(
            "Active stages pointing to this documentation version must be moved or deleted",
        ));
    }
    let mut change = Change::of(&api);
    change.delete(&version.key);
    on.commit(change).await?;
    Ok(())
}

/// The API reference's table of patch operations. The family of refusals is a guess after documentation parts.
pub(crate) static PATCHES: Table<DocumentationVersion> = Table {
    refusals: Refusals::Listed,
    rows: &[Row::new(
        "/description",
        REPLACE,
        Member::Text(|version| &mut version.description),
    )],
};

const NAME_CHARACTERS_MAX: usize = 64;

/// Guess: the text and the limit of Tollgate's own are not recorded.
fn check_name(name: &str) -> Result<(), ApiError> {
    match (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Documentation version must have 1 to {NAME_CHARACTERS_MAX} characters"
        ))),
    }
}

/// Seen with AWS: what clients compare GetDocumentationVersion's refusal with (deliveryhero/serverless-aws-documentation).
pub(super) const UNKNOWN: &str = "Invalid Documentation version specified";

fn unknown() -> ApiError {
    ApiError::not_found(UNKNOWN)
}

/// Whether the API has this version.
pub(super) async fn exists(
    on: &Session,
    api: &Stored<RestApi>,
    name: &str,
) -> Result<bool, ApiError> {
    let key = api.key.child(Kind::DocumentationVersion, name);
    Ok(on.find::<DocumentationVersion>(&key).await?.is_some())
}

/// Guess: an unknown API is told as an unknown version, as it is for parts.
async fn find(
    on: &Session,
    [api_id, name]: [&Option<String>; 2],
) -> Result<(Stored<RestApi>, Stored<DocumentationVersion>), ApiError> {
    let api = rest_apis::try_find(on, api_id.as_deref().unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let name = name.as_deref().unwrap_or_default();
    let key = api.key.child(Kind::DocumentationVersion, name);
    let version = on.find(&key).await?.ok_or_else(unknown)?;
    Ok((api, version))
}
