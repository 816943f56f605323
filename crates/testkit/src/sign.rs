//! Signs control calls as AWS's clients do, apart from the verification that they test.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::http::Request;

/// An access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// Its public half.
    pub id: String,
    /// Its secret half.
    pub secret: String,
}

/// What a signature is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The region.
    pub region: String,
    /// The service.
    pub service: String,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            service: "apigateway".to_owned(),
        }
    }
}

/// The request with `X-Amz-Date` and `Authorization`; every field it has is signed.
///
/// # Panics
/// Never: any key can be signed with.
pub fn authorize(request: Request, key: &AccessKey, scope: &Scope) -> Request {
    let now = OffsetDateTime::now_utc();
    let time = now
        .format(format_description!(
            "[year][month][day]T[hour][minute][second]Z"
        ))
        .expect("a date of this form");
    let day = &time[..8];
    let request = request.header("X-Amz-Date", &time);
    let (canonical, names) = canonical(&request);
    let scope_text = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope_text}\n{}",
        hash(canonical.as_bytes())
    );

    let secret = format!("AWS4{}", key.secret);
    let parts = [day, &scope.region, &scope.service, "aws4_request", &to_sign];
    let signature = parts
        .iter()
        .fold(secret.into_bytes(), |key, part| mac(&key, part.as_bytes()));
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope_text}, SignedHeaders={names}, Signature={}",
        key.id,
        hex::encode(signature)
    );
    request.header("Authorization", &value)
}

/// The canonical request, and the names of the fields in it.
fn canonical(request: &Request) -> (String, String) {
    let (path, query) = request
        .target
        .split_once('?')
        .unwrap_or((&request.target, ""));
    let mut fields: Vec<_> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    fields.sort();
    let names = fields
        .iter()
        .map(|(name, _)| name.as_str())
        .collect::<Vec<_>>()
        .join(";");
    let lines: String = fields
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let text = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{}",
        request.method,
        encoded(path),
        sorted(query),
        hash(&request.body)
    );
    (text, names)
}

/// The path as it stands in the request, encoded once more, as all services but S3 do.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte))
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

fn sorted(query: &str) -> String {
    let mut pairs: Vec<_> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    let whole = |pair: &&str| {
        if pair.contains('=') {
            (*pair).to_owned()
        } else {
            format!("{pair}=")
        }
    };
    pairs.iter().map(whole).collect::<Vec<_>>().join("&")
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length of key will do");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_is_sorted_and_encoded_twice() {
        let request = Request::new("GET", "/tags/arn%3Aaws?b=2&a", "localhost")
            .header("X-Amz-Date", "20260101T000000Z");
        let (text, names) = canonical(&request);
        assert_eq!(names, "host;x-amz-date");
        let expected = "GET\n/tags/arn%253Aaws\na=&b=2\nhost:localhost\nx-amz-date:20260101T000000Z\n\nhost;x-amz-date\n";
        assert_eq!(text, format!("{expected}{}", hash(b"")));
    }
}
