//! Whatever is changed on the way is noticed.

use crate::message::Message;

fn signed() -> Message {
    let mut message = Message::new(
        "POST",
        "/restapis/abc123/resources/~1GET",
        "mode=overwrite&a=1&%7e=b%20c",
        r#"{"name":"pets"}"#,
    );
    message
        .headers
        .push(("Content-Type".to_owned(), b"application/json".to_vec()));
    message
        .headers
        .push(("X-Amz-Meta".to_owned(), b"one, two".to_vec()));
    message.signed()
}

/// Each text of a request by its place, in an order that stays.
fn texts(message: &mut Message) -> Vec<&mut Vec<u8>> {
    let Message { headers, body, .. } = message;
    let mut texts: Vec<&mut Vec<u8>> = headers.iter_mut().map(|(_, value)| value).collect();
    texts.push(body);
    texts
}

#[test]
fn the_request_itself_is_taken() {
    assert_eq!(signed().verify(), Ok(()));
}

#[test]
fn every_bit_of_every_header_and_of_the_body() {
    let places: Vec<usize> = texts(&mut signed()).iter().map(|text| text.len()).collect();
    let mut tried = 0;
    for (place, length) in places.into_iter().enumerate() {
        for (at, bit) in (0..length).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut changed = signed();
            texts(&mut changed)[place][at] ^= 1 << bit;
            if is_blank_for_blank(&mut changed, place, at) {
                continue;
            }
            assert!(
                changed.verify().is_err(),
                "bit {bit} of byte {at} of {place}: {changed:?}"
            );
            tried += 1;
        }
    }
    assert!(tried > 2000, "{tried}");
}

/// A tab or a line feed may take the place of a blank; no header that a server reads holds a line feed.
fn is_blank_for_blank(changed: &mut Message, place: usize, at: usize) -> bool {
    let original = texts(&mut signed())[place][at];
    let new = texts(changed)[place][at];
    let is_header = place + 1 < texts(changed).len();
    is_header && original == b' ' && new.is_ascii_whitespace()
}

#[test]
fn every_byte_of_method_path_and_query() {
    let change = |text: &str, at: usize, bit: u8| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1 << bit;
        String::from_utf8(bytes).expect("ASCII stays ASCII")
    };
    let original = signed();
    for bit in 0..7 {
        for at in 0..original.method.len() {
            let method = change(&original.method, at, bit);
            assert!(
                Message {
                    method,
                    ..original.clone()
                }
                .verify()
                .is_err()
            );
        }
        for at in 0..original.path.len() {
            let path = change(&original.path, at, bit);
            assert!(
                Message {
                    path: path.clone(),
                    ..original.clone()
                }
                .verify()
                .is_err(),
                "{path}"
            );
        }
        for at in 0..original.query.len() {
            let query = change(&original.query, at, bit);
            // The digits of an escape mean the same in both cases.
            if query.eq_ignore_ascii_case(&original.query) && query.contains("%7E") {
                continue;
            }
            assert!(
                Message {
                    query: query.clone(),
                    ..original.clone()
                }
                .verify()
                .is_err(),
                "{query}"
            );
        }
    }
}

#[test]
fn what_is_added_taken_away_or_renamed() {
    let host = || signed().without("host");
    for (name, changed) in [
        ("no host", host()),
        ("another host", host().set("Host", "localhost")),
        ("two hosts", {
            let mut it = signed();
            it.headers.push(("host".to_owned(), b"evil".to_vec()));
            it
        }),
        ("no content type", signed().without("content-type")),
        (
            "a header of AWS's own more",
            signed().set("X-Amz-Target", "Thing.Do"),
        ),
        ("one less", signed().without("x-amz-meta")),
        (
            "another date",
            signed().set("X-Amz-Date", "20260101T120001Z"),
        ),
        (
            "a session token more",
            signed().set("X-Amz-Security-Token", "t"),
        ),
        ("two signatures", {
            let mut it = signed();
            let own = it.header("authorization").clone();
            it.headers.push(("Authorization".to_owned(), own));
            it
        }),
        ("a longer body", {
            let mut it = signed();
            it.body.push(b' ');
            it
        }),
        (
            "no body",
            Message {
                body: Vec::new(),
                ..signed()
            },
        ),
        ("a parameter more", {
            let mut it = signed();
            it.query.push_str("&x");
            it
        }),
        ("a segment more", {
            let mut it = signed();
            it.path.push('/');
            it
        }),
    ] {
        assert!(changed.verify().is_err(), "{name}");
    }
}

#[test]
fn what_is_not_signed_may_change() {
    for (name, changed) in [
        ("the user agent", signed().set("User-Agent", "x")),
        (
            "the order of parameters",
            Message {
                query: "a=1&%7E=b%20c&mode=overwrite".to_owned(),
                ..signed()
            },
        ),
        (
            "blanks around a value",
            signed().set("Content-Type", "  application/json "),
        ),
        (
            "an escape where none is needed",
            Message {
                query: "mode=overwrit%65&a=1&%7e=b%20c".to_owned(),
                ..signed()
            },
        ),
    ] {
        assert_eq!(changed.verify(), Ok(()), "{name}");
    }
}
