//! What an operation works with: who calls, the entities of the caller's account and region, and one atomic change.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tollgate_model::api_key::Digester;
use tollgate_model::arn::partition_of;
use tollgate_model::clock::Clock;
use tollgate_model::principals;
use tollgate_model::random::Random;
use tollgate_model::seal::Seal;
use tollgate_store::{
    Commit, Content, ContentHash, Delete, Entity, Expected, Key, Kind, Put, Range, Store,
};
use tollgate_wire::apigateway::RestApi;
use tollgate_wire::{Map, Shape, Timestamp, json};

use crate::apigateway::stages;
use crate::apigateway::tree::Trees;
use crate::error::{ApiError, Exception};
use crate::iam::directory::Directory;
use crate::paging::Page;
use crate::runtime::Runtime;
use crate::tollgate::drift;
use crate::turns::{NamedTurns, Turns};

/// The version of the bodies written here.
const FORMAT: u32 = 1;
/// The most parts of one kind that an API may have, and their bytes: far over AWS's quotas (300 resources), and what one
/// answer or deployment can hold.
const CHILDREN_MAX: usize = 20_000;
const CHILDREN_BYTES_MAX: usize = 32 * 1024 * 1024;
const TOO_MANY_CHILDREN: &str = "Tollgate reads at most 20000 parts, and 32 MiB, of one kind of a REST API, and this one has more";

/// What eight characters of an identifier count down from.
const YOUNGEST_IDS: u64 = 36_u64.pow(8) - 1;

/// One call's view of the control plane.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) caller: Arc<Caller>,
}

/// What all calls share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) clock: Clock,
    /// Held for the drawing of one identifier only.
    pub(crate) random: Mutex<Random>,
    /// Of changes of an API by its id, and of operations that lost a race.
    pub(crate) turns: NamedTurns,
    /// Of APIs that were worked on last.
    pub(crate) trees: Trees,
    /// What of APIs is not deployed.
    pub(crate) drift: drift::header::Known,
    /// Of the reading of documents.
    pub(crate) imports: Turns,
    /// See [`Config`](crate::Config).
    pub(crate) integration_timeout_ms_max: u64,
    /// Of the secrets that are stored.
    pub(crate) seal: Arc<dyn Seal>,
    /// What finds the values of API keys.
    pub(crate) digester: Digester,
    /// The time in the last identifier that was drawn by [`Session::draw_youngest_id`].
    pub(crate) youngest_ms: AtomicU64,
    /// Who there is.
    pub(crate) directory: Arc<Directory>,
}

impl Shared {
    /// Draws from the injected randomness.
    pub(crate) fn draw<T>(&self, of: impl FnOnce(&mut Random) -> T) -> T {
        of(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Who calls, and where.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The account that is called from.
    pub(crate) account: Box<str>,
    /// The region of the credential scope.
    pub(crate) region: Box<str>,
    /// The root, the user, the session.
    pub(crate) who: principals::Caller,
    /// What the call says besides, for policies.
    pub(crate) from: Facts,
}

/// Where a call comes from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) address: Option<IpAddr>,
    pub(crate) is_secure: bool,
    pub(crate) user_agent: Option<String>,
    pub(crate) referer: Option<String>,
}

impl Caller {
    /// The root of an account, with a region.
    pub(crate) fn root(account: &str, region: &str) -> Self {
        Self {
            account: account.into(),
            region: region.into(),
            who: principals::Caller::new(account.into(), None),
            from: Facts::default(),
        }
    }

    /// As AWS's texts name the caller: a root in the partition of the region.
    pub(crate) fn arn(&self) -> String {
        match self.who.is_root() {
            true => {
                let partition = partition_of(&self.region);
                format!("arn:{partition}:iam::{}:root", self.account)
            }
            false => self.who.arn(),
        }
    }
}

/// An entity as it was read: a wire shape in its envelope.
#[derive(Clone, Debug)]
pub(crate) struct Stored<T> {
    pub(crate) key: Key,
    /// The revision that it was read at; 0 when it is new.
    pub(crate) rev: u64,
    pub(crate) created_ms: u64,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) contents: Vec<ContentHash>,
    pub(crate) it: T,
}

impl Session {
    /// A new entity of the caller's, not yet stored.
    pub(crate) fn create<T>(&self, key: Key, it: T) -> Stored<T> {
        Stored {
            key,
            rev: 0,
            created_ms: self.shared.clock.now_ms(),
            tags: BTreeMap::new(),
            contents: Vec::new(),
            it,
        }
    }

