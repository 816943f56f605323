//! Whatever the text, nothing panics.

use proptest::prelude::*;
use tollgate_jsonpath::{Number, Path, Pattern, Value};

const BYTES_MAX: usize = 1 << 16;

/// Text out of the signs that each grammar is made of.
fn made_of(signs: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(signs), 0..most).prop_map(|signs| signs.concat())
}

const JSON: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "'", "a", "é", "\\", "\\u", "d83d", "1", "-", ".5", "e9",
    "true", "null", " ", "\n",
];
const PATH: &[&str] = &[
    "$", "@", ".", "..", "[", "]", "*", "?", "(", ")", "'", "\"", "a", "b", "é", "0", "-1", ":",
    ",", " ", "==", "=~", "!", "<", "&&", "||", " in ", "/", "/i", "length()", "sum(", "[?(", ")]",
    "\\", "{", "}", "null",
];
const PATTERN: &[&str] = &[
    "a", "é", "(", ")", "(?:", "(?=", "(?<!", "(?<n>", "(?i)", "(?x)", "[", "]", "^", "-", "&&",
    "|", "*", "+", "?", "{2}", "{1,3}", "\\", "\\d", "\\w", "\\b", "\\p{L}", "\\1", "\\k<n>",
    "\\Q", "\\E", "$", ".", "\\u", "00e9", "\\x", "{", "}", "#", "\n",
];

fn document() -> Value {
    Value::parse_json(
        r#"{"a":{"b":[1,2,{"a":"x"}],"é":null},"b":[[],{},"s",1.5,true,{"a":{"b":1}}]}"#,
    )
    .expect("it is JSON")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn json_readers(text in prop_oneof![made_of(JSON, 40), any::<String>()]) {
        let strict = Value::parse_json(&text);
        let lenient = Value::parse_lenient(&text);
        if let Ok(value) = strict {
            let json = value.to_json(BYTES_MAX).unwrap();
            let again = Value::parse_json(&json).unwrap();
            prop_assert_eq!(again.to_json(BYTES_MAX).unwrap(), json);
            prop_assert!(lenient.is_ok());
            let _ = value.to_java(BYTES_MAX);
        }
    }

    #[test]
    fn paths(text in prop_oneof![made_of(PATH, 24), any::<String>()]) {
        match Path::parse(&text) {
            Ok(path) => { let _ = path.read(&document()); }
            Err(error) => prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 3, "{error}: {text}"),
        }
    }

    #[test]
    fn filters(text in made_of(PATH, 16)) {
        if let Ok(path) = Path::parse(&format!("$..[?({text})]")) {
            let _ = path.read(&document());
        }
    }

    #[test]
    fn patterns(text in prop_oneof![made_of(PATTERN, 16), any::<String>()], input in "[aé1 \n\r]{0,12}") {
        match Pattern::parse(&text) {
            Ok(pattern) => {
                let _ = pattern.matches(&input);
                let _ = pattern.replace_all(&input, "<$0>", BYTES_MAX);
                let _ = pattern.split(&input, 0);
                if let Ok(Some(place)) = pattern.find(&input) {
                    prop_assert!(input.get(place).is_some());
                }
            }
            Err(error) => prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{error}: {text}"),
        }
    }

    #[test]
    fn replacements(replacement in made_of(&["$", "\\", "0", "1", "9", "{", "}", "n", "é"], 8)) {
        let pattern = Pattern::parse("(?<n>a)(b)?").unwrap();
        let _ = pattern.replace_all("abcaé", &replacement, BYTES_MAX);
    }

    #[test]
    fn doubles_read_back(number in any::<f64>().prop_filter("JSON has no others", |number| number.is_finite())) {
        let text = Number::Double(number).to_string();
        prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits());
    }

    #[test]
    fn numbers(text in made_of(&["0", "1", "9", "-", "+", ".", "e", "E"], 24)) {
        if let Some(number) = Number::parse(&text) {
            prop_assert!(Number::parse_decimal(&number.to_string()).is_some() || number.as_f64().is_infinite());
        }
        let _ = Number::parse_decimal(&text);
    }
}
