//! No false alarms: the petstore is in order, and what is found in the documents that the importer is tested with is true.

use tollgate_doctor::{Code, Options, Severity, check};

use crate::{files, workspace};

#[test]
fn the_petstore_is_in_order() {
    let document = std::fs::read(workspace("examples/petstore/petstore.yaml")).unwrap();
    assert_eq!(check(&document, &Options::default()), []);
}

/// One line for each finding that is no note, as `file code subject: reason`.
#[test]
fn what_is_found_in_the_corpus_is_true() {
    let mut lines = Vec::new();
    for folder in [
        "crates/openapi/tests/inputs",
        "crates/openapi/tests/recorded",
    ] {
        for file in files(&workspace(folder)) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if folder.ends_with("recorded") && !name.contains(".document.") {
                continue;
            }
            for it in check(&std::fs::read(&file).unwrap(), &Options::default()) {
                if it.severity != Severity::Note && it.code != Code::SettingRefused {
                    lines.push(format!(
                        "{name} {} {}: {}",
                        it.code.name(),
                        it.subject,
                        it.reason
                    ));
                }
            }
        }
    }
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("corpus", lines.join("\n"));
    });
}
