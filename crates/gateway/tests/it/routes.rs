//! Random trees of resources and random paths: the tree finds what trying every resource finds.

use proptest::prelude::*;
use tollgate_gateway::Tree;

/// A resource path taken apart; the variants are in the order in which they are preferred.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Literal(String),
    Variable,
    Greedy,
}

fn parts(path: &str) -> Vec<Part> {
    let part = |segment: &str| match segment {
        "{v}" => Part::Variable,
        "{g+}" => Part::Greedy,
        literal => Part::Literal(literal.to_owned()),
    };
    segments(path).map(part).collect()
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_suffix('/').unwrap_or(path).split('/').skip(1)
}

fn fits(parts: &[Part], segments: &[&str]) -> bool {
    match (parts.split_first(), segments.split_first()) {
        (None, None) => true,
        (Some((Part::Greedy, _)), Some(_)) => true,
        (Some((Part::Variable, rest)), Some((_, others))) => fits(rest, others),
        (Some((Part::Literal(literal), rest)), Some((segment, others))) => {
            literal == segment && fits(rest, others)
        }
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Of all that fit, the one that is preferred at the first segment where they differ.
fn tried(resources: &[String], path: &str) -> Option<usize> {
    let asked: Vec<&str> = segments(path).collect();
    let fitting = resources
        .iter()
        .map(|resource| parts(resource))
        .enumerate()
        .filter(|(_, parts)| fits(parts, &asked));
    let kinds = |parts: &[Part]| -> Vec<u8> {
        let kind = |part: &Part| match part {
            Part::Literal(_) => 0,
            Part::Variable => 1,
            Part::Greedy => 2,
        };
        parts.iter().map(kind).collect()
    };
    fitting
        .min_by_key(|(_, parts)| kinds(parts))
        .map(|(index, _)| index)
}

fn resource() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec!["a", "b", "c", "{v}"]);
    let end = prop::sample::select(vec!["", "/{g+}"]);
    (prop::collection::vec(segment, 1..4), end)
        .prop_map(|(segments, end)| format!("/{}{end}", segments.join("/")))
}

fn tree(resources: &[String]) -> Tree {
    let mut tree = Tree::default();
    for (index, resource) in resources.iter().enumerate() {
        tree.insert(resource, index).expect("each path once");
    }
    tree
}

proptest! {
    #[test]
    fn the_tree_finds_what_trying_each_finds(
        resources in prop::collection::btree_set(resource(), 0..12),
        path in prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d", "%2F"]), 1..5),
        slash in any::<bool>(),
    ) {
        let resources: Vec<String> = resources.into_iter().collect();
        let path = format!("/{}{}", path.join("/"), if slash { "/" } else { "" });
        let found = tree(&resources).find(&path);
        let expected = tried(&resources, &path);
        prop_assert_eq!(found.as_ref().map(|(index, _)| *index), expected, "{:?} {}", resources, path);
        if let Some((index, captured)) = found {
            let variables = parts(&resources[index]).iter().filter(|part| !matches!(part, Part::Literal(_))).count();
            prop_assert_eq!(captured.len(), variables);
        }
    }

    #[test]
    fn whatever_the_path_what_is_captured_lies_within(
        resources in prop::collection::btree_set(resource(), 0..12),
        path in "\\PC{0,40}|(/|a|b|%2F|\\.\\.|é){0,12}",
    ) {
        let resources: Vec<String> = resources.into_iter().collect();
        if let Some((_, captured)) = tree(&resources).find(&path) {
            for range in captured {
                prop_assert!(path.get(range.clone()).is_some(), "{:?} {:?}", range, path);
            }
        }
    }

    #[test]
    fn any_resource_path_is_taken_or_refused(path in "\\PC{0,60}|(/|\\{|\\}|a|\\+){0,20}") {
        let mut tree = Tree::default();
        if tree.insert(&path, 0).is_ok() {
            prop_assert!(tree.insert(&path, 1).is_err());
        }
    }
}
