//! Which payloads are bytes and which are text, and what is made of the one for the other.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html>

/// `binaryMediaTypes`: without any, every payload is text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BinaryTypes {
    patterns: Vec<Box<str>>,
}

/// `contentHandling`: what a payload is made before a template or the other side sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentHandling {
    /// Bytes: text is decoded as base64.
    ToBinary,
    /// Text: bytes are encoded as base64.
    ToText,
}

impl BinaryTypes {
    /// The types of an API: `image/png`, `image/*`, `*/*`.
    pub fn new<'t>(types: impl IntoIterator<Item = &'t str>) -> Self {
        let patterns = types.into_iter();
        Self {
            patterns: patterns
                .map(|text| Box::from(text.to_ascii_lowercase()))
                .collect(),
        }
    }

    /// Whether the API has none.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether payloads of this media type, in lower case and without parameters, are bytes.
    pub fn has(&self, media_type: &str) -> bool {
        let mut patterns = self.patterns.iter();
        patterns.any(|pattern| is_of(media_type, pattern))
    }
}

fn is_of(media_type: &str, pattern: &str) -> bool {
    match pattern.strip_suffix("/*") {
        Some("*") => true,
        Some(main) => media_type
            .strip_prefix(main)
            .is_some_and(|rest| rest.starts_with('/')),
        None => media_type == pattern,
    }
}

impl ContentHandling {
    /// Reads AWS's name; anything else asks for nothing.
    pub fn parse(name: Option<&str>) -> Option<Self> {
        match name? {
            "CONVERT_TO_BINARY" => Some(Self::ToBinary),
            "CONVERT_TO_TEXT" => Some(Self::ToText),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_match_whole_or_by_their_first_part() {
        let types = BinaryTypes::new(["Image/PNG", "audio/*"]);
        for (media_type, expected) in [
            ("image/png", true),
            ("image/pngx", false),
            ("image/*", false),
            ("audio/mpeg", true),
            ("audio", false),
            ("audiox/mpeg", false),
            ("*/*", false),
        ] {
            assert_eq!(types.has(media_type), expected, "{media_type}");
        }
        assert!(BinaryTypes::new(["*/*"]).has("anything/at-all"));
        assert!(!BinaryTypes::default().has("image/png"));
    }
}
