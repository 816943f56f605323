//! Project Wycheproof's vectors (`cases/make_wycheproof.py` says from where they are).
//!
//! The project expects of a library what it says of each vector. A verifier that takes fewer algorithms must refuse the rest of the valid
//! ones too, each by the name of its algorithm.

use serde_json::{Value, json};
use tollgate_jwt::{KeySet, Refusal, Token};

const VECTORS: &str = include_str!("cases/wycheproof.json");

fn verify(keys: &Value, token: &str) -> Result<(), String> {
    let set = json!({ "keys": keys }).to_string();
    let set = KeySet::read(set.as_bytes()).map_err(|error| error.to_string())?;
    let payload = Token::read(token).and_then(|token| {
        let payload = token.verify_payload(set.find(token.header())?)?;
        Ok(payload.to_vec())
    });
    payload.map(drop).map_err(|refusal| refusal.to_string())
}

/// Whether the algorithms of Tollgate leave the group out: it is of shared secrets, of PSS, or of an algorithm that does not exist.
fn is_left_out(keys: &Value) -> bool {
    let Some(keys) = keys.as_array() else {
        return true;
    };
    let name = |key: &Value| key["alg"].as_str().map(str::to_owned);
    keys.iter()
        .filter_map(name)
        .all(|name| name.starts_with("PS") || name == "ES521")
        && keys.iter().all(|key| key["alg"].is_string())
}

#[test]
fn every_vector_is_taken_or_refused_as_it_says() {
    let groups: Vec<Value> = serde_json::from_str(VECTORS).expect("JSON");
    let (mut taken, mut refused, mut left_out) = (0, 0, 0);
    for group in &groups {
        let keys = &group["keys"];
        for test in group["tests"].as_array().expect("a list") {
            let token = test[2].as_str().expect("a text");
            let is_valid = test[3] == "valid" && !is_left_out(keys);
            let found = verify(keys, token);
            assert_eq!(
                found.is_ok(),
                is_valid,
                "{} {test}: {found:?}",
                group["comment"]
            );
            match (is_valid, test[3] == "valid") {
                (true, _) => taken += 1,
                (false, false) => refused += 1,
                (false, true) => left_out += 1,
            }
        }
    }
    assert_eq!((taken, refused, left_out), (19, 376, 32));
}

/// With any other key, what a shared secret signed is refused by its algorithm, not by its key.
#[test]
fn what_is_left_out_is_refused_by_its_name() {
    let groups: Vec<Value> = serde_json::from_str(VECTORS).expect("JSON");
    let valid = groups.iter().filter(|group| is_left_out(&group["keys"]));
    let tests = valid.flat_map(|group| group["tests"].as_array().expect("a list"));
    for test in tests.filter(|test| test[3] == "valid") {
        match Token::read(test[2].as_str().expect("a text")) {
            Err(Refusal::Algorithm(name)) => assert!(
                ["\"HS", "\"PS", "\"ES512", "\"ES521"]
                    .iter()
                    .any(|it| name.starts_with(it)),
                "{name}"
            ),
            // Two vectors are "valid" for readers that skip what is no base64.
            other => assert!(
                matches!(other, Err(Refusal::Encoding(_))),
                "{test}: {other:?}"
            ),
        }
    }
}
