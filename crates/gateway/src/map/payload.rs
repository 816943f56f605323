//! Text and bytes: what `binaryMediaTypes` and `contentHandling` make of a payload on its way.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>; every row of its
//! two tables is recorded for a backend behind mappings.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::plan::{BinaryTypes, ContentHandling};

/// A payload as a template, a backend or the client sees it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// UTF-8.
    Text(Bytes),
    /// Bytes, which no template can read.
    Raw(Bytes),
}

/// Text that should have been base64.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotBase64(String);

impl Payload {
    /// What an integration sees of a request of this content type.
    pub(super) fn of_request(
        types: &BinaryTypes,
        content_type: &str,
        handling: Option<ContentHandling>,
        body: &Bytes,
    ) -> Result<Self, NotBase64> {
        use ContentHandling::{ToBinary, ToText};
        match (types.has(content_type), handling) {
            (false, None | Some(ToText)) => Ok(Self::Text(text_of(body))),
            (false, Some(ToBinary)) => decoded(body).map(Self::Raw),
            (true, None | Some(ToBinary)) => Ok(Self::Raw(body.clone())),
            (true, Some(ToText)) => Ok(Self::Text(encoded(body))),
        }
    }

    /// What a client that accepts this media type first sees of an answer of this content type.
    pub(super) fn of_response(
        types: &BinaryTypes,
        content_type: &str,
        accept: &str,
        handling: Option<ContentHandling>,
        body: &Bytes,
    ) -> Result<Self, NotBase64> {
        use ContentHandling::{ToBinary, ToText};
        let (is_binary, wants_binary) = (types.has(content_type), types.has(accept));
        match (is_binary, wants_binary, handling) {
            (false, false, None) | (false, _, Some(ToText)) => Ok(Self::Text(text_of(body))),
            (false, true, None) | (false, _, Some(ToBinary)) => decoded(body).map(Self::Raw),
            (true, false, None) | (true, _, Some(ToText)) => Ok(Self::Text(encoded(body))),
            (true, true, None) | (true, _, Some(ToBinary)) => Ok(Self::Raw(body.clone())),
        }
    }

    /// What a MOCK's template rendered, made bytes. Guess: such a template holds base64, as in what users publish.
    pub(super) fn made(rendered: &Bytes) -> Result<Self, NotBase64> {
        decoded(rendered).map(Self::Raw)
    }

    /// What a template reads. Bytes are refused, recorded, and even where there are none (the guide: a MOCK for `OPTIONS` needs
    /// `CONVERT_TO_TEXT` where every type is binary).
    pub(super) fn into_text(self) -> Result<Bytes, &'static str> {
        match self {
            Self::Text(bytes) => Ok(bytes),
            Self::Raw(_) => Err("bytes (binaryMediaTypes, contentHandling)"),
        }
    }

    /// The bytes, whatever they are.
    pub(super) fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(bytes) | Self::Raw(bytes) => bytes,
        }
    }
}

impl std::fmt::Display for NotBase64 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "text is to become bytes (binaryMediaTypes, contentHandling) and is not base64: {}",
            self.0
        )
    }
}

/// Bytes that are not UTF-8 are replaced, recorded.
fn text_of(body: &Bytes) -> Bytes {
    match String::from_utf8_lossy(body) {
        Cow::Borrowed(_) => body.clone(),
        Cow::Owned(text) => Bytes::from(text),
    }
}

fn encoded(body: &Bytes) -> Bytes {
    Bytes::from(STANDARD.encode(body))
}

