//! Reads cases: Markdown files in which a heading begins a step and fenced blocks hold its request and its answer.

use std::fs;
use std::path::PathBuf;

use super::recorded;

/// A sequence of requests that was recorded together.
pub(super) struct Case {
    /// The file's name without its ending.
    pub(super) name: String,
    /// What is asked, in order.
    pub(super) steps: Vec<Step>,
}

/// A request and, where AWS's was recorded, its answer.
pub(super) struct Step {
    /// Its heading, by which later steps refer to its answer.
    pub(super) name: String,
    /// What is sent.
    pub(super) request: Message,
    /// What AWS answered.
    pub(super) answer: Option<Expected>,
}

/// What AWS answered, with placeholders.
pub(super) struct Expected {
    /// The status, the error type where there is one, fields, and the body.
    pub(super) message: Message,
    /// Whether the body is compared byte by byte, although it may look like JSON.
    pub(super) is_text: bool,
}

/// The three parts of a block.
#[derive(Default)]
pub(super) struct Message {
    /// Method and target, or status and error type.
    pub(super) first: (String, String),
    /// Fields, in order.
    pub(super) headers: Vec<(String, String)>,
    /// The rest.
    pub(super) body: String,
}

/// All cases, by name.
pub(super) fn all() -> Vec<Case> {
    let entries = fs::read_dir(recorded("cases")).expect("the cases are beside the tests");
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let case = |path: &PathBuf| Case {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        steps: steps(&fs::read_to_string(path).unwrap()),
    };
    paths.iter().map(case).collect()
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("## ") {
            steps.push(Step {
                name: name.to_owned(),
                request: Message::default(),
                answer: None,
            });
        } else if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let step = steps.last_mut().expect("a block belongs to a step");
            step.take(kind, message(&block));
        }
    }
    steps
}

impl Step {
    fn take(&mut self, kind: &str, message: Message) {
        match kind {
            "http" => self.request = message,
            "http answer" | "http answer text" => {
                self.answer = Some(Expected {
                    message,
                    is_text: kind.ends_with("text"),
                });
            }
            other => panic!("{}: a block of kind {other:?}", self.name),
        }
    }
}

fn message(block: &[&str]) -> Message {
    let (first, rest) = block.split_first().expect("a block has a first line");
    let head_end = rest.iter().position(|line| line.is_empty());
    let (head, body) = rest.split_at(head_end.unwrap_or(rest.len()));
    let (one, other) = first.split_once(' ').unwrap_or((first, ""));
    Message {
        first: (one.to_owned(), other.to_owned()),
        headers: head.iter().map(|line| field(line)).collect(),
        body: body.get(1..).unwrap_or_default().join("\n"),
    }
}

fn field(line: &str) -> (String, String) {
    let (name, value) = line.split_once(": ").expect("a field is `name: value`");
    (name.to_owned(), value.to_owned())
}
