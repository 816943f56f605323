//! Models judge bodies as the JSON Schema Test Suite for draft 4 says, but for schemas elsewhere, which are
//! never fetched.
//!
//! The cases are facts about the standard, taken over from the suite by `draft4/make.py`; see `draft4/README.md`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tollgate_gateway::{Models, SchemaError};

/// One schema and what it is tried on.
struct Group {
    place: String,
    schema: String,
    /// Whether it fits, and the value.
    tries: Vec<(bool, String)>,
}

fn groups() -> Vec<Group> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/draft4");
    let entries = fs::read_dir(folder).expect("the cases are there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Group> {
    let name = file.file_stem().expect("a name").to_string_lossy();
    let text = fs::read_to_string(file).expect("readable");
    let mut groups: Vec<Group> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let fits = |value: &str, fits| (fits, value.to_owned());
        let tried = line.strip_prefix("  valid ").map(|value| fits(value, true));
        let tried = tried.or_else(|| line.strip_prefix("  not ").map(|value| fits(value, false)));
        match (tried, groups.last_mut()) {
            (Some(tried), Some(group)) => group.tries.push(tried),
            _ => groups.push(Group {
                place: format!("{name}:{}", index + 1),
                schema: line.to_owned(),
                tries: Vec::new(),
            }),
        }
    }
    groups
}

/// The values that are judged otherwise than the suite says; the reason why the schema is refused, if it is.
fn differing(group: &Group) -> Result<Vec<&str>, SchemaError> {
    let models = Models::new("api", [("M", &*group.schema)].into_iter());
    let schema = models.compile("M")?;
    let is_other = |(fits, text): &&(bool, String)| {
        let value: Value = serde_json::from_str(text).expect("JSON");
        schema.judge(&value, text.len()).is_ok() != *fits
    };
    Ok(group
        .tries
        .iter()
        .filter(is_other)
        .map(|(_, text)| &**text)
        .collect())
}

/// What schemas of `refRemote` are refused for: nothing is ever fetched.
const NOT_FETCHED: &str = "Retrieval is disabled";

#[test]
fn bodies_are_judged_as_the_suite_says() {
    let mut tried = 0;
    let mut faults = Vec::new();
    for group in groups() {
        tried += group.tries.len();
        let is_remote =
            group.schema.contains("http://localhost:1234/") && group.place.starts_with("refRemote");
        match differing(&group) {
            Ok(values) if values.is_empty() && !is_remote => {}
            Err(SchemaError::Invalid { reason, .. })
                if is_remote && reason.contains(NOT_FETCHED) => {}
            outcome => faults.push(format!("{} {}: {outcome:?}", group.place, group.schema)),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(tried, 937);
}
