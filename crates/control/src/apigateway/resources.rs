//! Resources: the nodes of an API's path tree. <https://docs.aws.amazon.com/apigateway/latest/api/API_Resource.html>

use std::collections::HashMap;

use tollgate_openapi::{PATH_BYTES_MAX, check_path_part};
use tollgate_store::Kind;
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    CreateResource, CreateResourceRequest, DeleteResource, DeleteResourceRequest, GetResource,
    GetResourceRequest, GetResources, GetResourcesRequest, Method, Resource, Resources, RestApi,
    UpdateResource, UpdateResourceRequest,
};

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
    let methods = methods::of_resource(&on, &api, resource.id()).await?;
    let is_embedded = embeds_methods(input.embed.as_deref());
    Ok(shown(resource.it, methods, is_embedded))
}

async fn list(on: Session, input: GetResourcesRequest) -> Result<Resources, ApiError> {
    let api = rest_apis::find(&on, input.rest_api_id.as_deref()).await?;
    let page = Page::of(
        format!("resources/{}", api.id()),
        input.position.as_deref(),
        input.limit,
    )?;
    let mut resources = on.children::<Resource>(&api.key, Kind::Resource).await?;
    // AWS orders by id, which is random. By path, a reader and a test find what they look for.
    resources.sort_by(|one, other| path(&one.it).cmp(path(&other.it)));
    let (resources, position) = page.cut(resources, |resource| path(&resource.it));
    let is_embedded = embeds_methods(input.embed.as_deref());
    let methods = methods::of_resources(&on, &api, resources.iter().map(Stored::id)).await?;
    let items = resources
        .into_iter()
        .zip(methods)
        .map(|(resource, methods)| shown(resource.it, methods, is_embedded));
    Ok(Resources {
        position,
        items: Some(items.collect()),
    })
}

