//! The tokens of JSON, read from bytes. RFC 8259, strictly: no comments, no trailing commas, no other number forms.

use crate::error::DecodeError;

/// Bytes of JSON and how far they are read.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What a value begins with, and thereby what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Null,
    Boolean,
    Number,
    String,
    List,
    Object,
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// What the next value is.
    pub(crate) fn start(&mut self) -> Result<Start, DecodeError> {
        Ok(match self.peek() {
            Some(b'n') => Start::Null,
            Some(b't' | b'f') => Start::Boolean,
            Some(b'-' | b'0'..=b'9') => Start::Number,
            Some(b'"') => Start::String,
            Some(b'[') => Start::List,
            Some(b'{') => Start::Object,
            _ => return Err(self.expected("a value")),
        })
    }

    /// The next byte that is no blank.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let blanks = self
            .rest()
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.at += blanks.count();
        self.rest().first().copied()
    }

    /// Takes `byte` if it is next.
    pub(crate) fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Takes `byte`, which must be next.
    pub(crate) fn take(&mut self, byte: u8) -> Result<(), DecodeError> {
        match self.takes(byte) {
            true => Ok(()),
            false => Err(self.expected(&format!("'{}'", byte as char))),
        }
    }

    /// Takes a word such as `null`.
    pub(crate) fn word(&mut self, word: &str) -> Result<(), DecodeError> {
        self.peek();
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, DecodeError> {
        let is_true = self.peek() == Some(b't');
        self.word(if is_true { "true" } else { "false" })?;
        Ok(is_true)
    }

    /// A number as it is written.
    pub(crate) fn number(&mut self) -> Result<&'a str, DecodeError> {
        self.peek();
        let start = self.at;
        self.skip_if(b"-");
        match self.skip_if(b"0") {
            true => {}
            false => self.digits()?,
        }
        if self.skip_if(b".") {
            self.digits()?;
        }
        if self.skip_if(b"eE") {
            self.skip_if(b"+-");
            self.digits()?;
        }
        let number = &self.bytes[start..self.at];
        Ok(std::str::from_utf8(number).expect("digits, signs and points are ASCII"))
    }

    pub(crate) fn string(&mut self) -> Result<String, DecodeError> {
        let mut out = String::new();
        self.string_into(&mut |part| out.push_str(part))?;
        Ok(out)
    }

    /// Reads a string and forgets it.
    pub(crate) fn skip_string(&mut self) -> Result<(), DecodeError> {
        self.string_into(&mut |_| {})
    }

    /// Nothing but blanks may follow.
    pub(crate) fn finish(&mut self) -> Result<(), DecodeError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end")),
        }
    }

    /// A refusal that says what should stand here, with line and column.
    pub(crate) fn expected(&self, what: &str) -> DecodeError {
        let read = &self.bytes[..self.at];
        let line = read.iter().filter(|byte| **byte == b'\n').count() + 1;
        let line_start = read
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let column = read.len() - line_start + 1;
        DecodeError::serialization(format!(
            "Invalid JSON: expected {what} at line {line} column {column}"
        ))
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    fn skip_if(&mut self, any_of: &[u8]) -> bool {
        let is_next = self
            .rest()
            .first()
            .is_some_and(|byte| any_of.contains(byte));
        self.at += usize::from(is_next);
        is_next
    }

    fn digits(&mut self) -> Result<(), DecodeError> {
        let count = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.at += count;
        match count {
            0 => Err(self.expected("a digit")),
            _ => Ok(()),
        }
    }

    fn string_into(&mut self, out: &mut dyn FnMut(&str)) -> Result<(), DecodeError> {
        self.take(b'"')?;
        loop {
            self.plain(out)?;
            match self.rest().first() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    let character = self.escaped()?;
                    out(character.encode_utf8(&mut [0; 4]));
                }
                _ => return Err(self.expected("the end of the string")),
            }
        }
    }

    /// What stands for itself, up to a quote, a backslash or a control character.
    fn plain(&mut self, out: &mut dyn FnMut(&str)) -> Result<(), DecodeError> {
        let is_plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | 0..=0x1f);
        let length = self.rest().iter().take_while(is_plain).count();
        match std::str::from_utf8(&self.rest()[..length]) {
            Ok(text) => {
                out(text);
                self.at += length;
                Ok(())
            }
            Err(invalid) => {
                self.at += invalid.valid_up_to();
                Err(self.expected("UTF-8"))
            }
        }
    }

    fn escaped(&mut self) -> Result<char, DecodeError> {
        self.at += 1;
        let character = match self.rest().first() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.expected("an escape")),
        };
        self.at += 1;
        Ok(character)
    }

    /// `\u` and four digits; two of them for what lies beyond the basic plane. Half of such a pair becomes the
    /// replacement character, because text here is always Unicode.
    fn unicode(&mut self) -> Result<char, DecodeError> {
        let first = self.hexadecimal()?;
        if !(0xd800..0xdc00).contains(&first) || !self.rest().starts_with(b"\\u") {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        self.at += 1;
        let second = self.hexadecimal()?;
        if (0xdc00..0xe000).contains(&second) {
            let both = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok(char::from_u32(both).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.at = before;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// Takes the `u` and its four digits.
    fn hexadecimal(&mut self) -> Result<u32, DecodeError> {
        let digits = self
            .rest()
            .get(1..5)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let value = value.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 5;
        Ok(value)
    }
}
