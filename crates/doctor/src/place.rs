//! Where in the text of a document findings stand: pointers, lines and columns; for a template, the line of its own where the document is
//! YAML that holds it as it is.

use std::collections::{HashMap, HashSet};

use tollgate_openapi::{Fault, Options, Problem, Subject};

use crate::exam::{Draft, Spot};
use crate::finding::Finding;

/// Gives findings their places, and puts them in the order of the text.
pub(crate) fn placed(document: &[u8], drafts: Vec<Draft>) -> Vec<Finding> {
    let pointers = pointers(document, &drafts);
    let mut places: Vec<Problem> = drafts
        .iter()
        .map(|draft| Problem {
            pointer: pointer(&draft.spot, &pointers),
            position: None,
            text: String::new(),
        })
        .collect();
    tollgate_openapi::find_positions(document, &mut places);
    let text = String::from_utf8_lossy(document);
    let lines: Vec<&str> = text.lines().collect();
    let findings = drafts.into_iter().zip(places);
    let mut findings: Vec<Finding> = findings
        .map(|(draft, place)| Finding {
            code: draft.code,
            severity: draft.severity,
            position: match draft.spot {
                Spot::Position(line, column) => Some((line, column)),
                Spot::Template(_, _, inside) => of_template(&lines, place.position, inside),
                Spot::Pointer(_) | Spot::Part(..) => place.position,
            },
            pointer: place.pointer,
            subject: draft.subject,
            reason: draft.reason,
            evidence: draft.evidence,
        })
        .collect();
    findings.sort_by(|one, other| {
        let order = |it: &Finding| (it.position, it.severity, it.code);
        order(one).cmp(&order(other))
    });
    findings
}

fn pointer(spot: &Spot, pointers: &HashMap<Subject, String>) -> String {
    let Some((subject, within)) = spot.part() else {
        return match spot {
            Spot::Pointer(pointer) => pointer.clone(),
            _ => String::new(),
        };
    };
    let start = pointers.get(subject).map_or("", String::as_str);
    within.iter().fold(start.to_owned(), |pointer, step| {
        format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
    })
}

/// Where the parts stand that are asked for. The document is read again for it, once for all of them.
fn pointers(document: &[u8], drafts: &[Draft]) -> HashMap<Subject, String> {
    let parts = drafts.iter().filter_map(|draft| draft.spot.part());
    let subjects: HashSet<&Subject> = parts.map(|(subject, _)| subject).collect();
    let subjects: Vec<Subject> = subjects.into_iter().cloned().collect();
    let faults = subjects.iter().map(|subject| Fault {
        subject: subject.clone(),
        text: String::new(),
    });
    let found = tollgate_openapi::locate(document, &Options::default(), faults.collect());
    let found = found.into_iter().map(|problem| problem.pointer);
    subjects.into_iter().zip(found).collect()
}

/// The line of a template that begins behind `name: |`. All other ways to write one change its lines: there the name has to do.
fn of_template(lines: &[&str], name: Option<(u64, u64)>, inside: (u32, u32)) -> Option<(u64, u64)> {
    let (line, column) = name?;
    let first = usize::try_from(line).ok()?;
    let head = lines.get(first.checked_sub(1)?)?.trim_end();
    let is_literal = [": |", ": |-", ": |+"]
        .iter()
        .any(|end| head.ends_with(end));
    let block = lines.get(first..).unwrap_or_default();
    let beginning = block.iter().find(|line| !line.trim().is_empty());
    let indent = beginning.map_or(0, |line| line.len() - line.trim_start().len());
    match is_literal {
        true => Some((
            line + u64::from(inside.0),
            indent as u64 + u64::from(inside.1),
        )),
        false => Some((line, column)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_in_literal_blocks_have_lines_of_their_own() {
        let inside = (2, 3);
        for (text, expected) in [
            ("a:\n  b: |-\n    one\n    two", (4, 7)),
            ("a:\n  b: 'one\n    two'", (2, 3)),
            ("a:\n  b: >-\n    one\n    two", (2, 3)),
        ] {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(
                of_template(&lines, Some((2, 3)), inside),
                Some(expected),
                "{text}"
            );
        }
    }
}
