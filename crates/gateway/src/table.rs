//! What is deployed, by API: swapped whole, so that no request sees half of a change.
//!
//! APIs lie in shards that tables share, so that one change among ten thousand APIs copies a few of them and not all.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use tollgate_store::Key;

use crate::plan::StagePlan;

const SHARDS: usize = 256;

/// Every API with its stages. Immutable once it is served; a change makes another one.
#[derive(Clone)]
pub struct Table {
    shards: Box<[Shard]>,
    /// The store's revision that this table shows.
    pub rev: u64,
    /// How many stages are cold: most often none, and then no request need look.
    cold: usize,
}

/// Some APIs, ordered by the hashes of their ids. A search looks at hashes, which lie side by side, and at one API: what it does not look at
/// need not be brought from memory, which is what very many APIs cost.
type Shard = Arc<Vec<Slot>>;

/// An API in its shard.
#[derive(Clone)]
struct Slot {
    hash: u64,
    api: Arc<Api>,
}

/// An API and its stages.
#[derive(Debug, Default)]
pub struct Api {
    /// The API's id.
    pub id: Box<str>,
    /// At most ten in AWS, so a list.
    pub stages: Vec<Arc<StagePlan>>,
    /// Stages that exist and cannot be served.
    pub broken: Vec<Broken>,
    /// Stages that are compiled when they are first called.
    pub cold: Vec<Arc<Key>>,
}

/// A stage that cannot be served, and never could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The stage's name.
    pub stage: Box<str>,
    /// For the operator.
    pub reason: String,
}

/// One core's hold on a table. Requests count their uses of it here, in memory of the core's own, so that no core waits for
/// another's count.
#[derive(Debug)]
pub(crate) struct Held(pub(crate) Arc<Table>);

/// The stage that a request is served by. It keeps its table alive, so a swap never takes a plan from under a request.
#[derive(Clone)]
pub(crate) struct Seat {
    table: Rc<Held>,
    shard: usize,
    slot: usize,
    stage: usize,
    is_canary: bool,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            shards: vec![Shard::default(); SHARDS].into_boxed_slice(),
            rev: 0,
            cold: 0,
        }
    }
}

impl Table {
    /// A table of these APIs; a later one with the same id replaces an earlier one.
    pub fn new(apis: impl IntoIterator<Item = Api>, rev: u64) -> Self {
        let mut table = Self {
            rev,
            ..Self::default()
        };
        for api in apis {
            table.put(api);
        }
        table
    }

    /// The table with this API added or replaced.
    pub fn put(&mut self, api: Api) {
        let hash = hash_of(&api.id);
        let shard = Arc::make_mut(&mut self.shards[shard_of(hash)]);
        self.cold += api.cold.len();
        match position(shard, hash, &api.id) {
            Ok(at) => {
                self.cold -= shard[at].api.cold.len();
                shard[at].api = Arc::new(api);
            }
            Err(at) => {
                let api = Arc::new(api);
                shard.insert(at, Slot { hash, api });
            }
        }
    }

    /// The table without this API.
    pub fn remove(&mut self, id: &str) {
        let hash = hash_of(id);
        let shard = &mut self.shards[shard_of(hash)];
        if let Ok(at) = position(shard, hash, id) {
            self.cold -= shard[at].api.cold.len();
            Arc::make_mut(shard).remove(at);
        }
    }

    /// The API with this id.
    pub fn api(&self, id: &str) -> Option<&Api> {
        let hash = hash_of(id);
        let shard = &self.shards[shard_of(hash)];
        let at = position(shard, hash, id).ok()?;
        Some(&shard[at].api)
    }

    /// Whether some stages are compiled when they are first called.
    pub(crate) fn has_cold(&self) -> bool {
        self.cold > 0
    }

    /// The key of a stage that is not compiled yet. Hosts may be written in capitals, and ids are lower-case.
    pub(crate) fn cold(&self, api: &str, stage: &str) -> Option<&Arc<Key>> {
        let hash = hash_of(api);
        let shard = &self.shards[shard_of(hash)];
        let api = &shard[called(shard, hash, api)?].api;
        api.cold.iter().find(|key| *key.id == *stage)
    }

    /// Every API.
    pub fn apis(&self) -> impl Iterator<Item = &Api> {
        self.shards
            .iter()
            .flat_map(|shard| shard.iter().map(|slot| &*slot.api))
    }
}

/// Where the API with this id stands, or would.
fn position(shard: &[Slot], hash: u64, id: &str) -> Result<usize, usize> {
    let first = shard.partition_point(|slot| slot.hash < hash);
    let of_hash = shard[first..].iter().take_while(|slot| slot.hash == hash);
    let at = of_hash.clone().position(|slot| *slot.api.id == *id);
    at.map_or(Err(first), |at| Ok(first + at))
}

