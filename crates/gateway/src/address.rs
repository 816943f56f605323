//! From host and path to an API and a stage.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html>; beside AWS's hosts, the two
//! reserved paths that emulators made common and `*.execute-api.localhost`, which resolves everywhere.

use std::ops::Range;

/// Where a request wants to go. Ranges are into the path that was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The API's id, in lower case if the host carried it so.
    pub api: &'a str,
    /// The first segment of the path; empty when there is none.
    pub stage: &'a str,
    /// What follows the stage, beginning with `/` or empty. Slashes doubled right after the stage count as one, as
    /// recorded.
    pub path: Range<usize>,
    /// What `$context.path` shows.
    pub shown: Shown,
}

/// `$context.path`: the stage and what follows it, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A part of the path that was parsed.
    Part(Range<usize>),
    /// Not contiguous in the path: the reserved forms keep the stage elsewhere.
    Joined(String),
}

/// The names under which APIs are reached by host.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// Parents of `{api}.execute-api.{region}`, without a leading dot, in lower case.
    domains: Vec<Box<str>>,
}

/// Templates and other tools hard-code the first two.
const DOMAINS: [&str; 3] = [
    "amazonaws.com",
    "localhost.localstack.cloud",
    "amazonaws.com.cn",
];

const SERVICE: &str = "execute-api.";

impl Default for Hosts {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Hosts {
    /// The built-in names and `domains`.
    pub fn new(domains: &[String]) -> Self {
        let configured = domains.iter().map(|domain| domain.to_ascii_lowercase());
        Self {
            domains: DOMAINS
                .iter()
                .map(|domain| Box::from(*domain))
                .chain(configured.map(Box::from))
                .collect(),
        }
    }

    /// The API that `host` (with or without a port) names, whether it exists or not.
    pub fn api<'h>(&self, host: &'h str) -> Option<&'h str> {
        let name = without_port(host);
        let (api, rest) = name.split_once('.')?;
        let tail = strip_prefix_ignoring_case(rest, SERVICE)?;
        (is_id(api) && self.is_parent(tail)).then_some(api)
    }

    /// `localhost`, `{domain}` or `{region}.{domain}`.
    fn is_parent(&self, tail: &str) -> bool {
        if tail.eq_ignore_ascii_case("localhost") || self.is_domain(tail) {
            return true;
        }
        tail.split_once('.')
            .is_some_and(|(region, domain)| is_id(region) && self.is_domain(domain))
    }

    fn is_domain(&self, name: &str) -> bool {
        self.domains
            .iter()
            .any(|domain| domain.eq_ignore_ascii_case(name))
    }

    /// The address of a request, or nothing when neither host nor path belongs to an API. What this claims never
    /// reaches the control plane.
    pub fn find<'a>(&self, host: Option<&'a str>, path: &'a str) -> Option<Address<'a>> {
        if let Some(api) = host.and_then(|host| self.api(host)) {
            return Some(staged(api, path, 0));
        }
        reserved(path)
    }
}

/// `/_aws/execute-api/{api}/{stage}/…` and `/restapis/{api}/{stage}/_user_request_/…`.
fn reserved(path: &str) -> Option<Address<'_>> {
    if let Some(rest) = path.strip_prefix("/_aws/execute-api/") {
        let api_end = rest.find('/').unwrap_or(rest.len());
        let start = path.len() - rest.len() + api_end;
        return Some(staged(&rest[..api_end], path, start));
    }
    let rest = path.strip_prefix("/restapis/")?;
    let (api, rest) = rest.split_once('/')?;
    let (stage, rest) = rest.split_once('/')?;
    let inner = rest.strip_prefix("_user_request_")?;
    if !inner.is_empty() && !inner.starts_with('/') {
        return None;
    }
    let start = path.len() - inner.len();
    Some(Address {
        api,
        stage,
        path: collapsed(path, start),
        shown: Shown::Joined(format!("/{stage}{inner}")),
    })
}

/// The path from `start` on begins with the stage.
fn staged<'a>(api: &'a str, path: &'a str, start: usize) -> Address<'a> {
    let start = collapsed(path, start).start;
    let name_start = (start + 1).min(path.len());
    let name_end = path[name_start..]
        .find('/')
        .map_or(path.len(), |at| name_start + at);
    Address {
        api,
        stage: &path[name_start..name_end],
        path: collapsed(path, name_end),
        shown: Shown::Part(start..path.len()),
    }
}

/// The range from `start` to the end with all leading slashes but one left out.
fn collapsed(path: &str, start: usize) -> Range<usize> {
    let slashes = path[start..]
        .bytes()
        .take_while(|byte| *byte == b'/')
        .count();
    start + slashes.saturating_sub(1)..path.len()
}

fn without_port(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_suffix('.').unwrap_or(name)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, path: &str, expected: Option<(&str, &str, &str, &str)>) {
        let hosts = Hosts::new(&["gateway.example".to_owned()]);
        let found = hosts.find(Some(host), path).map(|address| {
            let shown = match &address.shown {
                Shown::Part(range) => path[range.clone()].to_owned(),
                Shown::Joined(text) => text.clone(),
            };
            (
                address.api,
                address.stage,
                path[address.path.clone()].to_owned(),
                shown,
            )
        });
        let expected = expected
            .map(|(api, stage, path, shown)| (api, stage, path.to_owned(), shown.to_owned()));
        assert_eq!(found, expected, "{host} {path}");
    }

    #[test]
    fn hosts_name_apis() {
        for host in [
            "abc.execute-api.localhost",
            "abc.execute-api.localhost:4566",
            "abc.Execute-Api.us-east-1.AmazonAWS.com",
            "abc.execute-api.eu-west-1.gateway.example.",
            "abc.execute-api.localhost.localstack.cloud:4566",
        ] {
            check(
                host,
                "/dev/pets",
                Some(("abc", "dev", "/pets", "/dev/pets")),
            );
        }
        for host in [
            "localhost:4566",
            "abc.localhost",
            "execute-api.localhost",
            "abc.execute-api.example.org",
            "",
            "a_b.execute-api.localhost",
        ] {
            check(host, "/dev/pets", None);
        }
    }

    #[test]
    fn slashes_are_as_recorded() {
        let host = "abc.execute-api.localhost";
        check(host, "/dev", Some(("abc", "dev", "", "/dev")));
        check(host, "/dev/", Some(("abc", "dev", "/", "/dev/")));
        check(host, "/", Some(("abc", "", "", "/")));
        check(host, "//dev/x", Some(("abc", "dev", "/x", "/dev/x")));
        check(
            host,
            "/dev//x//y/",
            Some(("abc", "dev", "/x//y/", "/dev//x//y/")),
        );
    }

    #[test]
    fn reserved_paths_name_apis() {
        let host = "localhost";
        check(
            host,
            "/_aws/execute-api/abc/dev/x/y",
            Some(("abc", "dev", "/x/y", "/dev/x/y")),
        );
        check(host, "/_aws/execute-api/abc", Some(("abc", "", "", "")));
        check(
            host,
            "/restapis/abc/dev/_user_request_/x",
            Some(("abc", "dev", "/x", "/dev/x")),
        );
        check(
            host,
            "/restapis/abc/dev/_user_request_",
            Some(("abc", "dev", "", "/dev")),
        );
        check(host, "/restapis/abc/dev/_user_requests_", None);
        check(host, "/restapis/abc/resources/x/methods/GET", None);
    }
}
