//! How a step tells what it did: texts go into the trace's arena, cut to their bound.

use std::fmt::{self, Display, Write};

use tollgate_http::{Body, Headers};

use super::{ARENA_BYTES_MAX, Piece, TEXT_BYTES_MAX};

/// What a step's closure writes to.
pub(crate) struct Telling<'t> {
    text: &'t mut String,
    told: Told,
}

/// Where it stands.
#[derive(Default)]
pub(super) struct Told {
    pub(super) input: Piece,
    pub(super) output: Piece,
    pub(super) chosen: Piece,
    pub(super) because: Piece,
}

impl<'t> Telling<'t> {
    pub(super) fn new(text: &'t mut String) -> Self {
        Self {
            text,
            told: Told::default(),
        }
    }

    pub(super) fn told(self) -> Told {
        self.told
    }

    /// What the step was given.
    pub(crate) fn input(&mut self, text: impl Display) {
        self.told.input = self.write(text);
    }

    /// What it produced.
    pub(crate) fn output(&mut self, text: impl Display) {
        self.told.output = self.write(text);
    }

    /// What it decided, and because of what.
    pub(crate) fn decided(&mut self, chosen: impl Display, because: impl Display) {
        self.told.chosen = self.write(chosen);
        self.told.because = self.write(because);
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

/// A message for people: status, fields, a blank line, and the body where it is in memory.
pub(crate) fn told_message<'m>(
    status: u16,
    headers: &'m Headers,
    body: &'m Body,
) -> impl Display + 'm {
    Message {
        status,
        fields: Fields(headers, body),
    }
}

struct Message<'m> {
    status: u16,
    fields: Fields<'m>,
}

impl Display for Message<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = itoa::Buffer::new();
        formatter.write_str(digits.format(self.status))?;
        formatter.write_char('\n')?;
        self.fields.fmt(formatter)
    }
}

/// A message without its first line.
pub(crate) struct Fields<'m>(pub(crate) &'m Headers, pub(crate) &'m Body);

impl Display for Fields<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.0.iter() {
            formatter.write_str(name)?;
            formatter.write_str(": ")?;
            write_lossy(formatter, value)?;
            formatter.write_char('\n')?;
        }
        match self.1 {
            Body::Empty => Ok(()),
            Body::Whole(bytes) => {
                formatter.write_char('\n')?;
                write_lossy(formatter, &bytes[..bytes.len().min(TEXT_BYTES_MAX)])
            }
            Body::Stream(_) => formatter.write_str("\n(a body that streams)"),
        }
    }
}

fn write_lossy(formatter: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        formatter.write_str(chunk.valid())?;
        if !chunk.invalid().is_empty() {
            formatter.write_char('\u{fffd}')?;
        }
    }
    Ok(())
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

/// Appends a text; whether all of it had room.
pub(super) fn put(arena: &mut String, text: &str) -> (Piece, bool) {
    let start = arena.len();
    let room = TEXT_BYTES_MAX.min(ARENA_BYTES_MAX.saturating_sub(start));
    let kept = beginning(text, room);
    arena.push_str(kept);
    (start..arena.len(), kept.len() == text.len())
}

fn beginning(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
