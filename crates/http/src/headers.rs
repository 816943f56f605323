//! A header block as it stands on the wire: case and order kept, in two arenas: names, which are text, and values, which need not be.

use std::fmt;

use crate::block::{Block, Field, Held, Span};

/// Header fields in wire order over arenas of their bytes.
///
/// Names compare without regard to ASCII case and are given back as they were written. Edits change the index only; the
/// bytes of a removed field stay in the arenas until the block is dropped.
#[derive(Clone, Default)]
pub struct Headers {
    block: Held,
}

/// A field that could be read as something else on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHeader {
    /// The name is empty or holds a character that is not one of a token (RFC 9110 §5.6.2).
    #[error("a header name is not a token")]
    Name,
    /// The value holds CR, LF, NUL or another control character than tab.
    #[error("a header value holds a control character")]
    Value,
    /// The block would outgrow what any peer accepts (16 MiB).
    #[error("the header block is too large")]
    TooLarge,
}

const ARENA_BYTES_MAX: usize = 16 << 20;

impl Field {
    fn is_named(self, name: &str, text: &str) -> bool {
        self.name.len as usize == name.len()
            && self
                .name
                .of(text.as_bytes())
                .eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Room for what is usually added to a parsed block.
const ADDED_TEXT_BYTES: usize = 96;
const ADDED_VALUE_BYTES: usize = 256;
const ADDED_FIELDS: usize = 8;

impl Headers {
    /// An empty block.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty block with room for `bytes` of names and values.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut headers = Self::default();
        headers.reserve(bytes / 2, bytes / 2, bytes / 32);
        headers
    }

    /// Appends a field; others of that name stay.
    pub fn push(&mut self, name: &str, value: &[u8]) -> Result<(), InvalidHeader> {
        let field = self.store(name, value)?;
        self.block.index.push(field);
        Ok(())
    }

    /// Puts a field in the place of the first of that name, or at the end, and removes the others.
    pub fn set(&mut self, name: &str, value: &[u8]) -> Result<(), InvalidHeader> {
        let field = self.store(name, value)?;
        let first = self.position(name);
        let Block { text, index, .. } = &mut *self.block;
        match first {
            Some(at) => {
                index[at] = field;
                let mut seen = 0;
                index.retain(|other| {
                    seen += 1;
                    seen <= at + 1 || !other.is_named(name, text)
                });
            }
            None => index.push(field),
        }
        Ok(())
    }

    /// Removes every field of that name and says how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        let Block { text, index, .. } = &mut *self.block;
        let before = index.len();
        index.retain(|field| !field.is_named(name, text));
        before - index.len()
    }

    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.position(name)
            .map(|at| self.block.index[at].value.of(&self.block.values))
    }

    /// Every value of that name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.raw()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Names as they were written, and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.block.index.iter().map(|field| {
            let name = field.name.of_text(&self.block.text);
            (name, field.value.of(&self.block.values))
        })
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.block.index.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.block.index.is_empty()
    }

    /// Bytes of the fields on the wire: names, values, ": " and CRLF.
    pub fn wire_bytes(&self) -> usize {
        self.block
            .index
            .iter()
            .map(|field| (field.name.len + field.value.len) as usize + 4)
            .sum()
    }

    /// Names and values as bytes, in order.
    pub(crate) fn raw(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.block.index.iter().map(|field| {
            let name = field.name.of(self.block.text.as_bytes());
            (name, field.value.of(&self.block.values))
        })
    }

    /// Takes over parsed fields, with room for `text_bytes` that are no field.
    pub(crate) fn from_parsed(fields: &[httparse::Header<'_>], text_bytes: usize) -> Self {
        let name_bytes: usize = fields.iter().map(|field| field.name.len()).sum();
        let value_bytes: usize = fields.iter().map(|field| field.value.len()).sum();
        let mut headers = Self::default();
        headers.reserve(
            name_bytes + text_bytes + ADDED_TEXT_BYTES,
            value_bytes + ADDED_VALUE_BYTES,
            fields.len() + ADDED_FIELDS,
        );
        for field in fields {
            let field = headers.append_field(field.name, field.value);
            headers.block.index.push(field);
        }
        headers
    }

    fn reserve(&mut self, text_bytes: usize, value_bytes: usize, fields: usize) {
        let block = &mut *self.block;
        block.text.reserve(text_bytes);
        block.values.reserve(value_bytes);
        block.index.reserve(fields);
    }

    /// Text that belongs to the head and is no field (method, target).
    pub(crate) fn append_text(&mut self, text: &str) -> Span {
        let all = &mut self.block.text;
        let start = all.len() as u32;
        all.push_str(text);
        let len = text.len() as u32;
        Span { start, len }
    }

    pub(crate) fn text(&self, span: Span) -> &str {
        span.of_text(&self.block.text)
    }

    fn append_field(&mut self, name: &str, value: &[u8]) -> Field {
        let values = &mut self.block.values;
        let start = values.len() as u32;
        values.extend_from_slice(value);
        let len = value.len() as u32;
        let name = self.append_text(name);
        let value = Span { start, len };
        Field { name, value }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.block
            .index
            .iter()
            .position(|field| field.is_named(name, &self.block.text))
    }

    fn store(&mut self, name: &str, value: &[u8]) -> Result<Field, InvalidHeader> {
        if !is_token(name.as_bytes()) {
            return Err(InvalidHeader::Name);
        }
        if !is_value(value) {
            return Err(InvalidHeader::Value);
        }
        if self.block.text.len() + self.block.values.len() + name.len() + value.len()
            > ARENA_BYTES_MAX
        {
            return Err(InvalidHeader::TooLarge);
        }
        Ok(self.append_field(name, value))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(
                self.iter()
                    .map(|(name, value)| (name, value.escape_ascii().to_string())),
            )
            .finish()
    }
}

