//! One commit, as SQL: expectations, deletions, puts, and the contents that nobody names any more.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, params};

use super::query::{self, IS_KEY, key_params};
use super::{checksum, fault};
use crate::{Commit, CommitError, ContentHash, Delete, Expected, Key, Kind, Put, StoreError, What};

/// A commit that was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    /// Its revision: one more than the last, or the last itself if it changed nothing.
    pub(super) rev: u64,
    /// How many changes it is told as.
    pub(super) changes: u64,
}

/// Makes the commit that follows the revision `rev`. A commit that fails leaves the transaction as it was.
pub(super) fn within_savepoint(
    transaction: &Transaction<'_>,
    commit: &Commit,
    rev: u64,
) -> Result<Made, CommitError> {
    run(transaction, "SAVEPOINT one").map_err(fault::of)?;
    let mut making = Making {
        transaction,
        rev: rev + 1,
        changes: 0,
        released: BTreeSet::new(),
    };
    let made = making.whole(commit);
    let changes = making.changes as u64;
    // A fault may have ended the whole transaction, and the savepoint with it.
    if made.is_err() && !transaction.is_autocommit() {
        run(transaction, "ROLLBACK TO one").map_err(fault::of)?;
    }
    if !transaction.is_autocommit() {
        run(transaction, "RELEASE one").map_err(fault::of)?;
    }
    made?;
    Ok(Made {
        rev: rev + u64::from(changes > 0),
        changes,
    })
}

/// Kept compiled, as all statements are: the library's own savepoints are not.
fn run(transaction: &Transaction<'_>, sql: &str) -> rusqlite::Result<()> {
    transaction.prepare_cached(sql)?.execute([]).map(drop)
}

/// Writes the last revision down.
pub(super) fn set_rev(transaction: &Transaction<'_>, rev: u64) -> rusqlite::Result<()> {
    let mut statement =
        transaction.prepare_cached("UPDATE present SET rev = ?1 WHERE rev <> ?1")?;
    statement.execute([rev as i64]).map(drop)
}

struct Making<'t> {
    transaction: &'t Transaction<'t>,
    rev: u64,
    changes: i64,
    /// Contents that an entity stopped naming, or that came with the commit: to be dropped unless named.
    released: BTreeSet<ContentHash>,
}

