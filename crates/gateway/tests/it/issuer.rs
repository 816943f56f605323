//! Identity providers on loopback: one that is as it should be, and others that are not; and the tokens that specs write as
//! `<token {"sub": "ann"}>`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::LazyLock;
use std::thread;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use tollgate_gateway::{IdentityProvider, IdentityProviders};
use tollgate_model::clock::Clock;

struct Issuer {
    /// `http://127.0.0.1:…`
    base: String,
    key: EcdsaKeyPair,
    /// Nobody publishes it.
    stranger: EcdsaKeyPair,
}

/// What stands after the base in the issuer of each.
const ISSUERS: [&str; 8] = [
    "good", "other", "lying", "huge", "html", "redirect", "empty", "endless",
];

/// Answers from its first use on, as long as the test's process lives.
static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let pair = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let issuer = Issuer {
        base: base.clone(),
        key: pair(),
        stranger: pair(),
    };
    let keys = published(&issuer.key);
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let (base, keys) = (base.clone(), keys.clone());
            thread::spawn(move || serve(socket, &base, &keys));
        }
    });
    issuer
});

/// User pools by their names; `down` is one where nobody listens.
pub(crate) fn providers() -> IdentityProviders {
    let provider = |name: &str, base: &str| IdentityProvider {
        name: format!("arn:aws:cognito-idp:us-east-1:111111111111:userpool/{name}"),
        issuer: format!("{base}/{name}"),
        jwks: None,
    };
    let providers = ISSUERS.iter().map(|name| provider(name, &ISSUER.base));
    let down = format!("http://127.0.0.1:{}", super::specs::closed_port());
    let providers = providers.chain([provider("down", &down)]);
    // The issuer of `fixed` says nothing of its keys.
    let fixed = IdentityProvider {
        jwks: Some(format!("{}/good/keys", ISSUER.base)),
        ..provider("fixed", &ISSUER.base)
    };
    IdentityProviders::new(providers.chain([fixed])).expect("addresses")
}

/// Puts tokens in the place of what describes them.
pub(crate) fn with_tokens(text: &str) -> String {
    let Some((before, rest)) = text.split_once("<token ") else {
        return text.to_owned();
    };
    let (claims, after) = rest.split_once('>').expect("<token {…}>");
    let claims = serde_json::from_str(claims).expect("claims");
    format!("{before}{}{}", token(claims), with_tokens(after))
}

/// `iss` is the name of an issuer, `good` unless given; times are seconds from now, `exp` an hour unless given; `kid` and `alg` go into the
/// header; `by: stranger` signs with another key. What is null is left out.
fn token(mut claims: Map<String, Value>) -> String {
    let mut header = json!({"kid": "one", "alg": "ES256"});
    for name in ["kid", "alg"] {
        if let Some(value) = claims.remove(name) {
            header[name] = value;
        }
    }
    let key = match claims.remove("by") {
        Some(_) => &ISSUER.stranger,
        None => &ISSUER.key,
    };
    let issuer = claims.remove("iss").unwrap_or(json!("good"));
    let issuer = issuer.as_str().expect("a name");
    claims.insert("iss".to_owned(), json!(format!("{}/{issuer}", ISSUER.base)));
    claims.entry("exp").or_insert(json!(3_600));
    let now_s = i64::try_from(Clock::System.now_ms() / 1_000).expect("this century");
    for name in ["exp", "nbf", "iat"] {
        if let Some(Value::Number(from_now)) = claims.get(name) {
            let moment = now_s + from_now.as_i64().expect("seconds");
            claims.insert(name.to_owned(), json!(moment));
        }
    }
    claims.retain(|_, value| !value.is_null());
    let signed = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(Value::from(claims).to_string())
    );
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes());
    format!("{signed}.{}", encode(signature.expect("a signature")))
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn published(key: &EcdsaKeyPair) -> String {
    let point = key.public_key().as_ref();
    let (x, y) = (encode(&point[1..33]), encode(&point[33..]));
    json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "one", "x": x, "y": y}]}).to_string()
}

fn serve(mut socket: TcpStream, base: &str, keys: &str) {
    let mut lines = BufReader::new(socket.try_clone().expect("a socket")).lines();
    while let Some(Ok(line)) = lines.next() {
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let rest = lines.by_ref().map_while(Result::ok);
        rest.take_while(|line| !line.is_empty()).for_each(drop);
        let (status, body) = answer(&path, base, keys);
        let length = match path.starts_with("/endless/keys") {
            true => "Transfer-Encoding: chunked".to_owned(),
            false => format!("Content-Length: {}", body.len()),
        };
        let message = format!(
            "HTTP/1.1 {status} Whatever\r\nLocation: {base}/good/keys\r\n{length}\r\n\r\n{body}"
        );
        if socket.write_all(message.as_bytes()).is_err() {
            return;
        }
        if path.starts_with("/endless/keys") {
            return endless(&mut socket);
        }
    }
}

/// Until the caller has enough.
fn endless(socket: &mut TcpStream) {
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    while socket.write_all(chunk.as_bytes()).is_ok() {}
    let _ = socket.read(&mut [0]);
}

fn answer(path: &str, base: &str, keys: &str) -> (u16, String) {
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let (issuer, what) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let configuration = |issuer: &str| {
        let (issuer, keys) = (format!("{base}/{issuer}"), format!("{base}/{issuer}/keys"));
        (200, json!({"issuer": issuer, "jwks_uri": keys}).to_string())
    };
    match (what, issuer) {
        (".well-known/openid-configuration", "lying") => configuration("good"),
        (".well-known/openid-configuration", "fixed") => (404, String::new()),
        (".well-known/openid-configuration", _) => configuration(issuer),
        ("keys", "huge") => (200, " ".repeat(300_000)),
        ("keys", "html") => (200, "<html>sign in</html>".to_owned()),
        ("keys", "redirect") => (302, String::new()),
        ("keys", "empty") => (200, r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#.to_owned()),
        ("keys", "endless") => (200, String::new()),
        ("keys", _) => (200, keys.to_owned()),
        _ => (404, String::new()),
    }
}
