//! The tree of resources. A static segment is preferred to a variable, a variable to a greedy one; a branch that does
//! not match to its end gives way to the next.
//!
//! Each resource is a node with one parent, so a walk visits a node once at most: 300 resources bound it, whatever
//! the path.

use std::ops::Range;

use smallvec::SmallVec;

/// The parts of a path that variables took, in order.
pub type Captured = SmallVec<[Range<usize>; 4]>;

/// Resources by path.
#[derive(Debug, Default)]
pub struct Tree {
    root: Node,
}

/// A resource path that cannot stand in a tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Two resources with one path.
    #[error("two resources have the path {0}")]
    Duplicate(String),
    /// AWS allows one variable among siblings, and nothing below a greedy one.
    #[error("the variable of {0} is not the only one of its parent, or stands below a greedy one")]
    Variable(String),
    /// Deeper than any API is.
    #[error("the path {0} has more than {SEGMENTS_MAX} segments")]
    TooDeep(String),
}

/// AWS allows 300 resources, so a deeper tree cannot exist; the walk recurses once per segment.
const SEGMENTS_MAX: usize = 300;

#[derive(Debug, Default)]
struct Node {
    /// The resource that ends here.
    resource: Option<usize>,
    literals: Literals,
    variable: Option<Box<Node>>,
    greedy: Option<usize>,
}

impl Tree {
    /// Adds the resource with this number at `path`, e.g. `/pets/{id}` or `/files/{rest+}`.
    pub fn insert(&mut self, path: &str, resource: usize) -> Result<(), PathError> {
        if segments(path, 0).take(SEGMENTS_MAX + 1).count() > SEGMENTS_MAX {
            return Err(PathError::TooDeep(path.to_owned()));
        }
        let mut node = &mut self.root;
        let mut parts = segments(path, 0).map(|range| &path[range]).peekable();
        while let Some(part) = parts.next() {
            match Part::of(part) {
                Part::Literal => node = node.literals.get_or_insert(part),
                Part::Variable => node = node.variable.get_or_insert_default(),
                Part::Greedy if parts.peek().is_some() => {
                    return Err(PathError::Variable(path.to_owned()));
                }
                Part::Greedy => return set(&mut node.greedy, path, resource),
            }
        }
        set(&mut node.resource, path, resource)
    }

    /// The resource that `path` meets. A trailing slash counts for nothing; inside a greedy value, slashes stay.
    pub fn find(&self, path: &str) -> Option<(usize, Captured)> {
        let mut captured = Captured::new();
        let resource = self.root.find(path, 0, &mut captured)?;
        Some((resource, captured))
    }
}

enum Part {
    Literal,
    Variable,
    Greedy,
}

impl Part {
    fn of(segment: &str) -> Self {
        match segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(name) if name.ends_with('+') => Self::Greedy,
            Some(_) => Self::Variable,
            None => Self::Literal,
        }
    }
}

/// The names of the variables of a resource path, in order.
pub(crate) fn variables(path: &str) -> Vec<Box<str>> {
    let names = segments(path, 0)
        .map(|range| &path[range])
        .filter_map(|segment| {
            let name = segment.strip_prefix('{')?.strip_suffix('}')?;
            Some(Box::from(name.strip_suffix('+').unwrap_or(name)))
        });
    names.collect()
}

/// The static segments below a node, sorted by their heads. A search looks at heads, which lie side by side, and then at one segment: with
/// very many APIs each segment that is looked at must be brought from memory.
#[derive(Debug, Default)]
struct Literals {
    heads: Vec<Head>,
    nodes: Vec<(Box<str>, Node)>,
}

/// The first bytes of a segment, and its length, which tell most segments apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head([u8; 14], u16);

impl Head {
    fn of(segment: &str) -> Self {
        let mut first = [0; 14];
        let length = segment.len().min(first.len());
        first[..length].copy_from_slice(&segment.as_bytes()[..length]);
        // Longer segments only share their heads.
        Self(first, u16::try_from(segment.len()).unwrap_or(u16::MAX))
    }
}

impl Literals {
    /// Where the segment stands, or would.
    fn position(&self, segment: &str) -> Result<usize, usize> {
        let head = Head::of(segment);
        let first = self.heads.partition_point(|known| *known < head);
        let of_head = self.heads[first..].iter().take_while(|it| **it == head);
        let mut nodes = self.nodes[first..].iter().take(of_head.count());
        let at = nodes.position(|(known, _)| segment.len() <= head.0.len() || **known == *segment);
        at.map_or(Err(first), |at| Ok(first + at))
    }

    fn get(&self, segment: &str) -> Option<&Node> {
        let at = self.position(segment).ok()?;
        Some(&self.nodes[at].1)
    }

    fn get_or_insert(&mut self, segment: &str) -> &mut Node {
        let at = self.position(segment).unwrap_or_else(|at| {
            self.heads.insert(at, Head::of(segment));
            self.nodes.insert(at, (segment.into(), Node::default()));
            at
        });
        &mut self.nodes[at].1
    }
}

