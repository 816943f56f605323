//! The reads, as SQL.

use bytes::Bytes;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{checksum, fault};
use crate::{Change, ContentHash, Entity, Key, Kind, PAGE_MAX, Range, StoreError, What};

const COLUMNS: &str =
    "kind, account, region, parent, id, rev, format, created_ms, tags, body, contents, checksum";

/// The condition that names one entity, with the parameters of [`key_params`].
pub(super) const IS_KEY: &str = "kind = ? AND account = ? AND region = ? AND parent = ? AND id = ?";

/// Which entities of a kind have an id, its one parameter. Kinds whose ids are unique have an index on them, named because
/// the engine would rather walk through all entities of the kind in an index that has every column asked for. Of the
/// others nobody needs to find an entity by its id alone, so that writing them pays for no further index.
pub(super) fn with_id(kind: Kind) -> String {
    let index = match kind.is_unique_everywhere() {
        true => "INDEXED BY unique_id",
        false => "",
    };
    format!("{index} WHERE kind = '{kind}' AND id = ?")
}

/// The parts of a key in the order of [`IS_KEY`].
pub(super) fn key_params(key: &Key) -> [&dyn ToSql; 5] {
    [&key.kind, &key.account, &key.region, &key.parent, &key.id]
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.as_str().to_sql()
    }
}

pub(super) fn get(connection: &Connection, key: &Key) -> Result<Option<Entity>, StoreError> {
    let which = format!("WHERE {IS_KEY}");
    Ok(entities(connection, &which, &key_params(key))?.pop())
}

pub(super) fn list(connection: &Connection, range: &Range) -> Result<Vec<Entity>, StoreError> {
    // Every id is after the empty one, which is nobody's, and before a blob, which no text is after.
    let after = range.after.as_deref().unwrap_or_default();
    let before = range
        .before
        .as_deref()
        .map_or(ValueRef::Blob(&[]), ValueRef::from);
    let which = "WHERE kind = ? AND account = ? AND region = ? AND parent = ? AND id > ? AND id < ? ORDER BY id LIMIT ?";
    let range = params![
        range.kind,
        range.account,
        range.region,
        range.parent,
        after,
        ToSqlOutput::Borrowed(before),
        page_limit(range.limit)
    ];
    entities(connection, which, range)
}

/// In one transaction, which also spares the engine a look at its file before each of them.
pub(super) fn lists(
    connection: &mut Connection,
    ranges: &[Range],
) -> Result<Vec<Vec<Entity>>, StoreError> {
    if let [only] = ranges {
        return Ok(vec![list(connection, only)?]);
    }
    let transaction = connection.transaction().map_err(fault::of)?;
    let lists = ranges.iter().map(|range| list(&transaction, range));
    lists.collect()
}

pub(super) fn find(
    connection: &Connection,
    kind: Kind,
    id: &str,
) -> Result<Vec<Entity>, StoreError> {
    let sought = params![id, page_limit(PAGE_MAX)];
    let which = format!("{} ORDER BY account, region, parent LIMIT ?", with_id(kind));
    entities(connection, &which, sought)
}

pub(super) fn all(
    connection: &Connection,
    kind: Kind,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<Entity>, StoreError> {
    let limit = page_limit(limit);
    let order = "ORDER BY account, region, parent, id LIMIT ?";
    let Some(after) = after else {
        let which = format!("WHERE kind = ? {order}");
        return entities(connection, &which, params![kind, limit]);
    };
    let which = format!("WHERE kind = ? AND (account, region, parent, id) > (?, ?, ?, ?) {order}");
    let after = params![
        kind,
        after.account,
        after.region,
        after.parent,
        after.id,
        limit
    ];
    entities(connection, &which, after)
}

fn page_limit(limit: usize) -> i64 {
    limit.min(PAGE_MAX) as i64
}

fn entities(
    connection: &Connection,
    which: &str,
    params: &[&dyn ToSql],
) -> Result<Vec<Entity>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM entity {which}");
    let mut statement = connection.prepare_cached(&sql).map_err(fault::of)?;
    let mut rows = statement.query(params).map_err(fault::of)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(fault::of)? {
        found.push(entity(row)?);
    }
    Ok(found)
}

fn entity(row: &Row<'_>) -> Result<Entity, StoreError> {
    let tags: String = row.get(8).map_err(fault::of)?;
    let contents: Vec<u8> = row.get(10).map_err(fault::of)?;
    let entity = Entity {
        key: key(row, 0)?,
        rev: number(row, 5)?,
        format: row.get(6).map_err(fault::of)?,
        created_ms: number(row, 7)?,
        tags: serde_json::from_str(&tags)
            .map_err(|error| fault::corrupt(format!("tags: {error}")))?,
        body: row.get(9).map_err(fault::of)?,
        contents: hashes(&contents)?,
    };
    let written: Option<[u8; checksum::BYTES]> = row.get(11).map_err(fault::of)?;
    match written.is_none_or(|written| written == checksum(&entity, &tags, &contents)) {
        true => Ok(entity),
        false => Err(fault::corrupt(format!(
            "{} is not what was written",
            entity.key
        ))),
    }
}

