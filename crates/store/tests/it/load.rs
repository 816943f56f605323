//! Many writers at once: every commit has a revision of its own, none is lost, and counters under expectation add
//! up.

use std::collections::BTreeSet;
use std::sync::Arc;

use tollgate_store::{CommitError, Expected, Kind, Range, Sqlite, Store, whole_range};

use crate::making::{api, expecting, open, put, puts};

const WRITERS: usize = 64;
const COMMITS_EACH: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_writers_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(store.clone(), writer)))
        .collect();
    let mut revs = BTreeSet::new();
    for writer in writers {
        revs.extend(writer.await.unwrap());
    }
    let all = (WRITERS * COMMITS_EACH) as u64;
    assert!(
        revs.iter().copied().eq(1..=all),
        "each commit has its own revision"
    );
    let stored = whole_range(&*store, Range::children_of(&api("a"), Kind::Resource))
        .await
        .unwrap();
    assert_eq!(stored.len() as u64, all);
    assert_eq!(store.rev(), all);
}

async fn write(store: Arc<Sqlite>, writer: usize) -> Vec<u64> {
    let mut revs = Vec::new();
    for number in 0..COMMITS_EACH {
        let key = api("a").child(Kind::Resource, &format!("{writer}-{number}"));
        let rev = store.commit(puts([put(&key, "{}")])).await.unwrap();
        let read = store
            .get(&key)
            .await
            .unwrap()
            .expect("acknowledged, so readable at once");
        assert_eq!(read.rev, rev);
        revs.push(rev);
    }
    revs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_neighbour_in_the_group_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let commit = |number: usize| {
        let key = api("a").child(Kind::Resource, &number.to_string());
        let commit = puts([put(&key, "{}")]);
        // Each third one takes for granted what is not so.
        match number % 3 {
            0 => expecting(commit, &api("nobody"), Expected::Present),
            _ => commit,
        }
    };
    // All are queued before the first is awaited, so that they share groups.
    let answers: Vec<_> = (0..90)
        .map(|number| tokio::spawn(store.commit(commit(number))))
        .collect();
    let mut revs = BTreeSet::new();
    for (number, answer) in answers.into_iter().enumerate() {
        match answer.await.unwrap() {
            Ok(rev) => assert!(number % 3 != 0 && revs.insert(rev), "{number}"),
            Err(CommitError::Conflict { key }) => assert!(number % 3 == 0 && key == api("nobody")),
            Err(error) => panic!("{error}"),
        }
    }
    assert!(
        revs.into_iter().eq(1..=60),
        "failed commits use up no revision"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn optimistic_writers_count_without_a_lost_update() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    store
        .commit(puts([put(&api("counter"), "0")]))
        .await
        .unwrap();
    let writers: Vec<_> = (0..16)
        .map(|_writer| tokio::spawn(count_up(store.clone())))
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(
        store.get(&api("counter")).await.unwrap().unwrap().body,
        b"160"
    );
}

/// Adds one ten times, each time until nobody was faster.
async fn count_up(store: Arc<Sqlite>) {
    let mut added = 0;
    while added < 10 {
        let read = store.get(&api("counter")).await.unwrap().unwrap();
        let count: u64 = std::str::from_utf8(&read.body).unwrap().parse().unwrap();
        let next = puts([put(&read.key, &(count + 1).to_string())]);
        match store
            .commit(expecting(next, &read.key, Expected::Rev(read.rev)))
            .await
        {
            Ok(_rev) => added += 1,
            Err(CommitError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}
