//! What every store promises, whatever its engine: each check takes a fresh store through the trait alone. A further
//! backend is one more line in `on_sqlite`'s manner.

use std::collections::BTreeSet;

use tollgate_store::{
    COMMIT_BYTES_MAX, Commit, CommitError, Content, ContentHash, Delete, Expected, Key, Kind,
    PAGE_MAX, Range, Store, StoreError, What, all_of_kind, whole_range,
};

use crate::making::{api, expecting, open, put, put_of, puts};

/// Runs each check on a store of its own.
macro_rules! on_sqlite {
    ($($check:ident,)*) => { $(
        #[tokio::test]
        async fn $check() {
            let folder = tempfile::tempdir().unwrap();
            let store = open(folder.path());
            super::$check(&store).await;
        }
    )* };
}

mod sqlite {
    use super::open;

    on_sqlite! {
        what_is_put_is_read_back,
        expectations_guard_commits,
        a_commit_that_fails_leaves_nothing,
        deletes_come_before_puts,
        children_are_deleted_without_their_neighbours,
        pages_follow_the_bytes_of_ids,
        a_kind_is_read_whole_in_pages,
        api_ids_are_unique_everywhere,
        contents_live_as_long_as_they_are_named,
        contents_must_be_there,
        changes_are_told_in_order,
        changes_never_split_a_commit,
        the_revision_is_watched,
        a_commit_has_a_largest_size,
        keys_hold_any_text,
    }
}

