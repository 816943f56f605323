//! Acknowledged means durable: a process is killed (-9) amid its writes and every write that it acknowledged is
//! found again, and a write-ahead log cut anywhere gives a whole, earlier state.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tollgate_store::{Kind, Range, Sqlite, Store, StoreError, whole_range};

use crate::making::{api, folder_in_memory, open, put, puts};

/// More than it gets to, however late this process is given the time to kill it.
const WRITES: usize = 1_000_000;

/// Starts the writer program, which prints the id of each write once it is acknowledged.
fn start_writer(folder: &Path) -> Child {
    let mut writer = Command::new(env!("CARGO_BIN_EXE_store-writer"));
    writer.arg(folder).arg(WRITES.to_string());
    writer.stdout(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn every_acknowledged_write_survives_kill_9() {
    for after in [1, 137, 600] {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = start_writer(folder.path());
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut acknowledged: Vec<String> =
            lines.by_ref().take(after).map(Result::unwrap).collect();
        writer.kill().unwrap();
        // What it had printed by then counts as well.
        acknowledged.extend(
            lines
                .map_while(Result::ok)
                .filter(|line| line.ends_with('.')),
        );
        writer.wait().unwrap();
        assert!(acknowledged.len() < WRITES, "it was killed amid its writes");

        let store = open(folder.path());
        let stored = whole_range(&store, Range::children_of(&api("a"), Kind::Resource))
            .await
            .unwrap();
        let stored: Vec<_> = stored.iter().map(|entity| &*entity.key.id).collect();
        for line in &acknowledged {
            let id = line.trim_end_matches('.');
            assert!(stored.contains(&id), "{id} was acknowledged and is lost");
        }
        assert_eq!(store.rev(), stored.len() as u64);
        assert_eq!(
            store.changes(0, stored.len() + 1).await.unwrap().len(),
            stored.len()
        );
    }
}

#[test]
fn another_process_holds_the_folder_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = start_writer(folder.path());
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    let refusal = Sqlite::open(folder.path(), Default::default())
        .map(drop)
        .unwrap_err();
    let holder_pid = Some(writer.id());
    writer.kill().unwrap();
    writer.wait().unwrap();
    let folder_path = folder.path().to_owned();
    assert_eq!(
        refusal,
        StoreError::InUse {
            folder: folder_path,
            holder_pid
        }
    );
    drop(open(folder.path()));
}

#[tokio::test]
async fn a_log_cut_anywhere_gives_a_whole_earlier_state() {
    const COMMITS: u64 = 12;
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..=COMMITS {
        let pair = ["x", "y"].map(|name| put(&api(name), &number.to_string()));
        store.commit(puts(pair)).await.unwrap();
    }
    // As a power failure would leave it: the files are copied while the store is open, so nothing is checkpointed.
    let log = fs::read(folder.path().join("tollgate.db-wal")).unwrap();
    let database = fs::read(folder.path().join("tollgate.db")).unwrap();
    let mut revs = Vec::new();
    for cut in (0..=log.len()).step_by(log.len() / 97) {
        let copy = tempfile::tempdir().unwrap();
        fs::write(copy.path().join("tollgate.db"), &database).unwrap();
        fs::write(copy.path().join("tollgate.db-wal"), &log[..cut]).unwrap();
        revs.push(recovered_rev(copy.path()).await);
    }
    assert!(revs.is_sorted(), "more log is never less state: {revs:?}");
    assert_eq!(revs.first(), Some(&0));
    assert!(
        revs.iter().filter(|&&rev| rev > 0 && rev < COMMITS).count() > 3,
        "{revs:?}"
    );
}

/// Opens what was left and checks that it is the state after some commit.
async fn recovered_rev(folder: &Path) -> u64 {
    let store = open(folder);
    let rev = store.rev();
    for name in ["x", "y"] {
        let body = store
            .get(&api(name))
            .await
            .unwrap()
            .map(|entity| entity.body);
        assert_eq!(body, (rev > 0).then(|| rev.to_string().into_bytes()));
    }
    let next = store.commit(puts([put(&api("z"), "after")])).await;
    assert_eq!(next, Ok(rev + 1), "the recovered store goes on");
    rev
}

/// The database and its log as a power failure would leave them after so many commits: copied while the store is open, so that nothing is
/// checkpointed.
async fn left_behind(commits: u64) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 1..=commits {
        let pair = ["x", "y"].map(|name| put(&api(name), &number.to_string()));
        store.commit(puts(pair)).await.unwrap();
    }
    let read = |name| fs::read(folder.path().join(name)).unwrap();
    (read("tollgate.db"), read("tollgate.db-wal"))
}

#[tokio::test]
async fn damage_in_the_log_is_refused_and_never_passed_over() {
    const COMMITS: u64 = 6;
    const FRAME_BYTES: usize = 24 + 4096;
    let (database, log) = left_behind(COMMITS).await;
    let frames = (log.len() - 32) / FRAME_BYTES;
    let in_frames = (0..frames).flat_map(|frame| {
        let parts = [0, 6, 8, 15, 17, 23, 24, 2000, FRAME_BYTES - 1];
        parts.map(|part| 32 + frame * FRAME_BYTES + part)
    });
    let (mut refused, mut torn) = (0, 0);
    for at in (0..32).chain(in_frames) {
        let copy = folder_in_memory();
        let mut damaged = log.clone();
        damaged[at] ^= 0x40;
        fs::write(copy.path().join("tollgate.db"), &database).unwrap();
        fs::write(copy.path().join("tollgate.db-wal"), &damaged).unwrap();
        match Sqlite::open(copy.path(), Default::default()) {
            Err(StoreError::DamagedLog { path, .. }) => {
                assert_eq!(path, copy.path().join("tollgate.db-wal"));
                assert_eq!(fs::read(&path).unwrap(), damaged, "nothing is changed");
                refused += 1;
            }
            Err(other) => panic!("byte {at}: {other}"),
            Ok(store) => {
                assert_eq!(
                    store.rev(),
                    COMMITS - 1,
                    "byte {at}: only the last may look unfinished"
                );
                torn += 1;
            }
        }
    }
    assert!(
        refused > 3 * torn && torn > 0,
        "{refused} refused, {torn} torn"
    );
}
