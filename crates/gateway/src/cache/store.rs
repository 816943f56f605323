//! The entries of all stages: one store with one budget of bytes, shared by the gateway's cores.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use tollgate_model::random::Random;

use super::entry::{Entry, Facts, Shared};
use super::flight::Flights;
use super::key::Key;
use super::seal::Seal;
use super::told::Kept;

/// How much is kept, and how long requests wait for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// Bytes of all entries of all stages; with 0 nothing is kept.
    pub bytes_max: u64,
    /// Requests that wait for one fetch of the same entry; further ones fetch for themselves.
    pub waiting_max: usize,
    /// How long they wait, in milliseconds, before they fetch for themselves.
    pub wait_ms_max: u64,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            bytes_max: 256 << 20,
            waiting_max: 1_000,
            wait_ms_max: 5_000,
        }
    }
}

/// The caches of all stages.
pub struct Caches {
    pub(super) settings: CacheSettings,
    entries: Entries,
    pub(super) flights: Flights,
    stages: Mutex<Stages>,
    generations: AtomicU64,
    fetches: AtomicU64,
    /// What keys are hashed under.
    pub(super) secret: [u8; 32],
    pub(super) seal: Seal,
    /// Held while an entry is compared with the one that it replaces.
    replacing: [Mutex<()>; REPLACING],
}

/// By API and stage.
type Stages = HashMap<(Box<str>, Box<str>), Arc<StageCache>>;

type Entries = Cache<Key, Arc<Entry>, ByBytes, AsIs, DefaultLifecycle<Key, Arc<Entry>>>;

const REPLACING: usize = 32;

/// What a shard of the store should hold at least: the longest entry many times.
const SHARD_BYTES: u64 = 8 << 20;
const SHARDS_MAX: u64 = 64;

/// For the store to choose its tables by.
const ENTRY_BYTES_GUESSED: u64 = 4 << 10;
const ENTRIES_GUESSED_MAX: u64 = 100_000;

