//! Follows keys and plans in the store and makes the tables of them. Rates, meters and the numbers of buckets are kept from one
//! table to the next, so that no change fills a bucket.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use tollgate_model::api_key::{Digest, StoredApiKey};
use tollgate_model::clock::Clock;
use tollgate_model::quota::{Day, Period};
use tollgate_store::{
    Change, Entity, Key, Kind, MemberKey, PAGE_MAX, Range, Store, StoreError, UsageState,
    all_of_kind, whole_range,
};
use tollgate_wire::apigateway::{ApiStage, ThrottleSettings, UsagePlan};
use tollgate_wire::json;

use super::{Directory, Entry, Member, Plan, PlanMethod, PlanStage};
use crate::throttle::{Ledger, Limit, METHODS_MAX, Meter, Quota, Rate};

/// What is known of the keys and plans of the store, and the table of it.
pub(crate) struct KeyLoader {
    store: Arc<dyn Store>,
    ledger: Arc<Ledger>,
    clock: Clock,
    directory: Directory,
    keys: HashMap<Key, KnownKey>,
    plans: HashMap<Key, KnownPlan>,
    /// Numbers of plans that are gone.
    free: Vec<usize>,
}

struct KnownKey {
    digest: Digest,
    members: Vec<(Key, Arc<Meter>)>,
}

/// What of a plan outlives its tables.
#[derive(Default)]
struct KnownPlan {
    number: usize,
    throttle: Option<Arc<Rate>>,
    /// By API, stage and method, as the plan names them.
    methods: BTreeMap<MethodName, (usize, Arc<Rate>)>,
    quota: Option<Quota>,
}

type MethodName = (String, String, String);

/// Of more keys that change at once all are read again, which is less work.
const RENEWED_MAX: usize = 200;

impl KeyLoader {
    /// One that knows of nothing yet.
    pub(crate) fn new(store: Arc<dyn Store>, ledger: Arc<Ledger>, clock: Clock) -> Self {
        Self {
            store,
            ledger,
            clock,
            directory: Directory::default(),
            keys: HashMap::new(),
            plans: HashMap::new(),
            free: Vec::new(),
        }
    }

    /// The table of what is known now.
    pub(crate) fn directory(&self) -> Directory {
        self.directory.clone()
    }

    /// Reads every plan and every key.
    pub(crate) async fn reload(&mut self) -> Result<(), StoreError> {
        let plans = all_of_kind(&*self.store, Kind::UsagePlan).await?;
        let named: BTreeSet<&Key> = plans.iter().map(|entity| &entity.key).collect();
        let gone: Vec<_> = self
            .plans
            .keys()
            .filter(|key| !named.contains(key))
            .cloned()
            .collect();
        gone.iter().for_each(|key| self.drop_plan(key));
        for entity in &plans {
            self.put_plan(entity).await;
        }
        let mut members = self.members_by_key().await?;
        let states = self.ledger.states().await?;
        let mut gone: HashSet<Key> = self.keys.keys().cloned().collect();
        // Page by page: of very many keys the bodies would take more memory than what is kept of them.
        let mut after = None;
        loop {
            let page = self.store.all(Kind::ApiKey, after, PAGE_MAX).await?;
            after = page.last().map(|entity| entity.key.clone());
            for entity in &page {
                gone.remove(&entity.key);
                let plans = members.remove(&entity.key).unwrap_or_default();
                let state = |member: &MemberKey| states.get(member).cloned().unwrap_or_default();
                self.put_key(entity, plans, state);
            }
            if page.len() < PAGE_MAX {
                break;
            }
        }
        gone.iter().for_each(|key| self.drop_key(key));
        Ok(())
    }

    /// The plans of each key.
    async fn members_by_key(&self) -> Result<HashMap<Key, Vec<Key>>, StoreError> {
        let mut members: HashMap<Key, Vec<Key>> = HashMap::new();
        let mut after = None;
        loop {
            let page = self.store.all(Kind::ApiKeyPlan, after, PAGE_MAX).await?;
            after = page.last().map(|entity| entity.key.clone());
            for Entity { key, .. } in &page {
                members.entry(owner_of(key)).or_default().push(plan_of(key));
            }
            if page.len() < PAGE_MAX {
                return Ok(members);
            }
        }
    }

