//! What is deployed, by API: swapped whole, so that no request sees half of a change.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::plan::StagePlan;

/// Every API with its stages. Immutable; a change makes another one.
#[derive(Clone, Debug, Default)]
pub struct Table {
    index: HashMap<Box<str>, usize>,
    apis: Vec<Arc<Api>>,
    /// The store's revision that this table shows.
    pub rev: u64,
}

/// An API and its stages.
#[derive(Debug)]
pub struct Api {
    /// The API's id.
    pub id: Box<str>,
    /// At most ten in AWS, so a list.
    pub stages: Vec<Arc<StagePlan>>,
}

/// The stage that a request is served by. It keeps its table alive, so a swap never takes a plan from under a request;
/// the count is the core's own, so no core waits for another's.
#[derive(Clone)]
pub(crate) struct Seat {
    table: Rc<Arc<Table>>,
    api: usize,
    stage: usize,
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
        let api = Arc::new(api);
        match self.index.get(&api.id) {
            Some(at) => self.apis[*at] = api,
            None => {
                self.index.insert(api.id.clone(), self.apis.len());
                self.apis.push(api);
            }
        }
    }

    /// The table without this API.
    pub fn remove(&mut self, id: &str) {
        let Some(at) = self.index.remove(id) else { return };
        self.apis.swap_remove(at);
        if let Some(moved) = self.apis.get(at) {
            self.index.insert(moved.id.clone(), at);
        }
    }

    /// The API with this id.
    pub fn api(&self, id: &str) -> Option<&Api> {
        self.index.get(id).map(|at| &*self.apis[*at])
    }

    /// Every API.
    pub fn apis(&self) -> impl Iterator<Item = &Api> {
        self.apis.iter().map(|api| &**api)
    }
}

/// Why an address leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vacant {
    Api,
    Stage,
}

impl Seat {
    /// The seat for `stage` of `api`. Hosts may be written in capitals; ids are lower-case.
    pub(crate) fn find(table: &Rc<Arc<Table>>, api: &str, stage: &str) -> Result<Self, Vacant> {
        let index = match table.index.get(api) {
            Some(at) => *at,
            None => *table.index.get(&*api.to_ascii_lowercase()).ok_or(Vacant::Api)?,
        };
        let mut stages = table.apis[index].stages.iter();
        let place = stages.position(|plan| *plan.name == *stage);
        Ok(Self {
            stage: place.ok_or(Vacant::Stage)?,
            api: index,
            table: table.clone(),
        })
    }

    pub(crate) fn stage(&self) -> &StagePlan {
        &self.table.apis[self.api].stages[self.stage]
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = self.stage();
        write!(formatter, "Seat({}/{} at {})", stage.api.id, stage.name, self.table.rev)
    }
}
