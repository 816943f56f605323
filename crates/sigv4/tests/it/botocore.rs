//! Requests signed by botocore, AWS's own client: each is taken, and our signer gives the same signature.

use serde_json::Value;
use tollgate_sigv4::{Claim, Signer};

use crate::message::{ACCESS_KEY, Message, NOW, SECRET, moment};

fn cases() -> Vec<(String, String, Message)> {
    read(include_str!("cases/signed_by_botocore.json"))
}

/// Requests with their names and regions.
pub(crate) fn read(cases: &str) -> Vec<(String, String, Message)> {
    let cases: Vec<Value> = serde_json::from_str(cases).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let header = |pair: &Value| (text(&pair[0]), text(&pair[1]).into_bytes());
    let case = |it: &Value| {
        let message = Message {
            method: text(&it["method"]),
            path: text(&it["path"]),
            query: text(&it["query"]),
            headers: it["headers"]
                .as_array()
                .expect("a list")
                .iter()
                .map(header)
                .collect(),
            body: text(&it["body"]).into_bytes(),
            service: text(&it["service"]),
            token: it["token"].as_str().map(str::to_owned),
        };
        (text(&it["name"]), text(&it["region"]), message)
    };
    cases.iter().map(case).collect()
}

#[test]
fn each_is_taken_in_its_region_only() {
    let cases = cases();
    assert!(cases.len() > 30);
    for (name, region, message) in cases {
        assert_eq!(message.verify_at(NOW, Some(&region)), Ok(()), "{name}");
        assert_eq!(message.verify_at(NOW, None), Ok(()), "{name}");
        assert!(message.verify_at(NOW, Some("us-west-2")).is_err(), "{name}");
    }
}

#[test]
fn our_signer_gives_the_same() {
    for (name, region, message) in cases() {
        let signer = Signer {
            access_key: ACCESS_KEY.to_owned(),
            secret: SECRET.to_owned(),
            session_token: message.token.clone(),
            region,
            service: message.service.clone(),
        };
        let expect = message.clone().header("authorization").clone();
        let mut unsigned = message;
        for added in ["authorization", "x-amz-date", "x-amz-security-token"] {
            unsigned = unsigned.without(added);
        }
        let headers = unsigned.with(|request| signer.sign(request, moment(NOW)));
        let (_, authorization) = headers.last().expect("headers");
        assert_eq!(
            authorization,
            &String::from_utf8(expect).expect("text"),
            "{name}"
        );
    }
}

#[test]
fn the_claim_tells_key_and_scope() {
    let (_, _, message) = cases().swap_remove(0);
    message.with(|request| {
        let claim = Claim::read(request).expect("whole");
        assert_eq!(
            (claim.service().as_str(), claim.access_key()),
            ("apigateway", None)
        );
    });
}
