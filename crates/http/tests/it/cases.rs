//! What is refused, as tables of bytes: `tests/cases`.

use tollgate_http::fuzzing;

use crate::service::{Answers, start};

/// The columns of each line that is no comment; the last one with its escapes undone.
fn table(text: &str) -> Vec<(Vec<String>, Vec<u8>)> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let mut columns: Vec<String> = line.split(" | ").map(str::to_owned).collect();
            let bytes = columns.pop().unwrap();
            (columns, unescape(&bytes))
        })
        .collect()
}

pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let (mut bytes, mut characters) = (Vec::new(), text.chars());
    while let Some(character) = characters.next() {
        if character != '\\' {
            bytes.push(u8::try_from(character).unwrap());
            continue;
        }
        bytes.push(match characters.next().unwrap() {
            'r' => b'\r',
            'n' => b'\n',
            't' => b'\t',
            '0' => 0,
            '\\' => b'\\',
            'x' => {
                let digits: String = characters.by_ref().take(2).collect();
                u8::from_str_radix(&digits, 16).unwrap()
            }
            other => panic!("no such escape: {other}"),
        });
    }
    bytes
}

#[test]
fn ambiguous_requests_are_refused_and_nothing_follows_them() {
    let server = start(Answers::default());
    let mut wrong = Vec::new();
    for (columns, bytes) in table(include_str!("../cases/refused.txt")) {
        let [status, reason] = &columns[..] else {
            panic!("{columns:?}")
        };
        let mut sent = bytes.clone();
        sent.extend_from_slice(b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = server.exchange(&sent);
        let holds = answer.starts_with(&format!("HTTP/1.1 {status} "))
            && answer.ends_with(&format!("\r\n\r\n{reason}"))
            && answer.contains("\r\nConnection: close\r\n")
            && answer.matches("HTTP/1.1 ").count() == 1;
        if !holds {
            wrong.push(format!(
                "{} expected {status} {reason}, got\n{answer}\n",
                bytes.escape_ascii()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!server.saw("/smuggled"));
}

#[test]
fn bad_replies_are_refused() {
    for (columns, bytes) in table(include_str!("../cases/bad_replies.txt")) {
        for pieces in [&[][..], &[1], &[7]] {
            let outcome = fuzzing::reply(&bytes, pieces);
            let (expected, shown) = (&columns[0], bytes.escape_ascii());
            match expected.strip_prefix("200 ") {
                Some(body) => assert!(
                    outcome.starts_with("200 ") && outcome.ends_with(body),
                    "{shown}\n{outcome}"
                ),
                None => assert_eq!(&outcome, expected, "{shown}"),
            }
        }
    }
}