/// A token of RFC 9110 §5.6.2.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| TOKEN[byte as usize])
}

/// Whether a field value holds what may stand in one: visible bytes, spaces, tabs, and what is above ASCII. Looks at all of it without
/// stopping, which the compiler turns into a few wide instructions.
fn is_value(bytes: &[u8]) -> bool {
    !bytes.iter().fold(false, |bad, &byte| {
        bad | ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f)
    })
}

static TOKEN: [bool; 256] = token_table();

const fn token_table() -> [bool; 256] {
    let mut table = [false; 256];
    let others = b"!#$%&'*+-.^_`|~";
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    let mut byte = 0;
    while byte < 128u8 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = true;
        }
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Headers {
        let mut headers = Headers::new();
        for (name, value) in [("X-First", "1"), ("x-Second", "2"), ("X-FIRST", "3")] {
            headers.push(name, value.as_bytes()).unwrap();
        }
        headers
    }

    #[test]
    fn case_and_order_are_kept() {
        let headers = sample();
        let seen: Vec<_> = headers.iter().collect();
        assert_eq!(
            seen,
            [
                ("X-First", &b"1"[..]),
                ("x-Second", b"2"),
                ("X-FIRST", b"3")
            ]
        );
        assert_eq!(headers.get("x-first"), Some(&b"1"[..]));
        assert_eq!(headers.get_all("x-first").collect::<Vec<_>>(), [b"1", b"3"]);
        assert_eq!(
            headers.wire_bytes(),
            "X-First: 1\r\nx-Second: 2\r\nX-FIRST: 3\r\n".len()
        );
    }

    #[test]
    fn set_replaces_the_first_and_removes_the_rest() {
        let mut headers = sample();
        headers.set("x-first", b"new").unwrap();
        assert_eq!(
            headers.iter().collect::<Vec<_>>(),
            [("x-first", &b"new"[..]), ("x-Second", b"2")]
        );
        assert_eq!(headers.remove("X-SECOND"), 1);
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn what_would_split_a_head_is_refused() {
        let mut headers = Headers::new();
        for value in [&b"a\r\nb"[..], b"a\nb", b"a\rb", b"a\0b", b"\x7f"] {
            assert_eq!(
                headers.push("x", value),
                Err(InvalidHeader::Value),
                "{value:?}"
            );
        }
        for name in ["", "a b", "a:", "a\r\n", "é", "(a)"] {
            assert_eq!(
                headers.push(name, b"v"),
                Err(InvalidHeader::Name),
                "{name:?}"
            );
        }
        assert!(headers.is_empty());
        headers.push("x", "tab\tand é".as_bytes()).unwrap();
    }
}
