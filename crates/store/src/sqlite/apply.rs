//! One commit, as SQL: expectations, deletions, puts, and the contents that nobody names any more.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, Savepoint, Transaction, params};

use super::fault;
use super::query::{self, BY_ID, IS_KEY, key_params};
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
    transaction: &mut Transaction<'_>,
    commit: &Commit,
    rev: u64,
) -> Result<Made, CommitError> {
    let savepoint = transaction.savepoint().map_err(fault::of)?;
    let mut making = Making {
        savepoint: &savepoint,
        rev: rev + 1,
        changes: 0,
        released: BTreeSet::new(),
    };
    making.whole(commit)?;
    let changes = making.changes as u64;
    savepoint.commit().map_err(fault::of)?;
    Ok(Made {
        rev: rev + u64::from(changes > 0),
        changes,
    })
}

/// Writes the last revision down.
pub(super) fn set_rev(transaction: &Transaction<'_>, rev: u64) -> rusqlite::Result<()> {
    let mut statement =
        transaction.prepare_cached("UPDATE present SET rev = ?1 WHERE rev <> ?1")?;
    statement.execute([rev as i64]).map(drop)
}

struct Making<'savepoint> {
    savepoint: &'savepoint Savepoint<'savepoint>,
    rev: u64,
    changes: i64,
    /// Contents that an entity stopped naming, or that came with the commit: to be dropped unless named.
    released: BTreeSet<ContentHash>,
}

impl Making<'_> {
    fn whole(&mut self, commit: &Commit) -> Result<(), CommitError> {
        for (key, expected) in &commit.expect {
            check(self.savepoint, key, *expected)?;
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
        let sql = format!("DELETE FROM entity WHERE {IS_KEY} RETURNING entity, id, contents");
        let mut statement = self.savepoint.prepare_cached(&sql).map_err(fault::of)?;
        let gone = statement
            .query_row(key_params(key), Gone::read)
            .optional()
            .map_err(fault::of)?;
        gone.map_or(Ok(()), |gone| self.deleted(key, &gone))
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
        let mut statement = self.savepoint.prepare_cached(sql).map_err(fault::of)?;
        let children = params![kind, account, region, parent];
        let gone = statement
            .query_map(children, Gone::read)
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

    fn deleted(&mut self, key: &Key, gone: &Gone) -> Result<(), StoreError> {
        self.unname(gone.entity, &gone.contents)?;
        self.record(key, What::Delete)
    }

    /// Takes back what an entity named.
    fn unname(&mut self, entity: i64, contents: &[u8]) -> Result<(), StoreError> {
        let hashes = query::hashes(contents)?;
        if !hashes.is_empty() {
            let sql = "DELETE FROM content_reference WHERE entity = ?";
            let mut statement = self.savepoint.prepare_cached(sql).map_err(fault::of)?;
            statement.execute([entity]).map_err(fault::of)?;
            self.released.extend(hashes);
        }
        Ok(())
    }

    fn store_contents(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let sql = "INSERT INTO content (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING";
        let mut statement = self.savepoint.prepare_cached(sql).map_err(fault::of)?;
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
            check_not_taken(self.savepoint, &put.key)?;
        }
        if let Some((entity, contents)) = self.contents_named_under(&put.key)? {
            self.unname(entity, &contents)?;
        }
        let entity = self.upsert(put).map_err(fault::of)?;
        self.name(entity, &put.contents)?;
        Ok(self.record(&put.key, What::Put)?)
    }

    fn contents_named_under(&self, key: &Key) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        let sql = format!("SELECT entity, contents FROM entity WHERE {IS_KEY}");
        let mut statement = self.savepoint.prepare_cached(&sql).map_err(fault::of)?;
        let found = statement.query_row(key_params(key), |row| Ok((row.get(0)?, row.get(1)?)));
        found.optional().map_err(fault::of)
    }

    fn upsert(&self, put: &Put) -> rusqlite::Result<i64> {
        let sql = "INSERT INTO entity
                       (kind, account, region, parent, id, rev, format, created_ms, tags, body, contents)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (kind, account, region, parent, id) DO UPDATE SET
                       rev = excluded.rev, format = excluded.format, created_ms = excluded.created_ms,
                       tags = excluded.tags, body = excluded.body, contents = excluded.contents
                   RETURNING entity";
        let contents: Vec<u8> = put.contents.iter().flat_map(|hash| hash.0).collect();
        let key = &put.key;
        let row = params![
            key.kind,
            key.account,
            key.region,
            key.parent,
            key.id,
            self.rev as i64,
            put.format,
            put.created_ms as i64,
            tags_text(&put.tags),
            put.body,
            contents,
        ];
        self.savepoint
            .prepare_cached(sql)?
            .query_row(row, |row| row.get(0))
    }

    /// Notes that the entity names these contents, which must be stored.
    fn name(&self, entity: i64, contents: &[ContentHash]) -> Result<(), CommitError> {
        let sql = "INSERT INTO content_reference (hash, entity)
                   SELECT hash, ?2 FROM content WHERE hash = ?1";
        for &hash in contents.iter().collect::<BTreeSet<_>>() {
            let mut statement = self.savepoint.prepare_cached(sql).map_err(fault::of)?;
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
        let mut statement = self.savepoint.prepare_cached(sql).map_err(fault::of)?;
        statement.execute(row).map_err(fault::of)?;
        self.changes += 1;
        Ok(())
    }

    fn drop_released(&self) -> Result<(), StoreError> {
        let sql = "DELETE FROM content
                   WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM content_reference WHERE hash = ?1)";
        let mut statement = self.savepoint.prepare_cached(sql).map_err(fault::of)?;
        for hash in &self.released {
            statement.execute([hash.0]).map_err(fault::of)?;
        }
        Ok(())
    }
}

/// What a deletion returned.
struct Gone {
    entity: i64,
    id: Box<str>,
    contents: Vec<u8>,
}

impl Gone {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            entity: row.get(0)?,
            id: row.get(1)?,
            contents: row.get(2)?,
        })
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
        "SELECT EXISTS (SELECT 1 FROM entity {BY_ID} AND (account, region, parent) <> (?, ?, ?))"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(fault::of)?;
    let key_params = params![key.kind, key.id, key.account, key.region, key.parent];
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