async fn what_is_put_is_read_back(store: &dyn Store) {
    let key = api("a");
    assert_eq!(store.get(&key).await, Ok(None));
    let written = put(&key, r#"{"name":"first"}"#);
    assert_eq!(store.commit(puts([written.clone()])).await, Ok(1));
    let read = store.get(&key).await.unwrap().unwrap();
    assert_eq!(read.rev, 1);
    assert_eq!(tollgate_store::Put::from(read), written);

    assert_eq!(store.commit(puts([put(&key, "second")])).await, Ok(2));
    let read = store.get(&key).await.unwrap().unwrap();
    assert_eq!((read.rev, read.body.as_slice()), (2, b"second".as_slice()));
}

async fn expectations_guard_commits(store: &dyn Store) {
    let (key, absent) = (api("a"), api("b"));
    let rev = store.commit(puts([put(&key, "1")])).await.unwrap();
    let cases = [
        (&key, Expected::Present, true),
        (&key, Expected::Rev(rev), true),
        (&key, Expected::Absent, false),
        (&key, Expected::Rev(rev + 1), false),
        (&absent, Expected::Absent, true),
        (&absent, Expected::Present, false),
        (&absent, Expected::Rev(rev), false),
    ];
    for (key, expected, holds) in cases {
        let answer = store
            .commit(expecting(Commit::default(), key, expected))
            .await;
        let conflict = CommitError::Conflict { key: key.clone() };
        assert_eq!(
            answer,
            if holds { Ok(rev) } else { Err(conflict) },
            "{key} {expected:?}"
        );
    }
    let lost = expecting(puts([put(&key, "2")]), &key, Expected::Rev(rev));
    assert_eq!(store.commit(lost.clone()).await, Ok(rev + 1));
    assert_eq!(store.commit(lost).await, Err(CommitError::Conflict { key }));
}

async fn a_commit_that_fails_leaves_nothing(store: &dyn Store) {
    let kept = Content::new("kept");
    let deployment = api("a").child(Kind::Deployment, "d");
    let mut first = puts([
        put(&api("a"), "1"),
        put_of(&deployment, std::slice::from_ref(&kept)),
    ]);
    first.contents.push(kept.clone());
    store.commit(first).await.unwrap();

    let missing = Content::new("nowhere");
    let brought = Content::new("brought");
    let failing = Commit {
        deletes: vec![
            Delete::One(api("a")),
            Delete::children_of(&api("a"), Kind::Deployment),
        ],
        puts: vec![
            put(&api("c"), "2"),
            put_of(&api("d"), std::slice::from_ref(&missing)),
        ],
        contents: vec![brought.clone()],
        ..Commit::default()
    };
    let error = CommitError::MissingContent {
        hash: missing.hash(),
    };
    assert_eq!(store.commit(failing).await, Err(error));

    assert_eq!(store.get(&api("a")).await.unwrap().unwrap().body, b"1");
    assert_eq!(store.get(&api("c")).await, Ok(None));
    assert_eq!(
        store.contents(vec![kept.hash()]).await,
        Ok(vec![kept.bytes().clone()])
    );
    let error = StoreError::MissingContent {
        hash: brought.hash(),
    };
    assert_eq!(store.contents(vec![brought.hash()]).await, Err(error));
    assert_eq!(store.rev(), 1);
    assert!(store.changes(1, 10).await.unwrap().is_empty());
    assert_eq!(store.commit(puts([put(&api("e"), "3")])).await, Ok(2));
}

async fn deletes_come_before_puts(store: &dyn Store) {
    let parent = api("a");
    let model = |name| parent.child(Kind::Model, name);
    store
        .commit(puts([put(&model("Old"), "1"), put(&model("Same"), "1")]))
        .await
        .unwrap();
    let anew = Commit {
        deletes: vec![Delete::children_of(&parent, Kind::Model)],
        ..puts([put(&model("Same"), "2"), put(&model("New"), "2")])
    };
    store.commit(anew).await.unwrap();
    let models = store
        .list(Range::children_of(&parent, Kind::Model))
        .await
        .unwrap();
    let found: Vec<_> = models
        .iter()
        .map(|it| (&*it.key.id, it.body.as_slice()))
        .collect();
    assert_eq!(found, [("New", b"2".as_slice()), ("Same", b"2")]);
    let nothing = Commit {
        deletes: vec![Delete::One(model("Never"))],
        ..Commit::default()
    };
    assert_eq!(store.commit(nothing).await, Ok(2), "nothing changed");
}

async fn children_are_deleted_without_their_neighbours(store: &dyn Store) {
    let parent = api("a");
    let elsewhere = Key {
        region: "us-east-1".into(),
        ..parent.clone()
    };
    let foreign = Key {
        account: "111111111111".into(),
        ..parent.clone()
    };
    let neighbours = [
        api("b").child(Kind::Stage, "x"),
        parent.child(Kind::Model, "x"),
        elsewhere.child(Kind::Stage, "x"),
        foreign.child(Kind::Stage, "x"),
    ];
    let [b, c, d, e] = neighbours.each_ref().map(|key| put(key, "{}"));
    let child = put(&parent.child(Kind::Stage, "x"), "{}");
    store.commit(puts([child, b, c, d, e])).await.unwrap();
    let delete = Commit {
        deletes: vec![Delete::children_of(&parent, Kind::Stage)],
        ..Commit::default()
    };
    store.commit(delete).await.unwrap();
    assert_eq!(store.get(&parent.child(Kind::Stage, "x")).await, Ok(None));
    for key in &neighbours {
        assert!(store.get(key).await.unwrap().is_some(), "{key}");
    }
}

async fn pages_follow_the_bytes_of_ids(store: &dyn Store) {
    let parent = api("a");
    // Upper case before lower, "10" before "9", text beyond ASCII last: bytes, whatever the database's locale.
    let ids = ["10", "9", "Zebra", "a/GET", "a/POST", "ab", "zebra", "é"];
    let mut commit = Commit::default();
    commit.puts.extend(
        ids.iter()
            .rev()
            .map(|id| put(&parent.child(Kind::Method, id), "{}")),
    );
    commit
        .puts
        .push(put(&api("b").child(Kind::Method, "0"), "{}"));
    store.commit(commit).await.unwrap();
    for limit in [1, 3, 8, 100] {
        let mut range = Range {
            limit,
            ..Range::children_of(&parent, Kind::Method)
        };
        let mut found = Vec::new();
        loop {
            let page = store.list(range.clone()).await.unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            range.after = Some(last.key.id.clone());
            found.extend(page.iter().map(|entity| entity.key.id.to_string()));
        }
        assert_eq!(found, ids, "in pages of {limit}");
    }
    let from_between = Range {
        after: Some("aa".into()),
        ..Range::children_of(&parent, Kind::Method)
    };
    assert_eq!(&*store.list(from_between).await.unwrap()[0].key.id, "ab");
    for (after, before, between) in [
        ("a/", "a0", &["a/GET", "a/POST"][..]),
        ("a/GET", "é", &["a/POST", "ab", "zebra"]),
        ("b", "b", &[]),
        ("b", "a", &[]),
    ] {
        let range = Range {
            after: Some(after.into()),
            before: Some(before.into()),
            ..Range::children_of(&parent, Kind::Method)
        };
        let found = store.list(range).await.unwrap();
        let found: Vec<&str> = found.iter().map(|entity| &*entity.key.id).collect();
        assert_eq!(found, between, "between {after} and {before}");
    }
    let ranges = [("b", 9), ("a", 2), ("a", 1), ("c", 9)].map(|(of, limit)| Range {
        limit,
        ..Range::children_of(&api(of), Kind::Method)
    });
    let lists = store.lists(ranges.to_vec()).await.unwrap();
    assert_eq!(lists.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1, 0]);
    for (range, list) in ranges.into_iter().zip(lists) {
        assert_eq!(store.list(range).await.unwrap(), list);
    }
    assert!(store.lists(Vec::new()).await.unwrap().is_empty());
    let none = Range {
        limit: 0,
        ..Range::children_of(&parent, Kind::Method)
    };
    assert!(store.list(none).await.unwrap().is_empty());
}

