//! The data folder: private, held by one store, and refused by name when it is not what it should be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;
use tollgate_store::{Commit, Kind, Options, Sqlite, Store, StoreError};

use crate::making::{api, folder_in_memory, open, put, puts};

fn refusal(folder: &Path) -> StoreError {
    Sqlite::open(folder, Options::default())
        .map(drop)
        .unwrap_err()
}

#[tokio::test]
async fn a_second_store_is_refused_until_the_first_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    first.commit(puts([put(&api("a"), "1")])).await.unwrap();
    let in_use = StoreError::InUse {
        folder: folder.path().to_owned(),
        holder_pid: Some(std::process::id()),
    };
    assert_eq!(refusal(folder.path()), in_use);
    assert!(
        in_use
            .to_string()
            .ends_with(&format!("is in use by process {}", std::process::id()))
    );
    drop(first);
    let second = open(folder.path());
    assert_eq!(second.rev(), 1);
    assert!(second.get(&api("a")).await.unwrap().is_some());
}

#[test]
fn the_folder_and_its_files_are_their_owners_alone() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("some/where");
    let store = open(&folder);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in ["tollgate.db", "tollgate.db-wal", "tollgate.db-shm", "lock"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
    assert_eq!(store.path(), folder.join("tollgate.db"));
}

#[test]
fn what_is_no_folder_is_named() {
    let outer = tempfile::tempdir().unwrap();
    let file = outer.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refusal(&file), StoreError::Unusable { path, .. } if path == file));
}

#[test]
fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let database = Connection::open(folder.path().join(Sqlite::FILE)).unwrap();
    database.pragma_update(None, "user_version", 8).unwrap();
    drop(database);
    assert_eq!(
        refusal(folder.path()),
        StoreError::NewerFormat { found: 8, known: 7 }
    );
}

/// The second form differs from the present one in its indexes, and has no checksums.
#[tokio::test]
async fn an_older_format_is_brought_to_the_present_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(puts([put(&api("a"), "{}")])).await.unwrap();
    drop(store);
    let database = Connection::open(folder.path().join(Sqlite::FILE)).unwrap();
    let back = "DROP INDEX unique_id; CREATE INDEX entity_id ON entity (kind, id); ALTER TABLE entity DROP COLUMN checksum; PRAGMA user_version = 2;";
    database.execute_batch(back).unwrap();
    drop(database);
    let store = open(folder.path());
    assert_eq!(store.find(Kind::RestApi, "a").await.unwrap().len(), 1);
    drop(store);
    let database = Connection::open(folder.path().join(Sqlite::FILE)).unwrap();
    let version = database.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    assert_eq!(version.unwrap(), 7);
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(Sqlite::FILE);
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (x)")
        .unwrap();
    assert_eq!(
        refusal(folder.path()),
        StoreError::Foreign { path: path.clone() }
    );
    let tables = "SELECT group_concat(name) FROM sqlite_schema";
    let tables: String = Connection::open(&path)
        .unwrap()
        .query_row(tables, [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, "theirs");
}

#[test]
fn what_is_no_database_is_called_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join(Sqlite::FILE),
        "no database at all, but long enough".repeat(40),
    )
    .unwrap();
    assert!(matches!(refusal(folder.path()), StoreError::Corrupt { .. }));
}

#[tokio::test]
async fn damage_in_the_file_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..200 {
        store
            .commit(puts([put(&api(&number.to_string()), &"x".repeat(500))]))
            .await
            .unwrap();
    }
    drop(store);
    let path = folder.path().join(Sqlite::FILE);
    let mut bytes = fs::read(&path).unwrap();
    // Everything after the first page, whose header still reads well.
    bytes[4096..].fill(0xA5);
    fs::write(&path, bytes).unwrap();
    match Sqlite::open(folder.path(), Options::default()) {
        Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{error}"),
        Ok(store) => {
            let read = store.get(&api("1")).await;
            assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
            store.commit(puts([put(&api("1"), "")])).await.unwrap_err();
        }
    }
}

