//! Resources: the nodes of an API's path tree. <https://docs.aws.amazon.com/apigateway/latest/api/API_Resource.html>

use std::sync::Arc;

use tollgate_openapi::PATH_BYTES_MAX;
use tollgate_store::Kind;
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    CreateResource, CreateResourceRequest, DeleteResource, DeleteResourceRequest, GetResource,
    GetResourceRequest, GetResources, GetResourcesRequest, Method, Resource, Resources, RestApi,
    UpdateResource, UpdateResourceRequest,
};

use super::tree::{self, Tree};
use super::{methods, rest_apis};
use crate::error::ApiError;
use crate::operations::Operations;
use crate::paging::Page;
use crate::patch::{Edit, Member, REPLACE, Refusals, Row, Table};
use crate::session::{Change, Session, Stored};

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<CreateResource, _>(create);
    on.serve::<GetResource, _>(get);
    on.serve::<GetResources, _>(list);
    on.serve::<UpdateResource, _>(update);
    on.serve::<DeleteResource, _>(delete);
}

async fn create(on: Session, input: CreateResourceRequest) -> Result<Resource, ApiError> {
    let parent_id = input.parent_id.as_deref().unwrap_or_default();
    let (api, tree) = find_tree(&on, input.rest_api_id.as_deref()).await?;
    let key = api.key.child(Kind::Resource, &on.draw_id(ID_LENGTH));
    let resource = Resource {
        id: Some(key.id.to_string()),
        parent_id: Some(parent_id.to_owned()),
        path_part: Some(input.path_part.unwrap_or_default()),
        ..Resource::default()
    };
    tree.of(parent_id)?;
    tree.check_place(&resource)?;
    let mut stored = on.create(key, resource);
    stored.it.path = Some(tree.path_of(&stored.it));
    check_path_length(&stored.it)?;
    // The tree that is kept follows the change, and is copied for it only while others read it.
    drop(tree);

    let mut change = Change::of(&api);
    change.add(&stored);
    on.commit(change).await?;
    Ok(stored.it)
}

async fn get(on: Session, input: GetResourceRequest) -> Result<Resource, ApiError> {
    let (api, resource) = find(
        &on,
        input.rest_api_id.as_deref(),
        input.resource_id.as_deref(),
    )
    .await?;
    let is_embedded = embeds_methods(input.embed.as_deref());
    let methods = methods::of_resource(&on, &api, resource.id(), is_embedded).await?;
    Ok(shown(resource.it, methods))
}

async fn list(on: Session, input: GetResourcesRequest) -> Result<Resources, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let page = Page::of(
        format!("resources/{}", api.id()),
        input.position.as_deref(),
        input.limit,
    )?;
    let tree = tree::of(&on, &api).await?;
    // AWS orders by id, which is random. By path, a reader and a test find what they look for.
    let resources = tree.after(page.after.as_deref()).take(page.limit + 1);
    let (resources, position) = page.cut(resources.collect(), |resource| path(&resource.it));
    let is_embedded = embeds_methods(input.embed.as_deref());
    let ids = resources.iter().map(|it| it.id());
    let methods = methods::of_resources(&on, &api, ids, is_embedded).await?;
    let items = resources
        .into_iter()
        .zip(methods)
        .map(|(resource, methods)| shown(resource.it.clone(), methods));
    Ok(Resources {
        position,
        items: Some(items.collect()),
    })
}

async fn update(on: Session, input: UpdateResourceRequest) -> Result<Resource, ApiError> {
    let (api, tree) = find_tree(&on, input.rest_api_id.as_deref()).await?;
    let mut tree = Tree::clone(&tree);
    let before = tree.of(input.resource_id.as_deref().unwrap_or_default())?;
    let mut after = before.clone();
    after.it = PATCHES.apply(&before.it, input.patch_operations.as_deref())?;
    tree.of(after.it.parent_id.as_deref().unwrap_or(after.id()))?;
    if tree.is_below(after.it.parent_id.as_deref(), after.id()) {
        return Err(ApiError::bad_request("Resources cannot be cyclical."));
    }
    if !is_root(&after.it) {
        tree.check_place(&after.it)?;
    }
    let id = after.id().to_owned();
    tree.put(after);

    let mut change = Change::of(&api);
    for moved in tree.repathed(&id) {
        check_path_length(&moved.it)?;
        change.put(&moved);
    }
    on.commit(change).await?;
    let methods = methods::of_resource(&on, &api, &id, false).await?;
    Ok(shown(tree.of(&id)?.it.clone(), methods))
}

