//! What a token costs beside its signature: `cost [COUNT]` verifies one RS256 token over and over, first the signature alone with the
//! cryptographic library, then as the gateway does with a token that it has not seen before, and prints both in nanoseconds and their ratio.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::time::Instant;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tollgate_jwt::{Expected, KeySet, Token};

/// As long as those of Cognito.
const CLAIMS: &str = r#"{"sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","email_verified":true,"iss":"https://issuer.example/pool","cognito:username":"ann",
    "origin_jti":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","aud":"xxxxxxxxxxxxexample","event_id":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "token_use":"id","auth_time":1800000000,"exp":1800003600,"iat":1800000000,"jti":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","email":"ann@example.com"}"#;

const EXPECTED: Expected<'static> = Expected {
    issuer: "https://issuer.example/pool",
    token_use: Some("id"),
    token_use_required: true,
    now_s: 1_800_000_001,
    skew_s: 30,
};

fn main() {
    let count = std::env::args().nth(1).and_then(|it| it.parse().ok());
    let count: u32 = count.unwrap_or(20_000);
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = encode(br#"{"kid":"one","alg":"RS256"}"#);
    let signed = format!("{header}.{}", encode(CLAIMS.as_bytes()));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    let token = format!("{signed}.{}", encode(&signature));

    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("a public key");
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref()).expect("a key");
    let bare = nanoseconds(count, || {
        assert!(key.verify_sig(signed.as_bytes(), &signature).is_ok());
    });
    // Where the number is in the certificate's form of a key of 2,048 bits.
    let n = encode(&der.as_ref()[33..289]);
    let set = format!(r#"{{"keys":[{{"kty":"RSA","kid":"one","n":"{n}","e":"AQAB"}}]}}"#);
    let keys = KeySet::read(set.as_bytes()).expect("a key set");
    let whole = nanoseconds(count, || {
        let token = Token::read(&token).expect("a token");
        let key = keys.find(token.header()).expect("its key");
        let claims = token.verify(key).expect("signed");
        assert_eq!(claims.check(&EXPECTED), Ok(()));
    });
    println!(
        "{{\"signature_ns\": {bare:.0}, \"token_ns\": {whole:.0}, \"ratio\": {:.3}}}",
        whole / bare
    );
}

/// The median of rounds, for each.
fn nanoseconds(count: u32, mut work: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..9)
        .map(|_| {
            let began = Instant::now();
            (0..count.div_ceil(9)).for_each(|_| work());
            began.elapsed().as_nanos() as f64 / f64::from(count.div_ceil(9))
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[4]
}
