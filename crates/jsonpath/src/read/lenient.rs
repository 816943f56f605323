//! JSON as the reader behind Jayway's library takes it: bare keys and words, single quotes, needless commas, and anything at all behind
//! the document.

use std::borrow::Cow;

use super::build::{Builder, Open};
use super::{Fault, Limits, Problem, string};
use crate::{Members, Number, Value};

pub(super) struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    builder: Builder,
    /// A comma, or the start of the container, was read since the last value.
    separated: bool,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, limits: Limits) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            builder: Builder::new(limits),
            separated: true,
        }
    }

    pub(super) fn document(&mut self) -> Result<Value, Fault> {
        let mut value = self.value()?;
        loop {
            if let Some(value) = value.take() {
                self.separated = false;
                if let Some(document) = self
                    .builder
                    .put(value)
                    .map_err(|problem| (problem, self.at))?
                {
                    return Ok(document);
                }
            }
            value = match self.builder.innermost() {
                Some(Open::Map { .. }) => self.member()?,
                Some(Open::List(_)) | None => self.item()?,
            };
        }
    }

    /// Reads on in a map: a key with its value, or the end.
    fn member(&mut self) -> Result<Option<Value>, Fault> {
        match self.next(b'}')? {
            None => return Ok(Some(self.close())),
            Some(b':' | b'[' | b']' | b'{') => return Err((Problem::Key, self.at)),
            Some(_) if !self.separated => return Err((Problem::MapGoesOn, self.at)),
            Some(b'"' | b'\'') => {
                let key = self.string()?;
                self.key(&key)?;
            }
            Some(_) => {
                let key = self.until(b":");
                self.key(key)?;
            }
        }
        self.blanks();
        match self.bytes.get(self.at) {
            Some(b':') => self.at += 1,
            Some(_) => return Err((Problem::Colon, self.at)),
            None => return Err((Problem::End, self.at)),
        }
        self.value()
    }

    /// Reads on in a list: a value, or the end.
    fn item(&mut self) -> Result<Option<Value>, Fault> {
        match self.next(b']')? {
            None => Ok(Some(self.close())),
            Some(b':' | b'}') => Err((Problem::Value, self.at)),
            Some(_) if !self.separated => Err((Problem::ListGoesOn, self.at)),
            Some(_) => self.value(),
        }
    }

    /// The next byte that is no comma; nothing if the container ends there.
    fn next(&mut self, end: u8) -> Result<Option<u8>, Fault> {
        loop {
            self.blanks();
            match self.bytes.get(self.at) {
                None => return Err((Problem::End, self.at)),
                Some(b',') => {
                    self.at += 1;
                    self.separated = true;
                }
                Some(byte) if *byte == end => return Ok(None),
                Some(byte) => return Ok(Some(*byte)),
            }
        }
    }

    /// Reads a value; nothing yet where a container opens.
    fn value(&mut self) -> Result<Option<Value>, Fault> {
        self.blanks();
        match self.bytes.get(self.at) {
            None => Err((Problem::End, self.at)),
            Some(b'{') => self.open(Open::Map {
                members: Members::default(),
                key: None,
            }),
            Some(b'[') => self.open(Open::List(Vec::new())),
            Some(b'"' | b'\'') => {
                let text = self.string()?;
                self.builder
                    .text(&text)
                    .map(Some)
                    .map_err(|problem| (problem, self.at))
            }
            Some(_) => self.bare().map(Some),
        }
    }

    /// A word without quotes reaches up to the next comma or the end of what holds it. Nothing at all is an empty string.
    fn bare(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        let word = match self.builder.innermost() {
            Some(Open::Map { .. }) => self.until(b",}"),
            Some(Open::List(_)) => self.until(b",]"),
            None => self.until(b""),
        };
        match word {
            "null" => Ok(Value::Null),
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "NaN" => Ok(Value::Number(Number::Double(f64::NAN))),
            word if word.starts_with([':', ']', '}']) => Err((Problem::Value, start)),
            word => match number(word) {
                Some(number) => Ok(Value::Number(number)),
                None => self.builder.text(word).map_err(|problem| (problem, start)),
            },
        }
    }

    /// The text up to one of the bytes, without the blanks around it.
    fn until(&mut self, stops: &[u8]) -> &'t str {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .position(|byte| stops.contains(byte))
            .unwrap_or(rest.len());
        let word = &self.text[self.at..self.at + length];
        self.at += length;
        word.trim_ascii()
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        let quote = self.bytes.get(self.at).copied().unwrap_or_default();
        let (text, after) = string::read_leniently(self.text, self.at + 1, quote)?;
        self.at = after;
        Ok(text)
    }

    fn key(&mut self, key: &str) -> Result<(), Fault> {
        self.builder.key(key).map_err(|problem| (problem, self.at))
    }

    fn open(&mut self, container: Open) -> Result<Option<Value>, Fault> {
        self.builder
            .open(container)
            .map_err(|problem| (problem, self.at))?;
        self.at += 1;
        self.separated = true;
        Ok(None)
    }

    fn close(&mut self) -> Value {
        self.at += 1;
        self.builder.close()
    }

    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}

/// A number as JSON has it, or one with leading zeros or with nothing on one side of the point.
fn number(word: &str) -> Option<Number> {
    Number::parse(word).or_else(|| {
        let digits = word.strip_prefix('-').unwrap_or(word);
        let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole {
            return word.parse().ok().map(Number::from_i64);
        }
        Number::parse_decimal(word)
            .filter(|_| word.starts_with(|first: char| first == '-' || first.is_ascii_digit()))
    })
}