    /// Takes what changed as it is stored now. Whether anything of it is served.
    pub(crate) async fn apply(&mut self, changes: &[Change]) -> Result<bool, StoreError> {
        let (mut keys, mut plans) = (BTreeSet::new(), BTreeSet::new());
        for change in changes {
            match change.key.kind {
                Kind::ApiKey => drop(keys.insert(change.key.clone())),
                Kind::ApiKeyPlan => drop(keys.insert(owner_of(&change.key))),
                Kind::UsagePlan => drop(plans.insert(change.key.clone())),
                _ => {}
            }
        }
        if keys.len() > RENEWED_MAX {
            self.reload().await?;
            return Ok(true);
        }
        for key in &plans {
            match self.store.get(key).await? {
                Some(entity) => self.put_plan(&entity).await,
                None => self.drop_plan(key),
            }
        }
        for key in &keys {
            self.renew_key(key).await?;
        }
        Ok(!keys.is_empty() || !plans.is_empty())
    }

    async fn renew_key(&mut self, key: &Key) -> Result<(), StoreError> {
        let Some(entity) = self.store.get(key).await? else {
            self.drop_key(key);
            return Ok(());
        };
        let range = Range::children_of(key, Kind::ApiKeyPlan);
        let entries = whole_range(&*self.store, range).await?;
        let plans: Vec<_> = entries.iter().map(|entry| plan_of(&entry.key)).collect();
        let mut states = HashMap::new();
        for plan in &plans {
            let member = member_of(plan, key);
            states.insert(member.clone(), self.ledger.state(member).await?);
        }
        let state = |member: &MemberKey| states.get(member).cloned().unwrap_or_default();
        self.put_key(&entity, plans, state);
        Ok(())
    }

    /// A key in its plans; its meters go on.
    fn put_key(
        &mut self,
        entity: &Entity,
        plans: Vec<Key>,
        state: impl Fn(&MemberKey) -> UsageState,
    ) {
        let stored = match StoredApiKey::from_json(&entity.body) {
            Ok(stored) => stored,
            Err(error) => {
                let key = &entity.key;
                tracing::error!(%key, %error, "an API key is not known, and lets nobody in");
                return self.drop_key(key);
            }
        };
        let before = self.keys.remove(&entity.key);
        if let Some(before) = before.as_ref().filter(|it| it.digest != stored.digest) {
            self.directory.remove(before.digest);
        }
        let known = before.map_or_else(Vec::new, |before| before.members);
        let members: Vec<_> = plans
            .into_iter()
            .map(|plan| {
                let mut known = known.iter();
                let meter = known.find(|(key, _)| *key == plan);
                let meter = meter.map(|(_, meter)| meter.clone()).unwrap_or_else(|| {
                    let member = member_of(&plan, &entity.key);
                    self.ledger.meter(member.clone(), state(&member))
                });
                (plan, meter)
            })
            .collect();
        let entry = Entry {
            id: entity.key.id.clone(),
            is_enabled: stored.key.enabled.unwrap_or(false),
            members: self.members(&members),
        };
        self.directory.put(stored.digest, entry);
        let digest = stored.digest;
        self.keys
            .insert(entity.key.clone(), KnownKey { digest, members });
    }

    fn members(&self, members: &[(Key, Arc<Meter>)]) -> Box<[Member]> {
        let members = members.iter();
        // A plan that is not known is about to be, or was deleted a moment ago.
        let members = members.filter_map(|(plan, meter)| {
            Some(Member {
                plan: self.plans.get(plan)?.number,
                meter: meter.clone(),
            })
        });
        members.collect()
    }

    fn drop_key(&mut self, key: &Key) {
        if let Some(known) = self.keys.remove(key) {
            self.directory.remove(known.digest);
        }
    }

    /// Its number goes to another plan only when no key can name it any more: keys leave a plan in the commit that deletes it.
    fn drop_plan(&mut self, key: &Key) {
        if let Some(known) = self.plans.remove(key) {
            self.directory.put_plan(known.number, None);
            self.free.push(known.number);
        }
    }

