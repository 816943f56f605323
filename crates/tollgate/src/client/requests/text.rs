//! An explanation for people: a line for the request, a block for each step.

use std::fmt::Write as _;

use tollgate_gateway::recorder::{Difference, Explanation, TellDetail, TellStep};

/// Lines of one text that are shown, and characters of each; `--all` shows the rest.
const LINES_MAX: usize = 12;
const LINE_CHARS_MAX: usize = 160;

/// Details of one step that are shown.
const DETAILS_MAX: usize = 60;

/// All of it.
pub(super) fn of(it: &Explanation, all: bool) -> String {
    let mut told = head(it);
    for (number, step) in it.steps.iter().enumerate() {
        // Writing to a text cannot fail.
        let _ = writeln!(
            told,
            "\n{}. {}  at {} for {}",
            number + 1,
            step.name,
            time(step.start_us),
            time(step.duration_us)
        );
        told.push_str(&block(step, all));
    }
    for note in &it.notes {
        let _ = write!(told, "\nnote: {note}");
    }
    if !it.hidden.is_empty() {
        let _ = write!(told, "\nhidden: {}", it.hidden.join(", "));
    }
    told
}

fn head(it: &Explanation) -> String {
    let mut told = format!("request {}: {} {}\n", it.request_id, it.method, it.target);
    let _ = write!(told, "from {}", it.peer);
    if let Some(stage) = &it.stage {
        let deployment = it.deployment_id.as_deref().unwrap_or("none");
        let _ = write!(told, ", on {stage}, deployment {deployment}");
    }
    let end = if it.is_complete {
        ""
    } else {
        ", not all of it"
    };
    let _ = write!(
        told,
        "\nanswered {} after {} ms, {} bytes{end}\n",
        it.status, it.latency_ms, it.sent_bytes
    );
    if let Some(reason) = &it.reason {
        let _ = writeln!(told, "because: {reason}");
    }
    told
}

fn block(step: &TellStep, all: bool) -> String {
    let mut told = String::new();
    if let Some(decision) = &step.decision {
        let because = step.because.as_deref().unwrap_or_default();
        told.push_str(&labelled("decided", decision, all));
        told.push_str(&labelled("because", because, all));
    }
    told.push_str(&labelled("input", &step.input, all));
    let most = if all { usize::MAX } else { DETAILS_MAX };
    for it in step.details.iter().take(most) {
        told.push_str(&labelled(&it.kind, &detail(it), all));
    }
    if step.details.len() > most {
        let _ = writeln!(told, "   … and {} more (--all)", step.details.len() - most);
    }
    told.push_str(&labelled("output", &step.output, all));
    told
}

/// `line 3, column 5: $input.path('$.name') = Bello`
fn detail(it: &TellDetail) -> String {
    let place = match (it.line, it.column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: "),
        _ => String::new(),
    };
    let cut = if it.is_whole { "" } else { " …" };
    match &*it.kind {
        "unresolved" => format!("{place}{} has no value", it.subject),
        _ => format!("{place}{} = {}{cut}", it.subject, it.value),
    }
}

fn labelled(label: &str, text: &str, all: bool) -> String {
    if text.is_empty() {
        return String::new();
    }
    let most = if all { usize::MAX } else { LINES_MAX };
    let mut told = String::new();
    for (number, line) in text.trim_end().lines().enumerate() {
        let label = if number == 0 { label } else { "" };
        if number == most {
            told.push_str("               … (--all)\n");
            break;
        }
        let _ = writeln!(told, "   {label:<10}  {}", shown(line, all));
    }
    told
}

/// A terminal is not to be driven by what a client sent.
fn shown(line: &str, all: bool) -> String {
    let most = if all { usize::MAX } else { LINE_CHARS_MAX };
    let mut chars = line.chars();
    let mut shown: String = chars
        .by_ref()
        .take(most)
        .map(|it| {
            if it.is_control() && it != '\t' {
                '\u{fffd}'
            } else {
                it
            }
        })
        .collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

fn time(us: u64) -> String {
    match us {
        0..10_000 => format!("{us} µs"),
        _ => format!("{} ms", us / 1_000),
    }
}

/// What was, and what is.
pub(super) fn difference(it: &Difference) -> String {
    let side = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or("(nothing)");
        shown(&text.replace('\n', "\\n"), false)
    };
    format!(
        "  {}\n    before: {}\n    after:  {}\n",
        it.what,
        side(&it.before),
        side(&it.after)
    )
}
