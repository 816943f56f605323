//! The tree of an API's resources, read whole and held for the next call.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use tollgate_openapi::check_path_part;
use tollgate_store::{Commit, Delete, Expected, Key, Kind, Put};
use tollgate_wire::apigateway::{Resource, RestApi};
use tollgate_wire::json;

use super::resources::{path, unknown};
use super::rest_apis;
use crate::error::ApiError;
use crate::session::{Session, Stored};

/// Every resource of an API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    by_id: HashMap<Box<str>, Stored<Resource>>,
    by_path: BTreeMap<Box<str>, Box<str>>,
    /// What it takes in memory, about.
    bytes: usize,
}

/// The tree of an API as it was read.
pub(super) async fn of(on: &Session, api: &Stored<RestApi>) -> Result<Arc<Tree>, ApiError> {
    if let Some(tree) = on.shared.trees.of(&api.key, api.rev) {
        return Ok(tree);
    }
    let mut tree = Tree::default();
    for resource in on.children::<Resource>(&api.key, Kind::Resource).await? {
        tree.put(resource);
    }
    let tree = Arc::new(tree);
    // What was read is the tree of this revision unless another came meanwhile.
    let now = rest_apis::try_find(on, api.id()).await?;
    if now.is_some_and(|now| now.rev == api.rev) {
        on.shared.trees.keep(api.key.clone(), api.rev, tree.clone());
    }
    Ok(tree)
}

impl Tree {
    /// The resource with this id.
    pub(super) fn of(&self, id: &str) -> Result<&Stored<Resource>, ApiError> {
        self.by_id.get(id).ok_or_else(unknown)
    }

    /// Adds a resource, or puts it in the place of the one with its id.
    pub(super) fn put(&mut self, resource: Stored<Resource>) {
        let id = resource.key.id.clone();
        self.remove(&id);
        self.bytes += bytes(&resource);
        self.by_path.insert(path(&resource.it).into(), id.clone());
        self.by_id.insert(id, resource);
    }

    fn remove(&mut self, id: &str) {
        let Some(removed) = self.by_id.remove(id) else {
            return;
        };
        self.bytes -= bytes(&removed);
        let path = path(&removed.it);
        // Another may have come to its path already.
        if self.by_path.get(path).is_some_and(|there| **there == *id) {
            self.by_path.remove(path);
        }
    }

