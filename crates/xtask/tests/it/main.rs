//! The house keeps its rules.

use std::fs;

use xtask::{codegen, house, root};

#[test]
fn crates_use_only_what_lies_below_them() {
    let manifests = house::manifests(&root()).unwrap();
    assert!(manifests.iter().any(|manifest| manifest.name == "wire"));
    assert_eq!(house::wrong_edges(&manifests), Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is() {
    let folders =
        ["crates", "fuzz/fuzz_targets", "examples", "bench"].map(|folder| root().join(folder));
    let silent = house::files_without_subject(&folders).unwrap();
    assert!(silent.is_empty(), "without `//!` at the top: {silent:#?}");
}

#[test]
fn generated_code_is_fresh() {
    codegen::check(&root()).unwrap();
}

/// The documentation of AWS's models is AWS's text, and not ours to hand on.
#[test]
fn models_have_no_documentation() {
    for entry in fs::read_dir(root().join("models")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains("\"documentation\": \""),
            "{}",
            path.display()
        );
    }
}
