//! What never leaves: credentials, the headers and query parameters that the settings name, and parts of JSON bodies.
//!
//! What is hidden in one place is hidden wherever else its text stands, so that a token that a template wrote into a body does not leave by
//! that door. The same text always becomes the same mark, which lets most recordings answer as they did.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::paths::{JsonPath, places};

/// What never leaves, beside the credentials that never do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Redaction {
    /// Names of headers, in any case.
    pub headers: Vec<String>,
    /// Names of query parameters, in any case.
    pub query: Vec<String>,
    /// Places in JSON bodies.
    pub json_paths: Vec<JsonPath>,
}

/// Stands for what is hidden; may itself stand in a target, a header and a text of JSON.
pub(super) const HIDDEN: &str = "tollgate-hidden";

/// Headers that carry credentials.
const HEADERS: [&str; 9] = [
    "Authorization",
    "Proxy-Authorization",
    "Cookie",
    "Set-Cookie",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Auth-Token",
    "X-Csrf-Token",
    "X-Amzn-Remapped-Authorization",
];

/// Query parameters that carry credentials.
const QUERY: [&str; 8] = [
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "Signature",
    "access_token",
    "api_key",
    "apikey",
    "token",
];

/// Texts shorter than this are hidden where they are named only: they would be found everywhere.
const SECRET_BYTES_MIN: usize = 4;

/// The same of a part of a value, such as the token behind `Bearer`.
const PART_BYTES_MIN: usize = 8;

/// Texts that are looked for elsewhere; of more than these a request has been made to be slow.
const SECRETS_MAX: usize = 1_000;

/// The texts that one request hides.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// Longest first.
    texts: Vec<String>,
    /// Where something was hidden, for people.
    pub(super) places: Vec<String>,
}

impl Redaction {
    /// The same, and these headers too.
    pub(super) fn with_headers<'h>(&self, names: impl Iterator<Item = &'h str>) -> Self {
        let mut more = self.clone();
        more.headers.extend(names.map(str::to_owned));
        more
    }

    /// Whether a header's value never leaves.
    pub(super) fn hides_header(&self, name: &str) -> bool {
        let own = self.headers.iter().map(String::as_str);
        HEADERS
            .into_iter()
            .chain(own)
            .any(|it| it.eq_ignore_ascii_case(name))
    }

    fn hides_query(&self, name: &str) -> bool {
        let own = self.query.iter().map(String::as_str);
        QUERY
            .into_iter()
            .chain(own)
            .any(|it| it.eq_ignore_ascii_case(name))
    }

    /// Notes what a header hides.
    pub(super) fn note_header(&self, name: &str, value: &[u8], secrets: &mut Secrets) {
        if !self.hides_header(name) {
            return;
        }
        secrets.place(format!("header {name}"));
        let value = String::from_utf8_lossy(value);
        secrets.add(&value, SECRET_BYTES_MIN);
        for part in credentials(&value) {
            secrets.add(part, PART_BYTES_MIN);
        }
    }

    /// Notes what a target's query hides.
    pub(super) fn note_target(&self, target: &str, secrets: &mut Secrets) {
        for (name, value) in pairs(target) {
            if self.hides_query(&decoded(name)) {
                secrets.place(format!("query parameter {name}"));
                secrets.add(value, SECRET_BYTES_MIN);
                secrets.add(&decoded(value), SECRET_BYTES_MIN);
            }
        }
    }

    /// Notes what a body hides.
    pub(super) fn note_body(&self, body: &[u8], secrets: &mut Secrets) {
        let Ok(text) = std::str::from_utf8(body) else {
            return;
        };
        for place in places(&self.json_paths, text) {
            let value = &text[place];
            match serde_json::from_str::<String>(value) {
                Ok(decoded) => {
                    secrets.add(&decoded, SECRET_BYTES_MIN);
                    // As it stands between its quotation marks.
                    secrets.add(&value[1..value.len() - 1], SECRET_BYTES_MIN);
                }
                Err(_) => secrets.add(value, PART_BYTES_MIN),
            }
        }
    }

    /// A header's value as it may leave.
    pub(super) fn header(&self, name: &str, value: &[u8], secrets: &Secrets) -> Vec<u8> {
        match self.hides_header(name) {
            true => HIDDEN.as_bytes().to_vec(),
            false => secrets.hide_bytes(value),
        }
    }

    /// A target as it may leave.
    pub(super) fn target(&self, target: &str, secrets: &Secrets) -> String {
        let (path, query) = target
            .split_once('?')
            .map_or((target, None), |(path, query)| (path, Some(query)));
        let mut shown = secrets.hide(path).into_owned();
        for (number, part) in query
            .into_iter()
            .flat_map(|query| query.split('&'))
            .enumerate()
        {
            shown.push(if number == 0 { '?' } else { '&' });
            match part.split_once('=') {
                Some((name, _)) if self.hides_query(&decoded(name)) => {
                    shown.push_str(name);
                    shown.push('=');
                    shown.push_str(HIDDEN);
                }
                _ => shown.push_str(&secrets.hide(part)),
            }
        }
        shown
    }

    /// A body as it may leave.
    pub(super) fn body(&self, body: &[u8], secrets: &mut Secrets) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(body) else {
            return secrets.hide_bytes(body);
        };
        let mut shown = String::with_capacity(text.len());
        let mut end = 0;
        for place in places(&self.json_paths, text) {
            shown.push_str(&text[end..place.start]);
            shown.push_str(&format!("\"{HIDDEN}\""));
            end = place.end;
        }
        if end > 0 {
            secrets.place("a JSON path of a body".to_owned());
        }
        shown.push_str(&text[end..]);
        secrets.hide(&shown).into_owned().into_bytes()
    }
}

