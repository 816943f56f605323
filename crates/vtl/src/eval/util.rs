//! `$util`.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference>

use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use tollgate_jsonpath::{Limits, Value as Data};

use super::value::Value;
use super::{Halt, Outcome, Rendering};
use crate::ast::Expression;

/// Java reads base64 with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl<'r> Rendering<'r> {
    pub(super) fn util_method(
        &mut self,
        name: &str,
        arguments: &'r [Expression],
    ) -> Outcome<Value<'r>> {
        let [argument] = arguments else {
            return Ok(Value::NULL);
        };
        let transform = match name {
            "escapeJavaScript" => escape_java_script,
            "urlEncode" => url_encode,
            "urlDecode" => url_decode,
            "base64Encode" => base64_encode,
            "base64Decode" => base64_decode,
            "parseJson" => return self.parse_json(argument),
            _ => return Ok(Value::NULL),
        };
        let at = self.at;
        let argument = self.value(argument)?;
        // Guess: what is no text counts as the text that it prints.
        let Some(text) = self.printed(&argument)? else {
            return Ok(Value::NULL);
        };
        self.at = at;
        // The longest transformed text is six times as long.
        self.budget.look(text.len() * 4)?;
        self.text(transform(&text)?)
    }

    fn parse_json(&mut self, argument: &'r Expression) -> Outcome<Value<'r>> {
        let at = self.at;
        let argument = self.value(argument)?;
        self.at = at;
        let Some(text) = self.printed(&argument)? else {
            return Ok(Value::NULL);
        };
        self.budget.look(text.len() * 4)?;
        let limits = Limits {
            memory_bytes: Limits::default().memory_bytes.min(self.budget.makeable()),
            ..Limits::default()
        };
        let parsed = Data::parse_json_within(&text, limits);
        let parsed = parsed.map_err(|error| {
            Halt::fault(format!("$util.parseJson got what is not JSON: {error}"))
        })?;
        self.budget.make(text.len() * 2)?;
        Ok(Value::Data(parsed))
    }
}

/// As Commons Lang 2 escapes, in UTF-16.
fn escape_java_script(text: &str) -> Outcome<String> {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            ' '..='\u{7f}' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a `String` does not fail.
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
    Ok(out)
}

/// `application/x-www-form-urlencoded`, as Java's `URLEncoder`.
fn url_encode(text: &str) -> Outcome<String> {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                out.push(char::from(byte))
            }
            b' ' => out.push('+'),
            _ => {
                // Writing to a `String` does not fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    Ok(out)
}

/// As Java's `URLDecoder`, which throws at a `%` without two digits.
fn url_decode(text: &str) -> Outcome<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = rest
                    .get(..2)
                    .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
                let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
                let digits = digits.ok_or_else(|| {
                    Halt::fault("$util.urlDecode got a `%` without two hexadecimal digits")
                })?;
                out.extend(u8::from_str_radix(digits, 16));
                rest = &rest[2..];
            }
            _ => out.push(*byte),
        }
    }
    Ok(lossy(out))
}

fn base64_encode(text: &str) -> Outcome<String> {
    Ok(BASE64.encode(text))
}

/// Guess: blanks and line feeds among the digits do not matter, all else that is no digit fails the template.
fn base64_decode(text: &str) -> Outcome<String> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let decoded = BASE64.decode(digits);
    decoded.map(lossy).map_err(|error| {
        Halt::fault(format!(
            "$util.base64Decode got what is not base64: {error}"
        ))
    })
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(transform: fn(&str) -> Outcome<String>, cases: &[(&str, Option<&str>)]) {
        for (text, expected) in cases {
            assert_eq!(transform(text).ok().as_deref(), *expected, "{text:?}");
        }
    }

    #[test]
    fn texts_are_escaped_for_java_script() {
        check(
            escape_java_script,
            &[
                (r#"{"a": 'b'}"#, Some(r#"{\"a\": \'b\'}"#)),
                ("*/*", Some("*\\/*")),
                (
                    "a\\\n\r\t\u{8}\u{c}\u{1}\u{7f}",
                    Some("a\\\\\\n\\r\\t\\b\\f\\u0001\u{7f}"),
                ),
                ("ä😀", Some("\\u00E4\\uD83D\\uDE00")),
            ],
        );
    }

    #[test]
    fn texts_are_encoded_for_addresses_and_back() {
        check(
            url_encode,
            &[
                ("x=a+b", Some("x%3Da%2Bb")),
                ("{} ä*-._~", Some("%7B%7D+%C3%A4*-._%7E")),
            ],
        );
        check(
            url_decode,
            &[
                ("x=a+b%2B%c3%A4", Some("x=a b+ä")),
                ("%ff", Some("\u{fffd}")),
                ("100%", None),
                ("%+1", None),
            ],
        );
    }

    #[test]
    fn texts_are_encoded_as_base64_and_back() {
        check(base64_encode, &[("ä?", Some("w6Q/"))]);
        check(
            base64_decode,
            &[
                ("w6Q/", Some("ä?")),
                ("YQ", Some("a")),
                ("YQ==\n", Some("a")),
                ("Y*", None),
            ],
        );
    }
}
