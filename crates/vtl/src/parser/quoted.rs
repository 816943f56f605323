//! Texts in quotes. Those in double quotes are templates of their own where they hold `$` or `#`.

use super::source::Source;
use super::{Fault, Parsed, Parser, document};
use crate::ast::{Expression, Interpolated, Literal};
use crate::lexer::Token;

impl Parser<'_> {
    /// A text in quotes.
    pub(super) fn quoted(&mut self, token: &Token) -> Parsed<Expression> {
        let image = self.image(token);
        let quote = image.chars().next().unwrap_or('"');
        let raw = &image[1..image.len() - 1];
        let start = token.start + 1;
        if quote == '\'' {
            return Ok(Expression::Text(Box::new(Literal::new(
                raw.replace("''", "'"),
            ))));
        }
        let text = unescaped(raw).map_err(|at| Fault {
            at: self.source.origin(start + at),
            reason: "`\\u` wants four hexadecimal digits".to_owned(),
        })?;
        if !image.contains(['$', '#']) {
            return Ok(Expression::Text(Box::new(Literal::new(text.text))));
        }
        self.interpolated(token, text)
    }

    fn interpolated(&mut self, token: &Token, text: Unescaped) -> Parsed<Expression> {
        let start = token.start + 1;
        let places = text
            .places
            .iter()
            .map(|at| self.source.origin(start + at))
            .collect();
        let padded = !text.text.contains("##");
        let mut padded_text = text.text;
        if padded {
            padded_text.push(' ');
        }
        let source = Source::Mapped(places);
        let body =
            self.nested(|parser| document(&padded_text, &source, parser.names, parser.depth))?;
        Ok(Expression::Interpolated(Box::new(Interpolated {
            body,
            padded,
            at: self.origin(token),
        })))
    }
}

/// The inside of a text in double quotes, and where its bytes stood.
struct Unescaped {
    text: String,
    places: Vec<usize>,
}

/// Undoes `\uXXXX` and doubled quotes, in this order; all other backslashes stay. Fails with the place of a bad `\u`.
fn unescaped(raw: &str) -> Result<Unescaped, usize> {
    let mut out = Unescaped {
        text: String::with_capacity(raw.len()),
        places: Vec::with_capacity(raw.len() + 1),
    };
    let mut units = Vec::new();
    let mut at = 0;
    let mut quote_before = false;
    while let Some(found) = raw[at..].chars().next() {
        let (character, length) = match unicode_escape(&raw[at..]) {
            None => (found, found.len_utf8()),
            Some(unit) => {
                units.clear();
                units.push(unit.ok_or(at)?);
                surrogate_pair(&raw[at..], &mut units);
                let character = char::decode_utf16(units.iter().copied()).next();
                // Half of a surrogate pair is no character, and prints as Java prints it.
                (
                    character.and_then(Result::ok).unwrap_or('?'),
                    units.len() * ESCAPE_LENGTH,
                )
            }
        };
        let doubled = quote_before && character == '"';
        if !doubled {
            out.push(character, at);
        }
        quote_before = character == '"' && !doubled;
        at += length;
    }
    out.places.push(raw.len());
    Ok(out)
}

const ESCAPE_LENGTH: usize = "\\uXXXX".len();

/// The unit of a `\uXXXX` at the beginning: nothing where there is none, nothing inside where it is broken.
fn unicode_escape(text: &str) -> Option<Option<u16>> {
    let digits = text.strip_prefix("\\u")?;
    let digits = digits
        .get(..4)
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    Some(digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()))
}

/// A second escape makes one character with the first where both are halves of one.
fn surrogate_pair(text: &str, units: &mut Vec<u16>) {
    let high = matches!(units.first(), Some(0xD800..0xDC00));
    if let (true, Some(Some(low @ 0xDC00..0xE000))) = (high, unicode_escape(&text[ESCAPE_LENGTH..]))
    {
        units.push(low);
    }
}

impl Unescaped {
    fn push(&mut self, character: char, at: usize) {
        self.text.push(character);
        self.places
            .extend(std::iter::repeat_n(at, character.len_utf8()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_quotes_and_unicode_escapes_are_undone() {
        let undone = |raw| unescaped(raw).map(|done| done.text);
        for (raw, expected) in [
            (r#"{""a"": 2}"#, r#"{"a": 2}"#),
            (r#"1\\""2""3"#, r#"1\\"2"3"#),
            (r"\n\d \\", r"\n\d \\"),
            (r"\u0041b", "Ab"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83d", "?"),
            (r#"\u0022\u0022"#, "\""),
            (r#""""""#, "\"\""),
        ] {
            assert_eq!(undone(raw).as_deref(), Ok(expected), "{raw}");
        }
        assert_eq!(undone(r"ab\u12"), Err(2));
        assert_eq!(undone(r"\users"), Err(0));
    }
}