async fn a_kind_is_read_whole_in_pages(store: &dyn Store) {
    let parents = ["a", "b", "c"];
    let mut keys = BTreeSet::new();
    for parent in parents {
        let mut commit = Commit::default();
        for number in 0..PAGE_MAX / 2 {
            let key = api(parent).child(Kind::Resource, &format!("r{number}"));
            commit.puts.push(put(&key, "{}"));
            keys.insert(key);
        }
        store.commit(commit).await.unwrap();
    }
    let all = all_of_kind(store, Kind::Resource).await.unwrap();
    assert!(all.iter().map(|entity| &entity.key).eq(keys.iter()));
    let page = store.all(Kind::Resource, None, usize::MAX).await.unwrap();
    assert_eq!(page.len(), PAGE_MAX);
    let whole = whole_range(store, Range::children_of(&api("b"), Kind::Resource))
        .await
        .unwrap();
    assert_eq!(whole.len(), PAGE_MAX / 2);
}

async fn api_ids_are_unique_everywhere(store: &dyn Store) {
    let here = api("petstore");
    let there = Key {
        region: "us-east-1".into(),
        ..here.clone()
    };
    store.commit(puts([put(&here, "1")])).await.unwrap();
    let taken = CommitError::IdTaken { key: there.clone() };
    assert_eq!(
        store.commit(puts([put(&there, "2")])).await,
        Err(taken.clone())
    );
    assert_eq!(
        store.commit(puts([put(&here, "3")])).await,
        Ok(2),
        "its own key may be put again"
    );
    let both = puts([
        put(&api("x"), "1"),
        put(
            &Key {
                region: "us-east-1".into(),
                ..api("x")
            },
            "2",
        ),
    ]);
    assert!(matches!(
        store.commit(both).await,
        Err(CommitError::IdTaken { .. })
    ));

    let stages = [
        here.child(Kind::Stage, "dev"),
        there.child(Kind::Stage, "dev"),
    ];
    let [one, other] = stages.each_ref().map(|key| put(key, "{}"));
    store.commit(puts([one, other])).await.unwrap();
    let found = store.find(Kind::Stage, "dev").await.unwrap();
    assert!(found.iter().map(|entity| &entity.key).eq(&stages));
    assert_eq!(
        store.find(Kind::RestApi, "petstore").await.unwrap()[0].key,
        here
    );
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Stage) {
        assert!(store.find(*kind, "dev").await.unwrap().is_empty(), "{kind}");
    }
}

async fn contents_live_as_long_as_they_are_named(store: &dyn Store) {
    let [shared, own, stray] = ["shared", "own", "stray"].map(Content::new);
    let deployment = |id| api("a").child(Kind::Deployment, id);
    let named_twice = [shared.clone(), own.clone(), shared.clone()];
    let mut first = puts([put_of(&deployment("1"), &named_twice)]);
    first.contents = vec![shared.clone(), own.clone(), stray.clone()];
    store.commit(first).await.unwrap();
    let read = store.get(&deployment("1")).await.unwrap().unwrap();
    assert_eq!(read.contents, named_twice.each_ref().map(Content::hash));
    let bytes = store.contents(read.contents).await.unwrap();
    assert_eq!(bytes, ["shared", "own", "shared"]);
    assert!(!is_stored(store, &stray).await, "nobody names it");

    // The second names what the first brought, and survives it.
    store
        .commit(puts([put_of(
            &deployment("2"),
            std::slice::from_ref(&shared),
        )]))
        .await
        .unwrap();
    delete(store, deployment("1")).await;
    assert!(is_stored(store, &shared).await);
    assert!(!is_stored(store, &own).await);
    // An entity put anew lets go of what it no longer names.
    let mut replaced = puts([put_of(&deployment("2"), std::slice::from_ref(&own))]);
    replaced.contents = vec![own.clone()];
    store.commit(replaced).await.unwrap();
    assert!(!is_stored(store, &shared).await);
    // To be moved from one entity to another in one commit is to live on.
    let moved = Commit {
        deletes: vec![Delete::children_of(&api("a"), Kind::Deployment)],
        ..puts([put_of(&deployment("3"), std::slice::from_ref(&own))])
    };
    store.commit(moved).await.unwrap();
    assert!(is_stored(store, &own).await);
}