    async fn put_plan(&mut self, entity: &Entity) {
        match json::from_slice::<UsagePlan>(&entity.body) {
            Ok(plan) => self.renew_plan(entity, &plan).await,
            Err(error) => {
                let key = &entity.key;
                tracing::error!(%key, %error, "a usage plan cannot be read, and lets nobody in");
                self.drop_plan(key);
            }
        }
    }

    async fn renew_plan(&mut self, entity: &Entity, plan: &UsagePlan) {
        let mut known = self.plans.remove(&entity.key).unwrap_or_else(|| KnownPlan {
            number: self.free.pop().unwrap_or(self.plans.len()),
            ..KnownPlan::default()
        });
        let quota = quota_of(plan, Day::of_ms(entity.created_ms));
        let counts_otherwise = match (known.quota, quota) {
            (Some(before), Some(now)) => before.period != now.period,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        known.quota = quota;
        let mut changed = Vec::new();
        let served = Plan {
            id: entity.key.id.clone(),
            throttle: plan.throttle.as_ref().map(|limits| {
                let (rate, is_changed) = rate(known.throttle.clone(), limits);
                if is_changed {
                    changed.push((None, rate.clone()));
                }
                known.throttle = Some(rate.clone());
                rate
            }),
            quota,
            stages: stages(plan, &mut known, &mut changed),
        };
        self.directory
            .put_plan(known.number, Some(Arc::new(served)));
        self.plans.insert(entity.key.clone(), known);
        self.renew_buckets(&entity.key, &changed);
        if counts_otherwise {
            self.count_anew(&entity.key).await;
        }
    }

    /// Takes every bucket over to the limit that holds now.
    fn renew_buckets(&self, plan: &Key, changed: &[(Option<usize>, Arc<Rate>)]) {
        if changed.is_empty() {
            return;
        }
        let now_ns = self.clock.ticks_ns();
        for meter in self.meters(plan) {
            for (method, rate) in changed {
                match method {
                    None => meter.bucket.renew(rate, now_ns),
                    Some(number) => {
                        if let Some(bucket) = meter.method_if_any(*number) {
                            bucket.renew(rate, now_ns);
                        }
                    }
                }
            }
        }
    }

    /// A plan that begins to count, or counts in other periods: what was used in the present one is in the days that were written.
    async fn count_anew(&self, plan: &Key) {
        let Some(quota) = self.plans.get(plan).and_then(|known| known.quota) else {
            return;
        };
        let today = Day::of_ms(self.clock.now_ms());
        for (key, known) in &self.keys {
            let mut members = known.members.iter();
            if let Some((_, meter)) = members.find(|(of, _)| of == plan) {
                let member = member_of(plan, key);
                let counted = self.ledger.count_anew(member, meter, &quota, today).await;
                if let Err(error) = counted {
                    tracing::error!(%key, %error, "what a key used before cannot be read; it is taken for nothing");
                }
            }
        }
    }

    /// Lets a key use so many requests more of its plan.
    pub(crate) fn set_remaining(&self, member: &MemberKey, remaining: i64) -> Result<(), String> {
        let key = |kind, id: &str| Key::top(&member.account, &member.region, kind, id);
        let plan = key(Kind::UsagePlan, &member.plan);
        let known = self.keys.get(&key(Kind::ApiKey, &member.key));
        let mut members = known.into_iter().flat_map(|known| &known.members);
        let meter = members.find(|(of, _)| *of == plan).map(|(_, meter)| meter);
        let quota = self.plans.get(&plan).and_then(|known| known.quota);
        let (Some(meter), Some(quota)) = (meter, quota) else {
            return Err(format!(
                "key {} has no quota in plan {}",
                member.key, member.plan
            ));
        };
        meter.set_remaining(&quota, Day::of_ms(self.clock.now_ms()), remaining);
        self.ledger.note(meter);
        Ok(())
    }

    fn meters(&self, plan: &Key) -> impl Iterator<Item = &Arc<Meter>> {
        let members = self.keys.values().flat_map(|key| &key.members);
        members
            .filter(move |(of, _)| of == plan)
            .map(|(_, meter)| meter)
    }
}

/// The key whose place in a plan this is.
fn owner_of(member: &Key) -> Key {
    Key {
        kind: Kind::ApiKey,
        parent: "".into(),
        id: member.parent.clone(),
        ..member.clone()
    }
}

fn plan_of(member: &Key) -> Key {
    Key {
        kind: Kind::UsagePlan,
        parent: "".into(),
        ..member.clone()
    }
}

fn member_of(plan: &Key, key: &Key) -> MemberKey {
    MemberKey {
        account: plan.account.clone(),
        region: plan.region.clone(),
        plan: plan.id.clone(),
        key: key.id.clone(),
    }
}

fn limit_of(limits: &ThrottleSettings) -> Limit {
    Limit {
        rate: limits.rate_limit.unwrap_or(0.0),
        burst: u64::try_from(limits.burst_limit.unwrap_or(0)).unwrap_or(0),
    }
}

/// The rate that goes on under these limits, and whether they are others than before.
fn rate(known: Option<Arc<Rate>>, limits: &ThrottleSettings) -> (Arc<Rate>, bool) {
    let limit = limit_of(limits);
    match known {
        Some(rate) => {
            let is_changed = rate.set(limit);
            (rate, is_changed)
        }
        None => (Arc::new(Rate::new(limit)), false),
    }
}

fn quota_of(plan: &UsagePlan, since: Day) -> Option<Quota> {
    let quota = plan.quota.as_ref()?;
    Some(Quota {
        limit: quota.limit?.into(),
        offset: quota.offset.unwrap_or(0).into(),
        since,
        period: Period::of(quota.period.as_deref()?)?,
    })
}

fn stages(
    plan: &UsagePlan,
    known: &mut KnownPlan,
    changed: &mut Vec<(Option<usize>, Arc<Rate>)>,
) -> Vec<PlanStage> {
    let given = plan.api_stages.iter().flatten();
    let names: BTreeSet<MethodName> = given
        .clone()
        .flat_map(|stage| {
            let methods = stage.throttle.iter().flatten();
            methods.map(|(method, _)| name_of(stage, method))
        })
        .collect();
    known.methods.retain(|name, _| names.contains(name));
    let mut stages: Vec<_> = given
        .map(|stage| PlanStage {
            api: stage.api_id.as_deref().unwrap_or_default().into(),
            stage: stage.stage.as_deref().unwrap_or_default().into(),
            methods: methods(stage, known, changed),
        })
        .collect();
    stages.sort_by(|one, other| (&one.api, &one.stage).cmp(&(&other.api, &other.stage)));
    stages
}

fn name_of(stage: &ApiStage, method: &str) -> MethodName {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    (text(&stage.api_id), text(&stage.stage), method.to_owned())
}

fn methods(
    stage: &ApiStage,
    known: &mut KnownPlan,
    changed: &mut Vec<(Option<usize>, Arc<Rate>)>,
) -> Vec<PlanMethod> {
    let given = stage.throttle.iter().flatten();
    let methods = given.filter_map(|(named, limits)| {
        let name = name_of(stage, named);
        let before = known.methods.get(&name).cloned();
        let number = match &before {
            Some((number, _)) => *number,
            None => free_number(known)?,
        };
        let (rate, is_changed) = rate(before.map(|(_, rate)| rate), limits);
        // A number that another method had before: its buckets are taken over as they are, which lets nobody have more.
        if is_changed {
            changed.push((Some(number), rate.clone()));
        }
        known.methods.insert(name, (number, rate.clone()));
        let (path, method) = named.rsplit_once('/')?;
        let path = if path.is_empty() { "/" } else { path };
        // The root's own path is a slash, to which clients add another.
        let path = if path == "//" { "/" } else { path };
        Some(PlanMethod {
            path: path.into(),
            method: method.into(),
            number,
            rate,
        })
    });
    methods.collect()
}

/// The first number that no method has. The control plane refuses more methods than there are numbers.
fn free_number(known: &KnownPlan) -> Option<usize> {
    let taken: BTreeSet<usize> = known.methods.values().map(|(number, _)| *number).collect();
    (0..METHODS_MAX).find(|number| !taken.contains(number))
}