impl Node {
    fn find(&self, path: &str, at: usize, captured: &mut Captured) -> Option<usize> {
        let Some(segment) = segments(path, at).next() else {
            return self.resource;
        };
        if let Some(literal) = self.literals.get(&path[segment.clone()])
            && let Some(found) = literal.find(path, segment.end, captured)
        {
            return Some(found);
        }
        if let Some(variable) = &self.variable {
            captured.push(segment.clone());
            if let Some(found) = variable.find(path, segment.end, captured) {
                return Some(found);
            }
            captured.pop();
        }
        let greedy = self.greedy?;
        captured.push(segment.start..path.trim_end_matches('/').len());
        Some(greedy)
    }
}

fn set(place: &mut Option<usize>, path: &str, resource: usize) -> Result<(), PathError> {
    if place.is_some() {
        return Err(PathError::Duplicate(path.to_owned()));
    }
    *place = Some(resource);
    Ok(())
}

/// The segments of `path` from `at` on; empty ones, between doubled slashes or at the end, do not count.
fn segments(path: &str, at: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = at;
    std::iter::from_fn(move || {
        let start = at + path[at..].bytes().take_while(|byte| *byte == b'/').count();
        if start == path.len() {
            return None;
        }
        at = path[start..]
            .find('/')
            .map_or(path.len(), |offset| start + offset);
        Some(start..at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Tree {
        let mut tree = Tree::default();
        for (index, path) in paths.iter().enumerate() {
            tree.insert(path, index).expect("a path AWS would take");
        }
        tree
    }

    fn check(paths: &[&str], path: &str, expected: Option<(&str, &[&str])>) {
        let found = tree(paths).find(path).map(|(index, captured)| {
            let values: Vec<_> = captured.iter().map(|range| &path[range.clone()]).collect();
            (paths[index], values)
        });
        let expected = expected.map(|(resource, values)| (resource, values.to_vec()));
        assert_eq!(found, expected, "{path} in {paths:?}");
    }

    #[test]
    fn the_more_specific_wins_and_gives_way_when_it_does_not_match_to_its_end() {
        let paths = [
            "/",
            "/foo",
            "/foo/{param}",
            "/proxy/{proxy+}",
            "/proxy/bar/{param}",
        ];
        check(&paths, "/", Some(("/", &[])));
        check(&paths, "", Some(("/", &[])));
        check(&paths, "/foo", Some(("/foo", &[])));
        check(&paths, "/foo/", Some(("/foo", &[])));
        check(
            &paths,
            "/foo/random-value",
            Some(("/foo/{param}", &["random-value"])),
        );
        check(
            &paths,
            "/foo/foo%2Fbar/",
            Some(("/foo/{param}", &["foo%2Fbar"])),
        );
        check(
            &paths,
            "/proxy/this/is/a/proxy/req2%Fuest",
            Some(("/proxy/{proxy+}", &["this/is/a/proxy/req2%Fuest"])),
        );
        check(
            &paths,
            "/proxy/bar/foobar",
            Some(("/proxy/bar/{param}", &["foobar"])),
        );
        check(
            &paths,
            "/proxy/bar/x/y",
            Some(("/proxy/{proxy+}", &["bar/x/y"])),
        );
        check(&paths, "/proxy", None);
        check(&paths, "/proxy/", None);
        check(&paths, "/wrong-test", None);
    }

    #[test]
    fn a_variable_that_fails_leaves_nothing_captured() {
        let paths = ["/{a}/x", "/{rest+}"];
        check(&["/{a}/x"], "/1/y", None);
        // AWS refuses such siblings; the tree still answers for one variable beside a greedy one.
        check(&paths, "/1/y", Some(("/{rest+}", &["1/y"])));
    }

    #[test]
    fn greedy_values_keep_their_slashes_but_the_last() {
        check(
            &["/{proxy+}"],
            "/proxy-value/",
            Some(("/{proxy+}", &["proxy-value"])),
        );
        check(
            &["/{proxy+}"],
            "/proxy-value//double-slash",
            Some(("/{proxy+}", &["proxy-value//double-slash"])),
        );
        check(
            &["/{proxy+}", "/hardcoded"],
            "/hardcoded",
            Some(("/hardcoded", &[])),
        );
        check(&["/{proxy+}"], "/", None);
    }

    #[test]
    fn several_variables_are_captured_in_order() {
        check(&["/{a}/b/{c}"], "/1/b/3", Some(("/{a}/b/{c}", &["1", "3"])));
        assert_eq!(variables("/{a}/b/{c+}"), [Box::from("a"), Box::from("c")]);
    }

    #[test]
    fn paths_that_cannot_stand_together_are_refused() {
        let mut tree = tree(&["/a", "/{x+}"]);
        assert_eq!(
            tree.insert("/a/", 9),
            Err(PathError::Duplicate("/a/".to_owned()))
        );
        assert_eq!(
            tree.insert("/{y+}", 9),
            Err(PathError::Duplicate("/{y+}".to_owned()))
        );
        assert_eq!(
            tree.insert("/{y+}/z", 9),
            Err(PathError::Variable("/{y+}/z".to_owned()))
        );
        let deep = "/x".repeat(SEGMENTS_MAX + 1);
        assert_eq!(tree.insert(&deep, 9), Err(PathError::TooDeep(deep.clone())));
    }
}