    /// The key of something of the caller's that stands by itself.
    pub(crate) fn key(&self, kind: Kind, id: &str) -> Key {
        Key::top(&self.caller.account, &self.caller.region, kind, id)
    }

    /// An identifier of `length` characters.
    pub(crate) fn draw_id(&self, length: usize) -> String {
        self.shared.draw(|random| random.lowercase_id(length))
    }

    /// An identifier of ten characters that comes before all that were drawn before it, so that lists by id begin with what is
    /// youngest. The time takes eight of them until 2059; each identifier takes a millisecond for itself.
    pub(crate) fn draw_youngest_id(&self) -> String {
        let now_ms = self.shared.clock.now_ms();
        let later = |last: u64| Some(now_ms.max(last + 1));
        let youngest = &self.shared.youngest_ms;
        let last = youngest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        let ms = now_ms.max(last.unwrap_or_default() + 1);
        let mut left = YOUNGEST_IDS.saturating_sub(ms);
        let mut id = [b'0'; 8];
        for letter in id.iter_mut().rev() {
            *letter = b"0123456789abcdefghijklmnopqrstuvwxyz"[(left % 36) as usize];
            left /= 36;
        }
        let id = String::from_utf8_lossy(&id).into_owned();
        id + &self.draw_id(2)
    }

    /// The present time on the wire.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.shared.clock.now_ms())
    }

    /// The entity under `key`.
    pub(crate) async fn find<T: Shape>(&self, key: &Key) -> Result<Option<Stored<T>>, ApiError> {
        self.find_by(key, json::from_slice).await
    }

    /// The same for a body that is no wire shape.
    pub(crate) async fn find_by<T, E: Display>(
        &self,
        key: &Key,
        of: Read<T, E>,
    ) -> Result<Option<Stored<T>>, ApiError> {
        let entity = self.shared.store.get(key).await?;
        entity.map(|entity| read(entity, of)).transpose()
    }

    /// Every entity of `kind` that belongs to the entity under `parent`, ordered by id.
    pub(crate) async fn children<T: Shape>(
        &self,
        parent: &Key,
        kind: Kind,
    ) -> Result<Vec<Stored<T>>, ApiError> {
        let (mut children, mut bytes) = (Vec::new(), 0);
        let mut range = Range::children_of(parent, kind);
        loop {
            let page = self.shared.store.list(range.clone()).await?;
            let Some(last) = page.last() else {
                return Ok(children);
            };
            range.after = Some(last.key.id.clone());
            let is_last = page.len() < range.limit;
            bytes += page.iter().map(|entity| entity.body.len()).sum::<usize>();
            if bytes > CHILDREN_BYTES_MAX || children.len() >= CHILDREN_MAX {
                return Err(ApiError::new(Exception::LimitExceeded, TOO_MANY_CHILDREN));
            }
            children.extend(read_all(page, json::from_slice)?);
            if is_last {
                return Ok(children);
            }
        }
    }

    /// What stands by itself on `page` and one more, which tells whether another page follows.
    pub(crate) async fn top_on<T: Shape>(
        &self,
        page: &Page,
        kind: Kind,
    ) -> Result<Vec<Stored<T>>, ApiError> {
        let range = Range::top(&self.caller.account, &self.caller.region, kind);
        self.on_page(page, range, json::from_slice).await
    }

    /// What belongs to the entity under `parent` on `page`, and one more.
    pub(crate) async fn children_on<T: Shape>(
        &self,
        page: &Page,
        parent: &Key,
        kind: Kind,
    ) -> Result<Vec<Stored<T>>, ApiError> {
        let range = Range::children_of(parent, kind);
        self.on_page(page, range, json::from_slice).await
    }

    /// The entities of `range`.
    pub(crate) async fn in_range<T, E: Display>(
        &self,
        range: Range,
        of: Read<T, E>,
    ) -> Result<Vec<Stored<T>>, ApiError> {
        read_all(self.shared.store.list(range).await?, of)
    }

    /// The entities of `range` on `page`, and one more.
    pub(crate) async fn on_page<T, E: Display>(
        &self,
        page: &Page,
        range: Range,
        of: Read<T, E>,
    ) -> Result<Vec<Stored<T>>, ApiError> {
        let range = Range {
            after: page.after.as_deref().map(Into::into),
            limit: page.limit + 1,
            ..range
        };
        self.in_range(range, of).await
    }

    /// The entities of `range` on `page` that are wanted, and one more. Those that are not wanted are read too, page by page.
    pub(crate) async fn wanted_on_page<T, E: Display>(
        &self,
        page: &Page,
        range: Range,
        of: Read<T, E>,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Result<Vec<Stored<T>>, ApiError> {
        let mut range = Range {
            after: page.after.as_deref().map(Into::into),
            ..range
        };
        let mut found = Vec::new();
        loop {
            let some = self.in_range(range.clone(), of).await?;
            let is_last = some.len() < range.limit;
            range.after = some.last().map(|last| last.key.id.clone());
            found.extend(some.into_iter().filter(|one| is_wanted(&one.it)));
            if is_last || found.len() > page.limit {
                return Ok(found);
            }
        }
    }

    /// The entities of several pages of the store, asked for in one go: one after the other, each would wait for a thread.
    pub(crate) async fn lists<T, E: Display>(
        &self,
        ranges: Vec<Range>,
        of: Read<T, E>,
    ) -> Result<Vec<Vec<Stored<T>>>, ApiError> {
        let lists = self.shared.store.lists(ranges).await?;
        lists.into_iter().map(|list| read_all(list, of)).collect()
    }

    /// Makes a change. Its revision, once it is durable.
    pub(crate) async fn commit(&self, change: Change) -> Result<u64, ApiError> {
        let trees = &self.shared.trees;
        let step = trees.step(&change.commit);
        let rev = self.shared.store.commit(change.commit).await?;
        if let Some(step) = step {
            trees.follow(step, rev);
        }
        Ok(rev)
    }

    /// Makes a change of what is served, and returns when the gateway serves it: a request right after the answer
    /// meets it.
    pub(crate) async fn commit_served(&self, mut change: Change) -> Result<(), ApiError> {
        stages::served::note(self, &mut change).await?;
        let rev = self.commit(change).await?;
        self.shared.runtime.applied(rev).await;
        Ok(())
    }
}

