//! Signatures in the query string: those of botocore are taken, and whatever changes of them is refused.

use tollgate_sigv4::{Fault, Signer};

use crate::botocore;
use crate::message::{ACCESS_KEY, Message, NOW, SECRET, moment};

const PRESIGNED: &str = include_str!("cases/presigned_by_botocore.json");

#[test]
fn botocore_s_are_taken_for_ten_minutes() {
    let cases = botocore::read(PRESIGNED);
    assert_eq!(cases.len(), 7);
    for (name, region, message) in cases {
        let at = |now: &str| {
            message
                .verify_at(now, Some(&region))
                .map_err(|it| it.message)
        };
        assert_eq!(at(NOW), Ok(()), "{name}");
        assert_eq!(at("20260101T121000Z"), Ok(()), "{name}");
        assert_eq!(at("20260101T115500Z"), Ok(()), "{name}");
        let expired = "Signature expired: 20260101T120000Z is now earlier than 20260101T120001Z (20260101T121001Z - 600 sec.)";
        assert_eq!(at("20260101T121001Z"), Err(expired.to_owned()), "{name}");
        let early = "Signature not yet current: 20260101T120000Z is still later than 20260101T115959Z (20260101T115459Z + 5 min.)";
        assert_eq!(at("20260101T115459Z"), Err(early.to_owned()), "{name}");
        assert!(message.verify_at(NOW, Some("us-west-2")).is_err(), "{name}");
    }
}

#[test]
fn every_byte_of_it_counts() {
    for (name, _, message) in botocore::read(PRESIGNED) {
        for at in 0..message.query.len() {
            let mut query = message.query.clone().into_bytes();
            query[at] ^= 1;
            let Ok(query) = String::from_utf8(query) else {
                continue;
            };
            let changed = Message {
                query: query.clone(),
                ..message.clone()
            };
            // An escape in small digits says the same.
            if !query.eq_ignore_ascii_case(&message.query) {
                assert!(changed.verify().is_err(), "{name}: {query}");
            }
        }
        for more in [
            "&x",
            "&X-Amz-Signature=0",
            "&X-Amz-Date=20270101T120000Z",
            "&X-Amz-%53ignature=0",
        ] {
            let query = format!("{}{more}", message.query);
            assert!(
                Message {
                    query,
                    ..message.clone()
                }
                .verify()
                .is_err(),
                "{name}: {more}"
            );
        }
        let other = Message {
            body: b"other".to_vec(),
            ..message.clone()
        };
        assert!(other.verify().is_err(), "{name}: another body");
        let method = "PUT".to_owned();
        assert!(
            Message {
                method,
                ..message.clone()
            }
            .verify()
            .is_err(),
            "{name}: another method"
        );
        let own = message.set("X-Amz-Target", "x");
        assert!(own.verify().is_err(), "{name}: a header that is not signed");
    }
}

/// The first text is widely seen with AWS; the others are guesses.
#[test]
fn refusals() {
    let whole = botocore::read(PRESIGNED).swap_remove(0).2;
    let without = |names: &[&str]| {
        let is_kept = |it: &&str| !names.iter().any(|name| it.starts_with(&format!("{name}=")));
        let parts: Vec<&str> = whole.query.split('&').filter(is_kept).collect();
        parts.join("&")
    };
    let cases = [
        (
            without(&["X-Amz-Credential", "X-Amz-Date"]),
            "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
        ),
        (
            whole.query.replace("Expires=600", "Expires=604801"),
            "X-Amz-Expires must be a number of seconds from 1 to 604800, got '604801'",
        ),
        (
            format!("{}&X-Amz-Expires=700", whole.query),
            "The request has more than one parameter 'X-Amz-Expires'",
        ),
        (
            whole.query.replace("20260101T120000Z", "today"),
            "Date must be in ISO-8601 'basic format'. Got 'today'. See http://en.wikipedia.org/wiki/ISO_8601",
        ),
    ];
    for (query, text) in cases {
        let refusal = Message {
            query,
            ..whole.clone()
        }
        .verify()
        .expect_err(text);
        assert_eq!(
            (refusal.fault, refusal.message.as_str()),
            (Fault::Incomplete, text)
        );
    }
}

#[test]
fn our_signer_s_are_taken() {
    let signer = Signer {
        access_key: ACCESS_KEY.to_owned(),
        secret: SECRET.to_owned(),
        session_token: Some("a+b/c=".to_owned()),
        region: "us-east-1".to_owned(),
        service: "apigateway".to_owned(),
    };
    for query in ["", "limit=5&position=%2B"] {
        let message = Message::new("GET", "/restapis", query, "");
        let query = message.with(|request| signer.presign(request, moment(NOW), 60));
        let token = signer.session_token.clone();
        let address = Message {
            query,
            token,
            ..message
        };
        assert_eq!(address.verify(), Ok(()));
        let other = Message {
            token: Some("other".to_owned()),
            ..address
        };
        assert_eq!(
            other.verify().map_err(|it| it.fault),
            Err(Fault::UnknownKey)
        );
    }
}
