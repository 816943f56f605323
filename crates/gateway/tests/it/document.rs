//! Reads a spec: Markdown with an API, requests, and the answers that are expected.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::signers::Signing;

/// A section of a spec: one API and what it answers.
#[derive(Debug, Default)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// Where it stands, for a failure's message.
    pub(crate) place: String,
    /// Whether a line says what the behaviour is known from.
    pub(crate) has_evidence: bool,
    /// The OpenAPI document, if it has one of its own.
    pub(crate) api: String,
    /// Stage variables, and what is logged how.
    pub(crate) stage: String,
    /// API keys and usage plans.
    pub(crate) keys: String,
    pub(crate) cases: Vec<Case>,
}

/// A request and what is expected of it.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) request: String,
    /// Sent as it stands, and not completed.
    pub(crate) is_raw: bool,
    /// Who signs it, and how.
    pub(crate) signing: Option<Signing>,
    /// The address of this machine that it is sent from, where that matters.
    pub(crate) from: Option<IpAddr>,
    pub(crate) answer: String,
    /// Whether the body is compared byte by byte.
    pub(crate) is_exact: bool,
    /// What the console says.
    pub(crate) console: Option<String>,
    /// The line in the access log.
    pub(crate) access_log: Option<String>,
    /// The lines in the execution log, without the request's id.
    pub(crate) execution_log: Option<String>,
}

/// Every section of every file below `folder`.
pub(crate) fn read_all(folder: &Path) -> Vec<Section> {
    let files = files(folder);
    assert!(!files.is_empty(), "no specs in {}", folder.display());
    files.iter().flat_map(|file| read(file)).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of the specs") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|end| end == "md") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

fn read(file: &Path) -> Vec<Section> {
    let text = std::fs::read_to_string(file).expect("a spec");
    let mut sections = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let place = || format!("{}:{}", file.display(), number + 1);
        if let Some(title) = line.strip_prefix("# ") {
            sections.push(Section {
                title: title.to_owned(),
                place: place(),
                ..Section::default()
            });
            continue;
        }
        let section: &mut Section = sections
            .last_mut()
            .unwrap_or_else(|| panic!("{}: text before the first heading", place()));
        if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<_> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| *line != "```")
                .collect();
            section.take(kind, block.join("\n"), &place());
        }
        section.has_evidence |= line.starts_with("Evidence: ");
    }
    sections
}

impl Section {
    fn take(&mut self, kind: &str, block: String, place: &str) {
        match kind {
            "yaml api" | "json api" => self.api = block,
            "yaml stage" => self.stage = block,
            "text keys" => self.keys = block,
            "http" | "http raw" => self.cases.push(Case {
                request: block,
                is_raw: kind == "http raw",
                ..Case::default()
            }),
            _ if kind.starts_with("http signed by ") => self.cases.push(Case {
                request: block,
                signing: Some(Signing::read(&kind["http signed by ".len()..])),
                ..Case::default()
            }),
            _ if kind.starts_with("http from ") => self.cases.push(Case {
                request: block,
                from: Some(kind["http from ".len()..].parse().expect("an address")),
                ..Case::default()
            }),
            "http answer" | "http answer exact" => {
                let case = self.last(place);
                case.answer = block;
                case.is_exact = kind.ends_with("exact");
            }
            "text console" => self.last(place).console = Some(block),
            "text access-log" => self.last(place).access_log = Some(block),
            "text execution-log" => self.last(place).execution_log = Some(block),
            other => panic!("{place}: a block of an unknown kind: {other}"),
        }
    }

    fn last(&mut self, place: &str) -> &mut Case {
        self.cases
            .last_mut()
            .unwrap_or_else(|| panic!("{place}: there is no request yet"))
    }
}
