//! Claims against the time and the issuer.

use tollgate_jwt::{Claims, Expected};

use crate::signing::{ISSUER, verify};

const NOW_S: u64 = 1_800_000_000;

const EXPECTED: Expected<'static> = Expected {
    issuer: "https://issuer.example/pool",
    token_use: Some("id"),
    token_use_required: true,
    now_s: NOW_S,
    skew_s: 30,
};

fn claims(text: &str) -> Claims {
    let token = ISSUER.sign_ec(r#"{"alg":"ES256","kid":"ec"}"#, text);
    verify(&ISSUER.keys(), &token).expect("signed by the issuer")
}

/// The claims of a good token, with this one changed.
fn with(name: &str, value: &str) -> String {
    let mut all = vec![
        ("iss", r#""https://issuer.example/pool""#),
        ("token_use", r#""id""#),
        ("exp", "1800000100"),
    ];
    all.retain(|(known, _)| *known != name);
    all.push((name, value));
    let members = all.iter().filter(|(_, value)| !value.is_empty());
    let members: Vec<_> = members
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn claims_are_held_against_time_and_issuer() {
    for (name, value, expected) in [
        ("sub", r#""somebody""#, "ok"),
        ("exp", "", "claim exp is missing"),
        ("exp", r#""1800000100""#, "claim exp is not a number"),
        ("exp", "null", "claim exp is not a number"),
        ("exp", "-1", "claim exp is not a number"),
        ("exp", "1e300", "claim exp is not a number"),
        ("exp", "18446744073709551615", "claim exp is not a number"),
        ("exp", "1800000000.5", "ok"),
        // Not on or after the moment, give or take the clocks.
        ("exp", "1799999971", "ok"),
        ("exp", "1799999970", "it expired 30 s ago"),
        ("exp", "0", "it expired 1800000000 s ago"),
        ("nbf", "1800000030", "ok"),
        ("nbf", "1800000031", "it is valid only 31 s from now"),
        ("nbf", r#""0""#, "claim nbf is not a number"),
        ("iat", "1800000030", "ok"),
        ("iat", "1800000031", "it was issued 31 s from now"),
        ("iat", "true", "claim iat is not a number"),
        ("iss", "", "claim iss is missing"),
        (
            "iss",
            r#"["https://issuer.example/pool"]"#,
            "claim iss is not a text",
        ),
        // CVE-2024-53861 and its like: a part of the issuer, or something around it.
        (
            "iss",
            r#""https://issuer.example""#,
            "is not https://issuer.example/pool",
        ),
        (
            "iss",
            r#""https://issuer.example/pool/""#,
            "is not https://issuer.example/pool",
        ),
        (
            "iss",
            r#""https://issuer.example/poo""#,
            "is not https://issuer.example/pool",
        ),
        ("iss", r#""""#, "is not https://issuer.example/pool"),
        (
            "iss",
            r#""HTTPS://issuer.example/pool""#,
            "is not https://issuer.example/pool",
        ),
        (
            "iss",
            r#""https://іssuer.example/pool""#,
            r"https://\u{456}ssuer.example/pool",
        ),
        ("token_use", "", "claim token_use is missing"),
        (
            "token_use",
            r#""access""#,
            "token_use is \"access\", not id",
        ),
        ("token_use", "1", "token_use is not a text"),
    ] {
        let found = claims(&with(name, value)).check(&EXPECTED);
        let found = found.map_or_else(|refusal| refusal.to_string(), |()| "ok".to_owned());
        assert!(found.contains(expected), "{name} {value}: {found}");
    }
}

#[test]
fn issuers_without_token_use_are_taken_where_that_is_said() {
    let lenient = Expected {
        token_use_required: false,
        ..EXPECTED
    };
    assert_eq!(claims(&with("token_use", "")).check(&lenient), Ok(()));
    assert!(
        claims(&with("token_use", r#""access""#))
            .check(&lenient)
            .is_err()
    );
}

/// CVE-2020-26160: an audience that is no text was taken for none, and none for any.
#[test]
fn audiences_and_scopes_are_texts_or_lists_of_texts() {
    for (text, audiences, scopes) in [
        (r#"{}"#, Some(vec![]), Some(vec![])),
        (
            r#"{"aud":"a","scope":"x  y"}"#,
            Some(vec!["a"]),
            Some(vec!["x", "y"]),
        ),
        (
            r#"{"aud":["a","b"],"scp":["x","y z"]}"#,
            Some(vec!["a", "b"]),
            Some(vec!["x", "y", "z"]),
        ),
        (
            r#"{"aud":[],"scope":"x","scp":"all"}"#,
            Some(vec![]),
            Some(vec!["x"]),
        ),
        (r#"{"aud":[1],"scope":["x",1]}"#, None, None),
        (r#"{"aud":null,"scope":null}"#, None, None),
        (r#"{"aud":{"a":1},"scope":true}"#, None, None),
    ] {
        let claims = claims(text);
        assert_eq!(claims.audiences().ok(), audiences, "{text}");
        assert_eq!(claims.scopes().ok(), scopes, "{text}");
    }
}
