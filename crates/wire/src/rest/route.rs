//! Which operation a request is, by its method, its path and the literal query of operations that have one.

use percent_encoding::percent_decode_str;

use super::query;
use crate::schema::Operation;

/// The labels of a path by their names, still percent-encoded.
pub type Labels = Vec<(&'static str, String)>;

/// An operation and what the path said to it.
#[derive(Debug)]
pub struct Matched {
    /// The operation.
    pub operation: &'static Operation,
    /// The labels.
    pub labels: Labels,
}

/// No operation has this method and path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no operation has this method and path")]
pub struct NoOperation;

/// The operations of a service by their requests.
#[derive(Debug)]
pub struct Router {
    /// Those with a literal query first: it sets them apart from those without.
    routes: Vec<Route>,
}

#[derive(Debug)]
struct Route {
    operation: &'static Operation,
    segments: Vec<Segment>,
    /// The literal query.
    query: Vec<(&'static str, &'static str)>,
}

#[derive(Debug)]
enum Segment {
    Literal(&'static str),
    Label(&'static str),
}

impl Router {
    /// A router of `operations`.
    pub fn new(operations: &[&'static Operation]) -> Self {
        let mut routes: Vec<_> = operations
            .iter()
            .map(|operation| Route::of(operation))
            .collect();
        routes.sort_by_key(|route| std::cmp::Reverse(route.query.len()));
        Self { routes }
    }

    /// The operation of a request. Path and query are as they stood in the request line.
    ///
    /// # Errors
    /// When there is none.
    pub fn route(&self, method: &str, path: &str, query: &str) -> Result<Matched, NoOperation> {
        let segments = split(path).ok_or(NoOperation)?;
        let mut routes = self.routes.iter();
        let route = routes
            .find(|route| route.is_match(method, &segments, query))
            .ok_or(NoOperation)?;
        Ok(Matched {
            operation: route.operation,
            labels: route.labels(&segments),
        })
    }
}

/// Segments of a path, undecoded. One slash at the end is no segment.
fn split(path: &str) -> Option<Vec<&str>> {
    let path = path.strip_prefix('/')?;
    Some(path.strip_suffix('/').unwrap_or(path).split('/').collect())
}

impl Route {
    fn of(operation: &'static Operation) -> Self {
        let (path, query) = operation.uri.split_once('?').unwrap_or((operation.uri, ""));
        let segments = split(path).unwrap_or_default();
        Self {
            operation,
            segments: segments.into_iter().map(Segment::of).collect(),
            query: query
                .split('&')
                .filter_map(|part| part.split_once('='))
                .collect(),
        }
    }

    fn is_match(&self, method: &str, segments: &[&str], query: &str) -> bool {
        self.operation.method == method
            && self.segments.len() == segments.len()
            && self
                .segments
                .iter()
                .zip(segments)
                .all(|(expected, found)| expected.is_match(found))
            && self
                .query
                .iter()
                .all(|(name, value)| query::has(query, name, value))
    }

    fn labels(&self, segments: &[&str]) -> Labels {
        let pairs = self.segments.iter().zip(segments);
        pairs
            .filter_map(|(expected, found)| Some((expected.label()?, (*found).to_owned())))
            .collect()
    }
}

impl Segment {
    fn of(text: &'static str) -> Self {
        let label = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        label.map_or(Self::Literal(text), Self::Label)
    }

    fn is_match(&self, found: &str) -> bool {
        match self {
            Self::Literal(text) => percent_decode_str(found).eq(text.bytes()),
            Self::Label(_) => !found.is_empty(),
        }
    }

    fn label(&self) -> Option<&'static str> {
        match self {
            Self::Literal(_) => None,
            Self::Label(name) => Some(name),
        }
    }
}
