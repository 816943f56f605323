//! Trees of resources and paths: those of the fuzz target's seeds, and random ones. The tree finds what trying every resource finds.

mod reference;

use std::path::PathBuf;

use proptest::prelude::*;
use reference::{check, check_text};

fn resource() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec!["a", "b", "c", "{v}"]);
    let end = prop::sample::select(vec!["", "/{g+}"]);
    (prop::collection::vec(segment, 1..4), end)
        .prop_map(|(segments, end)| format!("/{}{end}", segments.join("/")))
}

fn asked() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec!["a", "b", "c", "d", "%2F"]);
    let end = prop::sample::select(vec!["", "/"]);
    (prop::collection::vec(segment, 1..5), end)
        .prop_map(|(segments, end)| format!("/{}{end}", segments.join("/")))
}

#[test]
fn the_seeds_of_the_fuzz_target() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/routes");
    let mut seeds = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        check_text(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
        seeds += 1;
    }
    assert!(seeds >= 5);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resources_that_may_stand_together(
        resources in prop::collection::btree_set(resource(), 0..12),
        asked in prop::collection::vec(asked(), 1..8),
    ) {
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        check(&resources, &asked.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn any_path_asked_for(
        resources in prop::collection::btree_set(resource(), 0..12),
        path in "\\PC{0,40}|(/|a|b|%2F|\\.\\.|é){0,12}",
    ) {
        check(&resources.iter().map(String::as_str).collect::<Vec<_>>(), &[&path]);
    }

    #[test]
    fn any_resource_is_taken_or_refused(paths in prop::collection::vec("\\PC{0,60}|(/|\\{|\\}|a|\\+){0,20}", 1..6)) {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        check(&[&paths[..], &paths[..1]].concat(), &paths);
    }
}
