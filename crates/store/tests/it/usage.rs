//! Counts of usage plans: totals that outlive the process.

use tollgate_store::{DayRow, MemberKey, QuotaRow, StoreError, UsageRow, UsageState, UsageStore};

fn member(key: &str) -> MemberKey {
    MemberKey {
        account: "000000000000".into(),
        region: "us-east-1".into(),
        plan: "plan".into(),
        key: key.into(),
    }
}

fn row(key: &str, day: u16, used: u64, remaining: Option<i64>) -> UsageRow {
    UsageRow {
        member: member(key),
        days: vec![DayRow {
            day,
            used,
            remaining,
        }],
        quota: remaining.map(|left| QuotaRow {
            period: "DAY".into(),
            start: day,
            used: 10 - left,
        }),
    }
}

#[test]
fn totals_are_kept_and_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let store = UsageStore::open(folder.path()).unwrap();
    store
        .write(&[row("a", 7, 2, Some(8)), row("b", 8, 5, None)])
        .unwrap();
    store
        .write(&[row("a", 7, 3, Some(7)), row("a", 8, 1, Some(12))])
        .unwrap();
    drop(store);
    let store = UsageStore::open(folder.path()).unwrap();
    let days = store.days(&member("a"), 7, 8).unwrap();
    let told: Vec<_> = days
        .iter()
        .map(|it| (it.day, it.used, it.remaining))
        .collect();
    assert_eq!(told, [(7, 3, Some(7)), (8, 1, Some(12))]);
    assert_eq!(store.days(&member("a"), 8, 9).unwrap().len(), 1);
    let all = store.all(8).unwrap();
    assert_eq!(all.len(), 2);
    let quota = Some(QuotaRow {
        period: "DAY".into(),
        start: 8,
        used: -2,
    });
    assert_eq!(all[&member("a")], UsageState { quota, today: 1 });
    assert_eq!(all[&member("a")], store.state(&member("a"), 8).unwrap());
    assert_eq!(store.state(&member("c"), 8).unwrap(), UsageState::default());
    store.forget(408).unwrap();
    assert_eq!(store.days(&member("a"), 0, u16::MAX).unwrap().len(), 1);
}

#[test]
fn other_files_are_no_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(UsageStore::FILE);
    std::fs::write(
        &path,
        "no database at all, and long enough to be read as one",
    )
    .unwrap();
    let error = UsageStore::open(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains(UsageStore::FILE), "{error}");
}
