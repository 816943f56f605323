//! JSON from values.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::timestamp::Timestamp;
use crate::writer::{Entries, Items, Members, Writer};

/// Writes values as JSON without blanks.
#[derive(Debug, Default)]
pub struct JsonWriter {
    out: Vec<u8>,
    in_whole_seconds: bool,
}

impl JsonWriter {
    /// A writer that leaves out the fractions of times, as API Gateway does.
    pub fn in_whole_seconds() -> Self {
        Self {
            in_whole_seconds: true,
            ..Self::default()
        }
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        self.out.extend_from_slice(value.to_string().as_bytes());
    }

    fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        let mut rest = text;
        while let Some(at) = rest.bytes().position(needs_escape) {
            self.out.extend_from_slice(&rest.as_bytes()[..at]);
            self.escape(rest.as_bytes()[at]);
            rest = &rest[at + 1..];
        }
        self.out.extend_from_slice(rest.as_bytes());
        self.out.push(b'"');
    }

    fn escape(&mut self, byte: u8) {
        let short = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            _ => return self.display(format_args!("\\u{byte:04x}")),
        };
        self.out.extend_from_slice(&[b'\\', short]);
    }

    /// The comma before every element but the first, which follows the opening bracket.
    fn separate(&mut self, start: usize) {
        if self.out.len() > start {
            self.out.push(b',');
        }
    }

    fn key(&mut self, name: &str, start: usize) {
        self.separate(start);
        self.quoted(name);
        self.out.push(b':');
    }

    fn open(&mut self, bracket: u8) -> usize {
        self.out.push(bracket);
        self.out.len()
    }
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

impl Writer for JsonWriter {
    fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    fn boolean(&mut self, value: bool) {
        self.display(value);
    }

    fn integer(&mut self, value: i64) {
        self.display(value);
    }

    /// JSON has no infinity; AWS's models do not let one get here.
    fn double(&mut self, value: f64) {
        match value.is_finite() {
            true => self.out.extend_from_slice(format!("{value:?}").as_bytes()),
            false => self.null(),
        }
    }

    fn text(&mut self, value: &str) {
        self.quoted(value);
    }

    fn timestamp(&mut self, value: Timestamp) {
        let ms = value.ms();
        match self.in_whole_seconds || ms % 1000 == 0 {
            true => self.integer(ms.div_euclid(1000)),
            false => self.double(ms as f64 / 1000.0),
        }
    }

    fn blob(&mut self, value: &[u8]) {
        self.quoted(&STANDARD.encode(value));
    }

    fn list(&mut self, items: &dyn Items) {
        let start = self.open(b'[');
        items.each(&mut |item| {
            self.separate(start);
            item.write(self);
        });
        self.out.push(b']');
    }

    fn map(&mut self, entries: &dyn Entries) {
        let start = self.open(b'{');
        entries.each(&mut |name, value| {
            self.key(name, start);
            value.write(self);
        });
        self.out.push(b'}');
    }

    /// An absent member is left out: its key is taken back when nothing but null follows it. A member is never null on
    /// the wire.
    fn structure(&mut self, members: &dyn Members) {
        let start = self.open(b'{');
        members.each(&mut |member, value| {
            let before = self.out.len();
            self.key(member.wire_name, start);
            let after_key = self.out.len();
            value.write(self);
            if self.out[after_key..] == *b"null" {
                self.out.truncate(before);
            }
        });
        self.out.push(b'}');
    }
}
