//! Key sets: what is taken of them, and what is not.

use tollgate_jwt::{KEYS_MAX, KeySet, SET_BYTES_MAX};

use crate::signing::ISSUER;

fn told(set: &str) -> String {
    match KeySet::read(set.as_bytes()) {
        Ok(set) => {
            let skipped = set.skipped().iter();
            let skipped: Vec<_> = skipped
                .map(|(id, error)| format!("{id}: {error}"))
                .collect();
            format!("{} keys, without {}", set.len(), skipped.join("; "))
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_set_is_taken_or_refused() {
    let (rsa, ec) = (ISSUER.rsa_key("a"), ISSUER.ec_key("b"));
    let changed = |from: &str, to: &str| format!(r#"{{"keys":[{ec},{}]}}"#, rsa.replace(from, to));
    for (set, expected) in [
        (
            format!(r#"{{"keys":[{rsa},{ec}],"more":1}}"#),
            "2 keys, without ",
        ),
        (
            r#"{"keys":[]}"#.to_owned(),
            "no key that could verify a token",
        ),
        (r#"{"keys":{}}"#.to_owned(), "no list `keys` of objects"),
        (r#"{"keys":[1]}"#.to_owned(), "no list `keys` of objects"),
        ("{}".to_owned(), "no list `keys` of objects"),
        ("<html>".to_owned(), "cannot be read: not JSON"),
        (String::new(), "cannot be read: not JSON"),
        (
            format!(r#"{{"keys":[{rsa}],"keys":[]}}"#),
            "cannot be read: a member comes twice",
        ),
        (
            format!(r#"{{"keys":[{rsa},{}]}}"#, ISSUER.ec_key("a")),
            "two keys \"a\"",
        ),
        (changed(r#""sig""#, r#""enc""#), "not for signatures (use)"),
        (
            changed(r#""use":"sig""#, r#""key_ops":["encrypt"]"#),
            "not for signatures (key_ops)",
        ),
        (
            changed(r#""use":"sig""#, r#""key_ops":["verify"]"#),
            "2 keys, without ",
        ),
        (
            changed("RS256", "HS256"),
            "algorithm \"HS256\" is not taken",
        ),
        (
            changed("RS256", "ES256"),
            "algorithm \"ES256\" is not taken",
        ),
        (
            changed("RS256", "RSA1_5"),
            "algorithm \"RSA1_5\" is not taken",
        ),
        (
            changed(r#""kty":"RSA""#, r#""kty":"oct","k":"AAAA""#),
            "kind \"oct\" are not taken",
        ),
        (changed(r#""kty":"RSA","#, ""), "kty is missing"),
        (
            changed(r#""kty":"RSA""#, r#""kty":"RSA","d":"AAAA""#),
            "private part is public",
        ),
        (
            changed(r#""e":"AQAB""#, r#""e":"AQ""#),
            "exponent is even or 1",
        ),
        (
            changed(r#""e":"AQAB""#, r#""e":"BA""#),
            "exponent is even or 1",
        ),
        (
            changed(r#""e":"AQAB""#, r#""e":"AA""#),
            "e is not base64url",
        ),
        (
            changed(r#""e":"AQAB""#, r#""e":"AQAB=""#),
            "e is not base64url",
        ),
        (changed(r#""n":""#, r#""m":""#), "n is missing"),
        (changed(r#""n":""#, r#""n":"AAAA"#), "2 keys, without "),
        (changed(r#""kid":"a""#, r#""kid":1"#), "kid is missing"),
    ] {
        let found = told(&set);
        assert!(found.contains(expected), "{expected}: {found}");
    }
}

#[test]
fn elliptic_keys_are_points_of_their_curve() {
    let key = ISSUER.ec_key("b");
    let set = |key: String| format!(r#"{{"keys":[{},{key}]}}"#, ISSUER.rsa_key("a"));
    for (from, to, expected) in [
        ("P-256", "P-384", "x is not base64url of the right length"),
        ("P-256", "secp256k1", "curve \"secp256k1\" is not taken"),
        (
            r#""x":""#,
            r#""x":"AAAA"#,
            "x is not base64url of the right length",
        ),
        (r#""y":""#, r#""d":"AAAA","y":""#, "private part is public"),
    ] {
        let found = told(&set(key.replace(from, to)));
        assert!(found.contains(expected), "{found}");
    }
    let zeros = "A".repeat(43);
    let off = format!(r#"{{"kty":"EC","crv":"P-256","x":"{zeros}","y":"{zeros}"}}"#);
    assert!(told(&set(off)).contains("it is no key"));
}

#[test]
fn a_set_is_bounded() {
    let many = vec![r#"{"kty":"oct"}"#; KEYS_MAX + 1].join(",");
    assert!(told(&format!(r#"{{"keys":[{many}]}}"#)).contains("more than 100 keys"));
    let long = " ".repeat(SET_BYTES_MAX + 1);
    assert!(told(&long).contains("longer than 262144 bytes"));
    let deep = format!(r#"{{"keys":{}"#, "[".repeat(100_000));
    assert!(told(&deep).contains("nested too deep"));
}

#[test]
fn small_keys_are_refused() {
    let n = "A".repeat(170);
    let small = format!(r#"{{"keys":[{{"kty":"RSA","n":"_{n}","e":"AQAB"}}]}}"#);
    assert!(
        told(&small).contains("2048 to 8192 are taken"),
        "{}",
        told(&small)
    );
}