#[tokio::test]
async fn rows_that_are_not_what_was_written_are_corrupt() {
    let damages = [
        "UPDATE entity SET tags = '{'",
        "UPDATE entity SET kind = 'rest_api', contents = x'00'",
        "UPDATE content SET bytes = x'00'",
        "UPDATE entity SET body = x'7b207d'",
        "UPDATE entity SET rev = rev + 1",
        "UPDATE entity SET format = format + 1",
        "UPDATE entity SET created_ms = 0",
        "UPDATE entity SET tags = '{\"a\":\"b\"}'",
        "UPDATE entity SET checksum = x'00'",
    ];
    for damage in damages {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let content = tollgate_store::Content::new("bytes");
        let mut commit = puts([crate::making::put_of(
            &api("a"),
            std::slice::from_ref(&content),
        )]);
        commit.contents.push(content.clone());
        store.commit(commit).await.unwrap();
        Connection::open(store.path())
            .unwrap()
            .execute_batch(damage)
            .unwrap();
        let entity = store.get(&api("a")).await.map(drop);
        let bytes = store.contents(vec![content.hash()]).await.map(drop);
        let is_corrupt = |answer| matches!(answer, Err(StoreError::Corrupt { .. }));
        assert!(is_corrupt(entity) || is_corrupt(bytes), "{damage}");
    }
}

#[tokio::test]
async fn a_full_disk_fails_the_commit_and_the_store_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(puts([put(&api("a"), "1")])).await.unwrap();
    drop(store);
    // The engine's own page limit gives the same code as the file system's.
    let size_of = |path: &Path| fs::metadata(path).unwrap().len();
    let options = Options {
        pages_max: Some(size_of(&folder.path().join(Sqlite::FILE)) as u32 / 4096 + 4),
        ..Options::default()
    };
    let store = Sqlite::open(folder.path(), options).unwrap();
    let large = puts([put(&api("b"), &"x".repeat(1_000_000))]);
    assert_eq!(store.commit(large).await, Err(StoreError::DiskFull.into()));
    assert_eq!(store.get(&api("b")).await, Ok(None));
    assert_eq!(store.commit(puts([put(&api("a"), "2")])).await, Ok(2));
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (read, commit) = (
        store.get(&api("a")),
        store.commit(puts([put(&api("a"), "1")])),
    );
    drop(store);
    assert_eq!(read.await, Err(StoreError::Closed));
    assert_eq!(commit.await, Err(StoreError::Closed.into()));
}

#[tokio::test]
async fn old_changes_are_forgotten_and_asking_for_them_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        changes_kept_revs: 10,
        ..Options::default()
    };
    let store = Sqlite::open(folder.path(), options).unwrap();
    for number in 0..600 {
        store
            .commit(puts([put(&api("a"), &number.to_string())]))
            .await
            .unwrap();
    }
    let error = store.changes(0, 10).await.unwrap_err();
    let StoreError::ChangesForgotten { forgotten } = error else {
        panic!("{error}")
    };
    assert!((1..=590).contains(&forgotten), "{forgotten}");
    assert_eq!(
        store.changes(forgotten, 1).await.unwrap()[0].rev,
        forgotten + 1
    );
    assert_eq!(
        store.changes(590, 100).await.unwrap().len(),
        10,
        "the newest are always there"
    );
}

/// One revision may be a whole import: what is kept is bounded by its number too, also after the store is opened anew.
#[tokio::test]
async fn large_revisions_are_forgotten_by_their_number() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        changes_kept_max: 100,
        ..Options::default()
    };
    let import = |size: usize| Commit {
        puts: (0..size)
            .map(|n| put(&api("a").child(Kind::Resource, &n.to_string()), "{}"))
            .collect(),
        ..Commit::default()
    };
    for sizes in [[30, 30, 30], [30, 500, 1], [10, 10, 10]] {
        let store = Sqlite::open(folder.path(), options.clone()).unwrap();
        for size in sizes {
            store.commit(import(size)).await.unwrap();
            let forgotten = match store.changes(0, 1).await {
                Err(StoreError::ChangesForgotten { forgotten }) => forgotten,
                changes => changes.map(|_| 0).unwrap(),
            };
            let kept = store.changes(forgotten, 1_000).await.unwrap();
            assert!(kept.len() <= 100.max(size), "{} after {size}", kept.len());
            let last = kept.iter().filter(|change| change.rev == store.rev());
            assert_eq!(last.count(), size, "the last revision is whole");
        }
    }
}

