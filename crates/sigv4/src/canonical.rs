//! The canonical request: one text for all ways in which the same request may stand on the wire.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};

use crate::Request;

/// The service whose paths are signed as they are: a key of S3 may hold `//` and `..`.
const S3: &str = "s3";

/// The canonical form of `request` for `service`. `signed` are the names of the signed headers, lower-case and sorted.
pub fn canonical_request(request: &Request<'_>, service: &str, signed: &[String]) -> Vec<u8> {
    let mut text = Vec::new();
    line(&mut text, request.method.as_bytes());
    line(&mut text, canonical_path(request.path, service).as_bytes());
    line(&mut text, canonical_query(request.query).as_bytes());
    for name in signed {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        line(&mut text, &canonical_value(request, name));
    }
    text.push(b'\n');
    line(&mut text, signed.join(";").as_bytes());
    text.extend_from_slice(sha256_hex(request.body).as_bytes());
    text
}

fn line(text: &mut Vec<u8>, content: &[u8]) {
    text.extend_from_slice(content);
    text.push(b'\n');
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Every service but S3 normalizes the path and encodes it once more, so what was `%20` on the wire is `%2520` here.
fn canonical_path(path: &str, service: &str) -> String {
    let path = match service {
        S3 if path.is_empty() => b"/".to_vec(),
        S3 => decoded(path),
        _ => normalize(path).into_bytes(),
    };
    percent_encode(&path, RESERVED_IN_PATH).to_string()
}

/// Without empty, `.` and `..` segments; a slash at the end stays.
fn normalize(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut out = format!("/{}", segments.join("/"));
    if path.ends_with('/') && !segments.is_empty() {
        out.push('/');
    }
    out
}

/// Parameters sorted by name, then by value, both as they are encoded; one without `=` has an empty value.
fn canonical_query(query: &str) -> String {
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let mut pairs: Vec<(String, String)> = parameters.map(canonical_parameter).collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn canonical_parameter(parameter: &str) -> (String, String) {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let anew = |part| percent_encode(&decoded(part), RESERVED).to_string();
    (anew(name), anew(value))
}

/// Several values are joined by commas in their order; runs of blanks become one, those at the ends none.
fn canonical_value(request: &Request<'_>, name: &str) -> Vec<u8> {
    let values: Vec<Vec<u8>> = request.values(name).map(without_blanks).collect();
    values.join(&b',')
}

fn without_blanks(value: &[u8]) -> Vec<u8> {
    let words = value
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

/// RFC 3986's unreserved characters stay, all else is `%XX` with capital digits.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same for a path, in which slashes stay.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Undoes `%XX`; a per cent sign without two digits stands for itself. Guess: so does a plus, as AWS's clients, which
/// write a blank as `%20`, take it.
fn decoded(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, service, expect) in [
            ("", "apigateway", "/"),
            ("/", "apigateway", "/"),
            ("/a/./b/../c", "apigateway", "/a/c"),
            ("//a//b//", "apigateway", "/a/b/"),
            ("/..", "apigateway", "/"),
            ("/../../a", "apigateway", "/a"),
            ("/a b", "apigateway", "/a%20b"),
            ("/tags/arn%3Aaws", "apigateway", "/tags/arn%253Aaws"),
            ("/é", "apigateway", "/%C3%A9"),
            ("/a:b~c", "apigateway", "/a%3Ab~c"),
            ("/%zz", "apigateway", "/%25zz"),
            ("", "s3", "/"),
            ("//a/../b c%20%zz", "s3", "//a/../b%20c%20%25zz"),
        ] {
            assert_eq!(canonical_path(path, service), expect, "{path}");
        }
    }

    #[test]
    fn queries() {
        for (query, expect) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=10&a", "a=&a=10&a=2"),
            ("a=b=c", "a=b%3Dc"),
            ("&&a&", "a="),
            ("%7e=%2F&x=+", "x=%2B&~=%2F"),
            ("A=1&a=1&%41=0", "A=0&A=1&a=1"),
            ("é=%", "%C3%A9=%25"),
        ] {
            assert_eq!(canonical_query(query), expect, "{query}");
        }
    }

    #[test]
    fn values() {
        let headers: &[(&str, &[u8])] = &[
            ("X-A", b"  a   b\t c "),
            ("host", b"h"),
            ("x-a", b"d"),
            ("X-B", b"\"a   b\""),
            ("X-C", b"\xff"),
        ];
        let request = Request {
            method: "GET",
            path: "/",
            query: "",
            headers,
            body: b"",
        };
        for (name, expect) in [
            ("x-a", &b"a b c,d"[..]),
            ("x-b", b"\"a b\""),
            ("x-c", b"\xff"),
            ("x-d", b""),
        ] {
            assert_eq!(canonical_value(&request, name), expect, "{name}");
        }
    }
}
