//! Whatever comes, a claim is taken or refused.

use proptest::prelude::*;

use crate::message::Message;

fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "AWS4-HMAC-SHA256",
        " ",
        ",",
        "=",
        ";",
        "/",
        "Credential",
        "SignedHeaders",
        "Signature",
        "host",
        "x-amz-date",
        "20260101T120000Z",
        "20260101",
        "us-east-1",
        "apigateway",
        "aws4_request",
        "AKIDEXAMPLE",
        "%",
        "%4",
        "%zz",
        "é",
        "\u{0}",
        "..",
        "&",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ]);
    prop_oneof![
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat()),
        any::<String>()
    ]
}

/// Near to a whole header, so that the later checks are met as well.
fn authorization() -> impl Strategy<Value = String> {
    let whole = (text(), text(), text()).prop_map(|(credential, names, signature)| {
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;{names}, Signature={signature}")
    });
    let scoped = (text(), text()).prop_map(|(names, signature)| {
        format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host;x-amz-date;x-amz-content-sha256;x-amz-security-token;{names}, Signature={signature}")
    });
    prop_oneof![text(), whole, scoped]
}

proptest! {
    #[test]
    fn any_request(
        authorization in authorization(),
        date in prop_oneof![Just("20260101T120000Z".to_owned()), text()],
        path in text(),
        query in text(),
        name in text(),
        value in any::<Vec<u8>>(),
        body in any::<Vec<u8>>(),
    ) {
        let mut message = Message::new("GET", &path, &query, "");
        message.body = body;
        message.headers.push((name, value));
        message = message.set("X-Amz-Date", &date);
        prop_assert!(message.clone().set("Authorization", &authorization).verify().is_err());
        if message.headers.iter().all(|(name, _)| is_plain(name)) {
            message = message.without("x-amz-date").signed();
            prop_assert_eq!(message.verify(), Ok(()));
        }
    }
}

/// A header's name that a server would let through, and none of AWS's own.
fn is_plain(name: &str) -> bool {
    let is_token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_token || name == "X-Amz-Date"
}
