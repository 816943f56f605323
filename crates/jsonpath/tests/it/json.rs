//! Reading JSON, strictly and leniently.

use tollgate_jsonpath::{Limits, Number, Problem, Value};

use crate::cases;

const BYTES_MAX: usize = 1 << 20;

fn outcome(parsed: Result<Value, tollgate_jsonpath::JsonError>) -> String {
    match parsed {
        Ok(value) => value.to_json(BYTES_MAX).expect("cases are small"),
        Err(error) => format!("{}:{} {}", error.line, error.column, error.problem),
    }
}

/// Cases hold on one line; these stand for what they cannot hold.
fn spelled(text: &str) -> String {
    text.replace("<LF>", "\n")
        .replace("<TAB>", "\t")
        .replace("<NOTHING>", "")
        .replace("<BELL>", "\u{7}")
}

#[test]
fn strict_reader() {
    cases::check(&cases::of_file("strict.txt"), |case| {
        let text = spelled(case.part(0));
        cases::same(&outcome(Value::parse_json(&text)), case.part(1))
            .map_err(|reason| format!("`{text}` {reason}"))
    });
}

#[test]
fn lenient_reader() {
    cases::check(&cases::of_file("lenient.txt"), |case| {
        let text = spelled(case.part(0));
        cases::same(&outcome(Value::parse_lenient(&text)), case.part(1))
            .map_err(|reason| format!("`{text}` {reason}"))
    });
}

#[test]
fn the_lenient_reader_takes_all_that_the_strict_one_takes() {
    for case in cases::of_file("prints.txt") {
        let text = case.part(0);
        assert_eq!(
            outcome(Value::parse_json(text)),
            outcome(Value::parse_lenient(text)),
            "{text}"
        );
    }
}

#[test]
fn depth_is_limited() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(Value::parse_json(&nested(1000)).is_ok());
    assert_eq!(
        Value::parse_json(&nested(1001)).unwrap_err().problem,
        Problem::Depth
    );
    assert_eq!(
        Value::parse_json(&"[".repeat(1_000_000))
            .unwrap_err()
            .problem,
        Problem::Depth
    );
    assert_eq!(
        Value::parse_lenient(&"{a:".repeat(1_000_000))
            .unwrap_err()
            .problem,
        Problem::Depth
    );
    let limits = Limits {
        depth: 2,
        ..Limits::default()
    };
    assert!(Value::parse_json_within("[[1]]", limits).is_ok());
    assert_eq!(
        Value::parse_json_within("[[[1]]]", limits)
            .unwrap_err()
            .problem,
        Problem::Depth
    );
}

#[test]
fn memory_is_limited() {
    let limits = Limits {
        memory_bytes: 10_000,
        ..Limits::default()
    };
    let many =
        |item: &str, count: usize| format!("[{}{item}]", format!("{item},").repeat(count - 1));
    assert!(Value::parse_json_within(&many("1", 100), limits).is_ok());
    for item in ["1", "[]", "{}", "\"\"", "{\"a\":1}"] {
        let error = Value::parse_json_within(&many(item, 1000), limits).unwrap_err();
        assert_eq!(error.problem, Problem::Memory, "{item}");
        let error = Value::parse_lenient_within(&many(item, 1000), limits).unwrap_err();
        assert_eq!(error.problem, Problem::Memory, "{item}");
    }
    let long = format!("\"{}\"", "x".repeat(20_000));
    assert_eq!(
        Value::parse_json_within(&long, limits).unwrap_err().problem,
        Problem::Memory
    );
}

#[test]
fn a_status_is_found_in_a_mock_template() {
    let Value::Map(members) = Value::parse_lenient("{statusCode: 200, }").unwrap() else {
        panic!("a map")
    };
    assert!(matches!(
        members.borrow().get("statusCode"),
        Some(Value::Number(Number::Int(200)))
    ));
}
