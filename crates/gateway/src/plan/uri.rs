//! Addresses of HTTP backends: text with places for `${stageVariables.name}` and `{name}`.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html>

use std::borrow::Cow;

use tollgate_http::{Endpoint, Tls, Verify};

use super::{Resolved, StagePlan, Target};

/// An address with places to fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriTemplate {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    StageVariable(Box<str>),
    Parameter(Box<str>),
}

impl UriTemplate {
    /// Reads an address. What is not one of the two kinds of places is text, as unclosed braces are.
    pub fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['$', '{']) {
            let (before, place) = rest.split_at(at);
            match Piece::parse(place) {
                Some((piece, after)) => {
                    push_text(&mut pieces, before);
                    pieces.push(piece);
                    rest = after;
                }
                None => {
                    // `${` of an unknown kind stays whole, so that its braces are not taken for a parameter's.
                    let kept = if place.starts_with("${") { 2 } else { 1 };
                    push_text(&mut pieces, &rest[..at + kept]);
                    rest = &rest[at + kept..];
                }
            }
        }
        push_text(&mut pieces, rest);
        Self { pieces }
    }

    /// Puts the stage's variables in; an unknown one is empty.
    pub fn with_variables<'v>(&self, variable: impl Fn(&str) -> Option<&'v str>) -> Self {
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::StageVariable(name) => {
                    push_text(&mut pieces, variable(name).unwrap_or_default())
                }
                Piece::Text(text) => push_text(&mut pieces, text),
                parameter => pieces.push(parameter.clone()),
            }
        }
        Self { pieces }
    }

    /// The whole address, with parameters from `value`. One without a value stays as it is written, a guess.
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> String {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::StageVariable(_) => {}
                Piece::Parameter(name) => match value(name) {
                    Some(value) => filled.push_str(&value),
                    None => {
                        filled.push('{');
                        filled.push_str(name);
                        filled.push('}');
                    }
                },
            }
        }
        filled
    }

    /// The text, if there is no place left to fill.
    fn text(&self) -> Option<&str> {
        match &*self.pieces {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The beginning up to the path, if no parameter is in it, and what follows.
    fn split(&self) -> Option<(&str, Self)> {
        let (Piece::Text(first), others) = self.pieces.split_first()? else {
            return None;
        };
        let host = first.find("://")? + 3;
        let end = host + first[host..].find(['/', '?'])?;
        let mut pieces = vec![Piece::Text(Box::from(&first[end..]))];
        pieces.extend_from_slice(others);
        Some((&first[..end], Self { pieces }))
    }
}

impl Piece {
    fn parse(text: &str) -> Option<(Self, &str)> {
        if let Some(rest) = text.strip_prefix("${stageVariables.") {
            let (name, after) = rest.split_once('}')?;
            return Some((Self::StageVariable(Box::from(name)), after));
        }
        let (name, after) = text.strip_prefix('{')?.split_once('}')?;
        let name = name.strip_suffix('+').unwrap_or(name);
        let known = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-$:".contains(&byte));
        known.then(|| (Self::Parameter(Box::from(name)), after))
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(last)) => *last = format!("{last}{text}").into_boxed_str(),
        _ => pieces.push(Piece::Text(Box::from(text))),
    }
}

/// The target of an address once the stage is known.
pub(super) fn target(
    uri: &UriTemplate,
    verify_issuer: bool,
    stage: &[(Box<str>, Box<str>)],
) -> Target {
    let find = |name: &str| {
        stage
            .iter()
            .find(|(known, _)| **known == *name)
            .map(|(_, value)| &**value)
    };
    let uri = uri.with_variables(find);
    if let Some(text) = uri.text() {
        return match resolve(text, verify_issuer) {
            Ok(resolved) => Target::Fixed(Box::new(resolved)),
            Err(reason) => Target::Invalid(reason),
        };
    }
    let Some((base, rest)) = uri.split() else {
        return Target::Open(uri);
    };
    match resolve(base, verify_issuer) {
        Ok(base) => Target::Rooted(Box::new(base), rest),
        Err(reason) => Target::Invalid(reason),
    }
}

/// Takes an absolute address apart.
pub(crate) fn resolve(text: &str, verify_issuer: bool) -> Result<Resolved, String> {
    let invalid = |why: &str| format!("invalid endpoint address `{text}`: {why}");
    let (scheme, rest) = text.split_once("://").ok_or_else(|| invalid("no scheme"))?;
    let secure = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        _ => return Err(invalid("the scheme is neither http nor https")),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let (host, port) =
        host_and_port(authority, secure).ok_or_else(|| invalid("no host, or not a port"))?;
    let tls = secure.then_some(Tls {
        verify: if verify_issuer {
            Verify::Full
        } else {
            Verify::InsecureIssuer
        },
    });
    Ok(Resolved {
        endpoint: Endpoint {
            host: Box::from(host),
            port,
            tls,
        },
        authority: Box::from(authority),
        target: origin_form(target),
    })
}