impl Making<'_> {
    fn whole(&mut self, commit: &Commit) -> Result<(), CommitError> {
        for (key, expected) in &commit.expect {
            check(self.transaction, key, *expected)?;
        }
        for delete in &commit.deletes {
            self.delete(delete)?;
        }
        self.store_contents(commit)?;
        for put in &commit.puts {
            self.put(put)?;
        }
        Ok(self.drop_released()?)
    }

    fn delete(&mut self, delete: &Delete) -> Result<(), StoreError> {
        match delete {
            Delete::One(key) => self.delete_one(key),
            Delete::Children {
                account,
                region,
                kind,
                parent,
            } => self.delete_children(account, region, *kind, parent),
        }
    }

    fn delete_one(&mut self, key: &Key) -> Result<(), StoreError> {
        let Some(there) = self.there(key)? else {
            return Ok(());
        };
        let sql = "DELETE FROM entity WHERE entity = ?";
        let mut statement = self.transaction.prepare_cached(sql).map_err(fault::of)?;
        statement.execute([there.entity]).map_err(fault::of)?;
        self.deleted(key, &there)
    }

    fn delete_children(
        &mut self,
        account: &str,
        region: &str,
        kind: Kind,
        parent: &str,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM entity WHERE kind = ? AND account = ? AND region = ? AND parent = ?
                   RETURNING entity, id, contents";
        let mut statement = self.transaction.prepare_cached(sql).map_err(fault::of)?;
        let children = params![kind, account, region, parent];
        let gone = statement
            .query_map(children, There::read)
            .map_err(fault::of)?;
        let mut gone = gone
            .collect::<rusqlite::Result<Vec<_>>>()
            .map_err(fault::of)?;
        // The engine returns rows in no stated order; changes are told in the order of ids.
        gone.sort_by(|one, other| one.id.cmp(&other.id));
        gone.iter().try_for_each(|gone| {
            let key = Key {
                account: account.into(),
                region: region.into(),
                kind,
                parent: parent.into(),
                id: gone.id.clone(),
            };
            self.deleted(&key, gone)
        })
    }

    fn deleted(&mut self, key: &Key, gone: &There) -> Result<(), StoreError> {
        self.unname(gone.entity, &gone.contents)?;
        self.record(key, What::Delete)
    }

    /// Takes back what an entity named.
    fn unname(&mut self, entity: i64, contents: &[u8]) -> Result<(), StoreError> {
        let hashes = query::hashes(contents)?;
        if !hashes.is_empty() {
            let sql = "DELETE FROM content_reference WHERE entity = ?";
            let mut statement = self.transaction.prepare_cached(sql).map_err(fault::of)?;
            statement.execute([entity]).map_err(fault::of)?;
            self.released.extend(hashes);
        }
        Ok(())
    }

    fn store_contents(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let sql = "INSERT INTO content (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING";
        let mut statement = self.transaction.prepare_cached(sql).map_err(fault::of)?;
        for content in &commit.contents {
            statement
                .execute(params![content.hash().0, &content.bytes()[..]])
                .map_err(fault::of)?;
            self.released.insert(content.hash());
        }
        Ok(())
    }

    fn put(&mut self, put: &Put) -> Result<(), CommitError> {
        if put.key.kind.is_unique_everywhere() {
            check_not_taken(self.transaction, &put.key)?;
        }
        let entity = match self.there(&put.key)? {
            Some(there) => {
                self.unname(there.entity, &there.contents)?;
                self.update(there.entity, put).map_err(fault::of)?;
                there.entity
            }
            None => self.insert(put).map_err(fault::of)?,
        };
        self.name(entity, &put.contents)?;
        Ok(self.record(&put.key, What::Put)?)
    }

    fn there(&self, key: &Key) -> Result<Option<There>, StoreError> {
        let sql = format!("SELECT entity, id, contents FROM entity WHERE {IS_KEY}");
        let mut statement = self.transaction.prepare_cached(&sql).map_err(fault::of)?;
        let found = statement.query_row(key_params(key), There::read);
        found.optional().map_err(fault::of)
    }

    fn update(&self, entity: i64, put: &Put) -> rusqlite::Result<()> {
        let sql = "UPDATE entity
                   SET rev = ?, format = ?, created_ms = ?, tags = ?, body = ?, contents = ?, checksum = ?
                   WHERE entity = ?";
        let state = State::of(self.rev, put);
        let mut statement = self.transaction.prepare_cached(sql)?;
        let [rev, format, created_ms, tags, body, contents, checksum] = state.params();
        statement.execute([
            rev, format, created_ms, tags, body, contents, checksum, &entity,
        ])?;
        Ok(())
    }

    fn insert(&self, put: &Put) -> rusqlite::Result<i64> {
        let sql = "INSERT INTO entity
                       (kind, account, region, parent, id, rev, format, created_ms, tags, body, contents, checksum)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let state = State::of(self.rev, put);
        let mut statement = self.transaction.prepare_cached(sql)?;
        let [kind, account, region, parent, id] = key_params(&put.key);
        let [rev, format, created_ms, tags, body, contents, checksum] = state.params();
        statement.insert([
            kind, account, region, parent, id, rev, format, created_ms, tags, body, contents,
            checksum,
        ])
    }

    /// Notes that the entity names these contents, which must be stored.
    fn name(&self, entity: i64, contents: &[ContentHash]) -> Result<(), CommitError> {
        let sql = "INSERT INTO content_reference (hash, entity)
                   SELECT hash, ?2 FROM content WHERE hash = ?1";
        for &hash in contents.iter().collect::<BTreeSet<_>>() {
            let mut statement = self.transaction.prepare_cached(sql).map_err(fault::of)?;
            if statement
                .execute(params![hash.0, entity])
                .map_err(fault::of)?
                == 0
            {
                return Err(CommitError::MissingContent { hash });
            }
        }
        Ok(())
    }

    fn record(&mut self, key: &Key, what: What) -> Result<(), StoreError> {
        let sql = "INSERT INTO change (rev, position, kind, account, region, parent, id, is_put)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let row = params![
            self.rev as i64,
            self.changes,
            key.kind,
            key.account,
            key.region,
            key.parent,
            key.id,
            what == What::Put,
        ];
        let mut statement = self.transaction.prepare_cached(sql).map_err(fault::of)?;
        statement.execute(row).map_err(fault::of)?;
        self.changes += 1;
        Ok(())
    }

    fn drop_released(&self) -> Result<(), StoreError> {
        let sql = "DELETE FROM content
                   WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM content_reference WHERE hash = ?1)";
        let mut statement = self.transaction.prepare_cached(sql).map_err(fault::of)?;
        for hash in &self.released {
            statement.execute([hash.0]).map_err(fault::of)?;
        }
        Ok(())
    }
}

