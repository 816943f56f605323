//! The texts of values: compact JSON, and what Java's `toString` gives.

use std::fmt::{self, Write as _};

use crate::read::DEPTH_MAX;
use crate::{List, ListKind, Map, Number, Value};

/// A value that cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Nested too deep, or holding itself.
    #[error("value is nested deeper than {DEPTH_MAX} levels")]
    Depth,
    /// The text grew beyond what the caller allows.
    #[error("text is longer than {0} bytes")]
    Length(usize),
}

impl Value {
    /// Appends compact JSON, as `$input.json(…)` prints it. `out` as a whole stays within `bytes_max`.
    pub fn write_json(&self, out: &mut String, bytes_max: usize) -> Result<(), WriteError> {
        Writer::new(out, bytes_max, Style::Plain).json(self, DEPTH_MAX)
    }

    /// Appends what Java's `toString` gives: `{a=b}` for maps, JSON for lists that came from JSON. `out` as a whole stays within `bytes_max`.
    pub fn write_java(&self, out: &mut String, bytes_max: usize) -> Result<(), WriteError> {
        Writer::new(out, bytes_max, Style::List).java(self, DEPTH_MAX)
    }

    /// [`Value::write_json`] into a text of its own.
    pub fn to_json(&self, bytes_max: usize) -> Result<String, WriteError> {
        let mut out = String::new();
        self.write_json(&mut out, bytes_max).map(|()| out)
    }

    /// [`Value::write_java`] into a text of its own.
    pub fn to_java(&self, bytes_max: usize) -> Result<String, WriteError> {
        let mut out = String::new();
        self.write_java(&mut out, bytes_max).map(|()| out)
    }
}

/// Values in a debug print are cut short.
const DEBUG_BYTES_MAX: usize = 4096;

pub(crate) fn debug(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value.to_json(DEBUG_BYTES_MAX) {
        Ok(json) => f.write_str(&json),
        Err(reason) => write!(f, "<{reason}>"),
    }
}

/// Which characters of strings JSON escapes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Those that have to be.
    Plain,
    /// Also the solidus and what does not show, as the lists of Jayway's JSON library do when they print themselves. Evidence: AWS is
    /// recorded to print such lists; the library's source tells what it escapes.
    List,
}

struct Writer<'o> {
    out: &'o mut String,
    bytes_max: usize,
    style: Style,
}

impl<'o> Writer<'o> {
    fn new(out: &'o mut String, bytes_max: usize, style: Style) -> Self {
        Self {
            out,
            bytes_max,
            style,
        }
    }

    fn push(&mut self, text: &str) -> Result<(), WriteError> {
        if text.len() > self.bytes_max.saturating_sub(self.out.len()) {
            return Err(WriteError::Length(self.bytes_max));
        }
        self.out.push_str(text);
        Ok(())
    }