/// Where the API stands that a request calls so. Hosts may be written in capitals, and most ids are lower-case.
fn called(shard: &[Slot], hash: u64, id: &str) -> Option<usize> {
    position(shard, hash, id).ok().or_else(|| {
        let mut slots = shard.iter();
        slots.position(|slot| slot.hash == hash && slot.api.id.eq_ignore_ascii_case(id))
    })
}

/// FNV-1a of the id in lower case, so that an id written in capitals is looked for in the same place.
fn hash_of(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

fn shard_of(hash: u64) -> usize {
    (hash % SHARDS as u64) as usize
}

/// Why an address leads nowhere.
#[expect(missing_docs, reason = "the names say it")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vacant {
    Api,
    Stage,
    /// The API's own address may not be used.
    Disabled,
    Broken(String),
}

impl Seat {
    /// The seat for `stage` of `api`. Hosts may be written in capitals, and ids are lower-case.
    pub(crate) fn find(table: &Rc<Held>, api: &str, stage: &str) -> Result<Self, Vacant> {
        let hash = hash_of(api);
        let shard = shard_of(hash);
        let slots = &table.0.shards[shard];
        let at = called(slots, hash, api).ok_or(Vacant::Api)?;
        let api = &slots[at].api;
        let mut stages = api.stages.iter();
        Ok(Self {
            stage: stages
                .position(|plan| *plan.name == *stage)
                .ok_or_else(|| vacant(api, stage))?,
            shard,
            slot: at,
            table: table.clone(),
            is_canary: false,
        })
    }

    pub(crate) fn stage(&self) -> &StagePlan {
        let stage = &self.table.0.shards[self.shard][self.slot].api.stages[self.stage];
        match (&stage.canary, self.is_canary) {
            (Some(canary), true) => &canary.plan,
            _ => stage,
        }
    }

    /// Whether it is the canary's.
    pub(crate) fn is_canary(&self) -> bool {
        self.is_canary
    }

    /// The seat of the stage's canary, if it has one and `draw` falls to it.
    pub(crate) fn drawn(mut self, draw: f64) -> Self {
        let canary = self.stage().canary.as_ref();
        self.is_canary = canary.is_some_and(|canary| canary.takes(draw));
        self
    }
}

fn vacant(api: &Api, stage: &str) -> Vacant {
    let broken = api.broken.iter().find(|broken| *broken.stage == *stage);
    broken.map_or(Vacant::Stage, |broken| {
        Vacant::Broken(broken.reason.clone())
    })
}

impl fmt::Debug for Seat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = self.stage();
        write!(
            formatter,
            "Seat({}/{}{} at {})",
            stage.api.id,
            stage.name,
            if self.is_canary { ", canary," } else { "" },
            self.table.0.rev
        )
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Table({} APIs at {})",
            self.apis().count(),
            self.rev
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(id: &str) -> Api {
        Api {
            id: id.into(),
            ..Api::default()
        }
    }

    #[test]
    fn apis_are_found_replaced_and_removed() {
        let ids: Vec<_> = (0..1_000).map(|number| format!("api{number}")).collect();
        let mut table = Table::new(ids.iter().map(|id| api(id)), 3);
        assert!(
            ids.iter()
                .all(|id| table.api(id).is_some_and(|api| *api.id == **id))
        );
        table.put(Api {
            broken: vec![Broken {
                stage: "dev".into(),
                reason: "x".to_owned(),
            }],
            ..api("api7")
        });
        table.remove("api8");
        table.remove("api8");
        assert_eq!(table.apis().count(), 999);
        assert_eq!(table.api("api8").map(|api| &api.id), None);
        let table = Rc::new(Held(Arc::new(table)));
        assert_eq!(
            Seat::find(&table, "api7", "dev").err(),
            Some(Vacant::Broken("x".to_owned()))
        );
        assert_eq!(
            Seat::find(&table, "API7", "prod").err(),
            Some(Vacant::Stage)
        );
        assert_eq!(Seat::find(&table, "api8", "dev").err(), Some(Vacant::Api));
    }

    #[test]
    fn a_change_leaves_the_table_before_it_as_it_was() {
        let before = Table::new([api("a"), api("b")], 1);
        let mut after = before.clone();
        after.remove("a");
        assert!(before.api("a").is_some() && after.api("a").is_none());
        let shared = before
            .shards
            .iter()
            .zip(&after.shards)
            .filter(|(one, other)| Arc::ptr_eq(one, other))
            .count();
        assert_eq!(shared, SHARDS - 1);
    }
}
