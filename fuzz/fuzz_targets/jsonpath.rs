//! JSON, paths and patterns read or refuse whatever comes; what is read writes and reads again; every read and match ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_jsonpath::{Path, Pattern, Value};

const BYTES_MAX: usize = 1 << 16;
const STEPS_MAX: u64 = 100_000;

// The first line is a path, the second a pattern, and the rest a document.
fuzz_target!(|input: &str| {
    let mut parts = input.splitn(3, '\n');
    let (path, pattern, text) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let strict = Value::parse_json(text);
    let lenient = Value::parse_lenient(text);
    if let Ok(value) = &strict {
        assert!(lenient.is_ok());
        if let Ok(json) = value.to_json(BYTES_MAX) {
            let again = Value::parse_json(&json).expect("what is written reads");
            assert_eq!(again.to_json(BYTES_MAX).as_deref(), Ok(&*json));
        }
    }
    if let (Ok(path), Ok(document)) = (Path::parse(path.unwrap_or_default()), strict.or(lenient)) {
        let _ = path.read_within(&document, &mut { STEPS_MAX });
        let _ = document.to_java(BYTES_MAX);
    }
    if let Ok(pattern) = Pattern::parse(pattern.unwrap_or_default()) {
        let text = text.get(..200).unwrap_or(text);
        let _ = pattern.matches(text);
        let _ = pattern.replace_all(text, "<$0>", BYTES_MAX);
        let _ = pattern.split(text, 0);
        if let Ok(Some(place)) = pattern.find(text) {
            assert!(text.get(place).is_some());
        }
    }
});