impl Secrets {
    fn add(&mut self, text: &str, bytes_min: usize) {
        let text = text.trim();
        let is_new = text.len() >= bytes_min && !self.texts.iter().any(|known| known == text);
        if is_new && text != HIDDEN && self.texts.len() < SECRETS_MAX {
            let longer = |known: &String| known.len() >= text.len();
            let at = self.texts.partition_point(longer);
            self.texts.insert(at, text.to_owned());
        }
    }

    fn place(&mut self, place: String) {
        if !self.places.contains(&place) {
            self.places.push(place);
        }
    }

    /// A text without what is hidden.
    pub(super) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut shown = Cow::Borrowed(text);
        for secret in &self.texts {
            if shown.contains(&**secret) {
                shown = Cow::Owned(shown.replace(&**secret, HIDDEN));
            }
        }
        shown
    }

    /// The same of bytes, which need not be text.
    pub(super) fn hide_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            shown.extend_from_slice(self.hide(chunk.valid()).as_bytes());
            shown.extend_from_slice(chunk.invalid());
        }
        shown
    }
}

/// The parts of a header's value that are credentials by themselves: the token behind a scheme, the values of cookies.
fn credentials(value: &str) -> impl Iterator<Item = &str> {
    let parts = value.split([' ', ',', ';']);
    parts.map(|part| match part.split_once('=') {
        Some((_, value)) if !value.trim_matches('=').is_empty() => value.trim_matches('"'),
        _ => part,
    })
}

fn pairs(target: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redaction() -> Redaction {
        Redaction {
            headers: vec!["X-Tenant".to_owned()],
            query: vec!["pin".to_owned()],
            json_paths: vec!["$..password".parse().expect("a path")],
        }
    }

    #[test]
    fn credentials_are_hidden_where_they_are_and_where_they_went() {
        let (redaction, mut secrets) = (redaction(), Secrets::default());
        for (name, value) in [
            ("authorization", "Bearer abc.def.ghi-0123"),
            ("COOKIE", "theme=dark; session=0123456789abcdef"),
            ("x-tenant", "acme"),
        ] {
            redaction.note_header(name, value.as_bytes(), &mut secrets);
        }
        redaction.note_target("/a?pin=12%2034&x=1", &mut secrets);
        redaction.note_body(br#"{"user": {"password": "s3cr3t\n1"}}"#, &mut secrets);
        let hidden = |text: &str| secrets.hide(text).into_owned();
        assert_eq!(hidden("token abc.def.ghi-0123."), "token tollgate-hidden.");
        assert_eq!(
            hidden("0123456789abcdef acme"),
            "tollgate-hidden tollgate-hidden"
        );
        assert_eq!(hidden("12 34 12%2034"), "tollgate-hidden tollgate-hidden");
        assert_eq!(
            hidden("s3cr3t\n1 s3cr3t\\n1"),
            "tollgate-hidden tollgate-hidden"
        );
        assert_eq!(hidden("theme dark Bearer"), "theme dark Bearer");
        let header = redaction.header("Authorization", b"Bearer x", &secrets);
        assert_eq!(header, HIDDEN.as_bytes());
        let target = redaction.target("/acme?pin=1&q=acme&r", &secrets);
        assert_eq!(
            target,
            "/tollgate-hidden?pin=tollgate-hidden&q=tollgate-hidden&r"
        );
        let body = redaction.body(br#"{"password" : 1, "who": "acme"}"#, &mut secrets);
        assert_eq!(
            String::from_utf8_lossy(&body),
            r#"{"password" : "tollgate-hidden", "who": "tollgate-hidden"}"#
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_looked_through() {
        let (redaction, mut secrets) = (redaction(), Secrets::default());
        redaction.note_header("x-api-key", b"0123456789", &mut secrets);
        assert_eq!(
            secrets.hide_bytes(b"\xff0123456789\xfe"),
            b"\xfftollgate-hidden\xfe"
        );
    }
}
