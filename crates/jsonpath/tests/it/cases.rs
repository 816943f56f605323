//! Reads the tables of `tests/inputs/`: a case a line, `#` begins a comment, `name: value` sets what the cases below need.

use std::path::{Path, PathBuf};

/// A line of a table.
pub(crate) struct Case {
    /// Where it stands, for messages.
    pub(crate) place: String,
    /// The parts between ` => `.
    pub(crate) parts: Vec<String>,
    /// The settings above it, the latest of each name last.
    settings: Vec<(String, String)>,
}

impl Case {
    /// The setting of a name that holds at this case.
    pub(crate) fn setting(&self, name: &str) -> &str {
        let setting = self.settings.iter().rev().find(|(known, _)| known == name);
        setting
            .map(|(_, value)| value.as_str())
            .unwrap_or_else(|| panic!("{}: no `{name}:` above", self.place))
    }

    pub(crate) fn part(&self, index: usize) -> &str {
        self.parts
            .get(index)
            .unwrap_or_else(|| panic!("{}: too few parts", self.place))
    }
}

fn inputs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inputs")
}

/// The cases of one file.
pub(crate) fn of_file(name: &str) -> Vec<Case> {
    read(&inputs().join(name))
}

/// The cases of every file in a folder.
pub(crate) fn of_folder(name: &str) -> Vec<Case> {
    let entries = std::fs::read_dir(inputs().join(name)).expect("the folder of inputs exists");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).expect("the file of inputs exists");
    let mut settings = Vec::new();
    let mut cases = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("# ") || line == "#" {
            continue;
        }
        if let Some((name, value)) = setting(line) {
            settings.push((name.to_owned(), value.to_owned()));
            continue;
        }
        cases.push(Case {
            place: format!(
                "{}:{}",
                file.file_name().expect("a file").display(),
                index + 1
            ),
            parts: line
                .split(" => ")
                .map(|part| part.trim().to_owned())
                .collect(),
            settings: settings.clone(),
        });
    }
    assert!(!cases.is_empty(), "{}: no cases", file.display());
    cases
}

fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(": ")?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_name && !line.contains(" => ")).then_some((name, value))
}

/// Fails with every case that does not hold.
pub(crate) fn check(cases: &[Case], holds: impl Fn(&Case) -> Result<(), String>) {
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            holds(case)
                .err()
                .map(|reason| format!("{}: {reason}", case.place))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

/// `Ok` where both are the same.
pub(crate) fn same(found: &str, expected: &str) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("found `{found}`, expected `{expected}`"))
    }
}