/// Entities to write and to remove, all or none.
pub(crate) struct Change {
    commit: Commit,
}

impl Change {
    /// The creation of something under a key that must be free.
    pub(crate) fn create<T: Shape>(stored: &Stored<T>) -> Self {
        let mut change = Self::beside(&stored.key);
        change.put(stored);
        change
    }

    /// A change that holds only while there is nothing under `key`, and does not yet write it.
    pub(crate) fn beside(key: &Key) -> Self {
        let mut change = Self {
            commit: Commit::default(),
        };
        change.expect_absent(key);
        change
    }

    /// A change of something that stands by itself: it holds only while that is as it was read.
    pub(crate) fn alone<T: Shape>(stored: &Stored<T>) -> Self {
        let mut change = Self::empty();
        change.renew(stored);
        change
    }

    /// It holds only while this entity is as it was read, or absent where it is new; the entity is written again.
    pub(crate) fn renew<T: Shape>(&mut self, stored: &Stored<T>) {
        self.expect_as_read(stored);
        self.put(stored);
    }

    /// It holds only while this entity is as it was read.
    pub(crate) fn expect_as_read<T>(&mut self, stored: &Stored<T>) {
        let expected = match stored.rev {
            0 => Expected::Absent,
            rev => Expected::Rev(rev),
        };
        self.commit.expect.push((stored.key.clone(), expected));
    }

    /// A change of nothing yet.
    pub(crate) fn empty() -> Self {
        Self {
            commit: Commit::default(),
        }
    }

    /// A change of an API or of its parts: it holds only while the API is as it was read, and writes it again. So
    /// changes of one API follow each other, and what an operation checked is still true when it is written.
    pub(crate) fn of(api: &Stored<RestApi>) -> Self {
        let mut change = Self::end_of(api);
        change.put(api);
        change
    }

    /// A change that holds only while what is under `key` has a revision; 0 when there is nothing.
    pub(crate) fn while_at(key: &Key, rev: u64) -> Self {
        let expected = match rev {
            0 => Expected::Absent,
            rev => Expected::Rev(rev),
        };
        Self {
            commit: Commit {
                expect: vec![(key.clone(), expected)],
                ..Commit::default()
            },
        }
    }

