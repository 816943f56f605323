//! A case for each kind of mistake that JWT libraries were caught with. The numbers are of the public list of vulnerabilities (CVE); each
//! case is the attack as it would be tried here.

use serde_json::Value;
use tollgate_jwt::{Refusal, TOKEN_BYTES_MAX, Token};

use crate::signing::{ISSUER, encode, verify};

const CLAIMS: &str = r#"{"iss":"us","sub":"admin","exp":2000000000}"#;
const RS256: &str = r#"{"alg":"RS256","kid":"rsa"}"#;

#[track_caller]
fn refused(token: &str, expected: &str) {
    let found = verify(&ISSUER.keys(), token)
        .expect_err("it must be refused")
        .to_string();
    assert!(found.contains(expected), "{found}");
    // The reason is for the operator's log: what was sent is not in it.
    for part in token.split('.').filter(|part| part.len() > 8) {
        assert!(!found.contains(part), "{found}");
    }
}

fn with_header(header: &str) -> String {
    ISSUER.sign_rsa(header, CLAIMS)
}

#[test]
fn what_the_issuer_signed_is_taken() {
    let keys = ISSUER.keys();
    for token in [
        ISSUER.sign_rsa(RS256, CLAIMS),
        ISSUER.sign_ec(r#"{"kid":"ec","alg":"ES256","typ":"JWT"}"#, CLAIMS),
        // Only one key can be meant.
        ISSUER.sign_ec(r#"{"alg":"ES256"}"#, CLAIMS),
    ] {
        let claims = verify(&keys, &token).expect("a good token");
        assert_eq!(claims.text("sub"), Some("admin"));
    }
}

/// CVE-2015-9235, CVE-2018-1000531, CVE-2022-23540, CVE-2020-28042: the token says that it is not signed.
#[test]
fn none_is_no_algorithm() {
    let claims = encode(CLAIMS);
    for name in ["none", "None", "NONE", "nOnE"] {
        let header = encode(format!(r#"{{"alg":"{name}","kid":"rsa"}}"#));
        refused(&format!("{header}.{claims}."), "alg is none");
        refused(&format!("{header}.{claims}.AAAA"), "alg is none");
    }
    for name in [r#""none ""#, r#""no\u0000ne""#, r#""""#, r#""ｎone""#] {
        let header = encode(format!(r#"{{"alg":{name},"kid":"rsa"}}"#));
        refused(&format!("{header}.{claims}."), "is not taken");
    }
    for header in [
        r#"{"kid":"rsa"}"#,
        r#"{"alg":null,"kid":"rsa"}"#,
        r#"{"alg":["RS256"]}"#,
    ] {
        refused(
            &format!("{}.{claims}.", encode(header)),
            "names no algorithm",
        );
    }
}

/// CVE-2016-10555, CVE-2017-11424, CVE-2022-29217, CVE-2023-48223, CVE-2024-33663, CVE-2024-37568, CVE-2024-54150: the issuer's public key,
/// in any of its forms, taken for a shared secret.
#[test]
fn a_public_key_is_no_shared_secret() {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
    let der = ISSUER.rsa_der();
    let key = ISSUER.rsa_key("rsa");
    for secret in [&der[..], key.as_bytes(), b""] {
        for name in ["HS256", "hs256", "HS384", "HS512"] {
            let header = encode(format!(r#"{{"alg":"{name}","kid":"rsa"}}"#));
            let signed = format!("{header}.{}", encode(CLAIMS));
            let tag = sign(&Key::new(HMAC_SHA256, secret), signed.as_bytes());
            refused(
                &format!("{signed}.{}", encode(tag)),
                &format!("{name}\" is not taken"),
            );
        }
    }
}

/// CVE-2021-46743, CVE-2022-23541, CVE-2019-18848: `kid` chooses the key and `alg` the algorithm, and nobody asks whether they fit.
#[test]
fn a_key_verifies_only_its_own_algorithm() {
    refused(
        &with_header(r#"{"alg":"RS384","kid":"rsa"}"#),
        "key \"rsa\" is not for its algorithm RS384",
    );
    refused(
        &with_header(r#"{"alg":"ES256","kid":"rsa"}"#),
        "is not for its algorithm ES256",
    );
    refused(
        &ISSUER.sign_ec(r#"{"alg":"RS256","kid":"ec"}"#, CLAIMS),
        "is not for its algorithm RS256",
    );
    refused(
        &ISSUER.sign_ec(r#"{"alg":"ES384","kid":"ec"}"#, CLAIMS),
        "is not for its algorithm ES384",
    );
}

/// CVE-2018-0114, CVE-2024-21643, and the family of `jku` and `x5u`: the token brings its own key, or says where to fetch it.
#[test]
fn a_token_brings_no_key() {
    let stranger = aws_lc_rs::signature::EcdsaKeyPair::generate(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
    )
    .expect("a key");
    let stranger = crate::signing::Issuer {
        rsa: aws_lc_rs::signature::RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)
            .expect("a key"),
        ec: stranger,
    };
    let own = stranger.ec_key("ec");
    for extra in [
        format!(r#""jwk":{own}"#),
        r#""jku":"https://attacker.example/keys""#.to_owned(),
        r#""x5u":"https://attacker.example/certificate""#.to_owned(),
        r#""x5c":["MIIB"],"x5t":"AAAA""#.to_owned(),
    ] {
        let header = format!(r#"{{"alg":"ES256","kid":"ec",{extra}}}"#);
        refused(
            &stranger.sign_ec(&header, CLAIMS),
            "not by the issuer's key \"ec\"",
        );
        // What is never followed harms nobody: the issuer's own signature counts.
        let token = ISSUER.sign_ec(&header, CLAIMS);
        assert!(verify(&ISSUER.keys(), &token).is_ok());
    }
}

/// Names of keys that elsewhere were opened as files, sent to databases and shells, or compared loosely.
#[test]
fn the_name_of_a_key_is_only_compared() {
    for id in [
        "../../../dev/null",
        "rsa\\u0000",
        "RSA",
        "rsa ",
        " rsa",
        "x' UNION SELECT 'key",
        "| sleep 9",
        "http://attacker.example/",
        "rѕa",
        "",
    ] {
        let header = format!(r#"{{"alg":"RS256","kid":"{id}"}}"#);
        refused(&with_header(&header), "the issuer has no key");
    }
    for id in ["null", "0", "[\"rsa\"]", "{}", "true"] {
        refused(
            &with_header(&format!(r#"{{"alg":"RS256","kid":{id}}}"#)),
            "(kid) is not",
        );
    }
    let long = "x".repeat(257);
    refused(
        &with_header(&format!(r#"{{"alg":"RS256","kid":"{long}"}}"#)),
        "(kid) is not",
    );
}

/// CVE-2025-59420 and RFC 7515 §4.1.11: what must be understood is not; RFC 7797: the payload is not what it seems; CVE-2024-33664: it is
/// compressed.
#[test]
fn extensions_are_refused() {
    for extra in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":["b64"],"b64":false"#,
        r#""b64":true"#,
        r#""zip":"DEF""#,
        r#""enc":"A128GCM""#,
    ] {
        let header = format!(r#"{{"alg":"RS256","kid":"rsa",{extra}}}"#);
        refused(&with_header(&header), "which is not understood");
    }
}

/// CVE-2022-21449 and the same in others: r and s of zero fit every message.
#[test]
fn signatures_of_nothing_are_none() {
    let head = encode(r#"{"alg":"ES256","kid":"ec"}"#);
    let signed = format!("{head}.{}", encode(CLAIMS));
    for signature in [vec![], vec![0; 64], vec![0; 63], vec![0; 65], vec![255; 64]] {
        refused(
            &format!("{signed}.{}", encode(signature)),
            "not by the issuer's key",
        );
    }
    // The form that certificates have (DER) is another way to write the same signature.
    refused(
        &format!("{signed}.{}", encode(hex("3006020100020100"))),
        "not by the issuer's key",
    );
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] * 16 + pair[1])
        .collect()
}

/// CVE-2025-30204: a token that is all dots; and other forms than three parts, such as JSON (CVE-2022-39227) and what is encrypted.
#[test]
fn only_the_compact_form_is_read() {
    let token = ISSUER.sign_rsa(RS256, CLAIMS);
    let parts: Vec<_> = token.split('.').collect();
    let json = format!(
        r#"{{"payload":"{}","signatures":[{{"protected":"{}","signature":"{}"}}]}}"#,
        parts[1], parts[0], parts[2]
    );
    let polyglot = format!(r#"{{"{}.{}.":"","#, parts[0], parts[1]);
    for text in [
        "",
        ".",
        "a",
        &format!("{token}."),
        &format!(".{token}"),
        &format!("{token}.{token}"),
        &format!("{}.{}", parts[0], parts[1]),
        &json,
    ] {
        let found = verify(&ISSUER.keys(), text).expect_err("refused");
        assert!(
            matches!(
                found,
                Refusal::Parts | Refusal::Encoding(_) | Refusal::Json(..)
            ),
            "{text:.40}: {found}"
        );
    }
    assert!(verify(&ISSUER.keys(), &polyglot).is_err());
    assert_eq!(
        Token::read(&".".repeat(TOKEN_BYTES_MAX)).err(),
        Some(Refusal::Parts)
    );
    let long = ".".repeat(TOKEN_BYTES_MAX + 1);
    assert_eq!(
        Token::read(&long).err(),
        Some(Refusal::TooLong(TOKEN_BYTES_MAX))
    );
}

/// CVE-2022-25898 and others: characters that are no base64 are skipped, so that a token has many forms (and a revoked one comes back).
#[test]
fn every_token_has_one_form() {
    let token = ISSUER.sign_rsa(RS256, CLAIMS);
    let parts: Vec<_> = token.split('.').collect();
    for at in 0..3 {
        for junk in ["=", "==", " ", "\n", "\t", "+", "/", "%3d", "\u{200b}", "é"] {
            let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            changed[at].push_str(junk);
            refused(&changed.join("."), "is not base64url");
            changed[at] = format!("{junk}{}", parts[at]);
            assert!(verify(&ISSUER.keys(), &changed.join(".")).is_err());
        }
    }
    // 256 bytes of a signature leave four bits of the last character unused.
    let (rest, last) = token.split_at(token.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    refused(&format!("{rest}{next}"), "is not base64url");
}

/// CVE-2024-51744: an expired token with a bad signature is told to have expired, and whoever forgives that lets it in.
#[test]
fn the_signature_comes_before_the_claims() {
    let token = ISSUER.sign_rsa(RS256, r#"{"exp":1}"#);
    let (signed, signature) = token.rsplit_once('.').expect("a dot");
    let forged = signed.replace(&encode(r#"{"exp":1}"#), &encode(r#"{"exp":9999999999}"#));
    refused(&format!("{forged}.{signature}"), "not by the issuer's key");
}

/// Two readers of one token must not read two things in it.
#[test]
fn members_that_come_twice_are_refused() {
    for (header, claims) in [
        (r#"{"alg":"RS256","kid":"rsa","alg":"none"}"#, CLAIMS),
        (r#"{"alg":"none","kid":"rsa","alg":"RS256"}"#, CLAIMS),
        (r#"{"alg":"RS256","kid":"rsa","k\u0069d":"rsa"}"#, CLAIMS),
        (RS256, r#"{"sub":"user","sub":"admin","exp":2000000000}"#),
        (
            RS256,
            r#"{"sub":"user","\u0073ub":"admin","exp":2000000000}"#,
        ),
        (RS256, r#"{"a":{"b":1,"b":2},"exp":2000000000}"#),
    ] {
        refused(&ISSUER.sign_rsa(header, claims), "a member comes twice");
    }
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(2_000), "]".repeat(2_000));
    refused(&ISSUER.sign_rsa(RS256, &deep), "nested too deep");
    for claims in ["", "[]", "1", "null", "\"x\"", "{", "{}{}"] {
        refused(&ISSUER.sign_rsa(RS256, claims), "its claims cannot be read");
    }
}

/// Every bit of a token counts.
#[test]
fn no_byte_can_change() {
    let token = ISSUER.sign_ec(r#"{"alg":"ES256","kid":"ec"}"#, CLAIMS);
    let keys = ISSUER.keys();
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(verify(&keys, &changed).is_err(), "{at} {bit}");
            }
        }
    }
    assert_eq!(
        verify(&keys, &token).expect("untouched").get("exp"),
        Some(&Value::from(2_000_000_000))
    );
}
