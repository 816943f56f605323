//! Broken definitions, each beside a snapshot of what is found in it. Read the difference before accepting one.

use std::collections::BTreeSet;

use tollgate_doctor::{Code, Finding, Options, Style, check, of_file};

use crate::{files, workspace};

fn folder() -> std::path::PathBuf {
    workspace("crates/doctor/tests/definitions")
}

fn found(file: &std::path::Path) -> Vec<Finding> {
    check(&std::fs::read(file).unwrap(), &Options::default())
}

#[test]
fn broken_definitions_are_found_out() {
    for file in files(&folder()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = of_file(&name, &found(&file), Style::default());
        insta::with_settings!({ snapshot_path => "../definitions", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.replace('.', "-"), text);
        });
    }
}

#[test]
fn every_code_has_a_definition_that_shows_it_and_a_place_in_the_guide() {
    let all = files(&folder());
    let shown: BTreeSet<&str> = all
        .iter()
        .flat_map(|file| found(file))
        .map(|finding| finding.code.name())
        .collect();
    let guide = std::fs::read_to_string(workspace("docs/check.md")).unwrap();
    // A definition of its own would have to be very large.
    let unseen = ["check-incomplete"];
    for code in Code::all().map(Code::name) {
        assert!(
            guide.contains(&format!("`{code}`")),
            "docs/check.md misses {code}"
        );
        assert!(
            shown.contains(code) || unseen.contains(&code),
            "no definition shows {code}"
        );
    }
}

#[test]
fn findings_are_the_same_each_time() {
    for file in files(&folder()) {
        assert_eq!(found(&file), found(&file), "{}", file.display());
    }
}