async fn is_stored(store: &dyn Store, content: &Content) -> bool {
    match store.contents(vec![content.hash()]).await {
        Ok(bytes) => bytes == [content.bytes().clone()],
        Err(StoreError::MissingContent { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

async fn delete(store: &dyn Store, key: Key) {
    let commit = Commit {
        deletes: vec![Delete::One(key)],
        ..Commit::default()
    };
    store.commit(commit).await.unwrap();
}

async fn contents_must_be_there(store: &dyn Store) {
    let hash = ContentHash::of(b"never stored");
    assert_eq!(
        store.contents(vec![hash]).await,
        Err(StoreError::MissingContent { hash })
    );
    assert_eq!(store.contents(Vec::new()).await, Ok(Vec::new()));
    let text = StoreError::MissingContent {
        hash: ContentHash([0xAB; 32]),
    }
    .to_string();
    assert_eq!(text, format!("content {} is not stored", "ab".repeat(32)));
}

async fn changes_are_told_in_order(store: &dyn Store) {
    let (one, other) = (api("a"), api("b"));
    let child = one.child(Kind::Stage, "dev");
    store
        .commit(puts([put(&one, "1"), put(&other, "1")]))
        .await
        .unwrap();
    store.commit(puts([put(&child, "1")])).await.unwrap();
    let whole_api = Commit {
        deletes: vec![
            Delete::children_of(&one, Kind::Stage),
            Delete::One(one.clone()),
        ],
        ..Commit::default()
    };
    store.commit(whole_api).await.unwrap();
    let told = store.changes(0, 100).await.unwrap();
    let told: Vec<_> = told
        .into_iter()
        .map(|it| (it.rev, it.key, it.what))
        .collect();
    let all = [
        (1, one.clone(), What::Put),
        (1, other, What::Put),
        (2, child.clone(), What::Put),
        (3, child, What::Delete),
        (3, one, What::Delete),
    ];
    assert_eq!(told, all);
    assert_eq!(store.changes(2, 100).await.unwrap().len(), 2);
    assert!(store.changes(3, 100).await.unwrap().is_empty());
    assert!(store.changes(u64::MAX, 100).await.unwrap().is_empty());
}

async fn changes_never_split_a_commit(store: &dyn Store) {
    for (parent, count) in [("a", 2), ("b", 5), ("c", 1), ("d", 1)] {
        let mut commit = Commit::default();
        let keys = (0..count).map(|number| api(parent).child(Kind::Model, &number.to_string()));
        commit.puts.extend(keys.map(|key| put(&key, "{}")));
        store.commit(commit).await.unwrap();
    }
    let cases: [(u64, usize, &[u64]); 6] = [
        (0, 0, &[1, 1]),
        (0, 3, &[1, 1]),
        (0, 7, &[1, 1, 2, 2, 2, 2, 2]),
        (1, 2, &[2, 2, 2, 2, 2]),
        (2, 1, &[3]),
        (2, 2, &[3, 4]),
    ];
    for (after, limit, revs) in cases {
        let told = store.changes(after, limit).await.unwrap();
        assert!(
            told.iter().map(|change| &change.rev).eq(revs),
            "after {after}, {limit}: {told:?}"
        );
    }
}

async fn the_revision_is_watched(store: &dyn Store) {
    let mut watched = store.watch();
    assert_eq!(store.rev(), 0);
    let rev = store.commit(puts([put(&api("a"), "1")])).await.unwrap();
    watched.changed().await.unwrap();
    assert_eq!(*watched.borrow_and_update(), rev);
    assert_eq!(store.rev(), rev, "acknowledged means told");
    let failed = expecting(Commit::default(), &api("a"), Expected::Absent);
    store.commit(failed).await.unwrap_err();
    assert!(!watched.has_changed().unwrap());
}

async fn a_commit_has_a_largest_size(store: &dyn Store) {
    let key = api("a");
    let mut large = put(&key, "");
    large.tags.clear();
    large.body = vec![b' '; COMMIT_BYTES_MAX];
    let mut larger = puts([large.clone()]);
    larger.contents.push(Content::new("x"));
    let bytes = COMMIT_BYTES_MAX + 1;
    assert_eq!(
        store.commit(larger).await,
        Err(CommitError::TooLarge { bytes })
    );
    store.commit(puts([large])).await.unwrap();
    let read = store.get(&key).await.unwrap().unwrap();
    assert_eq!(read.body.len(), COMMIT_BYTES_MAX);
}

async fn keys_hold_any_text(store: &dyn Store) {
    let texts = [
        "",
        "'; DROP TABLE entity; --",
        "%",
        "_",
        "a\nb",
        "ключ",
        "🦀",
    ];
    for text in texts {
        let key = api(text).child(Kind::Model, &format!("m{text}"));
        store.commit(puts([put(&key, text)])).await.unwrap();
        let read = store.get(&key).await.unwrap().unwrap();
        assert_eq!((read.key, read.body), (key, text.as_bytes().to_vec()));
    }
}