/// User and password in an address are refused; AWS takes none.
fn host_and_port(authority: &str, secure: bool) -> Option<(&str, u16)> {
    let default = if secure { 443 } else { 80 };
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            match after.strip_prefix(':') {
                Some(port) => (host, port.parse().ok()?),
                None if after.is_empty() => (host, default),
                None => return None,
            }
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (authority, default),
        },
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:%".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain) && port != 0).then_some((host, port))
}

/// A path that begins with `/`, with what may not stand in a request line percent-encoded; a fragment is never sent.
pub(crate) fn origin_form(target: &str) -> Box<str> {
    let target = target.split_once('#').map_or(target, |(before, _)| before);
    let mut text = String::with_capacity(target.len() + 1);
    if !target.starts_with('/') {
        text.push('/');
    }
    for byte in target.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | ..=b' ' | 0x7f.. => {
                text.push_str(percent_encoding::percent_encode_byte(byte));
            }
            plain => text.push(char::from(plain)),
        }
    }
    text.into_boxed_str()
}

impl StagePlan {
    /// The target of an integration.
    pub(crate) fn target(&self, number: usize) -> &Target {
        self.targets.get(number).unwrap_or(&Target::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recorder's table of addresses, and some of ours.
    #[test]
    fn variables_are_put_in() {
        let stage = [("stageVar", "stageValue"), ("stageDomain", "example.com")];
        let find = |name: &str| {
            stage
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| *value)
        };
        for (uri, expected) in [
            (
                "https://${stageVariables.stageDomain}",
                "https://example.com",
            ),
            (
                "https://${stageVariables.stageVar}.example.com/resource",
                "https://stageValue.example.com/resource",
            ),
            (
                "https://example.com/foo?q=${stageVariables.stageVar}",
                "https://example.com/foo?q=stageValue",
            ),
            (
                "https://x.example/root/${stageVariables.path}",
                "https://x.example/root/",
            ),
            (
                "https://x.example/root/${path}",
                "https://x.example/root/${path}",
            ),
            (
                "https://x.example/root/${path\\}",
                "https://x.example/root/${path\\}",
            ),
            (
                "https://x.example/{unknown}/{path}",
                "https://x.example/{unknown}/value",
            ),
            ("https://x.example/{path+}?{", "https://x.example/value?{"),
        ] {
            let filled = UriTemplate::parse(uri)
                .with_variables(find)
                .fill(|name| (name == "path").then_some(Cow::Borrowed("value")));
            assert_eq!(filled, expected, "{uri}");
        }
    }

    #[test]
    fn addresses_are_taken_apart() {
        let check = |text: &str, expected: Option<(&str, u16, bool, &str)>| {
            let found = resolve(text, true).ok();
            let found = found.as_ref().map(|at| {
                (
                    &*at.endpoint.host,
                    at.endpoint.port,
                    at.endpoint.tls.is_some(),
                    &*at.target,
                )
            });
            assert_eq!(found, expected, "{text}");
        };
        check(
            "http://localhost:8080//post",
            Some(("localhost", 8080, false, "//post")),
        );
        check("HTTPS://example.com", Some(("example.com", 443, true, "/")));
        check(
            "https://example.com?a=b#c",
            Some(("example.com", 443, true, "/?a=b")),
        );
        check("http://[::1]:81/x y", Some(("::1", 81, false, "/x%20y")));
        for bad in [
            "",
            "example.com",
            "ftp://x/",
            "http://",
            "http://:80/",
            "http://user:pw@host/",
            "http://x:99999/",
            "http://x:0/",
            "http://a b/",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn the_host_is_known_before_the_request_where_it_can_be() {
        let kind = |text: &str| match target(&UriTemplate::parse(text), true, &[]) {
            Target::Fixed(_) => "fixed",
            Target::Rooted(..) => "open path",
            Target::Open(_) => "open host",
            Target::Invalid(_) => "invalid",
            Target::None => "none",
        };
        assert_eq!(kind("http://a/b"), "fixed");
        assert_eq!(kind("http://a/{b}"), "open path");
        assert_eq!(kind("http://a?x={b}"), "open path");
        assert_eq!(kind("http://{a}/b"), "open host");
        assert_eq!(kind("http://a{b}"), "open host");
        assert_eq!(kind("http://a:{p}/b"), "open host");
        assert_eq!(kind("mail://a/{b}"), "invalid");
        assert_eq!(kind("${stageVariables.gone}"), "invalid");
    }
}