    /// The resources by their paths, from behind `path` on.
    pub(super) fn after(
        &self,
        path: Option<&str>,
    ) -> impl Iterator<Item = &Stored<Resource>> + use<'_> {
        let from = path.map_or(Bound::Unbounded, Bound::Excluded);
        let ids = self.by_path.range::<str, _>((from, Bound::Unbounded));
        ids.filter_map(|(_, id)| self.by_id.get(id))
    }

    /// Whether `resource` may stand under its parent: AWS's rules on names.
    pub(super) fn check_place(&self, resource: &Resource) -> Result<(), ApiError> {
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
    pub(super) fn is_below(&self, id: Option<&str>, above: &str) -> bool {
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
    pub(super) fn path_of(&self, resource: &Resource) -> String {
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
    pub(super) fn subtree<'t>(&'t self, top: &'t str) -> Vec<&'t str> {
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
    pub(super) fn repathed(&mut self, top: &str) -> Vec<Stored<Resource>> {
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

fn part(resource: &Resource) -> &str {
    resource.path_part.as_deref().unwrap_or_default()
}

/// The trees that were last used. Every change of a part of an API writes the API anew, so a tree is true for as long as
/// its API has the revision that it was read at, and one revision later if what changed is known.
#[derive(Debug, Default)]
pub(crate) struct Trees(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_api: HashMap<Key, Held>,
    bytes: usize,
    uses: u64,
}

#[derive(Debug)]
struct Held {
    rev: u64,
    tree: Arc<Tree>,
    used: u64,
}

/// The trees kept at most, and their bytes.
const TREES_MAX: usize = 256;
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Larger changes are not followed: their trees are read when they are asked for.
const FOLLOWED_MAX: usize = 64;

impl Trees {
    /// The tree of the API under `key` at its revision `rev`, if it is here.
    fn of(&self, key: &Key, rev: u64) -> Option<Arc<Tree>> {
        let mut kept = self.lock();
        kept.uses += 1;
        let used = kept.uses;
        let held = kept.by_api.get_mut(key).filter(|held| held.rev == rev)?;
        held.used = used;
        Some(held.tree.clone())
    }

    fn keep(&self, key: Key, rev: u64, tree: Arc<Tree>) {
        self.lock().keep(key, rev, tree);
    }

    /// What a commit, about to be made, will do to a tree that is here.
    pub(crate) fn step(&self, commit: &Commit) -> Option<Step> {
        let (api, rev) = commit
            .expect
            .iter()
            .find_map(|(key, expected)| match expected {
                Expected::Rev(rev) if key.kind == Kind::RestApi => Some((key, *rev)),
                _ => None,
            })?;
        self.of(api, rev)?;
        Step::of(commit, api, rev)
    }

    /// Follows a commit that was made.
    pub(crate) fn follow(&self, step: Step, rev: u64) {
        let mut kept = self.lock();
        let Some(mut held) = kept.take(&step.api) else {
            return;
        };
        if held.rev == step.rev {
            step.apply(&mut held.tree, rev);
            kept.keep(step.api, rev, held.tree);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, key: Key, rev: u64, tree: Arc<Tree>) {
        self.take(&key);
        self.uses += 1;
        self.bytes += tree.bytes;
        let used = self.uses;
        self.by_api.insert(key, Held { rev, tree, used });
        while self.by_api.len() > TREES_MAX || self.bytes > BYTES_MAX {
            let oldest = self.by_api.iter().min_by_key(|(_, held)| held.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            self.take(&oldest);
        }
    }

    fn take(&mut self, key: &Key) -> Option<Held> {
        let held = self.by_api.remove(key)?;
        self.bytes -= held.tree.bytes;
        Some(held)
    }
}

/// What a change of an API does to its tree.
pub(crate) struct Step {
    api: Key,
    rev: u64,
    puts: Vec<Stored<Resource>>,
    deletes: Vec<Box<str>>,
}

impl Step {
    /// Nothing if it is not to be followed.
    fn of(commit: &Commit, api: &Key, rev: u64) -> Option<Self> {
        let is_part = |key: &Key| key.kind == Kind::Resource;
        let mut step = Self {
            api: api.clone(),
            rev,
            puts: Vec::new(),
            deletes: Vec::new(),
        };
        for delete in &commit.deletes {
            match delete {
                Delete::One(key) if key == api => return None,
                Delete::One(key) if is_part(key) => step.deletes.push(key.id.clone()),
                Delete::Children { kind, .. } if *kind == Kind::Resource => return None,
                Delete::One(_) | Delete::Children { .. } => {}
            }
        }
        for put in commit.puts.iter().filter(|put| is_part(&put.key)) {
            step.puts.push(written(put)?);
            if step.puts.len() > FOLLOWED_MAX {
                return None;
            }
        }
        Some(step)
    }

    fn apply(&self, tree: &mut Arc<Tree>, rev: u64) {
        if self.puts.is_empty() && self.deletes.is_empty() {
            return;
        }
        let tree = Arc::make_mut(tree);
        for id in &self.deletes {
            tree.remove(id);
        }
        for put in &self.puts {
            tree.put(Stored { rev, ..put.clone() });
        }
    }
}

/// A resource as it will be read.
fn written(put: &Put) -> Option<Stored<Resource>> {
    Some(Stored {
        key: put.key.clone(),
        rev: 0,
        created_ms: put.created_ms,
        tags: put.tags.clone(),
        contents: put.contents.clone(),
        it: json::from_slice(&put.body).ok()?,
    })
}

/// A resource with the entries that lead to it: its path stands twice, and its ids and keys take a few hundred bytes.
fn bytes(resource: &Stored<Resource>) -> usize {
    const REST: usize = 600;
    2 * path(&resource.it).len() + REST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> Key {
        Key::top("account", "region", Kind::RestApi, id)
    }

    fn tree(path: &str) -> Arc<Tree> {
        let mut tree = Tree::default();
        tree.put(Stored {
            key: key("api").child(Kind::Resource, path),
            rev: 1,
            created_ms: 0,
            tags: Default::default(),
            contents: Vec::new(),
            it: Resource {
                path: Some(path.to_owned()),
                ..Resource::default()
            },
        });
        Arc::new(tree)
    }

    #[test]
    fn what_was_used_last_is_kept() {
        let trees = Trees::default();
        for number in 0..=TREES_MAX {
            trees.keep(key(&number.to_string()), 1, tree("/a"));
            assert!(trees.of(&key("0"), 1).is_some(), "used all the time");
        }
        assert!(trees.of(&key("1"), 1).is_none());
        assert!(trees.of(&key("0"), 2).is_none(), "another revision");
        assert_eq!(trees.lock().by_api.len(), TREES_MAX);
    }

    #[test]
    fn bytes_are_bounded_and_counted() {
        let trees = Trees::default();
        let long = tree(&"/".repeat(BYTES_MAX / 5));
        for name in ["a", "b", "c"] {
            trees.keep(key(name), 1, long.clone());
        }
        assert!(trees.of(&key("a"), 1).is_none());
        assert_eq!(trees.lock().bytes, 2 * long.bytes);
        trees.keep(key("d"), 1, tree(&"/".repeat(BYTES_MAX)));
        let kept = trees.lock();
        assert_eq!((kept.by_api.len(), kept.bytes), (0, 0));
    }
}
