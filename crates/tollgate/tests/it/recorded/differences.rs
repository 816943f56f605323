//! Reads the list of recorded answers that do not hold.

use std::fs;

use super::recorded;

/// The rows of `differences.md`: case, step, why.
pub(super) struct Differences(Vec<(String, String)>);

impl Differences {
    /// Reads the table.
    pub(super) fn read() -> Self {
        let text = fs::read_to_string(recorded("differences.md")).unwrap();
        Self(text.lines().filter_map(row).collect())
    }

    /// Whether this answer is known not to hold.
    pub(super) fn lists(&self, name: &(String, String)) -> bool {
        self.0.contains(name)
    }

    /// All of them.
    pub(super) fn names(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }
}

/// The rows of the table begin with a case's name in back quotes; each has its reason.
fn row(line: &str) -> Option<(String, String)> {
    let cells = line.strip_prefix("| `")?.strip_suffix(" |")?;
    let (case, rest) = cells.split_once("` | `")?;
    let (step, reason) = rest.split_once("` | ").expect("a row has a reason");
    assert!(!reason.trim().is_empty(), "no reason: {line}");
    Some((case.to_owned(), step.to_owned()))
}
