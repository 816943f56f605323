//! An `Authorization` header on a request that meets no method: AWS reads it as a signature before it says that there is no route.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>; the first text is seen in
//! transcripts of AWS, and so are the first two sentences of the second.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tollgate_http::Headers;

/// What is wrong with the header as a signature. Nothing for a signature, which a route that is not there has no use for.
pub(super) fn fault(headers: &Headers) -> Option<String> {
    let value = headers.get("Authorization")?;
    let text = String::from_utf8_lossy(value);
    if text.starts_with("AWS4-HMAC-SHA256") {
        return None;
    }
    let hash = STANDARD.encode(Sha256::digest(value));
    if text.split(',').any(|part| !part.contains('=')) {
        return Some(format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{hash}'."
        ));
    }
    let mut sentences: Vec<_> = ["Credential", "Signature", "SignedHeaders"]
        .into_iter()
        .filter(|name| !has_parameter(&text, name))
        .map(|name| format!("Authorization header requires '{name}' parameter."))
        .collect();
    if headers.get("X-Amz-Date").or(headers.get("Date")).is_none() {
        sentences.push(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
                .to_owned(),
        );
    }
    sentences.push(format!(
        "(Hashed with SHA-256 and encoded with Base64) Authorization={hash}"
    ));
    Some(sentences.join(" "))
}

fn has_parameter(text: &str, name: &str) -> bool {
    let names = text
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .map(|(name, _)| name);
    // The scheme stands before the first name.
    names
        .into_iter()
        .any(|known| known.rsplit(' ').next() == Some(name))
}
