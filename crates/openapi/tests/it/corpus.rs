//! Documents of many styles, each with a snapshot of what it becomes. Read the difference before accepting one.

use crate::{files, import, shown};

#[test]
fn documents_become_definitions() {
    for file in files("inputs", &[".json", ".yaml"]) {
        let imported = import(&std::fs::read_to_string(&file).unwrap());
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let snapshot = serde_json::to_string_pretty(&shown(&imported)).unwrap();
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, snapshot);
        });
    }
}

#[test]
fn json_and_yaml_say_the_same() {
    for file in files("inputs", &[".json"]) {
        // JSON is YAML; a comment before it keeps the JSON reader away.
        let json = std::fs::read_to_string(&file).unwrap();
        assert_eq!(
            import(&json),
            import(&format!("# as YAML\n{json}")),
            "{}",
            file.display()
        );
    }
}
