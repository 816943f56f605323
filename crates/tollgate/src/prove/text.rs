//! The proof for people: a line for each route, and of those that let somebody in the request that passes.

use std::fmt::Write as _;

use tollgate_gateway::exposure::{Exposure, Guard, Judged, Passing, Route, Verdict};

use super::claim::{Claim, is_preflight};

/// One line of the table, and what explains it.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    verdict: &'static str,
    route: String,
    guards: String,
    notes: Vec<String>,
}

pub(super) fn of(exposure: &Exposure, claim: &Claim) -> String {
    let mut rows = Vec::new();
    let mut preflight = Vec::new();
    for route in &exposure.routes {
        for group in groups(route, claim) {
            let is_apart = group.iter().all(|it| is_preflight(it));
            let row = row(route, &group, claim);
            match is_apart && row.verdict != GUARDED {
                true => preflight.push(row),
                false => rows.push(row),
            }
        }
    }
    let (api, stage) = (&exposure.api, &exposure.stage);
    let mut text = format!("API {api}, stage {stage}: {}\n", outcome(claim));
    table(&mut text, "", &rows);
    table(
        &mut text,
        "preflight requests (accept them with --allow OPTIONS):",
        &preflight,
    );
    line(&mut text, &format!("\n{}", summary(exposure, claim)));
    text
}

const GUARDED: &str = "guarded";

fn line(text: &mut String, more: &str) {
    writeln!(text, "{more}").expect("a String takes every write");
}

fn outcome(claim: &Claim) -> &'static str {
    match claim.exit_code() {
        0 if claim.allowed > 0 => {
            "no route answers an anonymous caller but those that are allowed to"
        }
        0 => "no route answers an anonymous caller",
        1 => "anonymous callers are let in",
        _ => "whether a route answers an anonymous caller could not be decided",
    }
}

/// The methods of a route about which the same is to be said.
fn groups<'r>(route: &'r Route, claim: &Claim) -> Vec<Vec<&'r Judged>> {
    let mut groups: Vec<(String, Vec<&Judged>)> = Vec::new();
    for judged in &route.methods {
        let word = word(route, judged, claim);
        let is_apart = is_preflight(judged) && word != GUARDED;
        let notes = match &judged.verdict {
            Verdict::Undecided { why } => why.join("; "),
            Verdict::Guarded { .. } => String::new(),
            Verdict::Exposed { request } => conditions(request).join("; "),
        };
        let name = format!("{word} {is_apart} {notes}");
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(judged),
            None => groups.push((name, vec![judged])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn word(route: &Route, judged: &Judged, claim: &Claim) -> &'static str {
    match &judged.verdict {
        Verdict::Guarded { .. } => GUARDED,
        Verdict::Exposed { .. } | Verdict::Undecided { .. } if claim.allows(route, judged) => {
            "allowed"
        }
        Verdict::Exposed { .. } => "EXPOSED",
        Verdict::Undecided { .. } => "UNKNOWN",
    }
}

fn row(route: &Route, group: &[&Judged], claim: &Claim) -> Row {
    let first = group.first();
    let notes = first.map(|first| match &first.verdict {
        Verdict::Guarded { .. } => Vec::new(),
        Verdict::Exposed { request } => vec![passing(request)],
        Verdict::Undecided { why } => why.clone(),
    });
    Row {
        verdict: first.map_or("", |first| word(route, first, claim)),
        route: named(route, group),
        guards: guards(route),
        notes: notes.unwrap_or_default(),
    }
}

/// `GET /pets`, or `ANY /pets (GET, POST)` where not all that it stands for are meant.
fn named(route: &Route, group: &[&Judged]) -> String {
    let mut text = format!("{} {}", route.method, route.path);
    if route.method == "ANY" {
        let names: Vec<&str> = group.iter().map(|it| it.method.as_str()).collect();
        text += &format!(" ({})", names.join(", "));
    }
    if route.path.ends_with("+}") {
        text += ", all below";
    }
    if route.is_canary {
        text += " [canary]";
    }
    text
}

fn guards(route: &Route) -> String {
    match route.guards.is_empty() {
        true => "nothing".to_owned(),
        false => {
            let words: Vec<&str> = route.guards.iter().copied().map(Guard::words).collect();
            words.join(", ")
        }
    }
}

/// What is to be met for a request to pass, beside its method and path.
fn conditions(request: &Passing) -> Vec<String> {
    let mut all = Vec::new();
    let headers = request.headers.iter();
    all.extend(headers.map(|(name, value)| format!("with `{name}: {value}`")));
    if request.is_address_needed {
        all.push(format!("from {}", request.from));
    }
    if let Some(endpoint) = &request.through {
        all.push(format!("through endpoint {endpoint}"));
    }
    if !request.is_secure {
        all.push("without TLS".to_owned());
    }
    if let Some(moment) = &request.at {
        all.push(format!("at {moment}"));
    }
    all
}

fn passing(request: &Passing) -> String {
    let mut text = format!("passes: {} {}", request.method, request.path);
    for condition in conditions(request) {
        text += " ";
        text += &condition;
    }
    text
}

fn table(text: &mut String, title: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    line(text, format!("\n{title}").trim_end_matches('\n'));
    let width = |column: fn(&Row) -> &str| {
        let lengths = rows.iter().map(|row| column(row).chars().count());
        lengths.max().unwrap_or_default()
    };
    let (first, second) = (width(|row| row.verdict), width(|row| &row.route));
    for row in rows {
        let (verdict, route, guards) = (row.verdict, &row.route, &row.guards);
        line(
            text,
            &format!("  {verdict:first$}  {route:second$}  {guards}"),
        );
        for note in &row.notes {
            line(text, &format!("  {:first$}    {note}", ""));
        }
    }
}

fn summary(exposure: &Exposure, claim: &Claim) -> String {
    let counts = [
        (claim.guarded, "guarded"),
        (claim.exposed, "exposed"),
        (claim.preflight, "exposed to preflight"),
        (claim.undecided, "undecided"),
        (claim.allowed, "allowed"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let methods: usize = exposure
        .routes
        .iter()
        .map(|route| route.methods.len())
        .sum();
    let requests = exposure.requests;
    format!(
        "{methods} methods: {}; {requests} requests were run",
        counts.join(", ")
    )
}
