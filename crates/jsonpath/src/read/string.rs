//! The inside of JSON strings.

use std::borrow::Cow;

use super::{Fault, Problem};

/// Reads what follows the opening quote of a JSON string, up to `start`; gives the text and the offset behind the closing quote.
pub(super) fn read(text: &str, start: usize) -> Result<(Cow<'_, str>, usize), Fault> {
    read_as(text, start, b'"', false)
}

/// The same with either quote, with raw control characters, `\'` and `\xXX`.
pub(super) fn read_leniently(
    text: &str,
    start: usize,
    quote: u8,
) -> Result<(Cow<'_, str>, usize), Fault> {
    read_as(text, start, quote, true)
}

fn read_as(
    text: &str,
    start: usize,
    quote: u8,
    lenient: bool,
) -> Result<(Cow<'_, str>, usize), Fault> {
    let bytes = text.as_bytes();
    let end = plain(bytes, start, quote, lenient);
    if bytes.get(end) == Some(&quote) {
        return Ok((Cow::Borrowed(&text[start..end]), end + 1));
    }
    let mut out = String::with_capacity(end - start + 16);
    let mut from = start;
    let mut at = plain(bytes, start, quote, false);
    loop {
        out.push_str(&text[from..at]);
        match bytes.get(at) {
            Some(byte) if *byte == quote => return Ok((Cow::Owned(out), at + 1)),
            Some(b'\\') => at = escape(text, at, lenient, &mut out)?,
            // In a string that has escapes, the lenient reader of Jayway's JSON library passes over control characters.
            Some(_) if lenient => at += 1,
            Some(_) => return Err((Problem::Control, at)),
            None => return Err((Problem::OpenString, at)),
        }
        from = at;
        at = plain(bytes, at, quote, false);
    }
}

/// The offset of the next byte that is not simply part of the string.
fn plain(bytes: &[u8], from: usize, quote: u8, lenient: bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let special = rest
        .iter()
        .position(|byte| *byte == quote || *byte == b'\\' || (*byte < b' ' && !lenient));
    special.map_or(bytes.len(), |length| from + length)
}

/// Reads the escape whose backslash is at `at`; gives the offset behind it.
fn escape(text: &str, at: usize, lenient: bool, out: &mut String) -> Result<usize, Fault> {
    let escaped = match text.as_bytes().get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'\'') if lenient => '\'',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text, at, out),
        Some(b'x') if lenient => return byte(text, at, out),
        // The lenient reader drops what it does not know.
        Some(_) if lenient => {
            return Ok(at + 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8));
        }
        Some(_) => return Err((Problem::Escape, at)),
        None => return Err((Problem::OpenString, at)),
    };
    out.push(escaped);
    Ok(at + 2)
}

/// Java holds half a surrogate pair as it is; a Rust string cannot, so it becomes U+FFFD.
fn unicode(text: &str, at: usize, out: &mut String) -> Result<usize, Fault> {
    let high = unit(text, at).ok_or((Problem::Escape, at))?;
    let after = at + UNIT_LENGTH;
    if let Some(character) = char::from_u32(high) {
        out.push(character);
        return Ok(after);
    }
    let pair = unit(text, after).filter(|low| high < 0xdc00 && (0xdc00..0xe000).contains(low));
    let code = pair.map(|low| 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    out.push(
        code.and_then(char::from_u32)
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    );
    Ok(if pair.is_some() {
        after + UNIT_LENGTH
    } else {
        after
    })
}

/// `\xXX`, which only the lenient reader knows.
fn byte(text: &str, at: usize, out: &mut String) -> Result<usize, Fault> {
    let digits = text
        .as_bytes()
        .get(at + 2..at + 4)
        .ok_or((Problem::Escape, at))?;
    let code = digits.iter().try_fold(0, |code, digit| {
        Some(code << 4 | char::from(*digit).to_digit(16)?)
    });
    out.push(code.and_then(char::from_u32).ok_or((Problem::Escape, at))?);
    Ok(at + 4)
}

/// `\uXXXX`
const UNIT_LENGTH: usize = 6;

fn unit(text: &str, at: usize) -> Option<u32> {
    let digits = text
        .as_bytes()
        .get(at..at + UNIT_LENGTH)?
        .strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |code, digit| {
        Some(code << 4 | char::from(*digit).to_digit(16)?)
    })
}