/// A stage's part of the store. It outlives the stage's plans.
#[derive(Debug)]
pub(crate) struct StageCache {
    /// `cacheClusterSize`
    size: Box<str>,
    /// The same in bytes: an upper bound beside that of all stages.
    bytes_max: u64,
    /// Part of every key; a flush begins another, so that nothing of before is found.
    pub(super) generation: AtomicU64,
    /// What its entries take.
    pub(super) bytes: AtomicU64,
    is_swept: AtomicBool,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Caches {
    /// Empty caches, whose keys are made of `random`.
    pub fn new(settings: CacheSettings, random: &mut Random) -> Self {
        let mut secret = [0; 32];
        random.fill(&mut secret);
        Self {
            entries: entries(settings.bytes_max),
            flights: Flights::new(settings.waiting_max),
            stages: Mutex::default(),
            generations: AtomicU64::new(1),
            fetches: AtomicU64::new(0),
            secret,
            seal: Seal::new(random),
            replacing: [(); REPLACING].map(Mutex::new),
            settings,
        }
    }

    /// The cache of a stage: the same one for as long as its size is the same. Another size begins an empty one, as in AWS.
    pub(crate) fn stage(&self, api: &str, stage: &str, size: &str) -> Arc<StageCache> {
        let mut stages = held(&self.stages);
        let name = (api.into(), stage.into());
        let known = stages.get(&name).filter(|known| *known.size == *size);
        if let Some(known) = known {
            return known.clone();
        }
        let made = Arc::new(StageCache {
            size: size.into(),
            bytes_max: cluster_bytes(size),
            generation: AtomicU64::new(self.next_generation()),
            bytes: AtomicU64::new(0),
            is_swept: AtomicBool::new(false),
        });
        let before = stages.insert(name, made.clone());
        drop(stages);
        if let Some(before) = before {
            self.empty(&before);
        }
        made
    }

    /// Forgets the cache of a stage that is gone, or has none any more.
    pub(crate) fn forget(&self, api: &str, stage: &str) {
        let gone = held(&self.stages).remove(&(api.into(), stage.into()));
        if let Some(gone) = gone {
            self.empty(&gone);
        }
    }

    /// `FlushStageCache`: from now on nothing of before is found, not even what is being fetched. Whether the stage has a cache.
    pub fn flush(&self, api: &str, stage: &str) -> bool {
        let found = held(&self.stages).get(&(api.into(), stage.into())).cloned();
        found.is_some_and(|found| {
            self.empty(&found);
            true
        })
    }

    /// Bytes that all entries take.
    pub fn bytes(&self) -> u64 {
        self.entries.weight()
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    fn next_generation(&self) -> u64 {
        self.generations.fetch_add(1, Ordering::Relaxed)
    }

    fn empty(&self, stage: &StageCache) {
        let next = self.next_generation();
        let gone = stage.generation.swap(next, Ordering::AcqRel);
        self.entries.retain(|key, _| key.generation != gone);
    }

    /// A number for a fetch that begins now.
    pub(super) fn begin(&self) -> u64 {
        self.fetches.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn find(&self, key: &Key) -> Option<Arc<Entry>> {
        self.entries.get(key)
    }

    pub(super) fn remove(&self, key: &Key, entry: &Arc<Entry>) {
        self.entries
            .remove_if(key, |known| Arc::ptr_eq(known, entry));
    }

    /// Makes an entry of an answer; or says why not.
    pub(super) fn put(
        self: &Arc<Self>,
        key: Key,
        answer: Shared<'_>,
        facts: Facts,
        stage: &Arc<StageCache>,
        is_encrypted: bool,
    ) -> Result<Arc<Entry>, Kept> {
        let entry = match is_encrypted {
            true => Entry::sealed(answer, facts, stage, &key, &self.seal).ok_or(Kept::Full)?,
            false => Entry::plain(answer, facts, stage),
        };
        let _one_at_a_time = held(&self.replacing[key.spread() % REPLACING]);
        let is_overtaken = || {
            let known = self.entries.peek(&key);
            known.is_some_and(|known| known.facts.fetch > facts.fetch)
        };
        if key.generation != stage.generation.load(Ordering::Acquire) || is_overtaken() {
            return Err(Kept::Overtaken);
        }
        if stage.bytes.load(Ordering::Relaxed) > stage.bytes_max {
            self.make_room(stage);
            return Err(Kept::Full);
        }
        if entry.bytes() > self.entries.shard_capacity() {
            return Err(Kept::Full);
        }
        self.entries.insert(key, entry.clone());
        Ok(entry)
    }

    /// Drops a stage's oldest entries, beside the core that asks: it looks at all entries.
    fn make_room(self: &Arc<Self>, stage: &Arc<StageCache>) {
        if stage.is_swept.swap(true, Ordering::AcqRel) {
            return;
        }
        let (caches, stage) = (self.clone(), stage.clone());
        let sweep = move || {
            caches.sweep(&stage);
            stage.is_swept.store(false, Ordering::Release);
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(sweep)),
            Err(_) => sweep(),
        }
    }

    /// Leaves three quarters of what the stage may have: those that were kept last.
    fn sweep(&self, stage: &StageCache) {
        let generation = stage.generation.load(Ordering::Acquire);
        let own = self.entries.iter();
        let own = own.filter(|(key, _)| key.generation == generation);
        let mut ages: Vec<_> = own
            .map(|(_, entry)| (entry.facts.filled_ms, entry.bytes()))
            .collect();
        ages.sort_unstable_by(|one, other| other.cmp(one));
        let mut left = stage.bytes_max / 4 * 3;
        let oldest = ages.into_iter().find_map(|(filled_ms, bytes)| {
            let fits = left >= bytes;
            left = left.saturating_sub(bytes);
            (!fits).then_some(filled_ms)
        });
        let Some(oldest) = oldest else {
            return;
        };
        self.entries
            .retain(|key, entry| key.generation != generation || entry.facts.filled_ms > oldest);
    }
}

impl std::fmt::Debug for Caches {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Caches")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

fn entries(bytes_max: u64) -> Entries {
    let guessed = (bytes_max / ENTRY_BYTES_GUESSED).clamp(1, ENTRIES_GUESSED_MAX);
    let shards = (bytes_max / SHARD_BYTES).clamp(1, SHARDS_MAX);
    let options = OptionsBuilder::new()
        .estimated_items_capacity(guessed as usize)
        .weight_capacity(bytes_max)
        .shards(shards as usize)
        .build()
        .expect("both capacities are given");
    Cache::with_options(options, ByBytes, AsIs, DefaultLifecycle::default())
}

/// `cacheClusterSize` is in gigabytes. What is none of AWS's sizes, which the control plane refuses, is the smallest of them.
fn cluster_bytes(size: &str) -> u64 {
    const GIGABYTE: f64 = 1_073_741_824.0;
    let size: Option<f64> = size.parse().ok();
    let gigabytes = size.filter(|size| size.is_finite()).unwrap_or(0.5);
    (gigabytes.clamp(0.5, 237.0) * GIGABYTE) as u64
}

/// Entries weigh what they take.
#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<Key, Arc<Entry>> for ByBytes {
    fn weight(&self, _: &Key, entry: &Arc<Entry>) -> u64 {
        entry.bytes()
    }
}

/// Keys are hashes, and write one number.
#[derive(Clone, Debug)]
struct AsIs;

#[derive(Default)]
struct Written(u64);

impl BuildHasher for AsIs {
    type Hasher = Written;

    fn build_hasher(&self) -> Written {
        Written::default()
    }
}

impl Hasher for Written {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use tollgate_http::{Body, Headers, Response};

    fn caches() -> Arc<Caches> {
        let settings = CacheSettings::default();
        Arc::new(Caches::new(settings, &mut Random::seeded(1)))
    }

    fn stage(bytes_max: u64, generation: u64) -> Arc<StageCache> {
        Arc::new(StageCache {
            size: "0.5".into(),
            bytes_max,
            generation: AtomicU64::new(generation),
            bytes: AtomicU64::new(0),
            is_swept: AtomicBool::new(false),
        })
    }

    fn key(generation: u64, number: u64) -> Key {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_le_bytes());
        hash[28..].copy_from_slice(&(number as u32).to_le_bytes());
        Key { generation, hash }
    }

    fn put(
        caches: &Arc<Caches>,
        stage: &Arc<StageCache>,
        key: Key,
        fetch: u64,
        now_ms: u64,
    ) -> Result<Arc<Entry>, Kept> {
        let response = Response {
            status: 200,
            headers: Headers::new(),
            body: Body::Whole(Bytes::from(vec![b'x'; 1_000])),
        };
        let facts = Facts {
            request_id: [b'1'; 36],
            filled_ms: now_ms,
            ttl_ms: 1_000,
            fetch,
        };
        caches.put(key, Shared::of(&response, None), facts, stage, false)
    }

    #[test]
    fn a_stage_at_its_bound_loses_its_oldest_entries_and_no_other_stage_any() {
        let caches = caches();
        let (small, other) = (stage(40_000, 1), stage(u64::MAX, 2));
        for number in 0..20 {
            put(&caches, &other, key(2, number), number, 0).expect("kept");
        }
        let mut refused = 0;
        for number in 0..200 {
            // Without a runtime the sweep is done at once.
            refused += u64::from(put(&caches, &small, key(1, number), number, number).is_err());
            let taken = small.bytes.load(Ordering::Relaxed);
            assert!(taken <= 40_000, "{taken}");
        }
        assert!((1..60).contains(&refused), "{refused}");
        assert!(caches.find(&key(1, 199)).is_some() || caches.find(&key(1, 198)).is_some());
        assert!(caches.find(&key(1, 0)).is_none());
        assert!((0..20).all(|number| caches.find(&key(2, number)).is_some()));
    }

    #[test]
    fn an_earlier_fetch_does_not_replace_a_later_one() {
        let (caches, stage) = (caches(), stage(u64::MAX, 1));
        let late = put(&caches, &stage, key(1, 1), 7, 0).expect("kept");
        let early = put(&caches, &stage, key(1, 1), 6, 0);
        assert_eq!(early.expect_err("it is overtaken"), Kept::Overtaken);
        let found = caches.find(&key(1, 1)).expect("an entry");
        assert!(Arc::ptr_eq(&found, &late));
        put(&caches, &stage, key(1, 1), 8, 0).expect("kept");
        stage.generation.store(9, Ordering::Release);
        let flushed = put(&caches, &stage, key(1, 2), 9, 0);
        assert_eq!(flushed.expect_err("it is flushed"), Kept::Overtaken);
    }

    #[test]
    fn what_is_gone_takes_nothing() {
        let (caches, stage) = (caches(), stage(u64::MAX, 1));
        let entry = put(&caches, &stage, key(1, 1), 1, 0).expect("kept");
        assert!(stage.bytes.load(Ordering::Relaxed) > 1_000);
        caches.empty(&stage);
        assert_eq!((caches.bytes(), caches.count()), (0, 0));
        drop(entry);
        assert_eq!(stage.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn sizes_are_gigabytes() {
        for (size, expected) in [
            ("0.5", 536_870_912),
            ("237", 254_476_812_288),
            ("1e9", 254_476_812_288),
            ("", 536_870_912),
            ("NaN", 536_870_912),
        ] {
            assert_eq!(cluster_bytes(size), expected, "{size}");
        }
    }
}