async fn update(on: Session, input: UpdateResourceRequest) -> Result<Resource, ApiError> {
    let (api, mut tree) = find_tree(&on, input.rest_api_id.as_deref()).await?;
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
    let methods = methods::of_resource(&on, &api, &id).await?;
    Ok(shown(tree.of(&id)?.it.clone(), methods, false))
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

/// Every resource of an API, by id.
struct Tree {
    by_id: HashMap<Box<str>, Stored<Resource>>,
}

impl Tree {
    /// The resource with this id.
    fn of(&self, id: &str) -> Result<&Stored<Resource>, ApiError> {
        self.by_id.get(id).ok_or_else(unknown)
    }

    fn put(&mut self, resource: Stored<Resource>) {
        self.by_id.insert(resource.key.id.clone(), resource);
    }

    /// Whether `resource` may stand under its parent: AWS's rules on names.
    fn check_place(&self, resource: &Resource) -> Result<(), ApiError> {
        let part = part(resource);
        check_path_part(part).map_err(ApiError::bad_request)?;
        let parent_id = resource.parent_id.as_deref().unwrap_or_default();
        let parent = self.of(parent_id)?;
        if is_greedy(self::part(&parent.it)) {
            let greedy = self::part(&parent.it);
            return Err(ApiError::bad_request(format!(
                "Cannot create a child of a resource with a greedy path variable: {greedy}"
            )));
        }
        for sibling in self
            .children_of(parent_id)
            .filter(|it| it.it.id != resource.id)
        {
            check_beside(part, self::part(&sibling.it))?;
        }
        Ok(())
    }

    fn children_of(&self, id: &str) -> impl Iterator<Item = &Stored<Resource>> {
        self.by_id
            .values()
            .filter(move |it| it.it.parent_id.as_deref() == Some(id))
    }

    /// Whether the resource `id` is `above` or stands somewhere below it.
    fn is_below(&self, id: Option<&str>, above: &str) -> bool {
        let mut at = id;
        // No way up is longer than the tree has nodes.
        for _ in 0..=self.by_id.len() {
            match at {
                Some(id) if id == above => return true,
                Some(id) => at = self.by_id.get(id).and_then(|it| it.it.parent_id.as_deref()),
                None => return false,
            }
        }
        true
    }

    /// The path of a resource by its parents' names.
    fn path_of(&self, resource: &Resource) -> String {
        let mut parts = Vec::new();
        let mut at = Some(resource);
        for _ in 0..=self.by_id.len() {
            let Some(parent_id) = at.and_then(|it| it.parent_id.as_deref()) else {
                break;
            };
            parts.extend(at.map(part));
            at = self.by_id.get(parent_id).map(|it| &it.it);
        }
        parts.reverse();
        format!("/{}", parts.join("/"))
    }

    /// The ids of `top` and everything below, what is above always first.
    fn subtree<'t>(&'t self, top: &'t str) -> Vec<&'t str> {
        let mut below: HashMap<&str, Vec<&str>> = HashMap::new();
        for (id, it) in &self.by_id {
            let parent_id = it.it.parent_id.as_deref().unwrap_or_default();
            below.entry(parent_id).or_default().push(id);
        }
        let mut found = vec![top];
        let mut at = 0;
        while let Some(id) = found.get(at) {
            // Taken out, so that even a damaged tree is walked but once.
            found.extend(below.remove(id).unwrap_or_default());
            at += 1;
        }
        found
    }

    /// What stands at or below `top`, each with its path anew.
    fn repathed(&mut self, top: &str) -> Vec<Stored<Resource>> {
        let moved: Vec<Stored<Resource>> = self
            .subtree(top)
            .into_iter()
            .filter_map(|id| self.by_id.get(id).cloned())
            .collect();
        let with_path = |mut it: Stored<Resource>| {
            it.it.path = Some(self.path_of(&it.it));
            it
        };
        let moved: Vec<_> = moved.into_iter().map(with_path).collect();
        for resource in &moved {
            self.put(resource.clone());
        }
        moved
    }
}

pub(super) const ID_LENGTH: usize = 6;

async fn find_tree(
    on: &Session,
    api_id: Option<&str>,
) -> Result<(Stored<RestApi>, Tree), ApiError> {
    let api = rest_apis::try_find(on, api_id.unwrap_or_default())
        .await?
        .ok_or_else(unknown)?;
    let resources = on.children::<Resource>(&api.key, Kind::Resource).await?;
    let by_id = resources
        .into_iter()
        .map(|it| (it.key.id.clone(), it))
        .collect();
    Ok((api, Tree { by_id }))
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

fn unknown() -> ApiError {
    ApiError::not_found("Invalid Resource identifier specified")
}

/// With `resourceMethods` only if there are methods: whole ones when embedded, else their names. Recorded.
fn shown(resource: Resource, methods: Vec<Method>, is_embedded: bool) -> Resource {
    let entries = methods.into_iter().map(|method| {
        let name = method.http_method.clone().unwrap_or_default();
        (
            name,
            if is_embedded {
                method
            } else {
                Method::default()
            },
        )
    });
    let methods: Map<Method> = entries.collect();
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

fn check_beside(new: &str, sibling: &str) -> Result<(), ApiError> {
    if new == sibling {
        return Err(ApiError::conflict(format!(
            "Another resource with the same parent already has this name: {new}"
        )));
    }
    match is_variable(new) && is_variable(sibling) {
        true => Err(ApiError::bad_request(format!(
            "A sibling ({sibling}) of this resource already has a variable path part -- only one is allowed"
        ))),
        false => Ok(()),
    }
}

fn is_variable(part: &str) -> bool {
    part.starts_with('{')
}

fn is_greedy(part: &str) -> bool {
    part.ends_with("+}")
}

fn is_root(resource: &Resource) -> bool {
    resource.parent_id.is_none()
}

fn part(resource: &Resource) -> &str {
    resource.path_part.as_deref().unwrap_or_default()
}

/// The resource's path.
pub(super) fn path(resource: &Resource) -> &str {
    resource.path.as_deref().unwrap_or_default()
}
