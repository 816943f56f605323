//! What travels through the pipeline.

use std::borrow::Cow;
use std::cell::OnceCell;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use tollgate_http::{Body, Headers};

use crate::headers;
use crate::record::Record;

/// The client's request as mappings, validators and templates see it. The head stays in the record; what is decoded of it is
/// decoded once, when first asked for.
#[derive(Debug)]
pub(crate) struct Incoming {
    query: OnceCell<Vec<(String, String)>>,
    pub(crate) content: Content,
}

/// A request's body.
#[derive(Debug)]
pub(crate) enum Content {
    /// Read whole.
    Whole(Bytes),
    /// Still arriving, of a known length.
    Stream(Body),
}

impl Incoming {
    pub(crate) fn new() -> Self {
        Self {
            query: OnceCell::new(),
            content: Content::Whole(Bytes::new()),
        }
    }

    /// The body where it was read whole; empty otherwise.
    pub(crate) fn body(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        match &self.content {
            Content::Whole(bytes) => bytes,
            Content::Stream(_) => &NONE,
        }
    }

    /// Decoded names and values in order.
    pub(crate) fn query(&self, record: &Record) -> &[(String, String)] {
        self.query.get_or_init(|| match record.head().query() {
            Some(query) => pairs(query)
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
            None => Vec::new(),
        })
    }

    /// The decoded values of one query parameter; letter case counts.
    pub(crate) fn query_all<'i>(
        &'i self,
        record: &Record,
        name: &str,
    ) -> impl DoubleEndedIterator<Item = &'i str> {
        let of_name = self
            .query(record)
            .iter()
            .filter(move |(known, _)| known == name);
        of_name.map(|(_, value)| &**value)
    }
}

/// The headers that mappings and templates can see, with their names as the client wrote them.
pub(crate) fn visible_headers(record: &Record) -> impl Iterator<Item = (&str, &[u8])> {
    record
        .headers()
        .iter()
        .filter(|(name, _)| !headers::hidden_from_mappings(name))
}

/// The values of one header; letter case counts, as in AWS.
pub(crate) fn header_all<'h>(headers: &'h Headers, name: &str) -> impl Iterator<Item = &'h [u8]> {
    headers
        .iter()
        .filter(move |(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// Names and values of a raw query. A parameter without `=` has an empty value; `;` separates as `&` does.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = query.split(['&', ';']).filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

/// `+` and `%20` are both spaces; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn decode(text: &str) -> String {
    let spaced = match text.contains('+') {
        true => Cow::Owned(text.replace('+', " ")),
        false => Cow::Borrowed(text),
    };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// The media type of a `Content-Type` or `Accept` value, without parameters and in lower case; of several the first.
pub(crate) fn media_type(value: Option<&[u8]>) -> Cow<'static, str> {
    const DEFAULT: &str = "application/json";
    let Some(value) = value else {
        return Cow::Borrowed(DEFAULT);
    };
    let text = String::from_utf8_lossy(value);
    let first = text.split([',', ';']).next().unwrap_or_default().trim();
    match first {
        "" | DEFAULT => Cow::Borrowed(DEFAULT),
        other => Cow::Owned(other.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_as_recorded() {
        let shown: Vec<_> = pairs("a=1+2&b=%2B%20x;c&&d=e=f")
            .map(|(name, value)| (decode(name), decode(value)))
            .collect();
        let expected = [("a", "1 2"), ("b", "+ x"), ("c", ""), ("d", "e=f")];
        assert_eq!(
            shown,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(decode("%zz%ff"), "%zz\u{fffd}");
    }

    #[test]
    fn media_types_lose_their_parameters() {
        for (value, expected) in [
            ("application/json; charset=utf-8", "application/json"),
            ("Text/HTML", "text/html"),
            ("text/html, */*;q=0.8", "text/html"),
            ("", "application/json"),
        ] {
            assert_eq!(media_type(Some(value.as_bytes())), expected);
        }
        assert_eq!(media_type(None), "application/json");
    }
}