    /// The same for the removal of the API.
    pub(crate) fn end_of(api: &Stored<RestApi>) -> Self {
        let expect = vec![(api.key.clone(), Expected::Rev(api.rev))];
        Self {
            commit: Commit {
                expect,
                ..Commit::default()
            },
        }
    }

    /// Writes an entity under a key that must be free: an id that was drawn twice is a race lost, upon which another is
    /// drawn, and never the end of what had it first.
    pub(crate) fn add<T: Shape>(&mut self, stored: &Stored<T>) {
        self.expect_absent(&stored.key);
        self.put(stored);
    }

    /// It holds only while there is nothing under `key`.
    pub(crate) fn expect_absent(&mut self, key: &Key) {
        self.commit.expect.push((key.clone(), Expected::Absent));
    }

    /// Writes an entity.
    pub(crate) fn put<T: Shape>(&mut self, stored: &Stored<T>) {
        self.put_body(stored, json::to_vec(&stored.it));
    }

    /// Writes an entity whose body is no wire shape.
    pub(crate) fn put_body<T>(&mut self, stored: &Stored<T>, body: Vec<u8>) {
        self.commit.puts.push(Put {
            key: stored.key.clone(),
            format: FORMAT,
            created_ms: stored.created_ms,
            tags: stored.tags.clone(),
            body,
            contents: stored.contents.clone(),
        });
    }

    /// Adds contents that puts name.
    pub(crate) fn contents(&mut self, contents: impl IntoIterator<Item = Content>) {
        self.commit.contents.extend(contents);
    }

    /// Removes an entity.
    pub(crate) fn delete(&mut self, key: &Key) {
        self.commit.deletes.push(Delete::One(key.clone()));
    }

    /// The stages that it writes, with their bodies, and those that it removes.
    pub(crate) fn stages(&self) -> Vec<(Key, Option<Vec<u8>>)> {
        let Commit { puts, deletes, .. } = &self.commit;
        let written = puts.iter().map(|put| (&put.key, Some(put.body.clone())));
        let removed = deletes.iter().filter_map(|delete| match delete {
            Delete::One(key) => Some((key, None)),
            Delete::Children { .. } => None,
        });
        let all = written.chain(removed);
        all.filter(|(key, _)| key.kind == Kind::Stage)
            .map(|(key, body)| (key.clone(), body))
            .collect()
    }

    /// Removes every entity of `kind` that belongs to the one under `parent`.
    pub(crate) fn delete_children(&mut self, parent: &Key, kind: Kind) {
        self.commit.deletes.push(Delete::children_of(parent, kind));
    }
}

impl<T> Stored<T> {
    /// Its id.
    pub(crate) fn id(&self) -> &str {
        &self.key.id
    }

    /// Its tags on the wire.
    pub(crate) fn wire_tags(&self) -> Map<Option<String>> {
        let entries = self.tags.iter();
        entries
            .map(|(name, value)| (name.clone(), Some(value.clone())))
            .collect()
    }

    /// Its tags on the wire, omitted when it has none.
    pub(crate) fn wire_tags_if_any(&self) -> Option<Map<Option<String>>> {
        (!self.tags.is_empty()).then(|| self.wire_tags())
    }
}

/// Tags as they came.
pub(crate) fn tags_of(wire: Option<Map<Option<String>>>) -> BTreeMap<String, String> {
    let entries = wire.into_iter().flatten();
    entries
        .map(|(name, value)| (name, value.unwrap_or_default()))
        .collect()
}

/// How a body is read.
pub(crate) type Read<T, E> = fn(&[u8]) -> Result<T, E>;

/// Entities as they were read.
pub(crate) fn read_all<T, E: Display>(
    entities: Vec<Entity>,
    of: Read<T, E>,
) -> Result<Vec<Stored<T>>, ApiError> {
    entities
        .into_iter()
        .map(|entity| read(entity, of))
        .collect()
}

fn read<T, E: Display>(entity: Entity, of: Read<T, E>) -> Result<Stored<T>, ApiError> {
    let unreadable =
        |reason: &dyn Display| ApiError::internal(format!("cannot read {}: {reason}", entity.key));
    if entity.format != FORMAT {
        return Err(unreadable(&format_args!(
            "format {} is not known",
            entity.format
        )));
    }
    let it = of(&entity.body).map_err(|error| unreadable(&error))?;
    Ok(Stored {
        key: entity.key,
        rev: entity.rev,
        created_ms: entity.created_ms,
        tags: entity.tags,
        contents: entity.contents,
        it,
    })
}
