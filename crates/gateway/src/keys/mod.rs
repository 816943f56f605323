//! Which API keys there are and what their plans say: a live table of its own, beside the table of what is deployed, swapped whole.
//! No deployment touches it, and it touches none.
//!
//! A key is found by the digest of what the client presents, in a shard that tables share: one more key among a hundred thousand
//! copies one shard and not all. What a key used is in its [`Meter`], which goes from table to table.

mod load;
mod orders;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use tollgate_model::api_key::Digest;

use crate::throttle::{Meter, Quota, Rate};

pub(crate) use load::KeyLoader;
pub(crate) use orders::{Order, Orders};

const SHARDS: usize = 1_024;

/// Every API key and every usage plan.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    shards: Box<[Arc<Shard>]>,
    /// By number; a plan that is gone leaves its place to another.
    plans: Arc<Vec<Option<Arc<Plan>>>>,
}

/// Digests are evenly spread already.
type Shard = HashMap<Digest, Arc<Entry>, BuildHasherDefault<AsItIs>>;

/// One core's hold on a table of keys: see `table::Held`.
#[derive(Debug)]
pub(crate) struct HeldKeys(pub(crate) Arc<Directory>);

/// A key.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its id; never its value.
    pub(crate) id: Box<str>,
    pub(crate) is_enabled: bool,
    /// The plans that it is in.
    pub(crate) members: Box<[Member]>,
}

/// A key's place in a plan.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// The number of the plan.
    pub(crate) plan: usize,
    pub(crate) meter: Arc<Meter>,
}

/// A usage plan.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) id: Box<str>,
    /// What each of its keys may ask for, of all its stages together.
    pub(crate) throttle: Option<Arc<Rate>>,
    pub(crate) quota: Option<Quota>,
    /// Ordered by API and stage.
    pub(crate) stages: Vec<PlanStage>,
}

/// A stage that a plan is for.
#[derive(Debug)]
pub(crate) struct PlanStage {
    pub(crate) api: Box<str>,
    pub(crate) stage: Box<str>,
    /// Methods whose limit stands in place of the plan's.
    pub(crate) methods: Vec<PlanMethod>,
}

/// A method with a limit of its own.
#[derive(Debug)]
pub(crate) struct PlanMethod {
    /// The resource's path.
    pub(crate) path: Box<str>,
    /// `GET` … or `ANY`.
    pub(crate) method: Box<str>,
    /// The number of its bucket in each key's meter.
    pub(crate) number: usize,
    pub(crate) rate: Arc<Rate>,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            shards: vec![Arc::default(); SHARDS].into_boxed_slice(),
            plans: Arc::default(),
        }
    }
}

impl Directory {
    /// The key with this digest.
    pub(crate) fn find(&self, digest: Digest) -> Option<&Entry> {
        self.shards[shard_of(digest)]
            .get(&digest)
            .map(|entry| &**entry)
    }

    /// The plan of a key that is for this stage: there is at most one.
    pub(crate) fn plan_for<'d>(
        &'d self,
        entry: &'d Entry,
        api: &str,
        stage: &str,
    ) -> Option<(&'d Member, &'d Plan, &'d PlanStage)> {
        entry.members.iter().find_map(|member| {
            let plan = self.plan(member.plan)?;
            Some((member, plan, plan.stage(api, stage)?))
        })
    }

    fn plan(&self, number: usize) -> Option<&Plan> {
        self.plans.get(number)?.as_deref()
    }

    /// The id of a plan.
    pub(crate) fn plan_id(&self, number: usize) -> Option<&str> {
        self.plan(number).map(|plan| &*plan.id)
    }

    fn put(&mut self, digest: Digest, entry: Entry) {
        let shard = Arc::make_mut(&mut self.shards[shard_of(digest)]);
        shard.insert(digest, Arc::new(entry));
    }

    fn remove(&mut self, digest: Digest) {
        Arc::make_mut(&mut self.shards[shard_of(digest)]).remove(&digest);
    }

    fn put_plan(&mut self, number: usize, plan: Option<Arc<Plan>>) {
        let plans = Arc::make_mut(&mut self.plans);
        if plans.len() <= number {
            plans.resize(number + 1, None);
        }
        plans[number] = plan;
    }
}

impl Plan {
    fn stage(&self, api: &str, stage: &str) -> Option<&PlanStage> {
        let key = (api, stage);
        let found = self
            .stages
            .binary_search_by(|it| (&*it.api, &*it.stage).cmp(&key));
        found.ok().map(|at| &self.stages[at])
    }
}

impl PlanStage {
    /// The method's own limit: that of the request's method, else that of the method it stands under.
    pub(crate) fn method(&self, path: &str, request: &str, method: &str) -> Option<&PlanMethod> {
        if self.methods.is_empty() {
            return None;
        }
        let find = |name: &str| {
            let mut methods = self.methods.iter();
            methods.find(|it| *it.path == *path && *it.method == *name)
        };
        find(request).or_else(|| find(method))
    }
}

fn shard_of(digest: Digest) -> usize {
    (digest.0 >> 96) as usize % SHARDS
}

/// Takes a digest for its own hash.
#[derive(Debug, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Digests come as numbers; anything else would only be spread less well.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, number: u128) {
        self.0 = number as u64;
    }
}