#[tokio::test]
async fn what_is_damaged_is_named_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(Sqlite::FILE);
    fs::write(&path, "no database at all, but long enough".repeat(40)).unwrap();
    let said = refusal(folder.path()).to_string();
    assert!(said.contains(&*path.to_string_lossy()), "{said}");
}

#[tokio::test]
async fn a_database_that_is_gone_is_not_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(puts([put(&api("a"), "1")])).await.unwrap();
    drop(store);
    let path = folder.path().join(Sqlite::FILE);
    let mark = folder.path().join("database-made");
    let kept = fs::read(&path).unwrap();
    for damage in [fs::remove_file as fn(_) -> _, |path| fs::write(path, "")] {
        damage(path.clone()).unwrap();
        let missing = StoreError::Missing {
            path: path.clone(),
            mark: mark.clone(),
        };
        assert_eq!(refusal(folder.path()), missing);
        fs::write(&path, &kept).unwrap();
        assert_eq!(open(folder.path()).rev(), 1);
    }
    fs::remove_file(&path).unwrap();
    fs::remove_file(&mark).unwrap();
    assert_eq!(
        open(folder.path()).rev(),
        0,
        "without the mark it is a new folder"
    );
}

#[tokio::test]
async fn nothing_is_acknowledged_into_a_file_that_was_removed_or_replaced() {
    for file in ["tollgate.db", "tollgate.db-wal"] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        store.commit(puts([put(&api("a"), "1")])).await.unwrap();
        let (path, aside) = (folder.path().join(file), folder.path().join("aside"));
        let refused = Err(StoreError::Removed { path: path.clone() }.into());
        fs::rename(&path, &aside).unwrap();
        assert_eq!(store.commit(puts([put(&api("a"), "2")])).await, refused);
        fs::copy(&aside, &path).unwrap();
        assert_eq!(store.commit(puts([put(&api("a"), "3")])).await, refused);
        assert_eq!(store.get(&api("a")).await.unwrap().unwrap().body, b"1");
        fs::rename(&aside, &path).unwrap();
        assert_eq!(store.commit(puts([put(&api("a"), "4")])).await, Ok(2));
        drop(store);
        assert_eq!(
            open(folder.path())
                .get(&api("a"))
                .await
                .unwrap()
                .unwrap()
                .body,
            b"4"
        );
    }
}

/// What a store holds, or why it cannot be read.
async fn everything(folder: &Path) -> Result<Vec<tollgate_store::Entity>, StoreError> {
    let store = Sqlite::open(folder, Options::default())?;
    let mut all = Vec::new();
    for &kind in Kind::ALL {
        all.extend(tollgate_store::all_of_kind(&store, kind).await?);
    }
    for entity in &all {
        store.contents(entity.contents.clone()).await?;
        let alone = store.get(&entity.key).await?;
        assert_eq!(alone.as_ref(), Some(entity));
    }
    Ok(all)
}

#[tokio::test]
async fn a_bit_that_changed_is_never_passed_over() {
    let folder = folder_in_memory();
    let store = open(folder.path());
    for number in 0..12 {
        let content = tollgate_store::Content::new(format!("content {number}"));
        let mut commit = puts([crate::making::put_of(
            &api(&number.to_string()),
            std::slice::from_ref(&content),
        )]);
        commit.puts.push(put(
            &api("0").child(Kind::Resource, &number.to_string()),
            &"x".repeat(200),
        ));
        commit.contents.push(content);
        store.commit(commit).await.unwrap();
    }
    drop(store);
    let path = folder.path().join(Sqlite::FILE);
    let whole = everything(folder.path()).await.unwrap();
    let bytes = fs::read(&path).unwrap();
    let (mut found, mut harmless) = (0, 0);
    for (turn, at) in (0..bytes.len()).step_by(193).enumerate() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (turn % 8);
        fs::write(&path, damaged).unwrap();
        match everything(folder.path()).await {
            Err(_) => found += 1,
            // It hit what nothing is stored in.
            Ok(read) => {
                assert_eq!(read.len(), whole.len(), "byte {at}");
                assert!(read == whole, "byte {at}");
                harmless += 1;
            }
        }
    }
    assert!(
        found > 30 && harmless > 30,
        "{found} found, {harmless} harmless"
    );
}
