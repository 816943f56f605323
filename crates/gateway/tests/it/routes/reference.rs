//! What the tree of routes has to find, the slow way: every resource is tried, and of all that fit the one is taken that is more specific at the
//! first segment where they differ. The tests here and `fuzz/fuzz_targets/routes.rs` hold the tree to it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>

use tollgate_gateway::{PathError, Tree};

/// As many as AWS lets an API have; trying each takes the product of both.
const RESOURCES_MAX: usize = 300;
const ASKED_MAX: usize = 100;

/// A tree recurses once per segment, so it takes no deeper path.
const SEGMENTS_MAX: usize = 300;

/// A segment of a resource path; the more specific, the less.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'p> {
    Literal(&'p str),
    Variable,
    Greedy,
}

/// Checks what a seed says: paths of resources, one a line, and after an empty line those of requests.
pub(super) fn check_text(text: &str) {
    let (resources, asked) = text.split_once("\n\n").unwrap_or((text, ""));
    let resources: Vec<&str> = resources.lines().take(RESOURCES_MAX).collect();
    // A resource's own path is one that a request may have, too.
    let asked = asked
        .lines()
        .take(ASKED_MAX)
        .chain(resources.iter().copied());
    check(&resources, &asked.collect::<Vec<_>>());
}

/// Puts each resource path into a tree, in this order and in the opposite one, and asks for each path.
///
/// # Panics
/// When the tree takes a path that it should refuse or the other way about, finds another resource than trying each does, or captures other parts.
pub(super) fn check<'p>(resources: &[&'p str], asked: &[&str]) {
    let mut tree = Tree::default();
    let mut taken: Vec<(&str, Vec<Part<'p>>)> = Vec::new();
    for resource in resources {
        let inserted = tree.insert(resource, taken.len());
        match refusal(&taken, resource) {
            Some(refused) => assert_eq!(inserted, Err(refused)),
            None => {
                assert_eq!(inserted, Ok(()), "{resource:?} beside {:?}", names(&taken));
                taken.push((resource, parts(resource)));
            }
        }
    }
    let mut backwards = Tree::default();
    for (index, (resource, _)) in taken.iter().enumerate().rev() {
        assert_eq!(backwards.insert(resource, index), Ok(()), "{resource:?}");
    }
    for path in asked {
        let expected = tried(&taken, path);
        for tree in [&tree, &backwards] {
            assert_eq!(
                found(tree, path),
                expected,
                "{path:?} in {:?}",
                names(&taken)
            );
        }
    }
}

/// Number and captured texts of what the tree finds.
fn found<'a>(tree: &Tree, path: &'a str) -> Option<(usize, Vec<&'a str>)> {
    let (index, captured) = tree.find(path)?;
    let text = |range: std::ops::Range<usize>| path.get(range).expect("a part of the path");
    Some((index, captured.into_iter().map(text).collect()))
}

fn tried<'a>(taken: &[(&str, Vec<Part>)], path: &'a str) -> Option<(usize, Vec<&'a str>)> {
    let numbered = taken.iter().enumerate();
    let fitting =
        numbered.filter_map(|(index, (_, parts))| Some((index, parts, captured(parts, path)?)));
    // Two that fit differ first where one of them is less specific: literals that differ cannot both fit.
    let best = fitting.min_by_key(|(_, parts, _)| *parts);
    best.map(|(index, _, captured)| (index, captured))
}

/// What the variables of a resource take of a path that fits it. A greedy one takes the rest as it stands, but for slashes at the end.
fn captured<'a>(parts: &[Part], path: &'a str) -> Option<Vec<&'a str>> {
    let mut rest = path.trim_matches('/');
    let mut captured = Vec::new();
    for part in parts {
        let (segment, after) = first_segment(rest)?;
        match part {
            Part::Literal(literal) if *literal == segment => rest = after,
            Part::Literal(_) => return None,
            Part::Variable => {
                captured.push(segment);
                rest = after;
            }
            Part::Greedy => captured.push(std::mem::take(&mut rest)),
        }
    }
    rest.is_empty().then_some(captured)
}

/// The first segment, and what follows its slashes.
fn first_segment(path: &str) -> Option<(&str, &str)> {
    let (segment, rest) = path.split_once('/').unwrap_or((path, ""));
    (!segment.is_empty()).then(|| (segment, rest.trim_start_matches('/')))
}

fn refusal(taken: &[(&str, Vec<Part>)], resource: &str) -> Option<PathError> {
    let parts = parts(resource);
    let greedy = parts.iter().position(|part| *part == Part::Greedy);
    let path = resource.to_owned();
    if parts.len() > SEGMENTS_MAX {
        Some(PathError::TooDeep(path))
    } else if greedy.is_some_and(|at| at + 1 < parts.len()) {
        Some(PathError::Variable(path))
    } else if taken.iter().any(|(_, known)| *known == parts) {
        Some(PathError::Duplicate(path))
    } else {
        None
    }
}

fn parts(path: &str) -> Vec<Part<'_>> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.map(part).collect()
}

fn part(segment: &str) -> Part<'_> {
    match segment.starts_with('{') && segment.ends_with('}') {
        true if segment.ends_with("+}") => Part::Greedy,
        true => Part::Variable,
        false => Part::Literal(segment),
    }
}

fn names<'p>(taken: &[(&'p str, Vec<Part>)]) -> Vec<&'p str> {
    taken.iter().map(|(name, _)| *name).collect()
}
