//! An import answers or refuses, and gives the same both times; binding ids to what was imported never fails.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_openapi::{BasePath, Options, import};

fuzz_target!(|document: &[u8]| {
    for base_path in [BasePath::Ignore, BasePath::Prepend, BasePath::Split] {
        let options = Options {
            base_path,
            ..Options::default()
        };
        let first = import(document, &options);
        assert_eq!(first, import(document, &options));
        if let Ok(mut imported) = first {
            imported.bind("abcdef1234", |_| "id".to_owned());
        }
    }
});
