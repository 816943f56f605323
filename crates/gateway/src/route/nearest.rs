//! The route that a request meant which met none: a guess for a developer, by the distance between paths.

use crate::plan::{DeploymentPlan, Resource};

/// Steps that a guess may cost, whatever paths and routes there are: some tens of milliseconds.
const WORK_MAX: usize = 20_000_000;

/// Segments of a path, and bytes of a segment, that are compared.
const SEGMENTS_MAX: usize = 32;
const SEGMENT_BYTES_MAX: usize = 64;

/// A whole segment too many or too few.
const SEGMENT: u32 = 8;
/// A segment that is another altogether. Dearer than one, and cheaper than two, so that segments are paired where they can be.
const OTHER: u32 = 12;
/// A segment that a variable takes: it fits anything, so it says less than one that is the same.
const VARIABLE: u32 = 1;
/// Another method.
const METHOD: u32 = 3;

/// `GET /pets/{petId}`: the method and resource nearest to those asked for. Of routes equally near, the first.
pub(crate) fn find(plan: &DeploymentPlan, method: &str, path: &str) -> Option<String> {
    let asked = segments(path);
    let mut work_left = WORK_MAX;
    let mut best: Option<(u32, &Resource, &str)> = None;
    for resource in &plan.resources {
        let route = segments(&resource.path);
        let Some(left) = work_left.checked_sub(cost(&asked, &route)) else {
            break;
        };
        work_left = left;
        let Some((extra, name)) = nearest_method(resource, method) else {
            continue;
        };
        let distance = of_paths(&asked, &route) + extra;
        if best.is_none_or(|(known, ..)| distance < known) {
            best = Some((distance, resource, name));
        }
    }
    best.map(|(_, resource, name)| format!("{name} {}", resource.path))
}

fn nearest_method<'r>(resource: &'r Resource, method: &str) -> Option<(u32, &'r str)> {
    if let Some(own) = resource.method(method) {
        return Some((0, &own.name));
    }
    // A preflight is seldom what was meant.
    let mut methods = resource.methods().iter();
    let meant = methods.find(|method| &*method.name != "OPTIONS");
    let any = meant.or(resource.methods().first())?;
    Some((METHOD, &any.name))
}

fn segments(path: &str) -> Vec<&str> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.take(SEGMENTS_MAX).collect()
}

fn cost(asked: &[&str], route: &[&str]) -> usize {
    let bytes = |segments: &[&str]| -> usize {
        let bytes = segments.iter().map(|it| it.len().min(SEGMENT_BYTES_MAX));
        bytes.sum::<usize>() + 1
    };
    bytes(asked) * bytes(route)
}

/// The least that makes one path of the other.
fn of_paths(asked: &[&str], route: &[&str]) -> u32 {
    let Some((_, fixed)) = route.split_last().filter(|(last, _)| last.ends_with("+}")) else {
        return rows(asked, route, SEGMENT, of_segments)[asked.len()];
    };
    let rows = rows(asked, fixed, SEGMENT, of_segments);
    // A greedy variable takes any number of segments, but one at least.
    let ends = (0..asked.len()).map(|end| rows[end] + VARIABLE);
    let without = rows[asked.len()] + SEGMENT;
    ends.min().map_or(without, |with| with.min(without))
}

fn of_segments(asked: &str, route: &str) -> u32 {
    if route.starts_with('{') {
        return VARIABLE;
    }
    if asked == route {
        return 0;
    }
    let (asked, route) = (short(asked), short(route));
    let letters = rows(asked, route, 1, |one, other| {
        u32::from(!one.eq_ignore_ascii_case(&other))
    });
    let longest = asked.len().max(route.len()).max(1) as u32;
    // Letter case alone is something, too.
    1 + letters[asked.len()] * (OTHER - 1) / longest
}

fn short(segment: &str) -> &[u8] {
    let bytes = segment.as_bytes();
    &bytes[..bytes.len().min(SEGMENT_BYTES_MAX)]
}

/// The edit distance of each beginning of `asked` from all of `other`, the shortest first (Wagner and Fischer's table, its last column).
fn rows<T: Copy>(asked: &[T], other: &[T], missing: u32, differ: impl Fn(T, T) -> u32) -> Vec<u32> {
    let mut column: Vec<u32> = (0..=asked.len() as u32)
        .map(|length| length * missing)
        .collect();
    for item in other {
        let mut diagonal = column[0];
        column[0] += missing;
        for at in 0..asked.len() {
            let replaced = diagonal + differ(asked[at], *item);
            diagonal = column[at + 1];
            column[at + 1] = replaced.min(column[at] + missing).min(diagonal + missing);
        }
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(asked: &str, route: &str) -> u32 {
        of_paths(&segments(asked), &segments(route))
    }

    /// The first of the routes is nearer to what is asked than each of the others.
    fn check(asked: &str, routes: &[&str]) {
        let nearest = distance(asked, routes[0]);
        for other in &routes[1..] {
            let further = distance(asked, other);
            assert!(
                nearest < further,
                "{asked}: {} {nearest}, {other} {further}",
                routes[0]
            );
        }
    }

    #[test]
    fn paths_are_as_far_apart_as_people_say() {
        check(
            "/pet/7",
            &[
                "/pets/{petId}",
                "/pets",
                "/",
                "/orders/{id}",
                "/{a}/{b}/{c}",
            ],
        );
        check("/Pets", &["/pets", "/", "/{shop}/pets", "/pots"]);
        check(
            "/pets/1/toys",
            &["/pets/{id}", "/pets", "/orders/{id}/items", "/"],
        );
        check("/petstore/pets", &["/pets", "/", "/users"]);
        check(
            "/files",
            &["/files/{path+}", "/pets/{path+}", "/orders/all/{path+}"],
        );
        check("/a/b/c/d", &["/a/{rest+}", "/a", "/b/c"]);
        assert_eq!(distance("/pets/1", "/pets/{id}"), VARIABLE);
        assert_eq!(distance("/", "/"), 0);
        assert_eq!(distance("/", "/{proxy+}"), SEGMENT);
    }
}
