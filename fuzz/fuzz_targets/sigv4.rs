//! A request is taken or refused, both times alike; one that our signer signed is always taken.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_sigv4::{Claim, Expected, Moment, Refusal, Request, Secret, Signer};

const SECRET: Secret<'static> = Secret {
    key: "secret",
    session_token: None,
};

fn verify(request: &Request<'_>) -> Result<(), Refusal> {
    let mut claim = Claim::read(request)?;
    let expected = Expected {
        service: "apigateway",
        region: None,
        skew_minutes: 5,
    };
    claim.check(request, now(), &expected)?;
    claim.verify(request, &SECRET)
}

fn now() -> Moment {
    Moment::from_ms(1_767_268_800_000)
}

// Lines: the path, the query, the `Authorization` header, the date, another header's value; the rest is the body.
fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(6, |byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (path, query, authorization, date, other, body) = (next(), next(), next(), next(), next(), next());
    let (path, query) = (String::from_utf8_lossy(path), String::from_utf8_lossy(query));
    let mut headers = vec![("host", &b"localhost"[..]), ("x-other", other)];
    headers.push(("x-amz-date", date));
    headers.push(("authorization", authorization));
    let whole = Request {
        method: "GET",
        path: &path,
        query: &query,
        headers: &headers,
        body,
    };
    assert_eq!(verify(&whole), verify(&whole));

    let unsigned = Request {
        headers: &headers[..2],
        ..whole
    };
    let signer = Signer {
        access_key: "key".to_owned(),
        secret: SECRET.key.to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: "apigateway".to_owned(),
    };
    let added = signer.sign(&unsigned, now());
    let added = added.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let headers: Vec<_> = unsigned.headers.iter().copied().chain(added).collect();
    let signed = Request {
        headers: &headers,
        ..unsigned
    };
    assert_eq!(verify(&signed), Ok(()));
});