    fn json(&mut self, value: &Value, depth: usize) -> Result<(), WriteError> {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(truth) => self.push(if *truth { "true" } else { "false" }),
            // Neither infinities nor NaN are JSON. Evidence for the infinities: the JSON library behind Jayway's.
            Value::Number(Number::Double(double)) if !double.is_finite() => self.push("null"),
            Value::Number(number) => self.number(number),
            Value::Text(text) => self.quoted(text),
            Value::List(list) => self.json_list(list, deeper(depth)?),
            Value::Map(map) => self.json_map(map, deeper(depth)?),
        }
    }

    fn number(&mut self, number: &Number) -> Result<(), WriteError> {
        let start = self.out.len();
        match number {
            // Without the formatter's detours, for most numbers are small and whole.
            Number::Int(int) => self.out.push_str(itoa::Buffer::new().format(*int)),
            // Writing to a `String` does not fail.
            other => drop(write!(self.out, "{other}")),
        }
        if self.out.len() > self.bytes_max {
            self.out.truncate(start);
            return Err(WriteError::Length(self.bytes_max));
        }
        Ok(())
    }

    fn json_list(&mut self, list: &List, depth: usize) -> Result<(), WriteError> {
        self.push("[")?;
        for (index, item) in list.borrow().iter().enumerate() {
            if index > 0 {
                self.push(",")?;
            }
            self.json(item, depth)?;
        }
        self.push("]")
    }

    fn json_map(&mut self, map: &Map, depth: usize) -> Result<(), WriteError> {
        self.push("{")?;
        for (index, (key, value)) in map.borrow().iter().enumerate() {
            if index > 0 {
                self.push(",")?;
            }
            self.quoted(key)?;
            self.push(":")?;
            self.json(value, depth)?;
        }
        self.push("}")
    }

    fn quoted(&mut self, text: &str) -> Result<(), WriteError> {
        self.push("\"")?;
        match self.style {
            Style::Plain => self.plain(text)?,
            Style::List => self.guarded(text)?,
        }
        self.push("\"")
    }

    fn plain(&mut self, text: &str) -> Result<(), WriteError> {
        let mut written = 0;
        for (index, byte) in text.bytes().enumerate() {
            if byte >= b' ' && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.push(&text[written..index])?;
            self.escaped(char::from(byte))?;
            written = index + 1;
        }
        self.push(&text[written..])
    }

    fn guarded(&mut self, text: &str) -> Result<(), WriteError> {
        let mut written = 0;
        for (index, character) in text
            .char_indices()
            .filter(|(_, character)| is_guarded(*character))
        {
            self.push(&text[written..index])?;
            self.escaped(character)?;
            written = index + character.len_utf8();
        }
        self.push(&text[written..])
    }

    fn escaped(&mut self, character: char) -> Result<(), WriteError> {
        match character {
            '"' => self.push("\\\""),
            '\\' => self.push("\\\\"),
            '\n' => self.push("\\n"),
            '\r' => self.push("\\r"),
            '\t' => self.push("\\t"),
            '\u{8}' => self.push("\\b"),
            '\u{c}' => self.push("\\f"),
            '/' => self.push("\\/"),
            other => self.push(&format!("\\u{:04X}", u32::from(other))),
        }
    }

    fn java(&mut self, value: &Value, depth: usize) -> Result<(), WriteError> {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(truth) => self.push(if *truth { "true" } else { "false" }),
            Value::Number(number) => self.number(number),
            Value::Text(text) => self.push(text),
            Value::List(list) => match list.kind() {
                ListKind::Json => self.json_list(list, deeper(depth)?),
                ListKind::Java => self.java_list(list, deeper(depth)?),
            },
            Value::Map(map) => self.java_map(map, deeper(depth)?),
        }
    }

    fn java_list(&mut self, list: &List, depth: usize) -> Result<(), WriteError> {
        self.push("[")?;
        for (index, item) in list.borrow().iter().enumerate() {
            if index > 0 {
                self.push(", ")?;
            }
            match item {
                // Java's own guard: a collection that holds itself says so.
                Value::List(inner) if inner.is(list) => self.push("(this Collection)")?,
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::List(_)
                | Value::Map(_) => {
                    self.java(item, depth)?;
                }
            }
        }
        self.push("]")
    }

    fn java_map(&mut self, map: &Map, depth: usize) -> Result<(), WriteError> {
        self.push("{")?;
        for (index, (key, value)) in map.borrow().iter().enumerate() {
            if index > 0 {
                self.push(", ")?;
            }
            self.push(key)?;
            self.push("=")?;
            match value {
                Value::Map(inner) if inner.is(map) => self.push("(this Map)")?,
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::List(_)
                | Value::Map(_) => {
                    self.java(value, depth)?;
                }
            }
        }
        self.push("}")
    }
}

fn is_guarded(character: char) -> bool {
    matches!(
        character,
        '"' | '\\' | '/' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2000}'..='\u{20ff}'
    )
}

fn deeper(depth: usize) -> Result<usize, WriteError> {
    depth.checked_sub(1).ok_or(WriteError::Depth)
}
