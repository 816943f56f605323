//! Patterns of Java's flavour.

use tollgate_jsonpath::{MatchError, Pattern};

use crate::cases;

const BYTES_MAX: usize = 1 << 20;

/// Cases hold on one line; these stand for what they cannot hold.
fn spelled(text: &str) -> String {
    text.replace("<LF>", "\n")
        .replace("<CR>", "\r")
        .replace("<LS>", "\u{2028}")
        .replace("<NOTHING>", "")
        .replace("<SP>", " ")
        .replace("<KELVIN>", "\u{212a}")
}

fn parsed(text: &str) -> Result<Pattern, String> {
    Pattern::parse(&spelled(text))
        .map_err(|error| format!("error {} {}", error.column, error.problem))
}

fn or_reason(outcome: Result<String, String>) -> String {
    outcome.unwrap_or_else(|reason| reason)
}

#[test]
fn whole_texts_match() {
    cases::check(&cases::of_file("matches.txt"), |case| {
        let outcome = parsed(case.part(0)).and_then(|pattern| {
            match pattern.matches(&spelled(case.part(1))) {
                Ok(answer) => Ok(answer.to_string()),
                Err(reason) => Err(reason.to_string()),
            }
        });
        cases::same(&or_reason(outcome), case.part(2))
            .map_err(|reason| format!("`{}` {reason}", case.part(0)))
    });
}

#[test]
fn patterns_that_do_not_parse_say_why() {
    cases::check(&cases::of_file("pattern_errors.txt"), |case| {
        let outcome = parsed(case.part(0)).map(|_| "parsed".to_owned());
        cases::same(&or_reason(outcome), case.part(1))
            .map_err(|reason| format!("`{}` {reason}", case.part(0)))
    });
}

#[test]
fn matches_are_found_anywhere() {
    cases::check(&cases::of_file("find.txt"), |case| {
        let text = spelled(case.part(1));
        let outcome = parsed(case.part(0)).and_then(|pattern| match pattern.find(&text) {
            Ok(Some(place)) => Ok(format!("{}..{}", place.start, place.end)),
            Ok(None) => Ok("none".to_owned()),
            Err(reason) => Err(reason.to_string()),
        });
        cases::same(&or_reason(outcome), case.part(2))
            .map_err(|reason| format!("`{}` {reason}", case.part(0)))
    });
}

#[test]
fn matches_are_replaced() {
    cases::check(&cases::of_file("replace.txt"), |case| {
        let (replacement, text) = (spelled(case.part(1)), spelled(case.part(2)));
        let outcome = parsed(case.part(0)).and_then(|pattern| {
            let replaced = match case.setting("replace") {
                "all" => pattern.replace_all(&text, &replacement, BYTES_MAX),
                _ => pattern.replace_first(&text, &replacement, BYTES_MAX),
            };
            replaced.map_err(|reason| reason.to_string())
        });
        cases::same(&or_reason(outcome), &spelled(case.part(3)))
            .map_err(|reason| format!("`{}` {reason}", case.part(0)))
    });
}

#[test]
fn texts_are_split() {
    cases::check(&cases::of_file("split.txt"), |case| {
        let text = spelled(case.part(1));
        let limit = case.setting("limit").parse().expect("a number");
        let outcome = parsed(case.part(0)).and_then(|pattern| {
            pattern
                .split(&text, limit)
                .map(|pieces| pieces.join("|"))
                .map_err(|reason| reason.to_string())
        });
        cases::same(&or_reason(outcome), &spelled(case.part(2)))
            .map_err(|reason| format!("`{}` {reason}", case.part(0)))
    });
}

#[test]
fn a_replacement_stays_within_its_limit() {
    let pattern = Pattern::parse("a").unwrap();
    assert_eq!(pattern.replace_all("aaaa", "bb", 8).unwrap(), "bbbbbbbb");
    assert_eq!(
        pattern.replace_all("aaaa", "bb", 7),
        Err(MatchError::Length(7))
    );
    assert_eq!(
        pattern.replace_all("xxxx", "bb", 3),
        Err(MatchError::Length(3))
    );
}

#[test]
fn backtracking_ends() {
    let text = "a".repeat(200);
    for pattern in [r"(?=.)(a+)+b", r"(a|aa)+\1b", r"(?>x?)(a*)*b"] {
        let pattern = Pattern::parse(pattern).unwrap();
        assert!(matches!(
            pattern.matches(&text),
            Ok(false) | Err(MatchError::Steps)
        ));
        assert!(matches!(
            pattern.find(&text),
            Ok(None) | Err(MatchError::Steps)
        ));
        assert!(matches!(
            pattern.replace_all(&text, "x", BYTES_MAX),
            Ok(_) | Err(MatchError::Steps)
        ));
    }
    // Without what needs it, there is no backtracking at all.
    assert_eq!(Pattern::parse("(a+)+b").unwrap().matches(&text), Ok(false));
}

#[test]
fn patterns_have_a_size() {
    for pattern in [
        "a".repeat(40_000),
        "(((a{100}){100}){100}){100}".to_owned(),
        r"\w{9999999}".to_owned(),
        "(".repeat(5000),
    ] {
        assert!(Pattern::parse(&pattern).is_err(), "{}", &pattern[..10]);
    }
    for pattern in [
        "(".repeat(500),
        "[".repeat(500),
        "(?:".repeat(500),
        "(?=".repeat(500),
    ] {
        assert!(Pattern::parse(&pattern).is_err(), "{}", &pattern[..10]);
    }
}