/// White space counts for nothing; otherwise the text must be base64 to its padding.
fn decoded(body: &Bytes) -> Result<Bytes, NotBase64> {
    let decoded = match body.iter().any(u8::is_ascii_whitespace) {
        false => STANDARD.decode(body),
        true => {
            let letters = body.iter().filter(|byte| !byte.is_ascii_whitespace());
            STANDARD.decode(letters.copied().collect::<Vec<_>>())
        }
    };
    decoded
        .map(Bytes::from)
        .map_err(|error| NotBase64(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0, 0xff];
    const GZIP_TEXT: &str = "\u{1f}\u{fffd}\u{8}\0\u{fffd}";

    fn types(names: &[&str]) -> BinaryTypes {
        BinaryTypes::new(names.iter().copied())
    }

    fn handling(name: &str) -> Option<ContentHandling> {
        ContentHandling::parse(Some(name))
    }

    /// How `found` came of `body`: the recorder's words.
    fn shown(body: &[u8], found: Result<Payload, NotBase64>) -> &'static str {
        match found {
            Err(_) => "500",
            Ok(Payload::Raw(bytes)) if bytes == body => "same",
            Ok(Payload::Raw(_)) => "decoded",
            Ok(Payload::Text(text)) if text == STANDARD.encode(body) => "encoded",
            Ok(Payload::Text(text)) => {
                assert_eq!(text, String::from_utf8_lossy(body).as_bytes());
                "text"
            }
        }
    }

    /// The recorder's table: content type, API's types, handling.
    #[test]
    fn requests_are_converted_as_recorded() {
        const JSON: &str = "application/json";
        const PNG: &[&str] = &["image/png"];
        let encoded_gzip = STANDARD.encode(GZIP).into_bytes();
        for (content_type, names, name, of_bytes, of_base64) in [
            (JSON, &[][..], "", "text", "text"),
            (JSON, &[], "CONVERT_TO_BINARY", "500", "decoded"),
            (JSON, &[], "CONVERT_TO_TEXT", "text", "text"),
            ("text/plain", PNG, "", "text", "text"),
            ("text/plain", PNG, "CONVERT_TO_BINARY", "500", "decoded"),
            ("text/plain", PNG, "CONVERT_TO_TEXT", "text", "text"),
            ("image/png", PNG, "", "same", "same"),
            ("image/png", PNG, "CONVERT_TO_BINARY", "same", "same"),
            ("image/png", PNG, "CONVERT_TO_TEXT", "encoded", "encoded"),
        ] {
            for (body, expected) in [(GZIP, of_bytes), (&encoded_gzip, of_base64)] {
                let bytes = Bytes::copy_from_slice(body);
                let found =
                    Payload::of_request(&types(names), content_type, handling(name), &bytes);
                assert_eq!(
                    shown(body, found),
                    expected,
                    "{content_type} {names:?} {name}"
                );
            }
        }
    }

    /// The recorder's table: the answer's type, the client's, handling.
    #[test]
    fn responses_are_converted_as_recorded() {
        const TEXT: &str = "text/plain";
        const PNG: &str = "image/png";
        let encoded_gzip = STANDARD.encode(GZIP).into_bytes();
        for (content_type, accept, name, of_bytes, of_base64) in [
            (TEXT, TEXT, "", "text", "text"),
            (TEXT, TEXT, "CONVERT_TO_BINARY", "500", "decoded"),
            (TEXT, TEXT, "CONVERT_TO_TEXT", "text", "text"),
            (TEXT, PNG, "", "500", "decoded"),
            (TEXT, PNG, "CONVERT_TO_BINARY", "500", "decoded"),
            (TEXT, PNG, "CONVERT_TO_TEXT", "text", "text"),
            (PNG, TEXT, "", "encoded", "encoded"),
            (PNG, TEXT, "CONVERT_TO_BINARY", "same", "same"),
            (PNG, TEXT, "CONVERT_TO_TEXT", "encoded", "encoded"),
            (PNG, PNG, "", "same", "same"),
            (PNG, PNG, "CONVERT_TO_BINARY", "same", "same"),
            (PNG, PNG, "CONVERT_TO_TEXT", "encoded", "encoded"),
        ] {
            for (body, expected) in [(GZIP, of_bytes), (&encoded_gzip, of_base64)] {
                let bytes = Bytes::copy_from_slice(body);
                let types = types(&[PNG]);
                let found =
                    Payload::of_response(&types, content_type, accept, handling(name), &bytes);
                assert_eq!(
                    shown(body, found),
                    expected,
                    "{content_type} {accept} {name}"
                );
            }
        }
    }

    #[test]
    fn base64_is_read_to_its_padding() {
        let read = |text: &'static str| decoded(&Bytes::from_static(text.as_bytes())).ok();
        assert_eq!(read("my text string"), read("mytextstring"));
        assert_eq!(read("YQ==").as_deref(), Some(&b"a"[..]));
        for refused in ["YQ", "this is a UTF8 text typed object", "*"] {
            assert_eq!(read(refused), None, "{refused}");
        }
        assert_eq!(text_of(&Bytes::from_static(GZIP)), GZIP_TEXT.as_bytes());
    }
}