/// Removes the whole subtree with its methods.
async fn delete(on: Session, input: DeleteResourceRequest) -> Result<(), ApiError> {
    let (api, tree) = find_tree(&on, input.rest_api_id.as_deref()).await?;
    let top = tree.of(input.resource_id.as_deref().unwrap_or_default())?;
    if is_root(&top.it) {
        // Guess: the text is not recorded.
        return Err(ApiError::bad_request("Root resource cannot be deleted."));
    }
    let mut change = Change::of(&api);
    for id in tree.subtree(top.id()) {
        change.delete(&api.key.child(Kind::Resource, id));
        for name in methods::NAMES {
            change.delete(&methods::key_of(&api, id, name));
        }
    }
    on.commit(change).await?;
    Ok(())
}

/// Recorded.
pub(crate) static PATCHES: Table<Resource> = Table {
    refusals: Refusals::Listed,
    rows: &[
        Row::new("/parentId", REPLACE, Member::Own(set_parent_id)),
        Row::new("/pathPart", REPLACE, Member::Own(set_path_part)),
    ],
};

fn set_parent_id(resource: &mut Resource, edit: &Edit<'_>) -> Result<(), ApiError> {
    if is_root(resource) {
        return Err(ApiError::bad_request(
            "Root resource cannot update its parentId.",
        ));
    }
    resource.parent_id = Some(edit.value.unwrap_or_default().to_owned());
    Ok(())
}

fn set_path_part(resource: &mut Resource, edit: &Edit<'_>) -> Result<(), ApiError> {
    if is_root(resource) {
        return Err(ApiError::bad_request(
            "Root resource cannot update its pathPart.",
        ));
    }
    resource.path_part = Some(edit.value.unwrap_or_default().to_owned());
    Ok(())
}

pub(super) const ID_LENGTH: usize = 6;

async fn find_tree(
    on: &Session,
    api_id: Option<&str>,
) -> Result<(Stored<RestApi>, Arc<Tree>), ApiError> {
    let api = rest_apis::try_find(on, api_id.unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let tree = tree::of(on, &api).await?;
    Ok((api, tree))
}

/// A resource and its API. Recorded: an unknown API is told as an unknown resource.
pub(super) async fn find(
    on: &Session,
    api_id: Option<&str>,
    id: Option<&str>,
) -> Result<(Stored<RestApi>, Stored<Resource>), ApiError> {
    let api = rest_apis::try_find(on, api_id.unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let key = api.key.child(Kind::Resource, id.unwrap_or_default());
    let resource = on.find(&key).await?.ok_or_else(unknown)?;
    Ok((api, resource))
}

pub(super) fn unknown() -> ApiError {
    ApiError::not_found("Invalid Resource identifier specified")
}

/// With `resourceMethods` only if there are methods. Recorded.
fn shown(resource: Resource, methods: Map<Method>) -> Resource {
    Resource {
        resource_methods: (!methods.is_empty()).then_some(methods),
        ..resource
    }
}

fn embeds_methods(embed: Option<&[String]>) -> bool {
    embed.is_some_and(|parts| parts.iter().any(|part| part == "methods"))
}

/// Ours: every resource holds its path, so that deep trees of long names would grow without bounds.
fn check_path_length(resource: &Resource) -> Result<(), ApiError> {
    match path(resource).len() <= PATH_BYTES_MAX {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "Tollgate takes paths of at most {PATH_BYTES_MAX} bytes"
        ))),
    }
}

fn is_root(resource: &Resource) -> bool {
    resource.parent_id.is_none()
}

/// The resource's path.
pub(super) fn path(resource: &Resource) -> &str {
    resource.path.as_deref().unwrap_or_default()
}