fn checksum(entity: &Entity, tags: &str, contents: &[u8]) -> [u8; checksum::BYTES] {
    let key = &entity.key;
    let row = checksum::Row {
        kind: key.kind,
        names: [&key.account, &key.region, &key.parent, &key.id],
        numbers: [entity.rev, entity.format.into(), entity.created_ms],
        tags,
        body: &entity.body,
        contents,
    };
    row.checksum()
}

/// The key in five columns from `column` on.
fn key(row: &Row<'_>, column: usize) -> Result<Key, StoreError> {
    let text = |column| row.get::<_, Box<str>>(column).map_err(fault::of);
    let kind = text(column)?;
    Ok(Key {
        kind: Kind::from_text(&kind)
            .ok_or_else(|| fault::corrupt(format!("an entity of unknown kind {kind}")))?,
        account: text(column + 1)?,
        region: text(column + 2)?,
        parent: text(column + 3)?,
        id: text(column + 4)?,
    })
}

/// Numbers are stored in SQLite's signed form of the same 64 bits.
fn number(row: &Row<'_>, column: usize) -> Result<u64, StoreError> {
    row.get::<_, i64>(column)
        .map(|number| number as u64)
        .map_err(fault::of)
}

/// The hashes that stand one after another in `bytes`.
pub(super) fn hashes(bytes: &[u8]) -> Result<Vec<ContentHash>, StoreError> {
    let (hashes, rest) = bytes.as_chunks();
    match rest {
        [] => Ok(hashes.iter().copied().map(ContentHash).collect()),
        _ => Err(fault::corrupt("a list of contents that is cut short")),
    }
}

pub(super) fn contents(
    connection: &Connection,
    hashes: &[ContentHash],
) -> Result<Vec<Bytes>, StoreError> {
    hashes
        .iter()
        .map(|hash| content(connection, hash))
        .collect()
}

fn content(connection: &Connection, hash: &ContentHash) -> Result<Bytes, StoreError> {
    let sql = "SELECT bytes FROM content WHERE hash = ?";
    let mut statement = connection.prepare_cached(sql).map_err(fault::of)?;
    let found = statement
        .query_row([hash.0], |row| row.get::<_, Vec<u8>>(0))
        .optional();
    let bytes = found
        .map_err(fault::of)?
        .ok_or(StoreError::MissingContent { hash: *hash })?;
    match ContentHash::of(&bytes) == *hash {
        true => Ok(bytes.into()),
        false => Err(fault::corrupt(format!("content {hash} has other bytes"))),
    }
}

/// The last revision.
pub(super) fn rev(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .query_row("SELECT rev FROM present", [], |row| row.get::<_, i64>(0))
        .map(|rev| rev as u64)
}

pub(super) fn changes(
    connection: &mut Connection,
    after: u64,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    // One transaction, lest changes be forgotten between the check and the read.
    let transaction = connection.transaction().map_err(fault::of)?;
    check_kept(&transaction, after)?;
    let limit = limit.clamp(1, PAGE_MAX);
    let mut changes = changes_where(&transaction, "rev > ?", after, limit + 1)?;
    if changes.len() <= limit {
        return Ok(changes);
    }
    // The last revision read may go on; it is left for the next call, or read to its end if it is the only one.
    let last = changes[limit].rev;
    let first = changes[0].rev;
    changes.retain(|change| change.rev != last);
    match changes.is_empty() {
        false => Ok(changes),
        true => changes_where(&transaction, "rev = ?", first, usize::MAX),
    }
}

fn check_kept(transaction: &Transaction<'_>, after: u64) -> Result<(), StoreError> {
    let sql = "SELECT forgotten_rev FROM present";
    let forgotten = transaction
        .query_row(sql, [], |row| row.get::<_, i64>(0))
        .map_err(fault::of)? as u64;
    match after < forgotten {
        true => Err(StoreError::ChangesForgotten { forgotten }),
        false => Ok(()),
    }
}

fn changes_where(
    connection: &Connection,
    condition: &str,
    rev: u64,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let sql = format!(
        "SELECT kind, account, region, parent, id, rev, is_put FROM change
         WHERE {condition} ORDER BY rev, position LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(fault::of)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rev = i64::try_from(rev).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![rev, limit]).map_err(fault::of)?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next().map_err(fault::of)? {
        changes.push(change(row)?);
    }
    Ok(changes)
}

fn change(row: &Row<'_>) -> Result<Change, StoreError> {
    let is_put: bool = row.get(6).map_err(fault::of)?;
    Ok(Change {
        rev: number(row, 5)?,
        key: key(row, 0)?,
        what: if is_put { What::Put } else { What::Delete },
    })
}
