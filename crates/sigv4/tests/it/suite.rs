//! AWS's own signing test suite: each request, signed in its headers and in its query, has the signature that AWS says it has.
//!
//! `cases/make_signing_suite_of_aws.py` wrote the cases, from the suite as the crate `aws-sigv4` carries it (Apache-2.0).

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tollgate_sigv4::{ALGORITHM, Scope, Signer, canonical_request, signing_key};

use crate::botocore;
use crate::message::{ACCESS_KEY, Message, SECRET, moment};

const SUITE: &str = include_str!("cases/signing_suite_of_aws.json");

/// When the suite was signed.
const THEN: &str = "20150830T123600Z";

/// The token came after the signature, which does not cover it; AWS asks for every header of its own to be signed.
const UNSIGNED_TOKEN: &str = "post-sts-header-after (header)";
const UNSIGNED_TOKEN_IN_QUERY: &str = "post-sts-header-after (query)";

struct Case {
    name: String,
    message: Message,
    /// Whether the path is normalized, as every service but S3 has it.
    is_normalized: bool,
    signature: String,
}

fn cases() -> Vec<Case> {
    let values: Vec<Value> = serde_json::from_str(SUITE).expect("JSON");
    let messages = botocore::read(SUITE);
    let case = |(value, (name, _, message)): (Value, (String, String, Message))| Case {
        name,
        message,
        is_normalized: value["normalize"] == true,
        signature: value["signature"].as_str().expect("a text").to_owned(),
    };
    values.into_iter().zip(messages).map(case).collect()
}

/// The names that the signature says it covers.
fn signed_headers(message: &Message) -> Vec<String> {
    let authorization = message
        .headers
        .iter()
        .find(|(name, _)| name == "Authorization");
    let (text, start, separator) = match authorization {
        Some((_, value)) => (
            String::from_utf8_lossy(value).into_owned(),
            "SignedHeaders=",
            ";",
        ),
        None => (message.query.clone(), "X-Amz-SignedHeaders=", "%3B"),
    };
    let (_, rest) = text.split_once(start).expect("signed headers");
    let names = rest.split([',', '&']).next().unwrap_or_default();
    names.split(separator).map(str::to_owned).collect()
}

/// The signature of a request whose path is taken as `service` has it.
fn signature(message: &Message, service: &str) -> String {
    let scope = Scope {
        day: "20150830".to_owned(),
        region: "us-east-1".to_owned(),
        service: "service".to_owned(),
    };
    let mut unsigned = message.clone();
    unsigned.query = match message.query.split_once("&X-Amz-Signature=") {
        Some((query, _)) => query.to_owned(),
        None => message.query.clone(),
    };
    let signed = signed_headers(message);
    let canonical = unsigned.with(|request| canonical_request(request, service, &signed));
    let hash = hex::encode(Sha256::digest(canonical));
    let text = format!("{ALGORITHM}\n{THEN}\n{scope}\n{hash}");
    let mut mac = Hmac::<Sha256>::new_from_slice(&signing_key(SECRET, &scope)).expect("any length");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[test]
fn every_request_has_the_signature_of_the_suite() {
    let cases = cases();
    assert_eq!(cases.len(), 76);
    for mut case in cases {
        if case.name == UNSIGNED_TOKEN_IN_QUERY {
            case.message.query = without_token(&case.message.query);
        }
        let service = if case.is_normalized { "service" } else { "s3" };
        assert_eq!(
            signature(&case.message, service),
            case.signature,
            "{}",
            case.name
        );
    }
}

fn without_token(query: &str) -> String {
    let parameters = query.split('&');
    let kept = parameters.filter(|parameter| !parameter.starts_with("X-Amz-Security-Token="));
    kept.collect::<Vec<_>>().join("&")
}

#[test]
fn a_server_takes_them() {
    for case in cases().into_iter().filter(|case| case.is_normalized) {
        let verified = case.message.verify_at(THEN, Some("us-east-1"));
        match &*case.name {
            UNSIGNED_TOKEN | UNSIGNED_TOKEN_IN_QUERY => {
                verified.expect_err(&case.name);
            }
            _ => assert_eq!(verified, Ok(()), "{}", case.name),
        }
    }
}

#[test]
fn our_signer_signs_as_the_suite() {
    let is_ours = |case: &Case| {
        case.is_normalized && case.name.ends_with("(header)") && case.name != UNSIGNED_TOKEN
    };
    let cases: Vec<Case> = cases().into_iter().filter(is_ours).collect();
    assert_eq!(cases.len(), 30);
    for case in cases {
        let signer = Signer {
            access_key: ACCESS_KEY.to_owned(),
            secret: SECRET.to_owned(),
            session_token: case.message.token.clone(),
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
        };
        let unsigned = ["authorization", "x-amz-date", "x-amz-security-token"]
            .into_iter()
            .fold(case.message.clone(), Message::without);
        let headers = unsigned.with(|request| signer.sign(request, moment(THEN)));
        let (_, authorization) = headers.last().expect("headers");
        let (_, signature) = authorization.split_once("Signature=").expect("a signature");
        assert_eq!(signature, case.signature, "{}", case.name);
    }
}
