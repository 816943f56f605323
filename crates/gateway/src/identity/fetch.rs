//! Fetching an issuer's keys: where its configuration says they are, within one deadline, and nowhere else.
//! <https://openid.net/specs/openid-connect-discovery-1_0.html>

use std::time::Duration;

use bytes::Bytes;
use tollgate_http::{Body, BodyError, Client, Deadline, Headers, Outgoing};
use tollgate_jwt::{KeySet, SET_BYTES_MAX};
use tollgate_model::clock::Clock;

use super::issuer::{Fetching, Issuer};
use crate::plan::{Resolved, uri};

/// For configuration and keys together.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of an issuer's configuration; real ones have some thousands.
const CONFIGURATION_BYTES_MAX: usize = 64 << 10;

/// Fetches, and tells those who wait.
pub(super) async fn run(fetching: Fetching, client: Client, clock: Clock) {
    let fetched = fetch(fetching.issuer(), &client).await;
    fetching.done(fetched, clock.now_ms());
}

async fn fetch(issuer: &Issuer, client: &Client) -> Result<(KeySet, [u8; 32]), String> {
    let deadline = Deadline::after(TIMEOUT);
    let found = match &issuer.jwks {
        Some(at) => at.clone(),
        None => discover(issuer, client, deadline).await?,
    };
    let bytes = get(client, &found, SET_BYTES_MAX, deadline).await?;
    let set = KeySet::read(&bytes).map_err(|error| format!("{}: {error}", place(&found)))?;
    Ok((set, *blake3::hash(&bytes).as_bytes()))
}

/// Where the issuer says its keys are.
async fn discover(
    issuer: &Issuer,
    client: &Client,
    deadline: Deadline,
) -> Result<Resolved, String> {
    let at = &issuer.configuration;
    let bytes = get(client, at, CONFIGURATION_BYTES_MAX, deadline).await?;
    keys_of(&bytes, issuer.url(), at).map_err(|why| format!("{}: {why}", place(at)))
}

/// §4.3: the issuer that it is about has to be the one that was asked; and what is asked over TLS stays there.
fn keys_of(bytes: &[u8], issuer: &str, at: &Resolved) -> Result<Resolved, String> {
    let members = tollgate_jwt::object(bytes)?;
    let text = |name: &str| {
        let value = members.get(name).and_then(|value| value.as_str());
        value.ok_or_else(|| format!("it has no {name}"))
    };
    if text("issuer")? != issuer {
        return Err("it is the configuration of another issuer".to_owned());
    }
    let keys = uri::resolve(text("jwks_uri")?, true)?;
    match at.endpoint.tls.is_some() && keys.endpoint.tls.is_none() {
        true => Err("its jwks_uri is not over TLS".to_owned()),
        false => Ok(keys),
    }
}

/// Redirects are not followed: who is asked is configured.
async fn get(
    client: &Client,
    at: &Resolved,
    bytes_max: usize,
    deadline: Deadline,
) -> Result<Bytes, String> {
    let failed = |why: String| format!("{}: {why}", place(at));
    let sent = client.send(&at.endpoint, request(at), deadline).await;
    let response = sent.map_err(|error| failed(error.to_string()))?;
    if response.status != 200 {
        return Err(failed(format!("it answered {}", response.status)));
    }
    if response
        .body
        .length()
        .is_some_and(|length| length > bytes_max as u64)
    {
        return Err(failed(format!("it is longer than {bytes_max} bytes")));
    }
    let body = response.body.gather(bytes_max).await;
    body.map_err(|error| match error {
        BodyError::TooLarge => failed(format!("it is longer than {bytes_max} bytes")),
        other => failed(other.to_string()),
    })
}

fn request(at: &Resolved) -> Outgoing {
    let mut headers = Headers::new();
    for (name, value) in [("Host", &*at.authority), ("Accept", "application/json")] {
        // Both are texts that the address was checked for.
        let _ = headers.push(name, value.as_bytes());
    }
    Outgoing {
        method: "GET".into(),
        target: at.target.clone(),
        headers,
        body: Body::Empty,
    }
}

fn place(at: &Resolved) -> String {
    let scheme = if at.endpoint.tls.is_some() {
        "https"
    } else {
        "http"
    };
    format!("{scheme}://{}{}", at.authority, at.target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_of_its_issuer_and_stays_on_tls() {
        let at = uri::resolve("https://a.example/.well-known/x", true).expect("an address");
        for (text, expected) in [
            (
                r#"{"issuer":"https://a.example","jwks_uri":"https://b.example/k"}"#,
                "ok",
            ),
            (
                r#"{"issuer":"https://a.example/","jwks_uri":"https://b.example/k"}"#,
                "another issuer",
            ),
            (
                r#"{"issuer":"https://evil.example","jwks_uri":"https://b.example/k"}"#,
                "another issuer",
            ),
            (r#"{"jwks_uri":"https://b.example/k"}"#, "it has no issuer"),
            (r#"{"issuer":"https://a.example"}"#, "it has no jwks_uri"),
            (
                r#"{"issuer":"https://a.example","jwks_uri":7}"#,
                "it has no jwks_uri",
            ),
            (
                r#"{"issuer":"https://a.example","jwks_uri":"http://b.example/k"}"#,
                "not over TLS",
            ),
            (
                r#"{"issuer":"https://a.example","jwks_uri":"file:///etc/passwd"}"#,
                "neither http nor https",
            ),
            (
                r#"{"issuer":"https://a.example","issuer":"x","jwks_uri":"https://b"}"#,
                "comes twice",
            ),
            ("<html>", "not JSON"),
        ] {
            let found = keys_of(text.as_bytes(), "https://a.example", &at);
            let found = found.map_or_else(|why| why, |_| "ok".to_owned());
            assert!(found.contains(expected), "{text}: {found}");
        }
    }
}
