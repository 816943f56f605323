//! How a step tells what it did. Texts go into the trace's arena, cut to their bound; messages are kept as they are and become text when
//! somebody reads them, because most often nobody does.

use std::fmt::{self, Display, Write};

use bytes::Bytes;
use tollgate_http::{Body, Headers};

use super::{ARENA_BYTES_MAX, Piece, TEXT_BYTES_MAX};

/// What a step's closure writes to.
pub(crate) struct Telling<'t> {
    text: &'t mut String,
    messages: &'t mut Vec<Message>,
    told: Told,
}

/// What it wrote, and where it stands.
#[derive(Default)]
pub(super) struct Told {
    pub(super) input: Piece,
    pub(super) output: Output,
    pub(super) chosen: Piece,
    pub(super) because: Piece,
}

/// What a step produced.
#[derive(Debug, Default)]
pub(super) enum Output {
    #[default]
    Nothing,
    Text(Piece),
    /// By its number.
    Message(usize),
    /// The call that is sent next, by its number.
    Call(usize),
}

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Message {
    status: u16,
    headers: Headers,
    body: Bytes,
    is_stream: bool,
}

impl<'t> Telling<'t> {
    pub(super) fn new(text: &'t mut String, messages: &'t mut Vec<Message>) -> Self {
        Self {
            text,
            messages,
            told: Told::default(),
        }
    }

    pub(super) fn told(self) -> Told {
        self.told
    }

    /// What the step was given, in parts.
    pub(crate) fn input(&mut self, parts: &[&str]) {
        self.told.input = self.put(parts);
    }

    /// What it produced.
    pub(crate) fn output(&mut self, text: &str) {
        self.told.output = Output::Text(self.put(&[text]));
    }

    /// What it produced, where that has a form of its own.
    pub(crate) fn output_of(&mut self, shown: impl Display) {
        self.told.output = Output::Text(self.write(shown));
    }

    /// The answer that it produced.
    pub(crate) fn answer(&mut self, status: u16, headers: &Headers, body: &Body) {
        self.told.output = Output::Message(self.messages.len());
        self.messages.push(Message {
            status,
            headers: headers.clone(),
            body: match body {
                Body::Whole(bytes) => bytes.clone(),
                Body::Empty | Body::Stream(_) => Bytes::new(),
            },
            is_stream: matches!(body, Body::Stream(_)),
        });
    }

    /// It produced the call that is sent next, and is the `number`th.
    pub(crate) fn call(&mut self, number: usize) {
        self.told.output = Output::Call(number);
    }

    /// What it decided, and because of what, both in parts.
    pub(crate) fn decided(&mut self, chosen: &[&str], because: &[&str]) {
        self.told.chosen = self.put(chosen);
        self.told.because = self.put(because);
    }

    /// The same, where both have forms of their own.
    pub(crate) fn decided_of(&mut self, chosen: impl Display, because: impl Display) {
        self.told.chosen = self.write(chosen);
        self.told.because = self.write(because);
    }

    fn put(&mut self, parts: &[&str]) -> Piece {
        put(self.text, parts).0
    }

    fn write(&mut self, text: impl Display) -> Piece {
        let start = self.text.len();
        let mut bounded = Bounded {
            text: self.text,
            end: start + TEXT_BYTES_MAX,
        };
        // It ends with an error where the text is cut.
        let _ = write!(bounded, "{text}");
        start..self.text.len()
    }
}

/// For people: status, fields, a blank line, and the body where it is in memory.
impl Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.status)?;
        write_fields(formatter, &self.headers, &self.body)?;
        match self.is_stream {
            true => formatter.write_str("\n(a body that streams)"),
            false => Ok(()),
        }
    }
}

/// A message without its first line.
pub(super) fn write_fields(out: &mut impl Write, headers: &Headers, body: &[u8]) -> fmt::Result {
    for (name, value) in headers.iter() {
        writeln!(out, "{name}: {}", String::from_utf8_lossy(value))?;
    }
    if body.is_empty() {
        return Ok(());
    }
    let shown = &body[..body.len().min(TEXT_BYTES_MAX)];
    write!(out, "\n{}", String::from_utf8_lossy(shown))
}

/// Takes so much and no more.
struct Bounded<'t> {
    text: &'t mut String,
    end: usize,
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = self.end.saturating_sub(self.text.len());
        if part.len() <= room {
            self.text.push_str(part);
            return Ok(());
        }
        self.text.push_str(beginning(part, room));
        Err(fmt::Error)
    }
}

/// Appends a text in parts; whether all of it had room.
pub(super) fn put(arena: &mut String, parts: &[&str]) -> (Piece, bool) {
    let start = arena.len();
    let end = (start + TEXT_BYTES_MAX).min(ARENA_BYTES_MAX + 4 * TEXT_BYTES_MAX);
    let mut is_whole = true;
    for part in parts {
        let kept = beginning(part, end.saturating_sub(arena.len()));
        arena.push_str(kept);
        is_whole &= kept.len() == part.len();
    }
    (start..arena.len(), is_whole)
}

fn beginning(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
