//! Paths and what they find: `path => JSON`, `path => nothing`, or `path => error COLUMN TEXT`.

use tollgate_jsonpath::{Path, Value};

use crate::cases;

const BYTES_MAX: usize = 1 << 20;

fn outcome(path: &str, document: &str) -> String {
    let document = Value::parse_json(document).expect("documents of cases are JSON");
    match Path::parse(path) {
        Err(error) => format!("error {} {}", error.column, error.problem),
        Ok(path) => match path.read(&document) {
            Err(error) => format!("unread {error}"),
            Ok(None) => "nothing".to_owned(),
            Ok(Some(value)) => value
                .to_json(BYTES_MAX)
                .expect("results of cases are small"),
        },
    }
}

#[test]
fn paths_find_what_the_tables_say() {
    cases::check(&cases::of_folder("paths"), |case| {
        cases::same(
            &outcome(case.part(0), case.setting("document")),
            case.part(1),
        )
        .map_err(|reason| format!("`{}` {reason}", case.part(0)))
    });
}

#[test]
fn a_path_tells_whether_it_is_definite() {
    for path in [
        "$",
        "$.a",
        "$['a']",
        "$['a','b']",
        "$[0]",
        "$.a.length()",
        "a.b",
    ] {
        assert!(Path::parse(path).unwrap().is_definite(), "{path}");
    }
    for path in [
        "$..a",
        "$[*]",
        "$.*",
        "$[0,1]",
        "$[1:]",
        "$[?(@.a)]",
        "$['a','b'].c",
        "$[*].length()",
    ] {
        assert!(!Path::parse(path).unwrap().is_definite(), "{path}");
    }
}

#[test]
fn a_path_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Path>();
    shared::<tollgate_jsonpath::Pattern>();
    shared::<tollgate_jsonpath::Number>();
}
