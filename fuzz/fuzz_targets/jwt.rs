//! A token or a key set is taken or refused, both times alike; what nobody signed is never taken; claims are answered whatever they hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_jwt::{KeySet, Token};

/// The key of RFC 7515 §A.3, whose private part is public, but not here.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

/// The token of RFC 7515 §A.3, which that key signed.
const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
    DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn told(text: &str) -> String {
    let token = match Token::read(text) {
        Ok(token) => token,
        Err(refusal) => return refusal.to_string(),
    };
    let keys = KeySet::read(KEYS.as_bytes()).expect("a key set");
    let issuer = format!("{:?}", token.claimed_issuer());
    let claims = keys.find(token.header()).and_then(|key| token.verify(key));
    match claims {
        Ok(claims) => {
            assert_eq!(text, SIGNED, "it was never signed");
            format!("{:?} {:?} {:?}", claims.audiences(), claims.scopes(), claims.expires_s())
        }
        Err(refusal) => format!("{issuer} {refusal}"),
    }
}

// Lines: a header and claims as they are before they are encoded, then a key set; or a token as it is sent.
fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        let once = told(text);
        assert_eq!(once, told(text));
        assert!(once.len() < 2_000);
    }
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (header, claims, keys) = (next(), next(), next());
    told(&format!("{}.{}.AAAA", encoded(header), encoded(claims)));
    let read = KeySet::read(keys).map(|set| set.len()).map_err(|error| error.to_string());
    let again = KeySet::read(keys).map(|set| set.len()).map_err(|error| error.to_string());
    assert_eq!(read, again);
    let _ = tollgate_jwt::object(claims);
});

fn encoded(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let whole = chunk.iter().fold(0u32, |whole, byte| whole << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(whole >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}
