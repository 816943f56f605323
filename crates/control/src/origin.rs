//! In development every key is taken, so nothing but its origin tells a call of the developer's from one that a web
//! page makes the developer's browser send. Three things together keep pages out: the `Authorization` header, which no
//! page may send elsewhere without asking first (and nobody answers that question); the browser's own word on where a
//! call comes from; and the host, by which a name of the page's that was bound anew to this machine is known.
//! <https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site>

use std::net::IpAddr;

use crate::call::Call;
use crate::error::ApiError;

/// Names that every client may call this machine by.
const OWN_HOSTS: [&str; 2] = ["localhost", "localhost.localstack.cloud"];
/// The services served here, as the first label of their hosts.
const SERVICES: [&str; 3] = ["apigateway", "iam", "sts"];
/// Where AWS has them, in all partitions, and where tools expect them in development.
const SERVICE_DOMAINS: [&str; 4] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "localhost",
    "localhost.localstack.cloud",
];

/// Refuses what a web page may have sent.
pub(crate) fn check(call: &Call, hosts: &[String]) -> Result<(), ApiError> {
    let host = only(call, "host")?.unwrap_or_default();
    if !is_own_host(without_port(host), hosts) {
        return Err(ApiError::access_denied(format!(
            "Tollgate does not take control calls for the host '{host}'; call localhost, or add the host to the configuration"
        )));
    }
    // A page from this very listener is content of some API, never ours, so even the same origin is foreign.
    match only(call, "sec-fetch-site")? {
        None | Some("none" | "same-site") => {}
        Some(site) => {
            return Err(ApiError::access_denied(format!(
                "Tollgate does not take control calls of web pages (Sec-Fetch-Site: {site})"
            )));
        }
    }
    match only(call, "origin")? {
        Some(origin) if !is_own_origin(origin, host, hosts) => Err(ApiError::access_denied(
            format!("Tollgate does not take control calls of web pages (Origin: {origin})"),
        )),
        _ => Ok(()),
    }
}

/// A header that stands at most once; what is no text is no value that is known.
fn only<'a>(call: &'a Call, name: &str) -> Result<Option<&'a str>, ApiError> {
    let mut values = call
        .headers
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name));
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some((_, value)), None) => Ok(Some(std::str::from_utf8(value).unwrap_or("?").trim())),
        (Some(_), Some(_)) => Err(ApiError::access_denied(format!(
            "Tollgate does not take control calls with two headers {name}"
        ))),
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') =>
        {
            host
        }
        _ => authority,
    }
}

/// A name that nobody else can bind to this machine. An address is one: no page of somebody else's has it as its host.
fn is_own_host(host: &str, hosts: &[String]) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    is_machine(&host, hosts) || is_address(&host) || is_service(&host)
}

fn is_machine(host: &str, hosts: &[String]) -> bool {
    OWN_HOSTS.contains(&host) || hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
}

fn is_address(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(host).parse::<IpAddr>().is_ok()
}

/// `{service}[.{region}].{domain}`: not every name under those domains, because some are anybody's.
fn is_service(host: &str) -> bool {
    let Some((service, rest)) = host.split_once('.') else {
        return false;
    };
    let domain = |domain: &&str| {
        let region = rest.strip_suffix(*domain);
        region.is_some_and(|region| {
            region.is_empty() || (region.ends_with('.') && region.matches('.').count() == 1)
        })
    };
    SERVICES.contains(&service) && SERVICE_DOMAINS.iter().any(domain)
}

/// A page of this machine's own on another port: a console, an application in development.
fn is_own_origin(origin: &str, host: &str, hosts: &[String]) -> bool {
    let rest = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    rest.is_some_and(|authority| {
        let page = without_port(authority).to_ascii_lowercase();
        let is_loopback = matches!(page.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        let is_other_port = !authority.eq_ignore_ascii_case(host);
        is_other_port && (is_loopback || hosts.iter().any(|own| own.eq_ignore_ascii_case(&page)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_all(cases: &[(&str, bool)], holds: impl Fn(&str) -> bool) {
        for (text, expect) in cases {
            assert_eq!(holds(text), *expect, "{text}");
        }
    }

    #[test]
    fn hosts() {
        let cases = [
            ("localhost", true),
            ("LOCALHOST.", true),
            ("localhost:4566", true),
            ("127.0.0.1:4566", true),
            ("[::1]:4566", true),
            ("[::1]", true),
            ("172.17.0.2", true),
            ("tollgate:4566", true),
            ("apigateway.us-east-1.amazonaws.com", true),
            ("sts.amazonaws.com:443", true),
            ("apigateway.cn-north-1.amazonaws.com.cn", true),
            ("apigateway.us-east-1.localhost.localstack.cloud:4566", true),
            ("apigateway.localhost", true),
            ("", false),
            ("evil.example", false),
            ("evil.localhost", false),
            ("abc.execute-api.localhost", false),
            ("apigateway.evil.us-east-1.amazonaws.com", false),
            ("apigateway.amazonaws.com.evil.example", false),
            ("apigateway.evilamazonaws.com", false),
            ("apigateway.", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
        ];
        check_all(&cases, |host| {
            is_own_host(without_port(host), &["tollgate".to_owned()])
        });
    }

    #[test]
    fn origins() {
        let cases = [
            ("http://localhost:5173", true),
            ("http://127.0.0.1:4567", true),
            ("https://tollgate", true),
            ("http://localhost:4566", false),
            ("null", false),
            ("", false),
            ("http://evil.example", false),
            ("http://abc.execute-api.localhost:4566", false),
            ("http://localhost.evil.example", false),
            ("http://localhost@evil.example", false),
            ("file://", false),
        ];
        check_all(&cases, |origin| {
            is_own_origin(origin, "localhost:4566", &["tollgate".to_owned()])
        });
    }
}
