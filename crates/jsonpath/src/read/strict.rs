//! JSON as RFC 8259 has it.

use std::borrow::Cow;

use super::build::Open;
use super::{Builder, Fault, Limits, Problem, string};
use crate::{Number, Value};

pub(super) struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    builder: Builder,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, limits: Limits) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            builder: Builder::new(limits),
        }
    }

    pub(super) fn document(&mut self) -> Result<Value, Fault> {
        self.blanks();
        loop {
            // A container that opens gives no value yet.
            let Some(value) = self.begin()? else { continue };
            if let Some(document) = self.put(value)? {
                return self.end(document);
            }
        }
    }

    /// Reads up to the end of a value, or into a container with members.
    fn begin(&mut self) -> Result<Option<Value>, Fault> {
        match self.peek()? {
            b'{' => self.begin_map(),
            b'[' => self.begin_list(),
            b'"' => {
                let (text, at) = (self.string()?, self.at);
                self.builder
                    .text(&text)
                    .map(Some)
                    .map_err(|problem| (problem, at))
            }
            b'-' | b'0'..=b'9' => self.number().map(Some),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => Err((Problem::Value, self.at)),
        }
    }

    fn begin_map(&mut self) -> Result<Option<Value>, Fault> {
        self.open(Open::Map {
            members: crate::Members::default(),
            key: None,
        })?;
        if self.peek()? == b'}' {
            return Ok(Some(self.close()));
        }
        self.key()?;
        Ok(None)
    }

    fn begin_list(&mut self) -> Result<Option<Value>, Fault> {
        self.open(Open::List(Vec::new()))?;
        Ok((self.peek()? == b']').then(|| self.close()))
    }

    /// Puts a value into its container, and each container that thereby ends into its own.
    fn put(&mut self, mut value: Value) -> Result<Option<Value>, Fault> {
        loop {
            let document = self
                .builder
                .put(value)
                .map_err(|problem| (problem, self.at))?;
            if document.is_some() || self.goes_on()? {
                return Ok(document);
            }
            value = self.close();
        }
    }

    /// Whether another item follows in the innermost container; if so, the reader stands at its value.
    fn goes_on(&mut self) -> Result<bool, Fault> {
        self.blanks();
        let in_map = matches!(self.builder.innermost(), Some(Open::Map { .. }));
        let next = self.peek()?;
        match (in_map, next) {
            (_, b',') => {
                self.skip();
                if in_map {
                    self.key()?;
                }
                Ok(true)
            }
            (true, b'}') | (false, b']') => Ok(false),
            (true, _) => Err((Problem::MapGoesOn, self.at)),
            (false, _) => Err((Problem::ListGoesOn, self.at)),
        }
    }

    fn key(&mut self) -> Result<(), Fault> {
        if self.peek()? != b'"' {
            return Err((Problem::Key, self.at));
        }
        let key = self.string()?;
        self.builder
            .key(&key)
            .map_err(|problem| (problem, self.at))?;
        self.blanks();
        if self.peek()? != b':' {
            return Err((Problem::Colon, self.at));
        }
        self.skip();
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        let (text, after) = string::read(self.text, self.at + 1)?;
        self.at = after;
        Ok(text)
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let rest = &self.bytes[self.at..];
        let length = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        let end = length.map_or(self.bytes.len(), |length| self.at + length);
        let number = Number::parse(&self.text[self.at..end]).ok_or((Problem::Number, self.at))?;
        self.at = end;
        Ok(Value::Number(number))
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Option<Value>, Fault> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err((Problem::Value, self.at));
        }
        self.at += word.len();
        Ok(Some(value))
    }

    fn open(&mut self, container: Open) -> Result<(), Fault> {
        self.builder
            .open(container)
            .map_err(|problem| (problem, self.at))?;
        self.skip();
        Ok(())
    }

    fn close(&mut self) -> Value {
        self.at += 1;
        self.builder.close()
    }

    fn end(&mut self, document: Value) -> Result<Value, Fault> {
        self.blanks();
        if self.at < self.bytes.len() {
            Err((Problem::Trailing, self.at))
        } else {
            Ok(document)
        }
    }

    fn peek(&self) -> Result<u8, Fault> {
        self.bytes
            .get(self.at)
            .copied()
            .ok_or((Problem::End, self.at))
    }

    /// Steps over one byte and the blanks behind it.
    fn skip(&mut self) {
        self.at += 1;
        self.blanks();
    }

    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}