/// What stands, or stood, under a key.
struct There {
    entity: i64,
    id: Box<str>,
    contents: Vec<u8>,
}

impl There {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            entity: row.get(0)?,
            id: row.get(1)?,
            contents: row.get(2)?,
        })
    }
}

/// The columns of an entity that a put decides, but for its key.
struct State<'p> {
    rev: i64,
    created_ms: i64,
    tags: String,
    contents: Vec<u8>,
    checksum: [u8; checksum::BYTES],
    put: &'p Put,
}

impl<'p> State<'p> {
    fn of(rev: u64, put: &'p Put) -> Self {
        let tags = tags_text(&put.tags);
        let contents: Vec<u8> = put.contents.iter().flat_map(|hash| hash.0).collect();
        let key = &put.key;
        let row = checksum::Row {
            kind: key.kind,
            names: [&key.account, &key.region, &key.parent, &key.id],
            numbers: [rev, put.format.into(), put.created_ms],
            tags: &tags,
            body: &put.body,
            contents: &contents,
        };
        Self {
            rev: rev as i64,
            created_ms: put.created_ms as i64,
            checksum: row.checksum(),
            tags,
            contents,
            put,
        }
    }

    /// `rev, format, created_ms, tags, body, contents, checksum`
    fn params(&self) -> [&dyn ToSql; 7] {
        let put = self.put;
        [
            &self.rev,
            &put.format,
            &self.created_ms,
            &self.tags,
            &put.body,
            &self.contents,
            &self.checksum,
        ]
    }
}

fn check(connection: &Connection, key: &Key, expected: Expected) -> Result<(), CommitError> {
    let sql = format!("SELECT rev FROM entity WHERE {IS_KEY}");
    let mut statement = connection.prepare_cached(&sql).map_err(fault::of)?;
    let found = statement
        .query_row(key_params(key), |row| row.get::<_, i64>(0))
        .optional()
        .map_err(fault::of)?;
    let holds = match (expected, found) {
        (Expected::Absent, None) | (Expected::Present, Some(_)) => true,
        (Expected::Rev(rev), Some(found)) => rev == found as u64,
        (Expected::Absent, Some(_)) | (Expected::Present | Expected::Rev(_), None) => false,
    };
    match holds {
        true => Ok(()),
        false => Err(CommitError::Conflict { key: key.clone() }),
    }
}

fn check_not_taken(connection: &Connection, key: &Key) -> Result<(), CommitError> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM entity {} AND (account, region, parent) <> (?, ?, ?))",
        query::with_id(key.kind)
    );
    let mut statement = connection.prepare_cached(&sql).map_err(fault::of)?;
    let key_params = params![key.id, key.account, key.region, key.parent];
    match statement
        .query_row(key_params, |row| row.get(0))
        .map_err(fault::of)?
    {
        true => Err(CommitError::IdTaken { key: key.clone() }),
        false => Ok(()),
    }
}

fn tags_text(tags: &BTreeMap<String, String>) -> String {
    serde_json::to_string(tags).expect("a map of texts is always JSON")
}
