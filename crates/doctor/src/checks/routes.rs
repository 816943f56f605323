//! Routes that no request meets, or that answer less than they seem to.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>

use std::collections::{HashMap, HashSet};

use tollgate_openapi::Subject;

use crate::bench::{Ask, Backend, Bench, filled};
use crate::code::Code;
use crate::exam::{Exam, Seen, Spot};
use crate::finding::Severity;

/// The methods that ANY stands for.
const ALL: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The methods of a resource, by its path.
type Resources<'d> = HashMap<&'d str, Vec<Seen<'d>>>;

/// Looks at every route, and asks for it.
pub(super) fn check(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) {
    let mut resources: Resources<'_> = HashMap::new();
    for seen in exam.methods() {
        resources.entry(seen.path).or_default().push(seen);
        reached(exam, bench, &seen);
        variables(exam, bench, blank, &seen);
        reserved(exam, &seen);
    }
    for methods in resources.values() {
        any(exam, methods);
    }
    for seen in exam.methods() {
        greedy(exam, bench, &resources, &seen);
    }
}

/// A request for the route has to meet it.
fn reached(exam: &mut Exam<'_>, bench: &mut Bench, seen: &Seen<'_>) {
    let Some(run) = bench.run(&Ask::of(seen), Backend::fine()) else {
        return;
    };
    let met = run.tried.resource.as_deref();
    if met == Some(seen.path) || collides(exam, seen) {
        return;
    }
    let reason = match met {
        Some(other) => format!("requests for it are answered by {other}"),
        None => "requests for it find no route".to_owned(),
    };
    exam.tell(
        Code::MethodUnreachable,
        Severity::Error,
        seen.at(&[]),
        reason,
        Some(run.evidence()),
    );
}

/// Whether the values that were made up for the path's variables are paths of their own.
fn collides(exam: &Exam<'_>, seen: &Seen<'_>) -> bool {
    let path = filled(seen.path);
    let parts = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let asked = parts(&path);
    exam.methods().iter().any(|other| {
        let own = parts(other.path);
        let fits = |(own, asked): (&String, &String)| own == asked || own.starts_with('{');
        other.path != seen.path && own.len() <= asked.len() && own.iter().zip(&asked).all(fits)
    })
}

/// Two variables of one name: there is one value only.
fn variables(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>, seen: &Seen<'_>) {
    let names = seen.path_variables();
    let mut known = HashSet::new();
    let Some(twice) = names.iter().find(|name| !known.insert(**name)) else {
        return;
    };
    let run = match blank.contains(&seen.label()) {
        true => None,
        false => bench.run(&Ask::of(seen), Backend::fine()),
    };
    let reason =
        format!("the path has {{{twice}}} twice; mappings and templates see the value of one only");
    let place = (
        seen.label(),
        Spot::Part(Subject::Resource(seen.path.to_owned()), Vec::new()),
    );
    let evidence = run.map(|run| run.evidence());
    exam.tell(
        Code::DuplicatePathVariable,
        Severity::Warning,
        place,
        reason,
        evidence,
    );
}

/// AWS asks these itself, on custom domains.
fn reserved(exam: &mut Exam<'_>, seen: &Seen<'_>) {
    if ["/ping", "/sping"].contains(&seen.path) {
        let reason = format!(
            "AWS keeps {} for its own health checks: under a custom domain the method is not reached",
            seen.path
        );
        let place = (
            seen.label(),
            Spot::Part(Subject::Resource(seen.path.to_owned()), Vec::new()),
        );
        exam.tell(Code::PathReserved, Severity::Warning, place, reason, None);
    }
}

/// ANY beside every method that it stands for.
fn any(exam: &mut Exam<'_>, methods: &[Seen<'_>]) {
    let Some(any) = methods.iter().find(|seen| seen.name == "ANY") else {
        return;
    };
    if ALL
        .iter()
        .all(|name| methods.iter().any(|seen| seen.name == *name))
    {
        let reason =
            "the resource has every method that ANY stands for, so that ANY answers nothing";
        exam.tell(
            Code::MethodUnreachable,
            Severity::Warning,
            any.at(&[]),
            reason,
            None,
        );
    }
}

/// A greedy method does not answer for a resource beside it that lacks the method.
fn greedy(exam: &mut Exam<'_>, bench: &mut Bench, resources: &Resources<'_>, seen: &Seen<'_>) {
    let parent = seen.path.rsplit_once('/');
    let Some((parent, _)) = parent.filter(|(_, last)| last.ends_with("+}")) else {
        return;
    };
    let is_below = |path: &str| {
        let below = path
            .strip_prefix(parent)
            .and_then(|it| it.strip_prefix('/'));
        below.is_some_and(|it| !it.is_empty())
    };
    let mut beside: Vec<&str> = resources.keys().copied().collect();
    beside.retain(|path| *path != seen.path && is_below(path));
    beside.sort_unstable();
    for path in beside {
        let own: Vec<&str> = resources[path].iter().map(|it| it.name).collect();
        if let Some(lacking) = lacking(seen.name, &own) {
            shadowed(exam, bench, seen, path, lacking, &own);
        }
    }
}

fn shadowed(
    exam: &mut Exam<'_>,
    bench: &mut Bench,
    seen: &Seen<'_>,
    path: &str,
    lacking: &str,
    own: &[&str],
) {
    let ask = Ask {
        method: lacking.to_owned(),
        path: filled(path),
        ..Ask::default()
    };
    let run = bench.run(&ask, Backend::fine());
    let Some(run) = run.filter(|run| run.tried.resource.is_none()) else {
        return;
    };
    let reason = format!(
        "{} does not answer {lacking} {path}: that resource has only {}, and the answer is {}",
        seen.label(),
        own.join(", "),
        run.tried.status
    );
    let evidence = Some(run.evidence());
    exam.tell(
        Code::GreedyShadowed,
        Severity::Note,
        seen.at(&[]),
        reason,
        evidence,
    );
}

/// A method that the greedy one would answer and the resource has not.
fn lacking<'n>(greedy: &'n str, own: &[&str]) -> Option<&'n str> {
    if own.contains(&"ANY") || own.contains(&greedy) {
        return None;
    }
    match greedy {
        "ANY" => ["GET", "POST", "PUT", "DELETE", "PATCH"]
            .into_iter()
            .find(|name| !own.contains(name)),
        name => Some(name),
    }
}
